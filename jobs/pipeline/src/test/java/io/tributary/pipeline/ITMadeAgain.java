package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.analysis.CheckedProject;
import io.tributary.core.Interval;
import io.tributary.core.Json;
import io.tributary.core.Principal;
import io.tributary.core.RunnerChoice;
import io.tributary.core.TableName;
import io.tributary.definition.ProjectReader;
import io.tributary.events.facts.TrainingSetFacts;
import io.tributary.events.runs.RunRecord;
import io.tributary.ingest.quarantine.Quarantine;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.pipeline.Reproduction.Cause;
import io.tributary.pipeline.Verification.Kind;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.runtime.JobRunner;
import io.tributary.testing.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.delta.DeltaLog;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What was made is made again where every definition has been edited since, so that all validated
 * rows were made anew, and a VACUUM at zero hours has taken those of then.
 */
class ITMadeAgain {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
  private static final LakeSession SESSION = LakeSession.lazy();
  private static final String UNSAID =
      "Cannot make version 2 of table validated.rides again: its commits don't say which deliveries had been admitted. Restore the table's folder from a copy of the lake";

  @TempDir static Path folder;
  private static Path project;
  private static Path made;
  private static RunRecord before;
  private static RunRecord released;
  private static RunRecord seen;
  private static ModelVersion trained;

  @BeforeAll
  static void makeTheLake() throws IOException {
    project = folder.resolve("project");
    made = folder.resolve("lake");
    TinyProject.write(project, 1);
    Files.writeString(project.resolve("data/rides.csv"), TinyProject.rides(0, 300));
    String drivers = Files.readString(project.resolve("data/drivers.csv"));
    Files.writeString(project.resolve("data/drivers.csv"), drivers.replace("Ulm", "Hof"));
    Files.writeString(
        project.resolve("features/ride_seen.yaml"),
        """
        view: ride_seen@1
        entity: [driver]
        source: rides
        accuracy: snapshot
        publish-delay: 30m
        features:
          kilometres: sum(kilometres) over 1d
        """);
    // What the look-up found counts, and so does the source that is looked up.
    edit("features/last_ride.yaml", "delay: delay", "delay: delay\n  home: if(town = 'Ulm', 1, 0)");
    edit("features/driver.yaml", "town: town", "home: if(town = 'Ulm', 1, 0)");
    edit("training-sets/lateness.yaml", "  - last_ride@1", "  - last_ride@1\n  - driver@1");
    String lateness = Files.readString(project.resolve("training-sets/lateness.yaml"));
    Files.writeString(
        project.resolve("training-sets/seen.yaml"),
        lateness.replace("set: lateness", "set: seen") + "  - ride_seen@1\n");
    String model = Files.readString(project.resolve("models/lateness.yaml"));
    Files.writeString(project.resolve("models/seen.yaml"), model.replace(": lateness", ": seen"));
    try (Lake lake = lake(made);
        OnlineStore online = OnlineStores.open("rocksdb:" + made.resolve("online"));
        JobRunner runner = JobRunner.open(lake)) {
      jobs(lake, online).ingest().forEach(runner::run);
      Files.writeString(project.resolve("data/drivers.csv"), drivers);
      Files.writeString(project.resolve("data/rides2.csv"), TinyProject.rides(300, 624));
      Jobs jobs = jobs(lake, online);
      jobs.ingest().forEach(runner::run);
      System.setProperty("tributary.code", "9f3c2e1");
      System.setProperty("tributary.dirty", "true");
      before = runner.run(jobs.trainingSetOf("lateness"));
      System.clearProperty("tributary.code");
      System.clearProperty("tributary.dirty");
      runner.run(jobs.train("lateness"));
      trained = ModelRegistry.open(lake.uri()).find("lateness@1").version();
      Interval night = Interval.day(TinyProject.FIRST_NIGHT, BERLIN);
      runner.run(jobs.score(Optional.empty(), night).get(0));

      Quarantine.of(
              ProjectReader.read(project, Map.of(), Optional.of(made.toString())), "rides", lake)
          .release(Quarantine.Selection.ALL, "it is known", Principal.osUser("ada"));
      jobs.ingest().forEach(runner::run);
      released = runner.run(jobs.trainingSetOf("lateness"));
      Interval days = Interval.of(day(2), day(25));
      jobs.materialize(Optional.of("ride_seen@1"), days).forEach(runner::run);
      seen = runner.run(jobs.trainingSetOf("seen"));

      Files.writeString(
          project.resolve("data/rides3.csv"),
          TinyProject.rides(624, 700) + "10001,a,3,2024-01-20T06:30:00Z,50\n");
      jobs.ingest().forEach(runner::run);
      jobs.materialize(Optional.of("ride_seen@1"), days).forEach(runner::run);
      edit();
      jobs(lake, online).ingest().forEach(runner::run);
      vacuum(lake);
    }
    Folders.delete(made.resolve("training"));
    Files.move(made.resolve("models"), folder.resolve("models"));
  }

