package io.tributary.features;

import io.tributary.core.Interval;
import io.tributary.lake.JobMain;
import io.tributary.offline.StoreMain;
import picocli.CommandLine.Command;

/** {@code tributary materialize}. */
@Command(description = "Takes the snapshots of feature views for each day of an interval.")
public final class MaterializeMain implements JobMain.Body {
  private MaterializeMain() {}

  public static void main(String[] args) {
    System.exit(JobMain.run("materialize", args, new MaterializeMain()));
  }

  @Override
  public void run(JobMain main) {
    StoreMain.run(
        main,
        (store, runner) -> {
          Interval interval = main.requireInterval(store.project().project().zone());
          FeatureJobs.materialize(store, main.subjects(), interval).forEach(runner);
        });
  }
}
