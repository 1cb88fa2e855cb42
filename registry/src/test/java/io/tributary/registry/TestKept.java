package io.tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Json;
import io.tributary.core.Outcome;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.core.RunId;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.events.Event;
import io.tributary.events.EventLog;
import io.tributary.events.facts.IngestFacts;
import io.tributary.events.facts.RunFacts;
import io.tributary.events.facts.ScoringFacts;
import io.tributary.events.facts.SnapshotFacts;
import io.tributary.events.runs.CommitFacts;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import io.tributary.registry.keeping.Kept;
import io.tributary.registry.keeping.KeptVersion;
import io.tributary.registry.keeping.StagedRows;
import io.tributary.registry.keeping.TableFiles;
import io.tributary.registry.keeping.TableFiles.DataFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each owner of a table's version, or of an artefact, keeps it; and nobody else does. */
class TestKept {
  private static final Instant LONG_AGO = Instant.parse("2024-03-01T03:00:00Z");
  private static final Instant BEFORE = Instant.parse("2025-03-01T00:00:00Z");
  private static final Instant YOUNG = Instant.parse("2025-03-02T00:00:00Z");
  private static final Environment HERE =
      new Environment("abc", false, "17", "Linux", "ada", "host");
  private static final Principal ADA = Principal.osUser("ada");
  private static final Interval DAY = Interval.parse("2024-02-01T00:00:00Z/2024-02-02T00:00:00Z");
  private static final Interval NEXT = Interval.parse("2024-02-02T00:00:00Z/2024-02-03T00:00:00Z");
  private static final Interval BOTH = Interval.parse("2024-02-01T00:00:00Z/2024-02-03T00:00:00Z");
  private static final TableName VIEW = TableName.of("features", "calm_v1");
  private static final TableName SCORES = TableName.of("scores", "late");

  @TempDir private Path lake;
  private int runs;

  private RunId run() {
    return RunId.parse("20240301T030000Z-%08x".formatted(++runs));
  }

  private static TableVersion version(TableName table, long version) {
    return new TableVersion(table, "id of " + table, version);
  }

  private Path table(TableName table) {
    return lake.resolve(table.layer()).resolve(table.subject());
  }

  private static String add(String file) {
    return "{\"add\":{\"path\":\"%s\",\"dataChange\":true}}\n".formatted(file);
  }

  private static String remove(String file, Instant at) {
    return "{\"remove\":{\"path\":\"%s\",\"deletionTimestamp\":%d,\"dataChange\":true}}\n"
        .formatted(file, at.toEpochMilli());
  }

  /** Appends a commit of a job's, or of somebody's, to a table. */
  private void commit(TableName table, Optional<CommitFacts> facts, String actions)
      throws IOException {
    Path log = Files.createDirectories(table(table).resolve("_delta_log"));
    long version;
    try (var files = Files.list(log)) {
      version = files.count();
    }
    ObjectNode info = Json.mapper().createObjectNode();
    info.put("timestamp", LONG_AGO.toEpochMilli()).put("operation", "WRITE");
    facts.ifPresent(f -> info.put("userMetadata", Json.write(f)));
    String metadata =
        "{\"metaData\":{\"id\":\"id of %s\",\"schemaString\":\"{}\",\"partitionColumns\":[],\"configuration\":{}}}\n"
            .formatted(table);
    Files.writeString(
        log.resolve("%020d.json".formatted(version)),
        "{\"commitInfo\":" + info + "}\n" + (version == 0 ? metadata : "") + actions);
  }

