package io.tributary.features;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.Durations;
import io.tributary.core.ErrorCode;
import io.tributary.core.ErrorGroup;
import io.tributary.core.Interval;
import io.tributary.core.PlatformException;
import io.tributary.definition.Project;
import io.tributary.lake.Lake;
import io.tributary.offline.FeatureStore;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.runtime.IntervalOptions;
import io.tributary.runtime.JobMain;
import io.tributary.runtime.JobRunner;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tributary consistency}. */
@Command(
    description = {
      "Compares what servers recorded of the features that they answered with, for scores too, with what was published: each value at the instant of its question, by the snapshots in the lake.",
      "Without an interval, all that is recorded. It ends with 3 where a value differs: what was answered is not what was published, or one of the two was altered since."
    })
public final class ConsistencyMain implements JobMain.Body {
  @Mixin private IntervalOptions requests = new IntervalOptions();

  public ConsistencyMain() {}

  public static void main(String[] args) {
    System.exit(JobMain.run("consistency", args, new ConsistencyMain()));
  }

  @Override
  public void run(JobMain main) {
    if (!main.subjects().isEmpty()) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot compare %s alone: all that was answered is compared. Leave it out."
              .formatted(String.join(" ", main.subjects())));
    }
    CheckedProject checked = CheckedProject.read(main.project(), System.getenv(), main.lake());
    Project project = checked.project();
    List<Consistency> results = new ArrayList<>();
    try (Lake lake = main.open(project.lake(), project.retention(), project::revision);
        OnlineStore online = OnlineStores.open(project.online());
        JobRunner runner = JobRunner.open(lake, main.progress())) {
      FeatureStore store = FeatureStore.open(checked, lake);
      List<Interval> intervals = requests.intervals(project.zone());
      List<Optional<Interval>> each =
          intervals.isEmpty()
              ? List.of(Optional.empty())
              : intervals.stream().map(Optional::of).toList();
      for (Optional<Interval> interval : each) {
        ConsistencyJob job = new ConsistencyJob(store, online, interval);
        var unused = runner.run(job);
        results.add(job.found());
        tell(main, job.found());
      }
    }
    main.result(results);
    if (results.stream().anyMatch(of -> of.different() > 0 || of.isWithoutProof())) {
      main.endsWith(ErrorGroup.DATA);
    }
  }

  /** To hours, or to minutes within two days: for people. */
  private static Duration rounded(Duration age) {
    return age.truncatedTo(age.toDays() < 2 ? ChronoUnit.MINUTES : ChronoUnit.HOURS);
  }

  private static void tell(JobMain main, Consistency found) {
    found.interval().ifPresent(within -> main.say("Requests of " + within + ":"));
    found
        .views()
        .forEach(
            of ->
                main.say(
                    "%s: %,d answers, %,d values, %,d differ; the oldest %s after what was published, %s is stated"
                        .formatted(
                            of.view(),
                            of.answers(),
                            of.values(),
                            of.different(),
                            Durations.print(rounded(of.oldest())),
                            of.stated().map(Durations::print).orElse("no bound"))));
    found.differences().forEach(of -> main.say("DIFFERS " + of));
    found.notCompared().forEach(of -> main.say("not compared: " + of));
    if (found.views().isEmpty()) {
      main.say(
          "Nothing was compared: no answer is recorded there, or there is nothing to compare with.");
    }
  }
}
