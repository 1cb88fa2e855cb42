package io.tributary.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestEventLog {
  @TempDir Path lake;

  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00.123456Z");

  private static Event event(String id) {
    return new Event(
        id, NOON, "ran", "flights", "ada", "", "{\"n\":1,\"text\":\"a \\\"quoted\\\" ü\"}");
  }

  private EventLog log() {
    return EventLog.open(lake.resolve("a lake/platform/runs").toString());
  }

  @Test
  void readsNothingFromALogThatWasNeverWritten() {
    History history = log().read();

    assertThat(history.version()).isEqualTo(-1);
    assertThat(history.events()).isEmpty();
    assertThat(history.generation("model/x")).isZero();
    assertThat(lake.resolve("a lake/platform")).doesNotExist();
  }

  @Test
  void readsBackWhatWasAppendedInOrder() {
    EventLog writer = log();
    List<Event> written = new ArrayList<>();
    for (int commit = 0; commit < 25; commit++) {
      List<Event> batch = List.of(event("e" + commit + "a"), event("e" + commit + "b"));
      writer.append(batch);
      written.addAll(batch);
    }

    assertThat(writer.read().events()).containsExactlyElementsOf(written);
    assertThat(log().read().events()).containsExactlyElementsOf(written);
  }

  @Test
  void readsAnEarlierVersionAsItWas() {
    EventLog log = log();
    long first = log.append(List.of(event("one")));
    log.append(List.of(event("two")));

    assertThat(log.readAt(first).events()).containsExactly(event("one"));
    assertThat(log.readAt(first).version()).isEqualTo(first);
    assertThat(log.read().versionOf("two")).contains(first + 1);
    assertThatThrownBy(() -> log.readAt(99))
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining("Cannot read version 99 of log")
        .hasMessageContaining("its newest version is " + (first + 1));
  }

  @Test
  void seesWhatAnotherWriterAppendedSinceItsLastRead() {
    EventLog reader = log();
    log().append(List.of(event("one")));
    assertThat(reader.read().events()).extracting(Event::id).containsExactly("one");
    assertThat(reader.read().events()).extracting(Event::id).containsExactly("one");

    log().append(List.of(event("two")));

    assertThat(reader.read().events()).extracting(Event::id).containsExactly("one", "two");
  }

  @Test
  void readsALogThatWasCreatedAnewInsteadOfTheOneItKnew() throws IOException {
    EventLog reader = log();
    log().append(List.of(event("one")));
    assertThat(reader.read().events()).hasSize(1);

    deleteTree(lake.resolve("a lake/platform"));
    assertThat(reader.read().events()).isEmpty();
    log().append(List.of(event("other")));

    assertThat(reader.read().events()).extracting(Event::id).containsExactly("other");
  }

  @Test
  void worksInAFolderWithSpacesAndPercentSigns() {
    EventLog log = EventLog.open(lake.resolve("my lake 100%25/runs+1").toString());
    log.append(List.of(event("one")));

    assertThat(log.read().events()).containsExactly(event("one"));
    assertThat(EventLog.open("file://" + log.path()).read().events()).containsExactly(event("one"));
  }

  @Test
  void cutsTimesToMicrosecondsBecauseTheTableKeepsNoMore() {
    Event event =
        Event.of(
            Instant.parse("2026-01-01T00:00:00.123456789Z"), "ran", "s", "a", "", Map.of("b", 1));

    assertThat(event.at()).isEqualTo(Instant.parse("2026-01-01T00:00:00.123456Z"));
    assertThat(event.body()).isEqualTo("{\"b\":1}");
    log().append(List.of(event));
    assertThat(log().read().events()).containsExactly(event);
  }

  @Test
  void decidesOnceForEachGenerationOfASlot() {
    EventLog log = log();
    log.decide("model/a", 0, List.of(event("first")));
    log.append(List.of(event("unrelated")));
    log.decide("model/b", 0, List.of(event("other slot")));

    assertThatThrownBy(() -> log().decide("model/a", 0, List.of(event("late"))))
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT))
        .hasMessageContaining("Cannot decide in slot model/a")
        .hasMessageContaining("ran by ada at 2026-03-01T12:00:00.123456Z came first");
    log.decide("model/a", 1, List.of(event("second")));

    History history = log().read();
    assertThat(history.generation("model/a")).isEqualTo(2);
    assertThat(history.generation("model/b")).isEqualTo(1);
    assertThat(history.decision("model/a", 2)).containsExactly(event("second"));
    assertThat(history.events()).extracting(Event::id).doesNotContain("late");
  }

  @Test
  void refusesAGenerationThatTheSlotHasNotReached() {
    EventLog log = log();
    log.append(List.of(event("one")));

    assertThatThrownBy(() -> log.decide("model/a", 7, List.of(event("early"))))
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining("the log knows 0 decisions there, not 7");
  }

  @Test
  void refusesToAppendNothing() {
    assertThatThrownBy(() -> log().append(List.of()))
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining("there are no events");
  }

  @Test
  void ignoresTheHiddenLeftoverOfAKilledWriter() throws IOException {
    EventLog log = log();
    log.append(List.of(event("one")));
    Path deltaLog = lake.resolve("a lake/platform/runs/_delta_log");
    Files.writeString(
        deltaLog.resolve(".00000000000000000002.json.5f0c.tmp"), "{\"commitInfo\":{\"ha");
    Files.writeString(lake.resolve("a lake/platform/runs/.part.parquet.77.tmp"), "PAR1");

    log().append(List.of(event("two")));

    assertThat(log().read().events()).extracting(Event::id).containsExactly("one", "two");
  }

  @Test
  void saysWhichCommitIsCorrupt() throws IOException {
    EventLog log = log();
    log.append(List.of(event("one")));
    Path commit = lake.resolve("a lake/platform/runs/_delta_log/00000000000000000001.json");
    String text = Files.readString(commit);
    Files.writeString(commit, text.substring(0, text.length() / 2));

    assertThatThrownBy(() -> log().read())
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT))
        .hasMessageContaining(
            "a lake/platform/runs: commit 1 (00000000000000000001.json) can't be read")
        .hasMessageContaining("Restore the table's folder from a copy.");
  }

  @Test
  void saysWhichCommitIsMissing() throws IOException {
    EventLog log = log();
    IntStream.range(0, 4).forEach(i -> log.append(List.of(event("e" + i))));
    Files.delete(lake.resolve("a lake/platform/runs/_delta_log/00000000000000000002.json"));

    assertThatThrownBy(() -> log().read())
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining("commit 2 of its log is missing and no checkpoint covers it");
  }

  @Test
  void saysWhichDataFileIsCorruptOrMissing() throws IOException {
    EventLog log = log();
    log.append(List.of(event("one")));
    Path data = dataFiles().get(0);
    Files.writeString(data, "PAR1 this is no parquet file");

    assertThatThrownBy(() -> log().read())
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT))
        .hasMessageContaining("its data file " + data.getFileName() + " can't be read");

    Files.delete(data);
    assertThatThrownBy(() -> log().read())
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining("its data file " + data.getFileName() + " is missing");
  }

  @Test
  void saysThatTheStorageMustActWhenItCannotWrite() throws IOException {
    Path file = lake.resolve("a-file");
    Files.writeString(file, "not a folder");

    assertThatThrownBy(
            () -> EventLog.open(file.resolve("runs").toString()).append(List.of(event("one"))))
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE))
        .hasMessageContaining("Cannot append to log " + file.resolve("runs"));
  }

  @Test
  void createsItsTableForAppendsOnlyAndForYears() {
    log().append(List.of(event("one")));

    Commits commits = CommitLog.open(log().path()).read().orElseThrow();

    assertThat(commits.properties())
        .containsEntry("delta.appendOnly", "true")
        .containsEntry("delta.logRetentionDuration", "interval 36500 days")
        .containsEntry("delta.deletedFileRetentionDuration", "interval 36500 days")
        .doesNotContainKey("delta.enableDeletionVectors");
  }

  @Test
  void readsOnFromACheckpointWhenOlderCommitsWereCleanedUp() throws IOException {
    EventLog log = log();
    for (int i = 0; i < 25; i++) {
      log.append(List.of(event("e" + i)));
    }
    for (int version = 0; version < 15; version++) {
      Files.delete(lake.resolve("a lake/platform/runs/_delta_log/%020d.json".formatted(version)));
    }

    assertThat(log().read().events())
        .extracting(Event::id)
        .hasSize(25)
        .contains("e0", "e24")
        .doesNotHaveDuplicates();
    log().append(List.of(event("more")));
    assertThat(log().read().events()).hasSize(26);
    assertThatThrownBy(() -> log().readAt(3))
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining("its log is known from version 15");
  }

  @Test
  void readsTheSameFromItsCompactedFile() {
    EventLog log = EventLog.open(log().path(), 10);
    EventLog reader = log();
    List<Event> written = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      Event event = event("e" + i);
      if (i % 2 == 0) {
        log.append(List.of(event, event("b" + i)));
        written.addAll(List.of(event, event("b" + i)));
      } else {
        log.decide("slot", i / 2, List.of(event));
        written.add(event);
      }
    }
    History before = reader.read();
    log.append(List.of(event("tenth")));
    written.add(event("tenth"));

    Commits commits = CommitLog.open(log.path()).read().orElseThrow();
    assertThat(commits.newest().version()).isEqualTo(11);
    assertThat(commits.newest().changedData()).isFalse();
    assertThat(commits.newest().filesAdded()).isEqualTo(1);
    assertThat(commits.newest().filesRemoved()).isEqualTo(10);
    for (History after : List.of(reader.read(), log().read())) {
      assertThat(after.events()).containsExactlyElementsOf(written);
      assertThat(after.generation("slot")).isEqualTo(4);
      assertThat(after.decision("slot", 4)).isEqualTo(before.decision("slot", 4));
      assertThat(after.versionOf("b4")).isEqualTo(before.versionOf("b4"));
    }
    assertThat(log().readAt(9).events()).isEqualTo(before.events());
    log.decide("slot", 4, List.of(event("after")));
    assertThat(log().read().events()).last().isEqualTo(event("after"));
    assertThat(log().read().events()).hasSize(written.size() + 1);
  }

  @Test
  void readsWhatAnotherEngineRewroteInOrderOfTime() throws IOException {
    EventLog log = log();
    List<Event> written = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      written.add(new Event("e" + i, NOON.plusSeconds(i), "ran", "s", "a", "", "{}"));
    }
    log.append(written.subList(0, 2));
    log.decide("slot", 0, written.subList(2, 3));
    List<Path> small = dataFiles();
    EventLog other = EventLog.open(lake.resolve("other").toString());
    other.append(List.of(written.get(1), written.get(0)));
    other.decide("slot", 0, written.subList(2, 3));
    StringBuilder optimize = new StringBuilder("{\"commitInfo\":{\"operation\":\"OPTIMIZE\"}}\n");
    for (Path file : small) {
      optimize.append(
          "{\"remove\":{\"path\":\"%s\",\"deletionTimestamp\":1,\"dataChange\":false}}\n"
              .formatted(file.getFileName()));
    }
    try (Stream<Path> files = Files.list(lake.resolve("other"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".parquet")).toList()) {
        Files.copy(file, lake.resolve("a lake/platform/runs").resolve(file.getFileName()));
        optimize.append(
            "{\"add\":{\"path\":\"%s\",\"partitionValues\":{},\"size\":%d,\"modificationTime\":1,\"dataChange\":false}}\n"
                .formatted(file.getFileName(), Files.size(file)));
      }
    }
    Files.writeString(
        lake.resolve("a lake/platform/runs/_delta_log/%020d.json".formatted(3)), optimize);
    log.append(List.of(event("after")));

    History history = log().read();
    assertThat(history.events()).extracting(Event::id).containsExactly("e0", "e1", "e2", "after");
    assertThat(history.generation("slot")).isEqualTo(1);
    assertThat(history.versionOf("e0")).contains(-1L);
    assertThat(history.versionOf("after")).contains(4L);
  }

  private List<Path> dataFiles() throws IOException {
    try (Stream<Path> files = Files.list(lake.resolve("a lake/platform/runs"))) {
      return files.filter(f -> f.toString().endsWith(".parquet")).toList();
    }
  }

  static void deleteTree(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void threadsThatShareAlogLoseNothing() throws Exception {
    EventLog log = EventLog.open(lake.resolve("shared").toString());
    java.util.concurrent.ExecutorService pool =
        java.util.concurrent.Executors.newFixedThreadPool(6);
    try {
      java.util.List<java.util.concurrent.Future<Long>> appended = new java.util.ArrayList<>();
      for (int i = 0; i < 60; i++) {
        Event event =
            Event.of(java.time.Instant.EPOCH, "noted", "thing-" + i, "ada", "", java.util.Map.of());
        appended.add(pool.submit(() -> log.append(java.util.List.of(event))));
      }
      for (java.util.concurrent.Future<Long> version : appended) {
        version.get();
      }
    } finally {
      pool.shutdownNow();
    }
    assertThat(log.read().events()).extracting(Event::subject).doesNotHaveDuplicates().hasSize(60);
  }
}
