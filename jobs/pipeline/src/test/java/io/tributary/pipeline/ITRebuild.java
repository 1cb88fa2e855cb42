package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.RunnerChoice;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.events.EventLog;
import io.tributary.events.facts.TrainingSetFacts;
import io.tributary.events.runs.RunRecord;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.offline.FeatureStore;
import io.tributary.offline.TrainingSetBuild;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.runtime.JobRunner;
import io.tributary.testing.DrawnRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was built before is built again from its pins, whatever became of its inputs' files. */
class ITRebuild {
  private static final LakeSession SESSION = LakeSession.lazy();

  @TempDir Path folder;

  @AfterAll
  static void stop() {
    SESSION.close();
  }

  @Test
  void aTrainingSetHasTheSameDigestAfterItsInputsWereCompactedAndVacuumed() throws IOException {
    Path project = folder.resolve("project");
    CheckedProject checked = TinyProject.write(project, 1);
    Files.writeString(project.resolve("data/rides.csv"), TinyProject.rides(0, 300));
    try (Lake lake = Lake.open(folder.resolve("lake").toString(), Lake.DEFAULT_RETENTION, SESSION);
        OnlineStore online = OnlineStores.open("rocksdb:" + folder.resolve("lake/online"));
        JobRunner runner = JobRunner.open(lake)) {
      Jobs jobs = new Jobs(checked, lake, online, RunnerChoice.valueOf(DrawnRunner.name()));
      ingest(jobs, runner);
      Files.writeString(project.resolve("data/rides2.csv"), TinyProject.rides(300, 500));
      ingest(jobs, runner);
      RunRecord built = runner.run(jobs.trainingSetOf("lateness"));
      Files.writeString(project.resolve("data/rides3.csv"), TinyProject.rides(500, 600));
      ingest(jobs, runner);

      TableName rides = TableName.of("validated", "rides");
      TableVersion first = new TableVersion(rides, lake.find(rides).orElseThrow().id(), 0);
      SESSION.spark().conf().set("spark.databricks.delta.retentionDurationCheck.enabled", "false");
      for (TableName table : lake.tables()) {
        if (table.layer().equals("validated") || table.layer().equals("bronze")) {
          String path = "delta.`" + lake.path(table) + "`";
          SESSION.spark().sql("optimize " + path);
          SESSION.spark().sql("vacuum " + path + " retain 0 hours");
        }
      }
      assertThatThrownBy(() -> lake.table(rides).read(first).count())
          .as("the files of the version that it was built from are gone")
          .isInstanceOf(Exception.class);

      FeatureStore store =
          FeatureStore.open(checked, lake, RunnerChoice.valueOf(DrawnRunner.name()));
      try (TrainingSetBuild again =
          store
              .trainingSets()
              .build(checked.trainingSet("lateness").definition(), built.inputs())) {
        assertThat(again.content().digest())
            .isEqualTo(built.facts(TrainingSetFacts.class).orElseThrow().content());
        assertThat(again.content().rows()).isBetween(400L, 500L);
      }
    }
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