  private void commits(TableName table, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      commit(table, Optional.empty(), "");
    }
  }

  private CommitFacts facts(JobKey key, List<Pin> inputs, Optional<RunFacts> facts) {
    return new CommitFacts(
        run(),
        key,
        1,
        LONG_AGO,
        inputs,
        Digest.of("f"),
        facts,
        Map.of(),
        List.of(),
        List.of(),
        Map.of(),
        List.of(),
        HERE,
        true);
  }

  private void ran(JobKey key, Instant started, Optional<RunFacts> facts, Pin... inputs) {
    RunLog.open(lake.toString())
        .append(
            List.of(
                new RunRecord(
                    run(),
                    key,
                    1,
                    Outcome.SUCCEEDED,
                    Optional.empty(),
                    Optional.empty(),
                    "",
                    started,
                    1,
                    List.of(inputs),
                    List.of(),
                    facts,
                    Map.of(),
                    List.of(),
                    List.of(),
                    Map.of(),
                    Optional.empty(),
                    HERE)));
  }

  private Kept kept(KeptVersion... published) {
    return Kept.of(lake.toString(), BEFORE, List.of(published));
  }

  /** The versions of a table that are kept, by whom. */
  private List<String> kept(TableName table) {
    return kept().versions(table).stream()
        .map(version -> version.version().version() + " " + version.by())
        .sorted()
        .toList();
  }

  private static Optional<RunFacts> snapshots(Interval... days) {
    return Optional.of(
        new SnapshotFacts(
            days.length,
            List.of(days).stream().map(Interval::snapshotInstant).toList(),
            Digest.of("view"),
            Optional.empty()));
  }

  private void materialize(Interval interval, Interval... days) throws IOException {
    JobKey key = JobKey.of("materialize", "calm@1", interval);
    commit(VIEW, Optional.of(facts(key, List.of(), snapshots(days))), "");
  }

  @Test
  void anOldNightIsPublishedFromTheCommitThatTookItLast() throws IOException {
    materialize(DAY, DAY);
    materialize(BOTH, DAY, NEXT);
    materialize(NEXT, NEXT);
    materialize(DAY, DAY);

    // The first is taken over by the second; of that one nothing is new, but its interval is.
    assertThat(kept(VIEW))
        .containsExactly(
            "1 publishing old nights of calm_v1",
            "2 publishing old nights of calm_v1",
            "3 publishing old nights of calm_v1");
    materialize(BOTH, DAY, NEXT);
    assertThat(kept(VIEW)).containsExactly("4 publishing old nights of calm_v1");
  }

  @Test
  void anOldNightIsMonitoredFromTheCommitThatScoredItLast() throws IOException {
    for (Interval interval : List.of(DAY, NEXT, DAY)) {
      commit(
          SCORES,
          Optional.of(
              facts(JobKey.of("score", "late", interval), List.of(), Optional.of(scoring("m@1")))),
          "");
    }

    assertThat(kept(SCORES))
        .containsExactly("1 monitoring old nights of late", "2 monitoring old nights of late");
  }

  private static ScoringFacts scoring(String model) {
    return ScoringFacts.of(
        new ScoringFacts.Said(
            "champion", model, Digest.of(model), 1, Optional.empty(), Optional.empty(), Map.of()),
        List.of(),
        List.of());
  }

  @Test
  void allScoringsAndTheNewestRunOfOtherWorkKeepWhatTheyRead() throws IOException {
    commits(VIEW, 7);
    JobKey scored = JobKey.of("score", "late", DAY);
    ran(scored, LONG_AGO, Optional.of(scoring("m@1")), Pin.of(version(VIEW, 0)));
    ran(scored, LONG_AGO.plusSeconds(1), Optional.empty(), Pin.of(version(VIEW, 1)));
    JobKey built = JobKey.of("training-set", "late");
    ran(built, LONG_AGO, Optional.empty(), Pin.of(version(VIEW, 2)));
    ran(built, LONG_AGO.plusSeconds(1), Optional.empty(), Pin.of(version(VIEW, 3)));
    ran(JobKey.of("own", "late"), LONG_AGO, Optional.empty(), Pin.of(version(VIEW, 4)));

    assertThat(kept(VIEW))
        .containsExactly("0 score late", "1 score late", "3 training-set late", "4 own late");

    ran(built, YOUNG, Optional.empty(), Pin.of(version(VIEW, 5)));
    ran(built, YOUNG.plusSeconds(1), Optional.empty(), Pin.of(version(VIEW, 6)));
    assertThat(kept(VIEW))
        .as("young, and newest")
        .contains("5 training-set late", "6 training-set late")
        .doesNotContain("3 training-set late");
  }

  @Test
  void aRunThatCommittedAndDidNotRecordKeepsWhatItRead() throws IOException {
    commits(VIEW, 2);
    commit(
        SCORES,
        Optional.of(
            facts(
                JobKey.of("score", "late", DAY),
                List.of(Pin.of(version(VIEW, 0))),
                Optional.of(scoring("m@1")))),
        "");

    assertThat(kept(VIEW)).containsExactly("0 score late");
  }

  @Test
  void nothingIsKeptOfATableThatWasMadeAnew() throws IOException {
    commits(VIEW, 2);
    ran(
        JobKey.of("score", "late", DAY),
        LONG_AGO,
        Optional.empty(),
        Pin.of(new TableVersion(VIEW, "of before", 0)),
        Pin.of(version(VIEW, 9)),
        Pin.of(version(SCORES, 0)));

    assertThat(kept(VIEW)).isEmpty();
    assertThat(kept(SCORES)).isEmpty();
  }

  private static Optional<RunFacts> validated(long delivery, String rules) {
    return Optional.of(
        new IngestFacts(
            List.of(delivery),
            List.of(),
            Optional.empty(),
            Optional.of(
                new IngestFacts.Validated(delivery, Digest.of(rules), false, Optional.empty()))));
  }

  @Test
  void aPinByDeliveryKeepsItsVersionOnceTheRowsWereMadeByOtherRules() throws IOException {
    TableName rides = TableName.of("validated", "rides");
    JobKey ingest = JobKey.of("ingest", "rides");
    commit(rides, Optional.of(facts(ingest, List.of(), validated(1, "then"))), "");
    ran(
        JobKey.of("score", "late", DAY),
        LONG_AGO,
        Optional.empty(),
        Pin.upTo(version(rides, 0), 1));
    commit(rides, Optional.of(facts(ingest, List.of(), validated(2, "then"))), "");
    assertThat(kept(rides)).isEmpty();

    commit(rides, Optional.of(facts(ingest, List.of(), validated(3, "now"))), "");
    assertThat(kept(rides)).containsExactly("0 score late");
  }

  @Test
  void isRefusedWhereANewerBuildSaysByWhichRulesRowsWereMade() throws IOException {
    TableName rides = TableName.of("validated", "rides");
    Optional<RunFacts> newer =
        Optional.of(Json.read("{\"kind\":\"ingest\",\"version\":2}", RunFacts.class));
    commit(rides, Optional.of(facts(JobKey.of("ingest", "rides"), List.of(), newer)), "");
    ran(
        JobKey.of("score", "late", DAY),
        LONG_AGO,
        Optional.empty(),
        Pin.upTo(version(rides, 0), 1));

    assertThatThrownBy(this::kept)
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining("\"ingest\", version 2, written by a newer build of Tributary");
  }

  @Test
  void publicationsAndMarksKeepTheirVersions() throws IOException {
    commits(VIEW, 3);
    Suspects.open(lake.toString())
        .mark(
            "delivery:rides@2",
            Coverage.of(List.of("table:features.calm_v1@1", "run:x")),
            ADA,
            "wrong");

    assertThat(kept(new KeptVersion(version(VIEW, 0), "publication of calm@1")).versions(VIEW))
        .extracting(KeptVersion::by)
        .containsExactlyInAnyOrder("publication of calm@1", "mark of delivery rides@2");
  }

  private ModelRegistry registry() {
    return ModelRegistry.open(
        EventLog.open(lake + "/platform/registry"),
        ArtefactStore.open(lake.toString()),
        Clock.fixed(LONG_AGO, ZoneOffset.UTC));
  }

  private ModelVersion register(String content) {
    ArtefactStore store = ArtefactStore.open(lake.toString());
    return registry().register(Drafts.draft(store, content, 0.8), ADA);
  }

  @Test
  void aVersionThatIsRetiredLongAgoKeepsNothing() throws IOException {
    TableName training = TableName.of("training", "late_arrival");
    Path log = Files.createDirectories(table(training).resolve("_delta_log"));
    commits(training, 5);
    Path first = log.resolve("%020d.json".formatted(0));
    Files.writeString(
        first, Files.readString(first).replace("id of training.late_arrival", "9f-1"));
    ModelVersion one = register("one");
    assertThat(kept(training)).containsExactly("3 model late_arrival@1");
    assertThat(kept().past()).isEmpty();
    assertThat(kept().pastArtefacts()).isEmpty();
    assertThat(kept().imported()).containsExactly(Digest.of("rows"));

    registry().retire("late_arrival", 1, ADA, "bad");
    Kept kept = kept();
    assertThat(kept(training)).isEmpty();
    assertThat(kept.pastArtefacts())
        .containsExactly(Map.entry(one.artefact().digest(), Set.of("late_arrival@1")));
    assertThat(kept.imported()).isEmpty();
    assertThat(kept.contents()).containsExactly(Digest.of("rows"));
    assertThat(kept.artefacts())
        .as("with what describes the version")
        .hasSizeGreaterThan(1)
        .contains(one.artefact().digest());
    assertThat(Kept.of(lake.toString(), LONG_AGO, List.of()).past()).as("not long ago").isEmpty();
  }

  @Test
  void aRetiredVersionThatIsHeldHasScoredOrIsMarkedKeepsItsOwn() throws IOException {
    for (String content : List.of("one", "two", "three", "four")) {
      register(content);
    }
    ModelRegistry registry = registry();
    registry.register(
        Drafts.draft(ArtefactStore.open(lake.toString()), "another", "two", 0.8), ADA);
    registry.retire("late_arrival", 1, ADA, "bad");
    registry.hold("late_arrival", 1, ADA, "asked for");
    registry.retire("late_arrival", 2, ADA, "bad");
    registry.retire("late_arrival", 3, ADA, "bad");
    registry.retire("late_arrival", 4, ADA, "bad");
    ran(JobKey.of("score", "late", DAY), LONG_AGO, Optional.of(scoring("late_arrival@3")));
    Suspects.open(lake.toString())
        .mark("delivery:rides@2", Coverage.of(List.of("model:late_arrival@4")), ADA, "wrong");

    assertThat(kept().past()).extracting(version -> version.version().number()).containsExactly(2L);
    assertThat(kept().pastArtefacts()).as("another version has the same").isEmpty();
    registry.release("late_arrival", 1, ADA, "no more");
    assertThat(kept().pastArtefacts().values()).containsExactly(Set.of("late_arrival@1"));
  }

  @Test
  void isRefusedWhereANewerBuildSaysWhoScored() {
    ran(
        JobKey.of("score", "late", DAY),
        LONG_AGO,
        Optional.of(Json.read("{\"kind\":\"scoring\",\"version\":2,\"all\":[]}", RunFacts.class)));

    assertThatThrownBy(this::kept)
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining("Cannot tell which models have scored")
        .hasMessageContaining("written by a newer build of Tributary. Use that build");
  }

  private void file(String name, Instant modified) throws IOException {
    Path file = table(VIEW).resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, name);
    Files.setLastModifiedTime(file, FileTime.from(modified));
  }

  private TableFiles files(KeptVersion... kept) {
    return TableFiles.of(lake.toString(), VIEW, List.of(kept), BEFORE);
  }

  @Test
  void aFileGoesThatNoKeptVersionHasHadForLongEnough() throws IOException {
    Instant replaced = BEFORE.minus(Duration.ofDays(1));
    commit(VIEW, Optional.empty(), add("a.parquet") + add("day=1/b.parquet") + add("y.parquet"));
    commit(VIEW, Optional.empty(), add("c.parquet"));
    commit(
        VIEW,
        Optional.empty(),
        remove("a.parquet", replaced)
            + remove("day=1/b.parquet", replaced)
            + remove("y.parquet", YOUNG)
            + add("d.parquet"));
    for (String name : List.of("a", "day=1/b", "c", "d", "y", "orphan", ".hidden", "_x/y")) {
      file(name + ".parquet", LONG_AGO);
    }
    file("deletion_vector.bin", LONG_AGO);
    file("being-written.parquet", YOUNG);

    assertThat(files().gone())
        .extracting(DataFile::path)
        .containsExactly("a.parquet", "day=1/b.parquet", "orphan.parquet");
    assertThat(files().live()).isEqualTo(2);
    assertThat(files().needed()).isEmpty();

    for (long version = 0; version < 3; version++) {
      TableFiles of = files(new KeptVersion(version(VIEW, version), "who"));
      if (version < 2) {
        assertThat(of.gone()).extracting(DataFile::path).containsExactly("orphan.parquet");
        assertThat(of.needed().keySet())
            .extracting(DataFile::path)
            .containsExactly("a.parquet", "day=1/b.parquet");
        assertThat(of.needed().values()).containsOnly(Set.of("who"));
      } else {
        assertThat(of.gone()).hasSize(3);
      }
    }
  }

  @Test
  void aTableThatLacksFilesIsLeftAlone() throws IOException {
    commit(VIEW, Optional.empty(), add("a.parquet") + add("b.parquet"));
    file("a.parquet", LONG_AGO);
    file("orphan.parquet", LONG_AGO);

    assertThatThrownBy(this::files)
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining(
            "1 that its newest version has are not in its folder, among them b.parquet.");
  }

  @Test
  void anEvaluationKeepsWhatItsRowsWereMadeFromWhileItsVersionStays() throws IOException {
    commits(VIEW, 2);
    ModelVersion version = register("one");
    Evaluation.Rows rows =
        new Evaluation.Rows(
            "late_arrival",
            Optional.empty(),
            List.of(Pin.of(version(VIEW, 0))),
            Digest.of("definition"),
            Digest.of("others"),
            List.of(),
            LONG_AGO,
            LONG_AGO,
            10,
            5,
            1,
            0,
            0,
            0);
    registry()
        .evaluations()
        .record(
            version.reference(),
            new Evaluation(rows, Map.of("auc", 0.7), Map.of(), Map.of(), List.of()),
            ADA);
    assertThat(kept(VIEW)).containsExactly("0 model late_arrival@1");

    registry().retire("late_arrival", 1, ADA, "bad");
    assertThat(kept(VIEW)).isEmpty();
  }

  /** Copies of rows stay until their delivery is admitted; one that was rejected may be yet. */
  @Test
  void stagedRowsStayWhileADeliveryMayNeedThem() throws IOException {
    EventLog log = EventLog.open(lake + "/platform/deliveries");
    List<String> outcomes = List.of("", "REJECTED", "ADMITTED", "WITHDRAWN");
    for (int number = 1; number <= outcomes.size(); number++) {
      Digest digest = Digest.of("rows " + number);
      Path copy = lake.resolve("platform/staging/orders/" + digest.hex() + ".jsonl.gz");
      Files.createDirectories(copy.getParent());
      Files.writeString(copy, "rows");
      Files.setLastModifiedTime(copy, FileTime.from(LONG_AGO));
      String outcome = outcomes.get(number - 1);
      Map<String, Object> delivered =
          Map.of("source", "orders", "number", number, "files", List.of(Map.of("sha256", digest)));
      log.append(List.of(Event.of(LONG_AGO, "delivered", "orders", ADA, "", delivered)));
      if (!outcome.isEmpty()) {
        Map<String, Object> judged =
            Map.of("source", "orders", "number", number, "outcome", outcome);
        log.append(List.of(Event.of(LONG_AGO, "judged", "orders", ADA, "", judged)));
      }
    }

    assertThat(StagedRows.unneeded(lake, BEFORE))
        .extracting(path -> path.getFileName().toString())
        .containsExactlyInAnyOrder(
            Digest.of("rows 3").hex() + ".jsonl.gz", Digest.of("rows 4").hex() + ".jsonl.gz");
    assertThat(StagedRows.unneeded(lake, LONG_AGO)).as("not old").isEmpty();
  }
}