  @AfterAll
  static void stop() {
    SESSION.close();
  }

  private static Instant day(int day) {
    return TinyProject.FIRST_NIGHT.withDayOfMonth(day).atStartOfDay(BERLIN).toInstant();
  }

  private static Lake lake(Path at) {
    return Lake.open(at.toString(), Lake.DEFAULT_RETENTION, SESSION);
  }

  private static Jobs jobs(Lake lake, OnlineStore online) {
    return jobs(project, lake, online);
  }

  private static Jobs jobs(Path project, Lake lake, OnlineStore online) {
    return new Jobs(
        CheckedProject.check(ProjectReader.read(project, Map.of(), Optional.empty())),
        lake,
        online,
        RunnerChoice.auto);
  }

  /** Every definition, the suite and the source that is looked up among them. */
  private static void edit() throws IOException {
    for (String view : List.of("driver_history", "last_ride", "driver")) {
      edit("features/" + view + ".yaml", "@1", "@2");
      edit("training-sets/lateness.yaml", view + "@1", view + "@2");
      edit("training-sets/seen.yaml", view + "@1", view + "@2");
    }
    edit("features/driver_history.yaml", "15", "5");
    edit(
        "sources/drivers.yaml",
        "event-key: [driver]",
        "derive:\n  at: upper(town)\nevent-key: [driver]");
    edit("sources/rides.yaml", "town: who.town", "town: who.at\n  far: kilometres > 5");
    edit("sources/rides.yaml", "interval 1 hour", "interval 2 hours");
    // In bronze it is widened: rows of then have what was delivered.
    edit("sources/rides.yaml", "delay: int", "delay: bigint");
    edit("sources/plan.yaml", "48 hours", "24 hours");
    edit("expectations/rides.json", "600", "1000");
    edit("training-sets/lateness.yaml", "delay > 15", "delay > 12");
    edit("models/lateness.yaml", "dense(4", "dense(5");
    edit("tributary.yaml", "Berlin", "Lisbon");
  }

  private static void edit(String file, String what, String by) throws IOException {
    TinyProject.edit(project.resolve(file), text -> text.replace(what, by));
  }

  private static void vacuum(Lake lake) {
    lake.spark().conf().set("spark.databricks.delta.retentionDurationCheck.enabled", "false");
    for (TableName table : lake.tables()) {
      if (List.of("validated", "features").contains(table.layer())) {
        String path = "delta.`" + lake.path(table) + "`";
        lake.spark().sql("optimize " + path);
        lake.spark().sql("vacuum " + path + " retain 0 hours");
      }
    }
  }

  private static Path copied(String name) throws IOException {
    Path copy = folder.resolve(name);
    Folders.copy(made, copy);
    return copy;
  }

  /** From a folder that defines nothing, of a lake that lies elsewhere. */
  private static JsonNode reproduced(String thing) throws IOException {
    Path copy = copied("copy-of-" + thing.replaceAll("\\W", "-"));
    Path elsewhere = Files.createTempDirectory(folder, "elsewhere");
    Files.writeString(
        elsewhere.resolve("tributary.yaml"),
        "project: other\nzone: Asia/Tokyo\nlake: " + copy + "\n");
    Answered answered =
        Answered.by(
            "reproduce", new ReproduceMain(), List.of("--project", elsewhere.toString(), thing));
    assertThat(answered.code()).as(answered.out() + answered.err()).isZero();
    return Json.read(answered.out(), JsonNode.class);
  }

  private static Reproducer reproducer(Lake lake) {
    return new Reproducer(lake, RunnerChoice.auto, line -> {});
  }

  private static String content(RunRecord built) {
    return built.facts(TrainingSetFacts.class).orElseThrow().content().hex();
  }

