package io.tributary.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestFileHistory {
  private static final String METADATA =
      "{\"metaData\":{\"id\":\"t\",\"schemaString\":\"{}\",\"partitionColumns\":[],\"configuration\":{}}}\n";

  @TempDir private Path folder;

  private void commit(long version, String actions) throws IOException {
    Path log = Files.createDirectories(folder.resolve("_delta_log"));
    Files.writeString(
        log.resolve("%020d.json".formatted(version)),
        "{\"commitInfo\":{\"timestamp\":%d,\"operation\":\"WRITE\"}}\n%s"
            .formatted(1_000 * version, actions));
  }

  private static String add(String file) {
    return "{\"add\":{\"path\":\"%s\",\"dataChange\":true}}\n".formatted(file);
  }

  private static String remove(String file, String more) {
    return "{\"remove\":{\"path\":\"%s\"%s,\"dataChange\":true}}\n".formatted(file, more);
  }

  private FileHistory history() {
    return CommitLog.open(folder.toString()).fileHistory().orElseThrow();
  }

  @Test
  void knowsWhichVersionsHaveAFileAndSinceWhenNoneHas() throws IOException {
    commit(0, METADATA + add("a") + add("day=1/b%20c"));
    commit(1, add("d"));
    commit(2, remove("a", ",\"deletionTimestamp\":7000") + remove("day=1/b%20c", ""));
    commit(3, add("a"));
    commit(4, remove("d", ",\"deletionTimestamp\":9000"));

    FileHistory history = history();
    assertThat(history.from()).isZero();
    assertThat(history.live()).containsExactly("a");
    for (long version = 0; version < 5; version++) {
      assertThat(history.has("a", version)).as("a@" + version).isEqualTo(version != 2);
      assertThat(history.has("d", version))
          .as("d@" + version)
          .isEqualTo(version > 0 && version < 4);
    }
    assertThat(history.isLive("day=1/b c")).isFalse();
    assertThat(history.removedAt("day=1/b c")).contains(Instant.ofEpochSecond(2));
    assertThat(history.removedAt("d")).contains(Instant.ofEpochSecond(9));
    assertThat(history.removedAt("never there")).isEmpty();
    assertThat(history.has("never there", 0)).isFalse();
  }

  @Test
  void takesAFileByItsAbsoluteNameForTheSame() throws IOException {
    commit(0, METADATA + add("a"));
    commit(1, remove("file:" + folder.resolve("a"), ""));

    assertThat(history().live()).isEmpty();
  }

  @Test
  void anAddOfAFileThatIsThereLeavesItThere() throws IOException {
    commit(0, METADATA + add("a"));
    commit(1, add("a"));
    commit(2, remove("a", "") + add("a"));

    assertThat(history().has("a", 1)).isTrue();
    assertThat(history().live()).containsExactly("a");
  }

  @Test
  void isEmptyWhereThereIsNoTable() {
    assertThat(CommitLog.open(folder.resolve("none").toString()).fileHistory()).isEmpty();
  }
}
