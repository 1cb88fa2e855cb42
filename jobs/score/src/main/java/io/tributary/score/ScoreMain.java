package io.tributary.score;

import io.tributary.core.Interval;
import io.tributary.expression.CheckedProject;
import io.tributary.lake.IntervalOptions;
import io.tributary.lake.JobMain;
import io.tributary.offline.StoreMain;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tributary score}. */
@Command(
    description =
        "Scores the rows of nights, or of another interval, with the registered models of score sets.")
public final class ScoreMain implements JobMain.Body {
  @Mixin private IntervalOptions named;

  private ScoreMain() {}

  public static void main(String[] args) {
    System.exit(JobMain.run("score", args, new ScoreMain()));
  }

  @Override
  public void run(JobMain main) {
    StoreMain.run(
        main,
        (store, runner) -> {
          CheckedProject checked = store.project();
          for (Interval interval : named.require("score", checked.project().zone())) {
            for (String name : main.subjects(checked.project().scores().keySet())) {
              runner.accept(new ScoreJob(store, checked.scores(name).definition(), interval));
            }
          }
        });
  }
}
