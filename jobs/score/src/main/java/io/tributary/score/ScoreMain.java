package io.tributary.score;

import io.tributary.core.Interval;
import io.tributary.core.RunnerChoice;
import io.tributary.offline.FeatureStore;
import io.tributary.runtime.IntervalOptions;
import io.tributary.runtime.JobMain;
import io.tributary.runtime.ProjectMain;
import io.tributary.runtime.RunnerOption;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tributary score}. */
@Command(
    description =
        "Scores the rows of nights, or of another interval, with the registered models of score sets.")
public final class ScoreMain implements JobMain.Body {
  @Mixin private IntervalOptions named;
  @Mixin private RunnerOption computing = new RunnerOption(RunnerChoice.spark);

  private ScoreMain() {}

  public static void main(String[] args) {
    System.exit(JobMain.run("score", args, new ScoreMain()));
  }

  @Override
  public void run(JobMain main) {
    ProjectMain.run(
        main,
        (project, lake, runner) -> {
          FeatureStore store = FeatureStore.open(project, lake, computing.choice());
          for (Interval interval : named.require("score", project.project().zone())) {
            for (String name : main.subjects(project.project().scores().keySet())) {
              runner.accept(new ScoreJob(store, project.scores(name).definition(), interval));
            }
          }
        });
  }
}
