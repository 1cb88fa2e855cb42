package io.tributary.console;

import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Outcome;
import io.tributary.core.Pin;
import io.tributary.core.Principal;
import io.tributary.core.RunId;
import io.tributary.core.TableVersion;
import io.tributary.events.facts.FitFacts;
import io.tributary.events.facts.RunFacts;
import io.tributary.events.facts.ScoringFacts;
import io.tributary.events.facts.SharedEvents;
import io.tributary.events.facts.SnapshotFacts;
import io.tributary.events.lake.LakeIdentity;
import io.tributary.events.runs.LineageNode;
import io.tributary.events.runs.Resources;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import io.tributary.registry.AdmissionVerdict;
import io.tributary.registry.Alias;
import io.tributary.registry.ArtefactStore;
import io.tributary.registry.FitParameters;
import io.tributary.registry.ModelEnvironment;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.TrainingSetReference;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The training run of the light commands' class data archive: runs each on a temporary lake; {@code
 * bin/tributary} archives the classes that this loads.
 */
final class LightRehearsal {
  private static final Environment HERE = new Environment("code", false, "17", "os", "me", "here");
  private static final RunId RUN = RunId.parse("20130101T000000Z-00000001");
  private static final TableVersion FEATURES = TableVersion.parse("features.view_v1@1#id");
  private static final Digest DIGEST = Digest.of("");

  private LightRehearsal() {}

  /** Takes a project and the folder to work in. */
  public static void main(String[] args) {
    String project = args[0];
    String lake = args[1];
    LakeIdentity.ensure(lake, new LakeIdentity.Build(Instant.EPOCH, "code", false));
    RunLog log = RunLog.open(lake);
    JobKey key = JobKey.of("materialize", "view@1", Interval.parse("2013-01-01/2013-01-02"));
    for (int i = 0; i < 6; i++) {
      log.append(
          List.of(
              run(key, new SnapshotFacts(1, List.of(), DIGEST, Optional.empty())),
              run(
                  key,
                  ScoringFacts.of("m@1", DIGEST, 1, Optional.of(1L), Optional.of(0.5), Map.of()))));
    }
    ModelRegistry registry = ModelRegistry.open(lake);
    registry.register(version(ArtefactStore.open(lake)), Principal.ofProcess());
    registry.promote("model", 1, Alias.PRODUCTION, Principal.ofProcess(), "rehearsed");
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    for (List<String> command :
        List.of(
            List.of("--help"),
            List.of("show", "carrier_history@1"),
            List.of("features", "list"),
            List.of("registry", "list"),
            List.of("registry", "show", "model"),
            List.of("registry", "search", "auc >= 0.5 and registered >= 2013-01-01"),
            List.of("runs"),
            List.of("runs", RUN.text()),
            List.of("lineage", "features.view_v1"))) {
      List<String> line = new ArrayList<>(command);
      if (line.size() > 1 || line.get(0).equals("runs")) {
        line.addAll(List.of("--project", project, "--lake", lake));
      }
      int code = Tributary.run(out, out, line.toArray(String[]::new));
      if (code != 0) {
        throw new IllegalStateException(
            "Cannot rehearse " + line + ": it ended with " + code + ".");
      }
    }
  }

  private static RunRecord run(JobKey key, RunFacts facts) {
    return new RunRecord(
        RUN,
        key,
        1,
        Outcome.SUCCEEDED,
        Optional.empty(),
        Optional.empty(),
        "",
        Instant.EPOCH,
        1,
        List.of(Pin.upTo(FEATURES, 1)),
        List.of(FEATURES),
        Optional.of(facts),
        Map.of("note", 1),
        List.of(LineageNode.file("file", DIGEST)),
        List.of(),
        Map.of("view view@1", DIGEST),
        Optional.of(Resources.ofTraining(1)),
        HERE);
  }

  private static ModelVersion version(ArtefactStore artefacts) {
    return new ModelVersion(
        "model",
        0,
        artefacts.put(Map.of("file", new byte[1])),
        Map.of("auc", 0.5),
        Map.of("constant", Map.of("auc", 0.5)),
        Optional.of(
            new FitParameters(
                new FitFacts.Split(
                    List.of("key"),
                    "",
                    Instant.EPOCH,
                    List.of(new FitFacts.Part("train", Optional.of("1d"), Optional.empty(), 0, 1))),
                Map.of("input", "raw"),
                List.of("dense(1, relu)"),
                "adam",
                0.1,
                1,
                1,
                1,
                1,
                1,
                1,
                1,
                1,
                1)),
        List.of(AdmissionVerdict.judge("auc >= 0.5", "auc", ">=", 0.5, Optional.of(0.5))),
        Optional.of(ModelEnvironment.of(HERE, "cpu", Map.of("a.jar", DIGEST))),
        Optional.of(
            new TrainingSetReference(
                "set",
                1,
                FEATURES,
                List.of(Pin.of(FEATURES)),
                DIGEST,
                DIGEST,
                new SharedEvents(Map.of("view", new SharedEvents.Count(1, 1)), Map.of()))),
        Optional.empty(),
        DIGEST,
        DIGEST,
        Map.of(),
        Optional.of(RUN),
        DIGEST,
        Optional.empty(),
        Optional.empty());
  }
}
