package io.tributary.lake;

import static io.tributary.lake.LakeKit.facts;
import static io.tributary.lake.LakeKit.lake;
import static io.tributary.lake.LakeKit.minutes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Principal;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.events.Event;
import io.tributary.events.EventLog;
import io.tributary.testing.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Old versions after hundreds of commits, compaction, checkpoints and the clean-up that comes with
 * them, once all of it is older than Delta itself would keep.
 */
class ITRetention {
  private static final int COMMITS = Boolean.getBoolean("long") ? 400 : 120;
  private static final int MORE = 120;

  @TempDir Path folder;
  private Lake lake;

  @BeforeEach
  void open() {
    lake = lake(folder.resolve("lake"));
  }

  @Test
  void everyVersionOfAPlatformLogOutlivesCleanUps() throws IOException {
    TableName name = TableName.of("platform", "runs");
    Path path = Path.of(lake.path(name));
    append(path, 0, COMMITS);
    age(path, Duration.ofDays(3_000));
    Path control = folder.resolve("control");
    Folders.copy(path, control);
    lake.spark().sql("optimize delta.`" + path + "`");
    append(path, COMMITS, COMMITS + 30);

    EventLog log = EventLog.open(path.toString());
    assertThat(log.read().events()).hasSize(COMMITS + 30);
    assertThat(log.readAt(0).events()).isEmpty();
    assertThat(log.readAt(1).events()).extracting(Event::id).containsExactly("e0");
    assertThat(versionAsOf(path, 0).count()).isZero();
    assertThat(versionAsOf(path, 1).select("id").head().getString(0)).isEqualTo("e0");

    // With Delta's own retention the same history is cut off: the clean-up does take place.
    lake.spark()
        .sql(
            "alter table delta.`%s` set tblproperties ('delta.logRetentionDuration' = 'interval 30 days')"
                .formatted(control));
    append(control, COMMITS, COMMITS + 30);
    assertThatThrownBy(() -> EventLog.open(control.toString()).readAt(1))
        .hasMessageContaining("its log is known from version");
    assertThat(EventLog.open(control.toString()).read().events()).hasSize(COMMITS + 30);
  }

  @Test
  @Tag("long")
  void versionZeroOfATableOutlivesCleanUps() throws IOException {
    LakeTable table = lake.table("features.hours_v1");
    for (int i = 0; i < COMMITS; i++) {
      table.append(minutes(i, i + 1), facts("hours@1", true));
    }
    TableVersion first = new TableVersion(table.name(), table.requireVersion().id(), 0);
    age(Path.of(table.path()), Duration.ofDays(365));
    lake.spark().sql("optimize delta.`" + table.path() + "`");
    for (int i = COMMITS; i < COMMITS + MORE; i++) {
      table.append(minutes(i, i + 1), facts("hours@1", true));
    }

    Lake again = lake(Path.of(lake.uri()));
    LakeTable read = again.table(table.name());
    assertThat(read.commits()).hasSize(COMMITS + MORE + 1);
    assertThat(read.read(first).count()).isEqualTo(1);
    assertThat(versionAsOf(Path.of(table.path()), 0).count()).isEqualTo(1);
    assertThat(read.read(read.requireVersion()).count()).isEqualTo(COMMITS + MORE);
  }

  private static void append(Path path, int from, int to) {
    EventLog log = EventLog.open(path.toString());
    for (int i = from; i < to; i++) {
      log.append(
          List.of(new Event("e" + i, LakeKit.NOON, "ran", "s", Principal.osUser("a"), "", "{}")));
    }
  }

  private Dataset<Row> versionAsOf(Path path, long version) {
    return lake.spark().read().format("delta").option("versionAsOf", version).load(path.toString());
  }

  /** Makes all files of a table older. */
  private static void age(Path table, Duration by) throws IOException {
    FileTime then = FileTime.from(Instant.now().minus(by));
    try (Stream<Path> files = Files.walk(table)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.setLastModifiedTime(file, then);
      }
    }
  }
}
