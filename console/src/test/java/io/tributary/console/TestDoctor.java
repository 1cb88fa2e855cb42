package io.tributary.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.ErrorCode;
import io.tributary.core.JobKey;
import io.tributary.core.Json;
import io.tributary.core.Outcome;
import io.tributary.core.Pin;
import io.tributary.core.RunId;
import io.tributary.core.TableVersion;
import io.tributary.events.definitions.DefinitionStore;
import io.tributary.events.facts.Duplicates;
import io.tributary.events.facts.IngestFacts;
import io.tributary.events.facts.RowCounts;
import io.tributary.events.lake.LakeIdentity;
import io.tributary.events.runs.CommitFacts;
import io.tributary.events.runs.JobLocks;
import io.tributary.events.runs.RunError;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import io.tributary.events.runs.SampleFacts;
import io.tributary.testing.Folders;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestDoctor {
  private static final Instant NIGHT = Instant.parse("2024-03-01T03:00:00Z");
  private static final Environment HERE =
      new Environment("abc", false, "17", "Linux", "ada", "host");
  private static final JobKey KEY = JobKey.of("ingest", "orders");
  private static final String UUID_OF_NONE = "0b5cf1c8-58a4-4b4e-9a55-2f6c1b0a5f11";

  @TempDir private Path project;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void writeProject() throws IOException {
    assertThat(
            Tributary.run(new PrintWriter(out), new PrintWriter(err), "init", project.toString()))
        .isZero();
    out.getBuffer().setLength(0);
    Files.createDirectories(lake());
  }

  @Test
  void hasNothingToSayOfAHealthyLake() throws IOException {
    table("bronze/orders", "t1", "");

    assertThat(doctor()).as(out.toString()).isZero();

    assertThat(out.toString())
        .contains(
            "lake       ok", "tables     ok               1,", "runs       ok", "leftovers  ok")
        .endsWith("No action needed.\n");
    assertThat(lake()).isDirectoryNotContaining("glob:**.doctor*");
  }

  @Test
  void provesByAnAnchorThatItsLogsAreWhole() throws IOException {
    assertThat(doctor("--anchor")).isEqualTo(2);
    assertThat(err.toString()).contains("has no runs yet");
    LakeIdentity.ensure(lake().toString(), new LakeIdentity.Build(NIGHT, "abc", false));
    ran("ingest", "orders", Map.of());

    assertThat(doctor("--anchor")).isZero();
    String anchor = out.toString().strip();
    assertThat(anchor.lines()).hasSize(1);
    out.getBuffer().setLength(0);
    assertThat(doctor("--verify", anchor)).isZero();
    assertThat(out.toString())
        .contains(
            "log        ok               platform.runs is unchanged: its events up to version 1 are")
        .endsWith("No action needed.\n");

    out.getBuffer().setLength(0);
    Folders.delete(lake().resolve("platform/runs"));
    assertThat(doctor("--verify", anchor)).isEqualTo(3);
    assertThat(out.toString())
        .contains("log        wrong (data)     platform.runs is gone. Restore the log's table")
        .endsWith("Action needed: see what is wrong above.\n");
  }

  @Test
  void noticesEventsInRowsThatContradictOneAnotherUntilTheTableIsMadeAnew() throws IOException {
    Duplicates duplicates = new Duplicates(2, 3, List.of("data/orders.csv:4", "data/orders.csv:9"));
    table("validated/orders", "t1", Json.write(ingested(Map.of(1L, duplicates), false)));

    assertThat(doctor()).as(out.toString()).isZero();

    assertThat(out.toString())
        .contains(
            "sources    notice           source orders, delivery 1: 3 rows have the event key"
                + " and known time of another, with other values, of 2 events (as data/orders.csv:4"
                + " and data/orders.csv:9); one row of each such event counts")
        .endsWith("Nothing is broken. Look at what is noticed above.\n");

    out.getBuffer().setLength(0);
    table("validated/orders", "t1", Json.write(ingested(Map.of(), true)));
    assertThat(doctor()).isZero();
    assertThat(out.toString()).endsWith("No action needed.\n");
  }

  @Test
  void noticesDaysThatEachNightLacks() throws IOException {
    Path source = project.resolve("sources/orders.yaml");
    Files.writeString(
        source,
        Files.readString(source)
            .replaceFirst("ordered_at: timestamp", "ordered_at: date")
            .replaceFirst(
                "event-time: ordered_at", "availability-delay: 24h\nevent-time: ordered_at"));
    assertThat(doctor()).as(out.toString()).isZero();
    assertThat(out.toString())
        .contains(
            "the days of source orders: with availability-delay 1d a day is known a microsecond"
                + " after the snapshot that ends it is taken");
  }

  private static CommitFacts ingested(Map<Long, Duplicates> duplicates, boolean rebuilt) {
    return SampleFacts.of(
        KEY,
        NIGHT,
        List.of(),
        Optional.of(
            new IngestFacts(
                List.of(),
                List.of(),
                Optional.of(
                    new IngestFacts.Judged(
                        List.of(1L),
                        RowCounts.NONE,
                        Optional.empty(),
                        Optional.empty(),
                        duplicates,
                        List.of(),
                        List.of())),
                Optional.of(
                    new IngestFacts.Validated(1, Digest.of("r"), rebuilt, Optional.empty())))));
  }

  @Test
  void takesALakeThatIsNotThereYetAsHealthy() throws IOException {
    Files.delete(lake());
    assertThat(doctor()).isZero();
    assertThat(out.toString()).contains("is not there yet: the first run makes it");
    assertThat(lake()).doesNotExist();
  }

  @Test
  void endsWithTheCodeOfAProjectThatIsWrong() throws IOException {
    Files.writeString(project.resolve("tributary.yaml"), "project: shop\nzone: Mars/Base\n");
    assertThat(doctor()).isEqualTo(2);
    assertThat(out.toString()).contains("project    wrong (user)", "Mars/Base", "Action needed");
  }

  @Test
  void endsWithTheCodeOfALakeThatCannotBeWritten() throws IOException {
    Files.delete(lake());
    Files.writeString(lake(), "a file");
    assertThat(doctor()).isEqualTo(4);
    assertThat(out.toString()).contains("lake       wrong (external)", "Cannot write lake ");
  }

  @Test
  void saysWhichTableAnotherProgramHasUpgraded() throws IOException {
    table("bronze/orders", "t1", "");
    Files.writeString(
        log("bronze/orders").resolve("00000000000000000001.json"),
        "{\"protocol\":{\"minReaderVersion\":3,\"minWriterVersion\":7,\"readerFeatures\":[\"deletionVectors\"],\"writerFeatures\":[\"deletionVectors\"]}}\n");
    assertThat(doctor()).isEqualTo(2);
    assertThat(out.toString())
        .contains("Cannot be sure to read table bronze.orders: it needs reader version 3")
        .contains("[\"deletionVectors\"]");
  }

  @Test
  void saysWhichTableIsDamaged() throws IOException {
    table("bronze/orders", "t1", "");
    Files.writeString(
        log("bronze/orders").resolve("00000000000000000001.json"), "{\"add\":{\"path");
    assertThat(doctor()).isEqualTo(3);
    assertThat(out.toString()).contains("tables     wrong (data)");
  }

  @Test
  void saysWhichTrainingSetCannotBeBuiltAgain() throws IOException {
    String facts = Json.write(facts(JobKey.of("training-set", "late"), List.of(pin("t1"))));
    table("training/late", "t9", facts);
    table("validated/orders", "another", "");

    assertThat(doctor()).isEqualTo(3);

    assertThat(out.toString())
        .contains(
            "Cannot build training set training.late again: its input validated.orders was removed and recreated since.");
    table("validated/orders", "t1", "");
    assertThat(doctor()).isZero();
  }

  @Test
  void saysWhichInputsLackDataFiles() throws IOException {
    String byDelivery = Json.write(facts(JobKey.of("training-set", "late"), List.of(pin("t1"))));
    table("training/late", "t9", byDelivery);
    Pin whole = Pin.of(TableVersion.parse("scores.next@1#t2"));
    table("monitor/late", "t8", Json.write(facts(JobKey.of("monitor", "late"), List.of(whole))));
    table("validated/orders", "t1", "");
    table("scores/next", "t2", "");
    String first = "{\"add\":{\"path\":\"a%20b.parquet\"}}";
    String removal = "{\"remove\":{\"path\":\"a%20b.parquet\"}}";
    commit("validated/orders", 1, first);
    commit("validated/orders", 2, removal + "\n{\"add\":{\"path\":\"c.parquet\"}}");
    commit("scores/next", 1, first);
    commit("scores/next", 2, removal);
    write(lake().resolve("validated/orders/c.parquet"));
    Path scored = write(lake().resolve("scores/next/a b.parquet"));

    assertThat(doctor()).as(out.toString()).isZero();
    assertThat(out.toString()).contains("all inputs are there of 1 monitor, 1 training set");

    Files.delete(scored);
    Files.delete(lake().resolve("validated/orders/c.parquet"));
    assertThat(doctor()).isEqualTo(3);
    assertThat(out.toString())
        .contains(
            "Cannot build training set training.late again: its input validated.orders@2 lacks 1 data files, among them c.parquet. Restore the table from a copy, or rebuild it.",
            "Cannot build monitor monitor.late again: its input scores.next@1 lacks 1 data files, among them a b.parquet.");
  }

  /** The monitor's newest run read a version whose file has been replaced for long. */
  @Test
  void saysWhereAVacuumByHandWouldRemoveWhatIsNeeded() throws IOException {
    Pin whole = Pin.of(TableVersion.parse("scores.next@1#t2"));
    table("monitor/late", "t8", Json.write(facts(JobKey.of("monitor", "late"), List.of(whole))));
    table("scores/next", "t2", "");
    String at = "\"deletionTimestamp\":" + NIGHT.toEpochMilli();
    commit("scores/next", 1, "{\"add\":{\"path\":\"a.parquet\"}}");
    commit(
        "scores/next",
        2,
        "{\"commitInfo\":{\"timestamp\":"
            + NIGHT.toEpochMilli()
            + "}}\n{\"remove\":{\"path\":\"a.parquet\","
            + at
            + "}}");
    Path needed = write(lake().resolve("scores/next/a.parquet"));

    assertThat(doctor()).as(out.toString()).isZero();
    assertThat(out.toString())
        .contains(
            "pins       notice           a VACUUM of table scores.next by hand would remove 1 files that are needed by monitor late. Clean by tributary clean, which leaves them; or keep them: ALTER TABLE delta.`"
                + lake().resolve("scores/next")
                + "` SET TBLPROPERTIES ('delta.deletedFileRetentionDuration' = 'interval 36500 days')");

    out.getBuffer().setLength(0);
    Path log = log("scores/next").resolve("00000000000000000000.json");
    String kept = Files.readString(log);
    Files.writeString(
        log,
        kept.replace(
            "\"configuration\":{}",
            "\"configuration\":{\"delta.deletedFileRetentionDuration\":\"interval 36500 days\"}"));
    assertThat(doctor()).isZero();
    assertThat(out.toString()).doesNotContain("by hand");

    Files.writeString(log, kept);
    Files.delete(needed);
    doctor();
    assertThat(out.toString()).as("what is gone is told as such").doesNotContain("by hand");
  }

  @Test
  void saysWhereDeltaForgetsAVersionThatIsNeeded() throws IOException {
    Pin whole = Pin.of(TableVersion.parse("scores.next@0#t2"));
    table("monitor/late", "t8", Json.write(facts(JobKey.of("monitor", "late"), List.of(whole))));
    table("scores/next", "t2", "");

    assertThat(doctor()).isZero();
    assertThat(out.toString())
        .contains(
            "Delta forgets versions of table scores.next with its next checkpoint that are needed by monitor late. Keep its log: ALTER TABLE")
        .contains("SET TBLPROPERTIES ('delta.logRetentionDuration' = 'interval 36500 days')");
  }

  /** Else each artefact would be one that no version has. */
  @Test
  void removesNoArtefactWhereTheRegistryCannotBeRead() throws IOException {
    Path artefact = old(lake().resolve("models/" + "b".repeat(64) + "/network.zip"));
    Files.setLastModifiedTime(artefact.getParent(), FileTime.from(NIGHT));
    Files.createDirectories(log("platform/registry"));
    Files.writeString(log("platform/registry").resolve("00000000000000000000.json"), "{\"add\":");

    assertThat(doctor("--mend")).isEqualTo(3);
    assertThat(out.toString()).contains("models     wrong (data)").doesNotContain("leftovers");
    assertThat(artefact).exists();
  }

  private void commit(String table, int version, String actions) throws IOException {
    Files.writeString(log(table).resolve("%020d.json".formatted(version)), actions + "\n");
  }

  @Test
  void recordsARunWhoseProcessDied() {
    RunId run = RunId.startingAt(NIGHT);
    die(run);

    assertThat(doctor()).isZero();

    assertThat(out.toString())
        .contains(
            "runs       mended", "run " + run + " of ingest orders was stopped before it ended");
    RunRecord record = RunLog.open(lake().toString()).find(run).orElseThrow();
    assertThat(record.outcome()).isEqualTo(Outcome.FAILED);
    assertThat(record.error()).contains(RunError.of(ErrorCode.KILLED));
    out.getBuffer().setLength(0);
    assertThat(doctor()).isZero();
    assertThat(out.toString()).contains("runs       ok");
  }

  @Test
  void recordsARunThatWasCompleteWhenItsProcessDied() throws IOException {
    CommitFacts facts = facts(KEY, List.of());
    table("validated/orders", "t1", Json.write(facts));
    die(facts.run());

    assertThat(doctor()).isZero();

    assertThat(out.toString()).contains("run " + facts.run() + " of ingest orders was complete");
    RunRecord record = RunLog.open(lake().toString()).find(facts.run()).orElseThrow();
    assertThat(record.outcome()).isEqualTo(Outcome.SUCCEEDED);
    assertThat(record.error()).isEqualTo(Optional.empty());
  }

  @Test
  void listsLeftoversAndRemovesThemWhenToldTo() throws IOException {
    Path hidden = old(lake().resolve("platform/locks/.x.json." + UUID_OF_NONE + ".tmp"));
    Path sst = old(lake().resolve("online/orders_v1/" + "a".repeat(64) + ".sst"));
    Path artefact = old(lake().resolve("models/" + "b".repeat(64) + "/network.zip"));
    Files.setLastModifiedTime(artefact.getParent(), FileTime.from(NIGHT));
    Path young = write(lake().resolve("platform/locks/.y.json." + UUID_OF_NONE + ".tmp"));
    Path mine = old(lake().resolve("platform/locks/.notes.tmp"));

    assertThat(doctor()).isZero();
    assertThat(out.toString())
        .contains(
            "1 temporary files",
            "1 parts of the online store",
            "1 artefacts",
            "doctor --mend removes them");
    assertThat(List.of(hidden, sst, artefact)).allMatch(Files::exists);

    assertThat(doctor("--mend")).isZero();
    assertThat(out.toString()).contains("leftovers  mended           removed 1 temporary files");
    assertThat(List.of(hidden, sst, artefact, artefact.getParent())).noneMatch(Files::exists);
    assertThat(List.of(young, mine)).allMatch(Files::exists);
  }

  @Test
  void answersInJson() {
    assertThat(doctor("--json")).isZero();
    JsonNode answer = Json.read(out.toString(), JsonNode.class);
    assertThat(answer.get("healthy").asBoolean()).isTrue();
    assertThat(answer.get("findings"))
        .extracting(f -> f.get("check").asText())
        .contains("java", "lake", "pins");
  }

  private Path lake() {
    return project.resolve("lake");
  }

  private int doctor(String... options) {
    List<String> words =
        new java.util.ArrayList<>(List.of("doctor", "--project", project.toString()));
    words.addAll(List.of(options));
    return Tributary.run(new PrintWriter(out), new PrintWriter(err), words.toArray(String[]::new));
  }

  private Path log(String table) {
    return lake().resolve(table).resolve("_delta_log");
  }

  /** A table with one commit. */
  private void table(String table, String id, String userMetadata) throws IOException {
    Files.createDirectories(log(table));
    Map<String, Object> info =
        Map.of(
            "timestamp", NIGHT.toEpochMilli(), "operation", "WRITE", "userMetadata", userMetadata);
    Map<String, Object> metadata =
        Map.of(
            "id", id,
            "format", Map.of("provider", "parquet", "options", Map.of()),
            "schemaString", "{\"type\":\"struct\",\"fields\":[]}",
            "partitionColumns", List.of(),
            "configuration", Map.of());
    Files.writeString(
        log(table).resolve("00000000000000000000.json"),
        Json.write(Map.of("commitInfo", info))
            + "\n{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":2}}\n"
            + Json.write(Map.of("metaData", metadata))
            + "\n");
  }

  private static CommitFacts facts(JobKey key, List<Pin> inputs) {
    return SampleFacts.of(key, NIGHT, inputs, Optional.empty());
  }

  private static Pin pin(String table) {
    return Pin.upTo(TableVersion.parse("validated.orders@0#" + table), 1);
  }

  /** What a process leaves that dies in a run. */
  private void die(RunId run) {
    LakeIdentity.ensure(lake().toString(), new LakeIdentity.Build(NIGHT, "abc", false));
    JobLocks.Held held =
        new JobLocks(lake())
            .acquire(new JobLocks.Holder(run, KEY, KEY, 1, NIGHT, 999_999_999, HERE));
    held.keepTrace();
    held.close();
  }

  private static Path old(Path file) throws IOException {
    return Files.setLastModifiedTime(write(file), FileTime.from(NIGHT));
  }

  private static Path write(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    return Files.writeString(file, "left");
  }

  @Test
  void namesWhatWasBuiltFromWhatMeansSomethingElseByNow() {
    LakeIdentity.ensure(lake().toString(), new LakeIdentity.Build(NIGHT, "abc", false));
    ran(
        "training-set",
        "late",
        Map.of(
            "training-set late", set("paid"),
            "source orders", orders("paid"),
            "suite orders", suite("a")));
    ran(
        "ingest",
        "orders",
        Map.of("source orders", orders("paid, owed"), "suite orders", suite("b")));
    assertThat(doctor()).isZero();
    assertThat(out.toString())
        .as("what takes nothing new of its source, and a suite that judges what comes")
        .doesNotContain("stale");
    out.getBuffer().setLength(0);

    ran(
        "score",
        "next",
        Map.of("training-set late", set("paid or owed"), "source orders", orders("paid, owed")));

    assertThat(doctor()).isZero();
    assertThat(out.toString()).contains("definitions notice", "stale: training set late (");
  }

  private Digest set(String meaning) {
    return kept("training-set", "late", meaning);
  }

  private Digest orders(String meaning) {
    return kept("source", "orders", meaning);
  }

  private Digest suite(String meaning) {
    return kept("suite", "orders", meaning);
  }

  private Digest kept(String kind, String name, String meaning) {
    return DefinitionStore.open(lake().toString())
        .put(
            new Definition(
                kind, name, "", "active", meaning, meaning, Map.of(), Map.of(), Map.of()));
  }

  private void ran(String job, String subject, Map<String, Digest> definitions) {
    RunLog.open(lake().toString())
        .append(
            List.of(
                new RunRecord(
                    RunId.startingAt(NIGHT),
                    JobKey.of(job, subject),
                    1,
                    Outcome.SUCCEEDED,
                    Optional.empty(),
                    Optional.empty(),
                    "",
                    NIGHT,
                    1,
                    List.of(),
                    List.of(),
                    Optional.empty(),
                    Map.of(),
                    List.of(),
                    List.of(),
                    definitions,
                    Optional.empty(),
                    HERE)));
  }
}
