package io.tributary.features;

import io.tributary.core.Interval;
import io.tributary.lake.JobMain;
import io.tributary.offline.StoreMain;
import io.tributary.online.RocksDbOnlineStore;
import picocli.CommandLine.Command;

/** {@code tributary publish}. */
@Command(
    description =
        "Publishes the snapshots of an interval's last instant to the online store, and compares every row with the snapshot.")
public final class PublishMain implements JobMain.Body {
  private PublishMain() {}

  public static void main(String[] args) {
    System.exit(JobMain.run("publish", args, new PublishMain()));
  }

  @Override
  public void run(JobMain main) {
    StoreMain.run(
        main,
        (store, runner) -> {
          Interval interval = main.requireInterval(store.project().project().zone());
          try (RocksDbOnlineStore online =
              RocksDbOnlineStore.open(store.project().project().online())) {
            FeatureJobs.publish(store, online, main.subjects(), interval).forEach(runner);
          }
        });
  }
}
