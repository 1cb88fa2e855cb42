package io.tributary.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.testing.Folders;
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
        id,
        NOON,
        "ran",
        "flights",
        Principal.osUser("ada"),
        "",
        "{\"n\":1,\"text\":\"a \\\"quoted\\\" ü\"}");
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

    Folders.delete(lake.resolve("a lake/platform"));
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
            Instant.parse("2026-01-01T00:00:00.123456789Z"),
            "ran",
            "s",
            Principal.osUser("a"),
            "",
            Map.of("b", 1));

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
        .hasMessageContaining("the log has 0 decisions there, not 7");
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

    TableHistory commits = CommitLog.open(log().path()).read().orElseThrow();

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
  void readsTheSameFromItsFold() {
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

    TableHistory commits = CommitLog.open(log.path()).read().orElseThrow();
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
  void aColdReadOpensNothingFromBeforeTheNewestFold() throws IOException {
    EventLog log = EventLog.open(log().path(), 10);
    EventLog earlier = log();
    List<Event> written = new ArrayList<>();
    for (int i = 0; i < 47; i++) {
      written.add(event("e" + i));
      log.append(written.subList(i, i + 1));
      if (i == 30) {
        earlier.read();
      }
    }
    TableHistory commits = CommitLog.open(log.path()).read().orElseThrow();
    long fold =
        commits.known().stream()
            .filter(c -> !c.changedData() && c.version() > 0)
            .mapToLong(LogCommit::version)
            .max()
            .orElseThrow();
    assertThat(fold).isBetween(45L, 51L);
    assertThat(CommitLog.open(log.path()).files(commits.version())).hasSizeLessThan(12);
    for (long version = 0; version < fold - 1; version++) {
      Files.writeString(
          lake.resolve("a lake/platform/runs/_delta_log/%020d.json".formatted(version)),
          "unreadable");
    }

    assertThat(log().read().events()).containsExactlyElementsOf(written);
    assertThat(earlier.read().events()).containsExactlyElementsOf(written);
    assertThat(log().readAt(fold).events()).hasSize((int) fold - foldsBefore(commits, fold));
    assertThatThrownBy(() -> log().readAt(fold - 30))
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining("can't be read");
  }

  private static int foldsBefore(TableHistory commits, long version) {
    return (int)
        commits.known().stream()
            .filter(c -> !c.changedData() && c.version() <= version && c.version() > 0)
            .count();
  }

  @Test
  void foldsAnEarlierFoldAgainOnlyOnceAsMuchIsNew() throws IOException {
    EventLog log = EventLog.open(log().path(), 4);
    String noise =
        new java.util.Random(7).ints(400).mapToObj(Integer::toString).toList().toString();
    for (int i = 0; i < 80; i++) {
      log.append(
          List.of(new Event("e" + i, NOON, "ran", "s", Principal.osUser("a"), "", noise + i)));
    }
    long live = 0;
    java.util.Set<String> files = CommitLog.open(log.path()).files(log.read().version());
    for (String file : files) {
      live += Files.size(lake.resolve("a lake/platform/runs").resolve(file));
    }
    long all = 0;
    for (Path file : dataFiles()) {
      all += Files.size(file);
    }
    assertThat(files).hasSizeLessThan(10);
    assertThat(all).isLessThan(5 * live);
    assertThat(log().read().events()).hasSize(80);
  }

  @Test
  void aFoldThatIsMissingOrBrokenIsReadByWhatItWasMadeOf() throws IOException {
    EventLog log = EventLog.open(log().path(), 4);
    EventLog knew = log();
    List<Event> written = new ArrayList<>();
    for (int i = 0; i < 14; i++) {
      Event event = event("e" + i);
      if (i % 3 == 0) {
        log.decide("slot", i / 3, List.of(event));
      } else {
        log.append(List.of(event));
      }
      written.add(event);
      if (i == 6) {
        knew.read();
      }
    }
    History whole = log().read();
    assertThat(whole.events()).containsExactlyElementsOf(written);

    for (String broken : List.of("", "PAR1 this is no parquet file")) {
      for (Path fold : liveFolds(log)) {
        if (broken.isEmpty()) {
          Files.move(fold, fold.resolveSibling("moved"));
        } else {
          Files.move(fold.resolveSibling("moved"), fold);
          Files.writeString(fold, broken);
        }
        for (EventLog reader : List.of(log(), knew, log)) {
          History read = reader.read();
          assertThat(read.events()).containsExactlyElementsOf(written);
          assertThat(read.generation("slot")).isEqualTo(whole.generation("slot"));
          assertThat(read.versionOf("e3")).isEqualTo(whole.versionOf("e3"));
        }
      }
    }
    assertThat(log().readAt(5).events()).isEqualTo(written.subList(0, 4));

    // The next fold mends it.
    for (int i = 14; i < 19; i++) {
      written.add(event("e" + i));
      log.append(written.subList(i, i + 1));
    }
    for (Path fold : liveFolds(log)) {
      assertThat(Files.readString(fold, java.nio.charset.StandardCharsets.ISO_8859_1))
          .startsWith("PAR1")
          .endsWith("PAR1");
    }
    assertThat(log().read().events()).containsExactlyElementsOf(written);
    assertThat(knew.read().events()).containsExactlyElementsOf(written);
  }

  /** The one file that the newest fold has written. */
  private List<Path> liveFolds(EventLog log) throws IOException {
    Path deltaLog = lake.resolve("a lake/platform/runs/_delta_log");
    String newest = "";
    try (Stream<Path> commits = Files.list(deltaLog)) {
      for (Path commit : commits.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
        String text = Files.readString(commit);
        if (text.contains("\"folds\"")) {
          newest = text;
        }
      }
    }
    return newest
        .lines()
        .filter(l -> l.startsWith("{\"add\"") && l.contains("\"folds\""))
        .map(l -> l.replaceFirst(".*\"path\":\"([^\"]+)\".*", "$1"))
        .map(name -> Path.of(log.path()).resolve(name))
        .toList();
  }

  @Test
  void deletesWhatTwoLaterFoldsAndCheckpointsHaveMadeSuperfluous() throws IOException {
    EventLog log = EventLog.open(log().path(), 4);
    List<Event> written = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      written.add(event("e" + i));
      log.append(written.subList(i, i + 1));
    }

    java.util.Set<String> live = CommitLog.open(log.path()).files(log.read().version());
    List<String> folds =
        dataFiles().stream()
            .map(f -> f.getFileName().toString())
            .filter(f -> !smallFiles().contains(f))
            .toList();
    assertThat(folds).hasSizeLessThan(live.size() + 6);
    try (Stream<Path> files = Files.list(lake.resolve("a lake/platform/runs/_delta_log"))) {
      assertThat(files.filter(f -> f.toString().endsWith(".checkpoint.parquet"))).hasSize(2);
    }
    assertThat(log().read().events()).containsExactlyElementsOf(written);
    for (long version = 1; version <= log.read().version(); version += 7) {
      List<Event> then = log().readAt(version).events();
      assertThat(then).isEqualTo(written.subList(0, then.size()));
      assertThat(then.size()).isBetween((int) (version * 2 / 3) - 1, (int) version);
    }
    log.append(List.of(event("after")));
    assertThat(log().read().events()).hasSize(61);
  }

  /** The files that appends have written. */
  private java.util.Set<String> smallFiles() {
    java.util.Set<String> small = new java.util.HashSet<>();
    try (Stream<Path> commits = Files.list(lake.resolve("a lake/platform/runs/_delta_log"))) {
      for (Path commit : commits.filter(f -> f.toString().endsWith(".json")).toList()) {
        String text = Files.readString(commit);
        if (!text.contains("\"folds\"")) {
          text.lines()
              .filter(l -> l.startsWith("{\"add\""))
              .forEach(l -> small.add(l.replaceFirst(".*\"path\":\"([^\"]+)\".*", "$1")));
        }
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return small;
  }

  @Test
  void passesOverNothingThatNeedsANewerReader() {
    EventLog log = log();
    log.append(List.of(event("one")));
    Event foreign =
        new Event("x", NOON, "teleported", "flights", Principal.osUser("ada"), "", 7, 1, "{}");
    log.append(List.of(foreign));
    assertThat(log().read().events()).contains(foreign);
    long last =
        log.append(
            List.of(
                new Event(
                    "y",
                    NOON,
                    "frozen",
                    "flights",
                    new Principal("ada", "token"),
                    "",
                    1,
                    Event.LEVEL + 1,
                    "{}")));

    for (EventLog reader : List.of(log, log())) {
      assertThatThrownBy(reader::read)
          .isInstanceOfSatisfying(
              PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED))
          .hasMessage(
              "Cannot read log %s: it was written by a newer build of Tributary: event \"frozen\" of flights at %s needs a reader of level 2, and this build reads up to level 1. Use the build that wrote it, or a later one."
                  .formatted(log.path(), NOON));
    }
    assertThatThrownBy(() -> log.decide("slot", 0, List.of(event("z"))))
        .hasMessageContaining("newer build");
    assertThat(log().readAt(last - 1).events()).hasSize(2);
    assertThat(log.append(List.of(event("three")))).isEqualTo(last + 1);
  }

  @Test
  void foldsNoLogThatNeedsANewerReaderOrHasColumnsItDoesNotKnow() {
    EventLog log = EventLog.open(log().path(), 4);
    log.append(
        List.of(
            new Event(
                "y",
                NOON,
                "frozen",
                "flights",
                Principal.osUser("ada"),
                "",
                1,
                Event.LEVEL + 1,
                "{}")));
    for (int i = 0; i < 9; i++) {
      log.append(List.of(event("e" + i)));
    }

    assertThat(CommitLog.open(log.path()).read().orElseThrow().known())
        .hasSize(11)
        .filteredOn(c -> c.version() > 0)
        .allMatch(LogCommit::changedData);
  }

  @Test
  void keepsHowAPrincipalWasEstablished() {
    Event event = new Event("t", NOON, "ran", "flights", new Principal("ada", "token"), "", "{}");
    log().append(List.of(event));

    assertThat(log().read().events()).containsExactly(event);
  }

  @Test
  void chainsTheDecisionsOfASlot() throws IOException {
    EventLog log = log();
    log.decide("model/a", 0, List.of(event("first"), event("beside")));
    log.decide("model/b", 0, List.of(event("other slot")));
    log.decide("model/a", 1, List.of(event("second")));
    log.decide("model/a", 2, List.of(event("third")));
    assertThat(log().read().generation("model/a")).isEqualTo(3);

    Path forged = lake.resolve("forged");
    EventLog other = EventLog.open(forged.toString());
    other.decide(
        "model/a",
        0,
        List.of(
            event("first"),
            new Event("beside", NOON, "ran", "flights", Principal.osUser("eve"), "", "{}")));
    Files.copy(
        dataFiles(forged).get(0),
        lake.resolve("a lake/platform/runs").resolve(fileOf(1)),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);

    assertThatThrownBy(() -> log().read())
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT))
        .hasMessageContaining(
            "decision 1 of slot model/a is not the one that decision 2 (second) follows");
  }

  /** What was verified once is verified again where its rows lie in another file by now. */
  @Test
  void findsADecisionThatWasAlteredSinceItWasRead() throws IOException {
    EventLog log = log();
    log.decide("model/a", 0, List.of(event("first")));
    log.decide("model/a", 1, List.of(event("second")));
    assertThat(log.read().generation("model/a")).isEqualTo(2);
    assertThat(log.read()).isSameAs(log.read());
    EventLog other = EventLog.open(lake.resolve("other").toString());
    other.decide(
        "model/a",
        0,
        List.of(new Event("first", NOON, "ran", "flights", Principal.osUser("eve"), "", "{}")));
    Path forged = dataFiles(lake.resolve("other")).get(0);
    Path runs = lake.resolve("a lake/platform/runs");
    Files.copy(forged, runs.resolve(forged.getFileName()));
    Files.writeString(
        runs.resolve("_delta_log/%020d.json".formatted(3)),
        """
        {"commitInfo":{"operation":"OPTIMIZE"}}
        {"remove":{"path":"%s","deletionTimestamp":1,"dataChange":false}}
        {"add":{"path":"%s","partitionValues":{},"size":%d,"modificationTime":1,"dataChange":false}}
        """
            .formatted(fileOf(1), forged.getFileName(), Files.size(forged)));

    assertThatThrownBy(log::read)
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT));
    assertThatThrownBy(log::read).as("again").isInstanceOf(PlatformException.class);
  }

  /** The data file that a version added. */
  private String fileOf(long version) {
    java.util.Set<String> before = CommitLog.open(log().path()).files(version - 1);
    return CommitLog.open(log().path()).files(version).stream()
        .filter(f -> !before.contains(f))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void readsWhatAnotherEngineRewroteInOrderOfTime() throws IOException {
    EventLog log = log();
    List<Event> written = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      written.add(
          new Event("e" + i, NOON.plusSeconds(i), "ran", "s", Principal.osUser("a"), "", "{}"));
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
    assertThat(history.isRewritten()).isTrue();
    assertThat(other.read().isRewritten()).isFalse();
    assertThat(history.versionOf("after")).contains(4L);
  }

  private List<Path> dataFiles() throws IOException {
    return dataFiles(lake.resolve("a lake/platform/runs"));
  }

  private static List<Path> dataFiles(Path table) throws IOException {
    try (Stream<Path> files = Files.list(table)) {
      return files.filter(f -> f.toString().endsWith(".parquet")).toList();
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
            Event.of(
                java.time.Instant.EPOCH,
                "noted",
                "thing-" + i,
                Principal.osUser("ada"),
                "",
                java.util.Map.of());
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
