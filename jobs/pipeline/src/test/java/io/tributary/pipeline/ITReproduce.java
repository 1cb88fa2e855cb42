package io.tributary.pipeline;

import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.analysis.CheckedProject;
import io.tributary.core.Digest;
import io.tributary.core.Interval;
import io.tributary.core.Json;
import io.tributary.core.Principal;
import io.tributary.core.RunnerChoice;
import io.tributary.core.TableName;
import io.tributary.definition.ProjectReader;
import io.tributary.events.facts.TrainingSetFacts;
import io.tributary.events.runs.RunRecord;
import io.tributary.ingest.IngestJob;
import io.tributary.ingest.quarantine.Quarantine;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.pipeline.Reproduction.Cause;
import io.tributary.pipeline.Verification.Kind;
import io.tributary.registry.ModelChange;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.Origin;
import io.tributary.runtime.JobMain;
import io.tributary.runtime.JobRunner;
import io.tributary.testing.DrawnRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What was made is made again from what the lake keeps of it: a training set, a model, predictions.
 */
class ITReproduce {
  private static final RunnerChoice RUNNER = RunnerChoice.valueOf(DrawnRunner.name());

  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
  private static final TableName RIDES = TableName.of("validated", "rides");

  /** How what is said of this row begins. */
  private static final String ROW_450 =
      "the row of data/rides2.csv line 152 in validated.rides (delivery 2) ";

  @TempDir static Path folder;
  private static LakeSession session = LakeSession.lazy();
  private static Path project;
  private static Path lakeFolder;
  private static Path emptied;
  private static RunRecord built;
  private static ModelVersion trained;
  private static Ended answered;
  private static Ended verified;

  /** What a heavy command ended with. */
  private record Ended(int code, String out) {}

  /** Two deliveries, a build and a version; and a copy without what was made. */
  @BeforeAll
  static void runs() throws IOException {
    project = folder.resolve("project");
    lakeFolder = folder.resolve("lake");
    CheckedProject checked = TinyProject.write(project, 1);
    Files.writeString(project.resolve("data/rides.csv"), TinyProject.rides(0, 300));
    String drivers = Files.readString(project.resolve("data/drivers.csv"));
    Files.writeString(project.resolve("data/drivers.csv"), drivers.replace("Ulm", "Hof"));
    try (LakeSession own = LakeSession.lazy()) {
      session = own;
      try (Lake lake = lake(lakeFolder);
          OnlineStore online = OnlineStores.open("rocksdb:" + lakeFolder.resolve("online"));
          JobRunner runner = JobRunner.open(lake)) {
        Jobs jobs = new Jobs(checked, lake, online, RUNNER);
        jobs.ingest().forEach(runner::run);
        // Reference data is replaced where it lies: what it was before is nowhere any more.
        Files.writeString(project.resolve("data/drivers.csv"), drivers);
        Files.writeString(project.resolve("data/rides2.csv"), TinyProject.rides(300, 624));
        jobs = new Jobs(checked, lake, online, RUNNER);
        jobs.ingest().forEach(runner::run);
        built = runner.run(jobs.trainingSetOf("lateness"));
        runner.run(jobs.train("lateness"));
        trained = ModelRegistry.open(lake.uri()).find("lateness@1").version();
        runner.run(
            jobs.score(Optional.empty(), Interval.day(TinyProject.FIRST_NIGHT, BERLIN)).get(0));
      }
      emptied = copied(lakeFolder, "another/place");
      try (Lake lake = lake(emptied)) {
        vacuum(lake);
      }
    }
    answered = reproduced(emptied, "lateness@1");
    verified =
        answer(
            "trace --verify",
            new VerifyMain(),
            List.of(
                project.toString(),
                "next",
                "--verify",
                "--sample",
                "1000",
                "--night",
                "2024-01-25",
                "--lake",
                lakeFolder.toString()));
    session = LakeSession.lazy();
  }

  @AfterAll
  static void stop() {
    session.close();
  }

  /**
   * Reproduces from a folder that defines nothing, without the tables and files of what was made.
   */
  private static Ended reproduced(Path lake, String thing) throws IOException {
    delete(lake.resolve("training"));
    delete(lake.resolve("models"));
    Path elsewhere = Files.createTempDirectory(folder, "elsewhere");
    Files.writeString(
        elsewhere.resolve("tributary.yaml"),
        "project: other\nzone: Asia/Tokyo\nlake: " + lake + "\n");
    return answer(
        "reproduce", new ReproduceMain(), List.of("--project", elsewhere.toString(), thing));
  }