  @Test
  void theRowsOfThenAreGone() {
    try (Lake lake = lake(made)) {
      PinnedData data = new PinnedData(lake);
      for (RunRecord built : List.of(before, released, seen)) {
        assertThat(built.inputs())
            .hasSizeGreaterThan(1)
            .allSatisfy(pin -> assertThat(data.gone(data.readable(pin))).isPresent());
      }
      assertThat(content(released)).as("the released rows count").isNotEqualTo(content(before));
    }
  }

  /** Definitions are those of the lake, so that it matters for what differs alone. */
  @Test
  void saysWhoHasTheCodeThatMadeWhatDiffers() throws IOException {
    Path copy = copied("without-suites");
    Folders.delete(copy.resolve("platform/quality"));
    try (Lake lake = lake(copy)) {
      Reproducer reproducer = reproducer(lake);
      assertThat(reproducer.trainingSet("lateness", 1).why().get(0))
          .isEqualTo(
              new Cause(
                  "code",
                  "it was made by revision 9f3c2e1 with uncommitted changes of Tributary, and this is unknown. Whoever reproduces it does so with a build of the changes that were made then, which nobody keeps but who made them"));
      assertThat(reproducer.trainingSet("seen", 1).why().get(0))
          .isEqualTo(
              new Cause(
                  "code",
                  "nobody knows which revision of Tributary made it, as that was built outside of its repository, so that it may be another than this one. Whoever reproduces it does so with the same build; whoever installs Tributary builds it from its repository"));
    }
  }

  @Test
  void aModelHasTheSameBytes() throws IOException {
    assertThat(reproduced("lateness@1").get("found").asText())
        .isEqualTo(trained.artefact().digest().hex());
  }

  @Test
  void buildsBeforeAndAfterAReleaseHaveTheSameRows() throws IOException {
    assertThat(reproduced("training-set:lateness@1").get("found").asText())
        .isEqualTo(content(before));
    assertThat(reproduced("training-set:lateness@2").get("found").asText())
        .isEqualTo(content(released));
  }

  @Test
  void predictionsAreDerivedAgain() throws IOException {
    Path copy = copied("scored");
    Folders.copy(folder.resolve("models"), copy.resolve("models"));
    try (Lake lake = lake(copy)) {
      TableName scores = TableName.of("scores", "next");
      List<String> ids =
          lake.table(scores).read(lake.table(scores).requireVersion()).collectAsList().stream()
              .map(row -> row.<String>getAs("_prediction_id"))
              .toList();
      Verification links = new Verifier(lake, project, RunnerChoice.auto, line -> {}).of(ids);
      assertThat(links.broken()).isEmpty();
      assertThat(links.proven())
          .containsEntry(Kind.INPUTS, (long) ids.size())
          .containsEntry(Kind.TRAINING_SET, 1L);
    }
  }

  /** What was scored is not to be mended where the rows that it was made of are others now. */
  @Test
  void ofAnAlteredBronzeNoPredictionIsAccused() throws IOException {
    Path copy = copied("scored-of-altered");
    Folders.copy(folder.resolve("models"), copy.resolve("models"));
    try (Lake lake = lake(copy)) {
      String scores = "delta.`" + lake.path(TableName.of("scores", "next")) + "`";
      List<String> ids =
          lake.spark().sql("select _prediction_id from " + scores).collectAsList().stream()
              .map(row -> row.getString(0))
              .sorted()
              .toList();
      lake.spark()
          .sql(
              "update %s set inputs.numbers.driver_history__rides_1d = 99 where _prediction_id = '%s'"
                  .formatted(scores, ids.get(0)));
      Verification links = new Verifier(lake, project, RunnerChoice.auto, line -> {}).of(ids);
      assertThat(links.broken())
          .as("where bronze is as it was, it is the table's")
          .singleElement()
          .satisfies(
              broken -> {
                assertThat(broken.kind()).isEqualTo(Kind.INPUTS);
                assertThat(broken.name()).isEqualTo(ids.get(0));
                assertThat(broken.act()).isEqualTo(Verifier.RESTORE_SCORES);
              });

      String bronze = "delta.`" + lake.path(TableName.of("bronze", "rides")) + "`";
      lake.spark()
          .sql("update %s set delay = delay + 30 where id between 540 and 560".formatted(bronze));
      links = new Verifier(lake, project, RunnerChoice.auto, line -> {}).of(ids);
      assertThat(links.broken().stream().filter(broken -> broken.kind() == Kind.TABLE))
          .singleElement()
          .hasToString(
              "table bronze.rides: the row of data/rides2.csv line 242 in bronze.rides (delivery 2) is another than in validated.rides: column delay. Find out who changed the table, and restore it from a copy of the lake.");
      assertThat(links.broken().stream().filter(broken -> broken.kind() == Kind.INPUTS))
          .hasSize((int) (ids.size() - links.proven().get(Kind.INPUTS)))
          .allSatisfy(
              broken ->
                  assertThat(broken.found() + ". " + broken.act())
                      .isEqualTo(
                          "it can't be derived: what it was made of is made again of bronze.rides, which was altered. Restore the table first, then verify again"));
      assertThat(links.broken())
          .extracting(Verification.Broken::kind)
          .containsOnly(Kind.TABLE, Kind.INPUTS, Kind.TRAINING_SET);
      assertThat(lake.spark().sparkContext().getPersistentRDDs().size())
          .as("what was made again is not kept")
          .isZero();
    }
  }

