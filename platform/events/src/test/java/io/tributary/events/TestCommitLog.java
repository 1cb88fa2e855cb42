package io.tributary.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestCommitLog {
  private static final String METADATA =
      "{\"metaData\":{\"id\":\"4f1c\",\"format\":{\"provider\":\"parquet\",\"options\":{}},\"schemaString\":\"{\\\"type\\\":\\\"struct\\\",\\\"fields\\\":[]}\",\"partitionColumns\":[\"day\"],\"configuration\":{\"delta.appendOnly\":\"true\"},\"createdTime\":1}}";
  private static final String PROTOCOL =
      "{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":2}}";

  @TempDir Path table;
  private Path log;

  @BeforeEach
  void makeLogFolder() throws IOException {
    log = Files.createDirectory(table.resolve("_delta_log"));
  }

  @Test
  void findsNoTableWhereThereIsNone() {
    assertThat(CommitLog.open(table.resolve("none").toString()).read()).isEmpty();
    assertThat(CommitLog.open(table.toString()).read()).isEmpty();
  }

  @Test
  void readsWhatEachCommitSaysOfItself() throws IOException {
    commit(0, info("CREATE TABLE", 1_000, ""), METADATA, PROTOCOL);
    commit(
        1,
        info(
            "WRITE",
            2_000,
            ",\"operationMetrics\":{\"numOutputRows\":\"7\"},\"userMetadata\":\"{\\\"run\\\":\\\"r1\\\"}\""),
        add("a.parquet", true),
        add("b.parquet", true));
    commit(
        2,
        info("OPTIMIZE", 3_000, ""),
        add("c.parquet", false),
        remove("a.parquet", false),
        remove("b.parquet", false));

    TableHistory commits = CommitLog.open(table.toString()).read().orElseThrow();

    assertThat(commits.tableId()).isEqualTo("4f1c");
    assertThat(commits.schemaString()).isEqualTo("{\"type\":\"struct\",\"fields\":[]}");
    assertThat(commits.partitionColumns()).containsExactly("day");
    assertThat(commits.properties()).isEqualTo(Map.of("delta.appendOnly", "true"));
    assertThat(commits.version()).isEqualTo(2);
    assertThat(commits.knownFrom()).isZero();
    assertThat(commits.known())
        .extracting(LogCommit::changedData)
        .containsExactly(false, true, false);
    LogCommit write = commits.commit(1).orElseThrow();
    assertThat(write.userMetadata()).contains("{\"run\":\"r1\"}");
    assertThat(write.metrics()).isEqualTo(Map.of("numOutputRows", "7"));
    assertThat(write.at()).isEqualTo(Instant.ofEpochMilli(2_000));
    assertThat(write.filesAdded()).isEqualTo(2);
    assertThat(commits.newestDataChange()).contains(write);
    assertThat(commits.newest().operation()).isEqualTo("OPTIMIZE");
    assertThat(commits.newest().filesRemoved()).isEqualTo(2);
    assertThat(commits.newest().userMetadata()).isEmpty();
    assertThat(commits.commit(3)).isEmpty();
  }

  @Test
  void prefersTheInCommitTimeAndFallsBackToTheFilesTime() throws IOException {
    commit(0, METADATA, PROTOCOL);
    Files.setLastModifiedTime(log.resolve(name(0)), FileTime.fromMillis(5_000));
    commit(1, "{\"commitInfo\":{\"inCommitTimestamp\":9000,\"timestamp\":8000}}");

    assertThat(CommitLog.open(table.toString()).read().orElseThrow().known())
        .extracting(LogCommit::at)
        .containsExactly(Instant.ofEpochMilli(5_000), Instant.ofEpochMilli(9_000));
  }

  @Test
  void isNotFooledByADataChangeInsideStatistics() throws IOException {
    commit(0, METADATA, PROTOCOL);
    commit(
        1,
        "{\"add\":{\"path\":\"a\",\"dataChange\":false,\"stats\":\"{\\\"minValues\\\":{\\\"dataChange\\\":true}}\",\"tags\":{\"dataChange\":\"true\"}}}");

    assertThat(CommitLog.open(table.toString()).read().orElseThrow().newest().changedData())
        .isFalse();
  }

  @Test
  void readsOnlyWhatIsNewTheSecondTime() throws IOException {
    commit(0, METADATA, PROTOCOL);
    CommitLog commitLog = CommitLog.open(table.toString());
    TableHistory before = commitLog.read().orElseThrow();
    assertThat(commitLog.read()).contains(before);
    commit(1, info("WRITE", 2_000, ""), add("a", true));

    TableHistory after = commitLog.read().orElseThrow();

    assertThat(after.version()).isEqualTo(1);
    assertThat(after.known().get(0)).isSameAs(before.known().get(0));
  }

  @Test
  void noticesATableThatWasCreatedAnew() throws IOException {
    commit(0, METADATA, PROTOCOL);
    commit(1, add("a", true));
    CommitLog commitLog = CommitLog.open(table.toString());
    assertThat(commitLog.read().orElseThrow().tableId()).isEqualTo("4f1c");

    Files.delete(log.resolve(name(1)));
    commit(0, METADATA.replace("4f1c", "77aa"), PROTOCOL);

    assertThat(commitLog.read().orElseThrow().tableId()).isEqualTo("77aa");
    assertThat(commitLog.read().orElseThrow().version()).isZero();
  }

  @Test
  void knowsCommitsFromWhereACleanUpLeftThem() throws IOException {
    EventLog events = EventLog.open(table.resolve("events").toString());
    for (int i = 0; i < 12; i++) {
      events.append(
          List.of(new Event("e" + i, Instant.EPOCH, "ran", "s", Principal.osUser("a"), "", "{}")));
    }
    String id = CommitLog.open(events.path()).read().orElseThrow().tableId();
    for (int version = 0; version < 8; version++) {
      Files.delete(Path.of(events.path(), "_delta_log", name(version)));
    }

    TableHistory commits = CommitLog.open(events.path()).read().orElseThrow();

    assertThat(commits.knownFrom()).isEqualTo(8);
    assertThat(commits.version()).isEqualTo(12);
    assertThat(commits.tableId()).isEqualTo(id);
    assertThat(commits.schemaString()).contains("\"subject\"");
    assertThat(commits.columns()).startsWith("at", "kind", "subject", "id").contains("body");
    assertThat(commits.properties()).containsEntry("delta.appendOnly", "true");
    assertThat(commits.commit(7)).isEmpty();
    assertThat(commits.commit(8).orElseThrow().changedData()).isTrue();
  }

  @Test
  void saysWhichCommitCannotBeRead() throws IOException {
    commit(0, METADATA, PROTOCOL);
    commit(1, "[1,2]");

    assertThatThrownBy(() -> CommitLog.open(table.toString()).read())
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT))
        .hasMessageContaining("commit 1 (00000000000000000001.json) can't be read");

    Files.writeString(log.resolve(name(1)), "");
    assertThatThrownBy(() -> CommitLog.open(table.toString()).read())
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining("it holds no action");
  }

  @Test
  void readsAndWritesThroughHadoopWhereThePathIsNotLocal() {
    String uri = "testlake://" + table.resolve("remote");
    EventLog events = EventLog.open(uri);
    Event event = new Event("e", Instant.EPOCH, "ran", "s", Principal.osUser("a"), "", "{}");
    events.append(List.of(event));
    events.decide(
        "slot",
        0,
        List.of(new Event("f", Instant.EPOCH, "ran", "s", Principal.osUser("a"), "", "{}")));

    assertThat(EventLog.open(uri).read().events()).hasSize(2).contains(event);
    assertThat(CommitLog.open(uri).read().orElseThrow().version()).isEqualTo(2);
    assertThat(CommitLog.open("testlake:///nowhere").read()).isEmpty();
    assertThatThrownBy(() -> CommitLog.open("nosuch://host/x").read())
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE))
        .hasMessageContaining("No FileSystem for scheme \"nosuch\"");
  }

  private void commit(long version, String... actions) throws IOException {
    Files.writeString(log.resolve(name(version)), String.join("\n", actions) + "\n");
  }

  private static String name(long version) {
    return "%020d.json".formatted(version);
  }

  private static String info(String operation, long timestamp, String more) {
    return "{\"commitInfo\":{\"timestamp\":%d,\"operation\":\"%s\"%s}}"
        .formatted(timestamp, operation, more);
  }

  private static String add(String path, boolean dataChange) {
    return "{\"add\":{\"path\":\"%s\",\"partitionValues\":{},\"size\":1,\"modificationTime\":1,\"dataChange\":%b}}"
        .formatted(path, dataChange);
  }

  private static String remove(String path, boolean dataChange) {
    return "{\"remove\":{\"path\":\"%s\",\"deletionTimestamp\":1,\"dataChange\":%b}}"
        .formatted(path, dataChange);
  }
}
