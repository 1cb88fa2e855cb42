package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.RunnerChoice;
import io.tributary.core.TableName;
import io.tributary.events.EventLog;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.runtime.JobRunner;
import io.tributary.testing.DrawnRunner;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the platform records of itself is kept for good. */
class ITRebuild {
  private static final LakeSession SESSION = LakeSession.lazy();

  @TempDir Path folder;

  @AfterAll
  static void stop() {
    SESSION.close();
  }

  @Test
  void theFirstVersionOfEachPlatformTableIsKeptForGood() throws IOException {
    CheckedProject checked = TinyProject.write(folder.resolve("project"), 1);
    try (Lake lake = Lake.open(folder.resolve("lake").toString(), Lake.DEFAULT_RETENTION, SESSION);
        OnlineStore online = OnlineStores.open("rocksdb:" + folder.resolve("lake/online"));
        JobRunner runner = JobRunner.open(lake)) {
      ingest(new Jobs(checked, lake, online, RunnerChoice.valueOf(DrawnRunner.name())), runner);
      assertThat(
              lake.tables().stream()
                  .filter(t -> t.layer().equals("platform"))
                  .map(TableName::subject))
          .contains("runs", "lineage", "deliveries", "quality");
      for (TableName table : lake.tables()) {
        if (table.layer().equals("platform")) {
          assertThat(lake.table(table).description().orElseThrow().properties())
              .as("%s", table)
              .containsEntry("delta.logRetentionDuration", "interval 36500 days")
              .containsEntry("delta.deletedFileRetentionDuration", "interval 36500 days");
          assertThat(EventLog.open(lake.path(table)).readAt(0).events()).isEmpty();
        }
      }
    }
  }

  private static void ingest(Jobs jobs, JobRunner runner) {
    jobs.ingest().forEach(runner::run);
  }
}
