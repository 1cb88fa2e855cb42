package io.tributary.events.definitions;

import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.ErrorCode;
import io.tributary.core.JobKey;
import io.tributary.core.Outcome;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.core.RunId;
import io.tributary.core.TableVersion;
import io.tributary.events.runs.RunError;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A process whose runs use one version with one meaning and fail, in a lake as if it had no locks:
 * {@code LAKE MEANING ROUNDS}; says of each run whether the meaning was its own until it failed.
 */
final class MeaningProcess {
  static final String NAME = "view rides@1";

  private MeaningProcess() {}

  public static void main(String[] args) throws IOException {
    RunLog log = RunLog.open(args[0]);
    LakeDefinitions definitions = LakeDefinitions.open(args[0], log, Optional.empty());
    Definition mine = meaning(args[1]);
    System.out.println("ready");
    new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
    for (int held = 0; held < Integer.parseInt(args[2]); ) {
      RunId run = RunId.startingAt(Instant.now());
      try {
        definitions.admit("use it", List.of(mine), run, Principal.osUser("ada"));
      } catch (PlatformException e) {
        if (e.code() != ErrorCode.REFUSED) {
          throw e;
        }
        continue;
      }
      held++;
      boolean stood = true;
      for (int look = 0; look < 5; look++) {
        stood &=
            definitions.meanings().fixed(NAME).orElseThrow().meaning().equals(mine.meaningDigest());
      }
      System.out.println(stood ? "held" : "lost");
      log.append(List.of(record(run, Outcome.FAILED, List.of(), Map.of())));
    }
  }

  static Definition meaning(String what) {
    return new Definition(
        "view",
        "rides@1",
        "views/rides.yaml",
        "active",
        what + "\n",
        "fact " + what.length() + " " + what + "\n",
        Map.of(),
        Map.of(),
        Map.of());
  }

  static RunRecord record(
      RunId run, Outcome outcome, List<TableVersion> outputs, Map<String, Definition> used) {
    Map<String, Digest> digests = new TreeMap<>();
    used.forEach((name, definition) -> digests.put(name, definition.digest()));
    return new RunRecord(
        run,
        JobKey.of("materialize", "rides@1"),
        1,
        outcome,
        Optional.empty(),
        outcome == Outcome.FAILED ? Optional.of(RunError.of(ErrorCode.STORAGE)) : Optional.empty(),
        "",
        Instant.parse("2013-12-31T05:00:00Z"),
        1,
        List.of(),
        outputs,
        Optional.empty(),
        Map.of(),
        List.of(),
        List.of(),
        digests,
        Optional.empty(),
        new Environment("code", false, "java", "os", "ada", "host"));
  }
}