  @Test
  void aBuildOfSnapshotsIsRefusedByTheVersionThatIsGone() {
    long version =
        seen.inputs().stream()
            .filter(pin -> pin.version().table().layer().equals("features"))
            .findFirst()
            .orElseThrow()
            .version()
            .version();
    try (Lake lake = lake(made)) {
      assertThat(
              reproducer(lake).trainingSet("seen", 1).why().stream()
                  .filter(cause -> !cause.kind().equals("code")))
          .containsExactly(
              new Cause(
                  "data",
                  "version %d of table features.ride_seen_v1 can't be read any more: its rows were replaced since, and its files are gone, as a VACUUM removes them. Restore them from a copy of the lake"
                      .formatted(version)));
    }
  }

  @Test
  void namesTheRowOfBronzeThatSomebodyChanged() throws IOException {
    Path copy = copied("altered");
    try (Lake lake = lake(copy)) {
      String bronze = "delta.`" + lake.path(TableName.of("bronze", "rides")) + "`";
      lake.spark().sql("update %s set delay = delay + 30 where id = 321".formatted(bronze));
      assertThat(why(lake))
          .containsExactly(
              new Cause(
                  "row",
                  "the row of data/rides2.csv line 23 in bronze.rides (delivery 2) is another than in validated.rides: column delay. Find out who changed the table, and restore it from a copy of the lake"));
      assertThat(TinyProject.rides(300, 624).lines().toList().get(22)).startsWith("321,");

      lake.spark().sql("update %s set delay = -1 where id = 321".formatted(bronze));
      assertThat(why(lake))
          .extracting(Cause::text)
          .satisfiesExactly(
              counted ->
                  assertThat(counted)
                      .startsWith("of delivery 2 of source rides")
                      .endsWith("318 rows were admitted, and 317 are by the same rules now"),
              row -> assertThat(row).startsWith("the row of data/rides2.csv line 23 in bronze."));

      lake.spark().sql("delete from %s where id = 321".formatted(bronze));
      assertThat(why(lake))
          .extracting(Cause::text)
          .last()
          .asString()
          .startsWith(
              "the row of data/rides2.csv line 23 in bronze.rides (delivery 2) is missing, and validated.rides has it");
    }
  }

  private static List<Cause> why(Lake lake) {
    return why(lake, 1);
  }

  private static List<Cause> why(Lake lake, long number) {
    Reproduction made = reproducer(lake).trainingSet("lateness", number);
    assertThat(made.equal()).isFalse();
    return made.why().stream().filter(cause -> !cause.kind().equals("code")).toList();
  }