  private static Ended answer(String command, JobMain.Body body, List<String> words) {
    Answered answered = Answered.by(command, body, words);
    return new Ended(answered.code(), answered.out());
  }

  private static void vacuum(Lake lake) {
    lake.spark().conf().set("spark.databricks.delta.retentionDurationCheck.enabled", "false");
    for (TableName table : lake.tables()) {
      if (table.layer().equals("validated")) {
        String path = "delta.`" + lake.path(table) + "`";
        lake.spark().sql("optimize " + path);
        lake.spark().sql("vacuum " + path + " retain 0 hours");
      }
    }
  }

  private static Lake lake(Path at) {
    return Lake.open(at.toString(), Lake.DEFAULT_RETENTION, session);
  }

  private static Path copied(Path lake, String to) throws IOException {
    Path copy = folder.resolve(to);
    try (Stream<Path> paths = Files.walk(lake)) {
      for (Path path : paths.toList()) {
        Path target = copy.resolve(lake.relativize(path).toString());
        Files.createDirectories(target.getParent());
        Files.copy(path, target);
      }
    }
    return copy;
  }

  private static void delete(Path tree) throws IOException {
    try (Stream<Path> paths = Files.walk(tree)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  @Test
  void aModelIsTheSameWithoutTrainingTablesAndArtefacts() {
    assertThat(answered.code()).as(answered.out()).isZero();
    JsonNode model = Json.read(answered.out(), JsonNode.class);
    assertThat(model.get("found").asText()).isEqualTo(trained.artefact().digest().hex());
    assertThat(model.get("rows").asLong()).isBetween(500L, 624L);
    assertThat(emptied.resolve("training")).doesNotExist();
    assertThat(emptied.resolve("models")).doesNotExist();
  }

  @Test
  void recordsThatItCameOutTheSame() {
    assertThat(ModelRegistry.open(emptied.toString()).history("lateness"))
        .filteredOn(change -> change.kind().equals("reproduced"))
        .singleElement()
        .satisfies(
            change -> {
              assertThat(change.number()).isEqualTo(1);
              assertThat(change.reason())
                  .isEqualTo("artefact " + trained.artefact().digest().hex());
            });
  }

  @Test
  void leavesNothingInTheScratchPlace() throws IOException {
    try (Stream<Path> left = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .noneMatch(name -> name.startsWith("tributary-kept-" + ProcessHandle.current().pid()));
    }
  }

  /** Every definition is edited, forty nights more are run, all is made anew. */
  @Test
  @Tag("long")
  void isTheSameAfterEveryDefinitionWasEditedAndFortyNights() throws IOException {
    Path changed = copied(lakeFolder, "changed");
    edit();
    String[] words = {"--project", project.toString(), "--lake", changed.toString()};
    assertThat(JobMain.run("run", words, new RunMain()))
        .as("the version in force is of other views, and nobody can compare the two")
        .isEqualTo(2);
    session = LakeSession.lazy();
    try (Lake lake = lake(changed)) {
      TinyProject.promote(lake, 2);
    }
    assertThat(JobMain.run("run", words, new RunMain())).isZero();
    session = LakeSession.lazy();
    for (String thing : List.of("training-set:lateness@1", "lateness@1")) {
      Ended again = reproduced(copied(changed, "changed-" + thing.length()), thing);
      assertThat(again.code()).as(again.out()).isZero();
      assertThat(Json.read(again.out(), JsonNode.class).get("found").asText())
          .isEqualTo(
              thing.startsWith("t")
                  ? built.facts(TrainingSetFacts.class).orElseThrow().content().hex()
                  : trained.artefact().digest().hex());
    }
    session = LakeSession.lazy();
    try (Lake lake = lake(changed)) {
      vacuum(lake);
      Reproducer reproducer = new Reproducer(lake, RUNNER, line -> {});
      assertThat(reproducer.trainingSet("lateness", 1).why()).isEmpty();
      assertThat(reproducer.model(trained).why()).isEmpty();
    }
  }

  private static void edit() throws IOException {
    try (Stream<Path> files = Files.walk(project.resolve("features"))) {
      for (Path view : files.filter(Files::isRegularFile).toList()) {
        TinyProject.edit(view, text -> text.replace("@1", "@2"));
      }
    }
    TinyProject.edit(
        project.resolve("features/driver_history.yaml"), text -> text.replace("15", "5"));
    TinyProject.edit(
        project.resolve("sources/rides.yaml"),
        text ->
            text.replace("town: who.town", "town: who.town\n  far: kilometres > 5")
                .replace("interval 1 hour", "interval 2 hours"));
    TinyProject.edit(
        project.resolve("sources/plan.yaml"), text -> text.replace("48 hours", "24 hours"));
    TinyProject.edit(
        project.resolve("training-sets/lateness.yaml"),
        text -> text.replace("@1", "@2").replace("delay > 15", "delay > 12"));
    TinyProject.edit(
        project.resolve("models/lateness.yaml"),
        text -> text.replace("seed: 1", "seed: 2").replace("dense(4", "dense(5"));
    TinyProject.edit(project.resolve("tributary.yaml"), text -> text.replace("Berlin", "Lisbon"));
    TinyProject.edit(
        project.resolve("pipelines/nightly.yaml"),
        text -> text.replace("2024-01-26", "2024-03-06"));
    Files.writeString(project.resolve("data/rides3.csv"), TinyProject.rides(624, 24 * 66));
  }

  @Test
  void namesTheRowAndColumnThatSomebodyChanged() throws IOException {
    Path copy = copied(lakeFolder, "altered");
    try (Lake lake = lake(copy)) {
      TableName rides = TableName.of("validated", "rides");
      lake.spark()
          .sql(
              "update delta.`%s` set kilometres = kilometres + 1, delay = delay + 30 where id = 321"
                  .formatted(lake.path(rides)));
      Row row = lake.table(rides).read(lake.table(rides).requireVersion()).where("id = 321").head();
      Reproducer reproducer = new Reproducer(lake, RUNNER, line -> {});
      for (Reproduction made :
          List.of(reproducer.trainingSet("lateness", 1), reproducer.model(trained))) {
        assertThat(made.equal()).isFalse();
        assertThat(made.why())
            .filteredOn(cause -> !cause.kind().equals("code"))
            .containsExactly(
                new Cause(
                    "row",
                    "the row of data/rides2.csv line 23 in validated.rides (delivery 2) is not what was delivered: column kilometres, delay. Find out who changed the table, and restore it from a copy of the lake"));
      }
      assertThat(row.<String>getAs("_file")).isEqualTo("data/rides2.csv");
      assertThat(TinyProject.rides(300, 624).lines().toList().get(22)).startsWith("321,");
      assertThat(ModelRegistry.open(lake.uri()).history("lateness"))
          .extracting(ModelChange::kind)
          .doesNotContain("reproduced");
    }
  }

  /** An archive of the version is all that another lake of the project has of the first one. */
  @Test
  void anImportedVersionScoresTheSameRowsAndSaysWhoHasItsTrainingSet() throws IOException {
    Path other = folder.resolve("of-another");
    String archive = folder.resolve("lateness.zip").toString();
    List<Row> there;
    try (Lake lake = lake(lakeFolder)) {
      there = said(lake);
    }
    assertThat(light(lakeFolder, "export", "lateness@1", "--to", archive).err()).isEmpty();
    Answered imported = light(other, "import", archive);
    assertThat(imported.code()).as(imported.err()).isZero();
    assertThat(imported.out())
        .startsWith("lateness@1 is lateness@1 of lake ")
        .contains(" (tiny), ");
    light(other, "promote", "lateness@1", "--reason", "restored");
    Origin origin;
    try (Lake lake = lake(other);
        OnlineStore online = OnlineStores.open("rocksdb:" + other.resolve("online"));
        JobRunner runner = JobRunner.open(lake)) {
      CheckedProject checked =
          CheckedProject.check(ProjectReader.read(project, Map.of(), Optional.empty()));
      Jobs jobs = new Jobs(checked, lake, online, RUNNER);
      jobs.ingest().forEach(runner::run);
      runner.run(
          jobs.score(Optional.empty(), Interval.day(TinyProject.FIRST_NIGHT, BERLIN)).get(0));
      assertThat(there).hasSize(23);
      assertThat(said(lake)).isEqualTo(there);
      origin = ModelRegistry.open(lake.uri()).find("lateness@1").importedFrom().orElseThrow();

      ModelVersion version = ModelRegistry.open(lake.uri()).find("lateness@1").version();
      String elsewhere =
          "the rows of training set lateness@1 are in lake %s (tiny), where the version was trained: it is lateness@1 there"
              .formatted(origin.lake());
      Reproduction again = new Reproducer(lake, RUNNER, line -> {}).model(version);
      assertThat(again.why())
          .containsExactly(
              new Cause("data", elsewhere + ". Make it again there, by tributary reproduce"));
      Verification links = new Verifier(lake, project, RUNNER, line -> {}).of(ids(lake));
      assertThat(links.broken())
          .singleElement()
          .satisfies(
              broken -> {
                assertThat(broken.kind()).isEqualTo(Kind.TRAINING_SET);
                assertThat(broken.found()).isEqualTo(elsewhere);
              });
    }
    withData(archive, other);
    Answered traced = Answered.by("trace", project, other.toString(), "lateness@1");
    assertThat(traced.out())
        .contains("imported-from", origin.toString())
        .contains("lake " + origin.lake() + " has it, where the version was trained");
  }

  /** With the rows of its training set the version is fitted again to the same files. */
  private static void withData(String archive, Path other) throws IOException {
    assertThat(light(lakeFolder, "export", "lateness@1", "--to", archive, "--with-data").err())
        .isEmpty();
    assertThat(light(other, "import", archive).out()).startsWith("lateness@1 is lateness@1 of ");
    try (Lake lake = lake(other)) {
      ModelRegistry registry = ModelRegistry.open(lake.uri());
      ModelVersion version = registry.find("lateness@1").version();
      Reproducer reproducer = new Reproducer(lake, RUNNER, line -> {});
      Reproduction again = reproducer.model(version);
      assertThat(again.found()).contains(version.artefact().digest());
      assertThat(again.rows()).isBetween(500L, 624L);
      assertThat(registry.history("lateness"))
          .as("its training set was not built again")
          .extracting(ModelChange::kind)
          .doesNotContain("reproduced");

      Path rows =
          other.resolve("imported").resolve(version.trainingSet().orElseThrow().content().hex());
      lake.spark()
          .read()
          .parquet(rows.toString())
          .limit(100)
          .write()
          .parquet(folder.resolve("fewer").toString());
      delete(rows);
      Files.move(folder.resolve("fewer"), rows);
      assertThat(reproducer.model(version).why())
          .containsExactly(
              new Cause(
                  "data",
                  "the rows of training set lateness@1 that were imported are not those that the version was trained on. Remove "
                      + rows
                      + ", and import the archive again"));
    }
  }

  private static Answered light(Path lake, String... words) {
    return Answered.by("registry", project, lake.toString(), words);
  }

  /** What was said of each row, to the bit. */
  private static List<Row> said(Lake lake) {
    TableName scores = TableName.of("scores", "next");
    return lake.table(scores)
        .read(lake.table(scores).requireVersion())
        .select(
            "_prediction_id",
            "id",
            "output",
            "decision",
            "flags",
            "_inputs_digest",
            "inputs",
            "artefact")
        .orderBy("id")
        .collectAsList();
  }

  @Test
  void everyLinkOfANightsPredictionsIsProven() {
    assertThat(verified.code()).as(verified.out()).isZero();
    Verification links = Json.read(verified.out(), Verification.class);
    assertThat(links.broken()).isEmpty();
    assertThat(links.predictions()).as("a ride an hour, one in quarantine").isEqualTo(23);
    assertThat(links.proven())
        .isEqualTo(
            Map.of(
                Kind.ROW, 23L,
                Kind.INPUTS, 23L,
                Kind.SCORE, 23L,
                Kind.ARTEFACT, 1L,
                Kind.TRAINING_SET, 1L,
                Kind.DEFINITION, 1L,
                Kind.TABLE, 2L,
                Kind.FILE, 3L));
  }

  @Test
  void eachLinkThatSomebodyChangedIsNamed() throws IOException {
    Path copy = copied(lakeFolder, "tampered");
    Path files = copied(project, "delivered");
    TinyProject.edit(
        files.resolve("data/rides2.csv"), text -> text.replaceFirst("\n301,.", "\n301,b"));
    try (Lake lake = lake(copy)) {
      List<String> ids = ids(lake);
      set(lake, "output.probability = output.probability + 1e-12", ids.get(3));
      set(lake, "inputs.numbers.driver_history__rides_1d = 99", ids.get(5));
      set(lake, "inputs.categories.driver = 'z', decision = not decision", ids.get(7));
      Verification links = new Verifier(lake, files, RUNNER, line -> {}).of(ids);
      assertThat(links.broken().stream().map(b -> b.kind() + " " + b.name() + ": " + b.found()))
          .containsExactlyInAnyOrder(
              "SCORE " + ids.get(3) + ": lateness@1 gives another output for these inputs",
              "INPUTS "
                  + ids.get(5)
                  + ": the engine gives another driver_history__rides_1d at the pins of its run",
              "INPUTS " + ids.get(7) + ": the engine gives another driver at the pins of its run",
              "SCORE " + ids.get(7) + ": lateness@1 gives another decision for these inputs",
              "FILE data/rides2.csv: its bytes have SHA-256 %s, and %s was delivered"
                  .formatted(
                      Digest.ofFile(files.resolve("data/rides2.csv")).shortHex(),
                      Digest.ofFile(project.resolve("data/rides2.csv")).shortHex()));
      assertThat(links.proven())
          .containsEntry(Kind.INPUTS, 21L)
          .containsEntry(Kind.SCORE, 21L)
          .containsEntry(Kind.FILE, 2L);
      assertThat(links.broken().stream().map(Verification.Broken::toString))
          .contains(
              "score %s: lateness@1 gives another output for these inputs. Find out who changed the table; then score the night again, or restore the table from a copy of the lake."
                  .formatted(ids.get(3)));
    }
  }

  @Test
  void aSwappedArtefactIsNamedAndItsScoresAreNot() throws IOException {
    Path copy = copied(lakeFolder, "swapped");
    Path network = copy.resolve(trained.artefact().path()).resolve("profile.json");
    TinyProject.edit(network, text -> text.replaceFirst("[1-9]", "0"));
    try (Lake lake = lake(copy)) {
      List<String> ids = ids(lake).subList(0, 2);
      Verification links = new Verifier(lake, project, RUNNER, line -> {}).of(ids);
      assertThat(links.broken())
          .extracting(Verification.Broken::kind)
          .containsExactly(Kind.ARTEFACT, Kind.INPUTS, Kind.INPUTS);
      assertThat(links.broken().get(0).found()).contains("have digest");
      assertThat(links.broken().get(1).found())
          .isEqualTo("they can't be derived, as the artefact of lateness@1 is broken");
    }
  }

  @Test
  void aChangedRowOfASourceIsNamedBesideTheInputsThatItMade() throws IOException {
    Path copy = copied(lakeFolder, "source");
    try (Lake lake = lake(copy)) {
      lake.spark()
          .sql(
              "update delta.`%s` set delay = delay + 30 where id = 570"
                  .formatted(lake.path(TableName.of("validated", "rides"))));
      Verification links = new Verifier(lake, project, RUNNER, line -> {}).of(ids(lake));
      assertThat(links.broken())
          .filteredOn(b -> b.kind() == Kind.TABLE)
          .singleElement()
          .satisfies(
              b ->
                  assertThat(b.found())
                      .startsWith("the row of data/rides2.csv line 272 in validated.rides"));
      assertThat(links.broken())
          .filteredOn(b -> b.kind() == Kind.INPUTS || b.kind() == Kind.SCORE)
          .isNotEmpty()
          .allSatisfy(b -> assertThat(b.act()).startsWith("Mend the tables and definitions named"));
    }
  }

  @Test
  void aRowThatBronzeDoesNotGiveSoIsNamed() throws IOException {
    Path copy = copied(lakeFolder, "made");
    try (Lake lake = lake(copy);
        JobRunner runner = JobRunner.open(lake)) {
      String table = "delta.`" + lake.path(RIDES) + "`";
      ValidatedRows rows = new ValidatedRows(lake, new PinnedData(lake));
      long sound = lake.table(RIDES).requireVersion().version();
      lake.spark().sql("update %s set town = 'Hof' where id = 450".formatted(table));
      assertThat(rows.firstOther(lake.table(RIDES).pin(2)))
          .hasValueSatisfying(
              other ->
                  assertThat(other).startsWith(ROW_450 + "is not what was delivered: column town"));
      lake.spark().sql("restore table %s to version as of %d".formatted(table, sound));

      Quarantine.of(
              ProjectReader.read(project, Map.of(), Optional.of(copy.toString())), "rides", lake)
          .release(Quarantine.Selection.ALL, "it is known", Principal.osUser("ada"));
      CheckedProject checked =
          CheckedProject.check(ProjectReader.read(project, Map.of(), Optional.of(copy.toString())));
      runner.run(new IngestJob(checked, "rides", lake, Optional.empty()));
      assertThat(
              lake.table(RIDES)
                  .read(lake.table(RIDES).requireVersion())
                  .where("_delivery = 3")
                  .count())
          .isPositive();
      assertThat(rows.firstOther(lake.table(RIDES).pin(3))).isEmpty();
      assertThat(rows.firstOther(lake.table(RIDES).pin(2))).as("before the release").isEmpty();
      lake.spark().sql("update %s set kilometres = 1 where _delivery = 3".formatted(table));
      assertThat(rows.firstOther(lake.table(RIDES).pin(3)))
          .hasValueSatisfying(other -> assertThat(other).contains("column kilometres"));
    }
  }

  @Test
  @Tag("long")
  void aRowThatIsMissingDoubledAddedOrOfAnotherTimeIsNamed() throws IOException {
    Path copy = copied(lakeFolder, "made-otherwise");
    try (Lake lake = lake(copy)) {
      String table = "delta.`" + lake.path(RIDES) + "`";
      ValidatedRows rows = new ValidatedRows(lake, new PinnedData(lake));
      long sound = lake.table(RIDES).requireVersion().version();
      Map<String, String> changes = new LinkedHashMap<>();
      changes.put(
          "update %s set _known_time = _known_time - interval 1 day where id = 450",
          "is not what was delivered: column _known_time");
      changes.put(
          "delete from %s where id = 450",
          "is missing, and quarantine.rides doesn't have it either");
      changes.put("insert into %1$s select * from %1$s where id = 450", "is there 2 times");
      changes.forEach(
          (change, found) -> {
            lake.spark().sql(change.formatted(table));
            assertThat(rows.firstOther(lake.table(RIDES).pin(2)))
                .hasValueSatisfying(other -> assertThat(other).startsWith(ROW_450 + found));
            lake.spark().sql("restore table %s to version as of %d".formatted(table, sound));
          });
      lake.table(RIDES)
          .read(lake.table(RIDES).requireVersion())
          .where("id = 450")
          .withColumn("_line", lit(9_999L))
          .write()
          .format("delta")
          .mode("append")
          .save(lake.path(RIDES));
      assertThat(rows.firstOther(lake.table(RIDES).pin(2)))
          .hasValueSatisfying(
              other -> assertThat(other).contains("line 9999").contains("was never delivered"));
    }
  }

  /** What a run read by is what its version meant then, whatever somebody has it mean since. */
  @Test
  void isTheSameAfterAnAmendment() throws IOException {
    Path copy = copied(lakeFolder, "amended");
    Path files = copied(project, "amended-project");
    TinyProject.edit(
        files.resolve("features/driver_history.yaml"),
        text -> text.replace("delay > 15", "delay > 20"));
    Ended amended =
        answer(
            "amend",
            new AmendMain(),
            List.of(
                files.toString(),
                "driver_history@1",
                "--reason",
                "late is more than 20 minutes",
                "--lake",
                copy.toString()));
    assertThat(amended.code()).as(amended.out()).isZero();
    try (Lake lake = lake(copy)) {
      assertThat(new Reproducer(lake, RUNNER, line -> {}).trainingSet("lateness", 1).equal())
          .isTrue();
    }
  }

  /** Who asked, for when, in which role, and since when the answer was in force. */
  @Test
  void aChangedKeyAsOfRoleOrTimeIsNamed() throws IOException {
    Path copy = copied(lakeFolder, "asked");
    try (Lake lake = lake(copy)) {
      List<String> ids = ids(lake);
      set(lake, "driver = 'z', id = 7", ids.get(1));
      set(lake, "_as_of = _as_of + interval 1 hour", ids.get(2));
      set(lake, "_role = 'shadow'", ids.get(4));
      set(lake, "_scored_at = _scored_at - interval 1 day", ids.get(6));
      set(lake, "_scoring = 7, _channel = 'online'", ids.get(8));
      set(lake, "_as_of = timestamp '2025-01-01'", ids.get(10));
      Verification links = new Verifier(lake, project, RUNNER, line -> {}).of(ids);
      assertThat(links.broken().stream().map(b -> b.kind() + " " + b.name() + ": " + b.found()))
          .containsExactlyInAnyOrder(
              "ROW " + ids.get(1) + ": what asked for it, and its run, give another driver, id",
              "ROW " + ids.get(2) + ": what asked for it, and its run, give another _as_of",
              "ROW " + ids.get(4) + ": what asked for it, and its run, give another _role",
              "ROW " + ids.get(6) + ": what asked for it, and its run, give another _scored_at",
              "ROW "
                  + ids.get(8)
                  + ": what asked for it, and its run, give another _channel, _scoring",
              "ROW " + ids.get(10) + ": what asked for it, and its run, give another _as_of");
      assertThat(links.proven().toString()).contains("ROW=17, INPUTS=23, SCORE=23");
    }
  }

  @Test
  void aPredictionThatIsGoneOrHasNullsLosesNoOther() throws IOException {
    Path copy = copied(lakeFolder, "nulls");
    try (Lake lake = lake(copy)) {
      List<String> ids = ids(lake);
      lake.spark()
          .sql(
              "delete from delta.`%s` where _prediction_id = '%s'"
                  .formatted(lake.path(TableName.of("scores", "next")), ids.get(1)));
      List<String> nulls =
          List.of("_run", "model_version", "_as_of", "inputs", "_scored_at", "driver", "_role");
      for (int i = 0; i < nulls.size(); i++) {
        set(lake, nulls.get(i) + " = null", ids.get(2 + i));
      }
      Verification links = new Verifier(lake, project, RUNNER, line -> {}).of(ids);
      String asked = ": what asked for it, and its run, give another ";
      assertThat(links.broken().stream().map(b -> b.kind() + " " + b.name() + ": " + b.found()))
          .contains(
              "ROW " + ids.get(1) + ": neither scores.next nor superseded.next has it",
              "INPUTS " + ids.get(2) + ": the log has no scoring null, which the row names",
              "SCORE " + ids.get(3) + ": lateness@1 gives another model_version for these inputs",
              "ROW " + ids.get(4) + asked + "_as_of",
              "ROW " + ids.get(6) + asked + "_scored_at",
              "ROW " + ids.get(7) + asked + "driver",
              "ROW " + ids.get(8) + asked + "_role");
      assertThat(links.broken())
          .extracting(Verification.Broken::name)
          .containsOnlyElementsOf(ids.subList(1, 9));
      assertThat(links.proven()).containsEntry(Kind.INPUTS, 20L).containsEntry(Kind.SCORE, 20L);
    }
  }

  /** A process that is killed has committed and not recorded; a night that runs, too. */
  @Test
  void aPredictionWhoseRunIsNotRecordedYetIsProven() throws IOException {
    Path copy = copied(lakeFolder, "unrecorded");
    delete(copy.resolve("platform/runs"));
    try (Lake lake = lake(copy)) {
      Verification links = new Verifier(lake, project, RUNNER, line -> {}).of(ids(lake));
      assertThat(links.broken()).isEmpty();
      assertThat(links.proven()).containsEntry(Kind.INPUTS, 23L);
    }
  }

  @Test
  void lostDefinitionsLeaveWhatCanBeDerived() throws IOException {
    Path copy = copied(lakeFolder, "undefined");
    delete(copy.resolve("definitions"));
    try (Lake lake = lake(copy)) {
      List<String> ids = ids(lake);
      Verification links = new Verifier(lake, project, RUNNER, line -> {}).of(ids);
      assertThat(links.broken())
          .filteredOn(b -> b.kind() == Kind.INPUTS)
          .extracting(Verification.Broken::name)
          .containsExactlyInAnyOrderElementsOf(ids);
      assertThat(links.broken())
          .filteredOn(b -> b.kind() != Kind.INPUTS)
          .extracting(b -> b.kind() + " " + b.name())
          .containsExactlyInAnyOrder(
              "TRAINING_SET " + trained.trainingSet().orElseThrow(),
              "TABLE validated.rides",
              "TABLE validated.drivers");
      assertThat(links.proven()).isEqualTo(Map.of(Kind.ARTEFACT, 1L));
    }
  }

  /** A second version scores as champion, the first beside it, whose artefact is gone by now. */
  @Test
  void onlyTheVersionThatSaidItIsVerified() throws IOException {
    Path copy = copied(lakeFolder, "two-versions");
    Path both = copied(project, "two-versions-project");
    TinyProject.edit(
        both.resolve("models/lateness.yaml"), text -> text.replace("seed: 1", "seed: 2"));
    TinyProject.edit(both.resolve("scores/next.yaml"), text -> text + "shadows: [1]\n");
    try (Lake lake = lake(copy);
        OnlineStore online = OnlineStores.open("rocksdb:" + copy.resolve("online"));
        JobRunner runner = JobRunner.open(lake)) {
      Jobs jobs =
          new Jobs(
              CheckedProject.check(ProjectReader.read(both, Map.of(), Optional.empty())),
              lake,
              online,
              RUNNER);
      runner.run(jobs.train("lateness"));
      TinyProject.promote(lake, 2);
      runner.run(
          jobs.score(Optional.empty(), Interval.day(TinyProject.FIRST_NIGHT, BERLIN)).get(0));
      Map<String, List<Row>> byRole =
          rows(lake).stream().collect(Collectors.groupingBy(row -> row.getAs("_role")));
      assertThat(byRole).containsOnlyKeys("champion", "shadow");
      assertThat(byRole.get("shadow").get(0).<Long>getAs("model_version")).isEqualTo(1);
      Function<Row, String> id = row -> row.getAs("_prediction_id");
      String champion = id.apply(byRole.get("champion").get(0));
      String shadow = id.apply(byRole.get("shadow").get(0));
      Verification links =
          new Verifier(lake, both, RUNNER, line -> {}).of(List.of(champion, shadow));
      assertThat(links.broken()).isEmpty();
      assertThat(links.answers()).as("superseded, in force, of the shadow").isEqualTo(3);
      assertThat(links.proven()).containsEntry(Kind.SCORE, 3L).containsEntry(Kind.ARTEFACT, 2L);
      String another = id.apply(byRole.get("champion").get(1));
      lake.spark()
          .sql(
              "update delta.`%s` set _superseded_at = _superseded_at + interval 1 hour where _prediction_id = '%s'"
                  .formatted(lake.path(TableName.of("superseded", "next")), another));
      assertThat(
              new Verifier(lake, both, RUNNER, line -> {})
                  .of(List.of(another)).broken().stream().map(Verification.Broken::found))
          .containsExactly("what asked for it, and its run, give another _superseded_at");
      lake.spark()
          .sql("delete from delta.`%s`".formatted(lake.path(TableName.of("superseded", "next"))));
      delete(copy.resolve(trained.artefact().path()));
      links = new Verifier(lake, both, RUNNER, line -> {}).of(List.of(champion));
      assertThat(links.broken()).isEmpty();
      assertThat(links.proven())
          .containsEntry(Kind.ARTEFACT, 1L)
          .containsEntry(Kind.TRAINING_SET, 1L);
    }
  }

  private static List<String> ids(Lake lake) {
    return rows(lake).stream().map(row -> row.<String>getAs("_prediction_id")).toList();
  }

  private static List<Row> rows(Lake lake) {
    TableName scores = TableName.of("scores", "next");
    return lake.table(scores)
        .read(lake.table(scores).requireVersion())
        .orderBy("id")
        .collectAsList();
  }

  private static void set(Lake lake, String what, String id) {
    lake.spark()
        .sql(
            "update delta.`%s` set %s where _prediction_id = '%s'"
                .formatted(lake.path(TableName.of("scores", "next")), what, id));
  }

  /** A thousand predictions of one scoring take one run of the engine. */
  @Test
  @Tag("long")
  void aThousandPredictionsAreProven() throws IOException {
    Path many = folder.resolve("many");
    CheckedProject checked = TinyProject.write(many, 44);
    Path there = folder.resolve("many-lake");
    try (Lake lake = lake(there);
        OnlineStore online = OnlineStores.open("rocksdb:" + there.resolve("online"));
        JobRunner runner = JobRunner.open(lake)) {
      Jobs jobs = new Jobs(checked, lake, online, RUNNER);
      jobs.ingest().forEach(runner::run);
      runner.run(jobs.trainingSetOf("lateness"));
      runner.run(jobs.train("lateness"));
      Interval days =
          Interval.of(Instant.parse("2024-01-25T00:00:00Z"), Instant.parse("2024-03-09T00:00:00Z"));
      runner.run(jobs.score(Optional.empty(), days).get(0));
      List<String> sample =
          new Verifier(lake, many, RUNNER, line -> {}).sample("next", days, 1_000, 7);
      assertThat(sample).doesNotHaveDuplicates().hasSize(1_000);
      set(lake, "output.probability = 1 - output.probability", sample.get(17));
      List<String> progress = new ArrayList<>();
      Verification links = new Verifier(lake, many, RUNNER, progress::add).of(sample);
      assertThat(links.broken())
          .extracting(Verification.Broken::name)
          .containsExactly(sample.get(17));
      assertThat(links.proven()).containsEntry(Kind.INPUTS, 1_000L).containsEntry(Kind.SCORE, 999L);
      assertThat(progress).filteredOn(line -> line.startsWith("run ")).hasSize(1);
    }
  }
}
