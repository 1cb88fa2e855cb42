package io.tributary.pipeline;

import io.tributary.core.ErrorCode;
import io.tributary.core.ErrorGroup;
import io.tributary.core.Interval;
import io.tributary.core.PlatformException;
import io.tributary.core.RunnerChoice;
import io.tributary.definition.ProjectReader;
import io.tributary.lake.Lake;
import io.tributary.registry.provenance.Tracer;
import io.tributary.runtime.IntervalOptions;
import io.tributary.runtime.JobMain;
import io.tributary.runtime.RunnerOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tributary trace --verify}: the links of predictions' provenance, derived again. */
@Command(
    description = {
      "Derives each link of predictions' provenance again, instead of reading what was written: inputs by a run of the engine at the pins of the scoring, the score by the artefact, to the bit, the training set by building it, artefacts and delivered files by their bytes.",
      "Each link is proven, or broken: what was found, and who must act. It writes nothing, and ends with 3 where one is broken. One run of the engine serves all predictions of one scoring."
    },
    footer = {
      "",
      "The words are [PROJECT] and ids of predictions (_prediction_id), or with --sample a score set.",
      "",
      "  tributary trace departures/2013-12-29/0a1b… --verify",
      "  tributary trace --verify --ids ids.txt --json",
      "  tributary trace departures --verify --sample 1000 --night 2013-12-29"
    })
public final class VerifyMain implements JobMain.Body {
  @Option(names = "--verify", description = "Without it, tributary trace tells what was recorded.")
  private boolean verify;

  @Option(
      names = "--ids",
      paramLabel = "FILE",
      description = "A file of ids, a line each, beside those that are written.")
  private Path ids;

  @Option(
      names = "--sample",
      paramLabel = "N",
      description =
          "So many predictions of a night, in force, at random; the same at each call with one --seed.")
  private Integer sample;

  @Option(
      names = "--seed",
      paramLabel = "NUMBER",
      defaultValue = "1",
      description = "Of the sample (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private IntervalOptions interval = new IntervalOptions();
  @Mixin private RunnerOption computing = new RunnerOption(RunnerChoice.auto);

  VerifyMain() {}

  public static void main(String[] args) {
    System.exit(JobMain.run("trace --verify", args, new VerifyMain()));
  }

  @Override
  public boolean isSubject(String word) {
    return Tracer.isPrediction(word);
  }

  @Override
  public void run(JobMain main) throws IOException {
    String place = ProjectReader.lake(main.project(), System.getenv(), main.lake());
    try (Lake lake = main.open(place, Lake.DEFAULT_RETENTION)) {
      Verifier verifier =
          new Verifier(lake, main.project(), computing.choice(), main.progress()::say);
      tell(main, verifier.of(asked(main, verifier)));
    }
  }

  private List<String> asked(JobMain main, Verifier verifier) throws IOException {
    if (!verify) {
      throw invalid("that is not asked for. Add --verify");
    }
    if (sample != null) {
      if (main.subjects().size() != 1 || sample < 1) {
        throw invalid("a sample is of one score set");
      }
      ZoneId zone = ProjectReader.read(main.project(), System.getenv(), main.lake()).zone();
      List<Interval> nights = interval.require("verify a sample", zone);
      List<String> sampled = new ArrayList<>();
      for (Interval night : nights) {
        sampled.addAll(verifier.sample(main.subjects().get(0), night, sample, seed));
      }
      return sampled;
    }
    List<String> asked = new ArrayList<>(main.subjects());
    if (ids != null) {
      asked.addAll(Files.readAllLines(ids).stream().filter(line -> !line.isBlank()).toList());
    }
    asked.stream()
        .filter(Tracer::isServed)
        .findFirst()
        .ifPresent(
            id -> {
              throw invalid(id + " is of a server, not of a score set");
            });
    List<String> others = asked.stream().filter(id -> !Tracer.isPrediction(id)).toList();
    if (asked.isEmpty() || !others.isEmpty()) {
      throw invalid(
          asked.isEmpty() ? "no prediction is named" : others.get(0) + " is no prediction's id");
    }
    return asked;
  }

  private static PlatformException invalid(String why) {
    return new PlatformException(
        ErrorCode.INVALID_REQUEST,
        "Cannot verify predictions: %s. Write ids as _prediction_id has them, or a score set with --sample N and --night DAY."
            .formatted(why));
  }

  private static void tell(JobMain main, Verification verified) {
    main.result(verified);
    main.say("%,d predictions, %,d answers".formatted(verified.predictions(), verified.answers()));
    verified.broken().forEach(broken -> main.say("BROKEN " + broken));
    main.say(
        "proven: "
            + verified.proven().entrySet().stream()
                .map(e -> "%s %,d".formatted(Verification.text(e.getKey()), e.getValue()))
                .collect(Collectors.joining(", ")));
    if (!verified.broken().isEmpty()) {
      main.say("broken: %,d".formatted(verified.broken().size()));
      main.endsWith(ErrorGroup.DATA);
    }
  }
}