  /** As those of the first builds, before others that say it. */
  @Test
  void aCommitThatDoesNotSayWhatWasAdmittedIsRefused() throws IOException {
    Path copy = copied("unsaid");
    Path log = copy.resolve("validated/rides/_delta_log");
    // The first two deliveries are in it, as other look-ups had the first made anew.
    Path second = log.resolve("%020d.json".formatted(1));
    StringBuilder without = new StringBuilder();
    for (String line : Files.readAllLines(second)) {
      JsonNode action = Json.read(line, JsonNode.class);
      if (action.path("commitInfo") instanceof ObjectNode commit) {
        JsonNode facts = Json.read(commit.get("userMetadata").asText(), JsonNode.class);
        List<JsonNode> judged = facts.findParents("verdicts");
        assertThat(judged).isNotEmpty();
        judged.forEach(said -> ((ObjectNode) said).remove("verdicts"));
        commit.put("userMetadata", facts.toString());
      }
      without.append(action).append('\n');
    }
    Files.writeString(second, without);
    Files.deleteIfExists(log.resolve("." + second.getFileName() + ".crc"));
    try (Lake lake = lake(copy)) {
      assertThat(why(lake, 2)).extracting(Cause::text).last().isEqualTo(UNSAID);
    }
  }

  /** Where commits are kept for less time than deliveries. */
  @Test
  void aLogThatBeginsLaterIsRefused() throws IOException {
    Path copy = copied("forgotten");
    Path log = copy.resolve("validated/rides/_delta_log");
    try (Lake lake = lake(copy)) {
      DeltaLog.forTable(lake.spark(), lake.path(TableName.of("validated", "rides"))).checkpoint();
    }
    Files.delete(log.resolve("%020d.json".formatted(0)));
    try (Lake lake = lake(copy)) {
      assertThat(reproducer(lake).trainingSet("lateness", 2).equal())
          .as("what made all anew says all")
          .isTrue();
    }
    Files.delete(log.resolve("%020d.json".formatted(1)));
    try (Lake lake = lake(copy)) {
      assertThat(why(lake, 2)).extracting(Cause::text).last().isEqualTo(UNSAID);
    }
  }

  /** After a release, whose rows it left out of where they were delivered. */
  @Test
  void whatWasMadeAnewOnceIsMadeAgainToo() throws IOException {
    Path copy = copied("anew");
    Path later = folder.resolve("project-later");
    Folders.copy(project, later);
    Files.writeString(later.resolve("data/rides4.csv"), bad(700, 720));
    for (String kind : List.of("training-sets", "models")) {
      String lateness = Files.readString(later.resolve(kind + "/lateness.yaml"));
      Files.writeString(
          later.resolve(kind + "/anew.yaml"), lateness.replace(": lateness", ": anew"));
    }
    try (Lake lake = lake(copy);
        OnlineStore online = OnlineStores.open("rocksdb:" + copy.resolve("online"));
        JobRunner runner = JobRunner.open(lake)) {
      assertThatThrownBy(() -> jobs(later, lake, online).ingest().forEach(runner::run))
          .hasMessageStartingWith("Cannot admit delivery ");
      long admitted = version(lake);
      RunRecord once = runner.run(jobs(later, lake, online).trainingSetOf("anew"));
      TinyProject.edit(
          later.resolve("sources/rides.yaml"),
          text -> text.replace("interval 2 hours", "interval 3 hours"));
      assertThatThrownBy(() -> jobs(later, lake, online).ingest().forEach(runner::run))
          .hasMessageStartingWith("Cannot admit delivery ");
      assertThat(version(lake)).isGreaterThan(admitted);
      vacuum(lake);
      PinnedData data = new PinnedData(lake);
      assertThat(once.inputs())
          .anySatisfy(pin -> assertThat(data.gone(data.readable(pin))).isPresent());
      Reproduction again =
          reproducer(lake)
              .trainingSet("anew", once.facts(TrainingSetFacts.class).orElseThrow().number());
      assertThat(again.equal()).as(again.why().toString()).isTrue();
    }
  }

  private static long version(Lake lake) {
    return lake.table(TableName.of("validated", "rides")).requireVersion().version();
  }

  /** Rides that no suite admits. */
  private static String bad(int from, int to) {
    return TinyProject.rides(from, to).replaceAll("(?m),\\d+$", ",5000");
  }

  @Test
  void aSuiteThatIsGoneIsNamed() throws IOException {
    Path copy = copied("unjudged");
    Folders.delete(copy.resolve("platform/quality"));
    try (Lake lake = lake(copy)) {
      assertThat(why(lake))
          .extracting(Cause::text)
          .last()
          .asString()
          .startsWith("Cannot judge delivery 1 of source rides again: the suite ")
          .endsWith(
              " that admitted it was not kept. Restore the log platform/quality from a copy of the lake");
    }
  }
}
