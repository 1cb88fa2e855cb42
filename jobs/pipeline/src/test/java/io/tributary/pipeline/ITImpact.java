package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.analysis.CheckedProject;
import io.tributary.core.Interval;
import io.tributary.core.Json;
import io.tributary.core.Principal;
import io.tributary.core.RunnerChoice;
import io.tributary.core.TableName;
import io.tributary.definition.ProjectReader;
import io.tributary.events.runs.RunRecord;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.Registrar;
import io.tributary.registry.Registration;
import io.tributary.registry.Suspects;
import io.tributary.registry.TrainedElsewhere;
import io.tributary.registry.VersionSearch;
import io.tributary.runtime.Job;
import io.tributary.runtime.JobRunner;
import io.tributary.testing.DrawnRunner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * A bad delivery that two of five views read on three of six nights: what impact lists beside what
 * the same nights say in a copy of the lake that never had the delivery.
 */
@Tag("long")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ITImpact {
  private static final ZoneId ZONE = ZoneId.of("Europe/Berlin");
  private static final int NIGHTS = 6;
  private static final String BAD = "data/fuel_bad.csv";

  /** The bad fillings: one of driver a; one of b, which it takes from c. */
  private static final Instant OF_A = Instant.parse("2024-01-26T17:30:00Z");

  private static final Instant OF_C = Instant.parse("2024-01-26T08:30:00Z");
  private static final Instant TAKEN_FROM_C = Instant.parse("2024-01-26T20:30:00Z");

  @TempDir static Path folder;
  private static Path project;
  private static String lakeFolder;
  private static final List<RunRecord> scored = new ArrayList<>();
  private static RunRecord ingested;
  private static Map<String, Said> with;
  private static Map<String, Said> without;

  private record Said(String driver, Instant asOf, double score, String inputs) {}

  @BeforeAll
  static void runs() throws IOException {
    project = folder.resolve("project");
    lakeFolder = folder.resolve("lake").toString();
    TinyProject.write(project, NIGHTS);
    fuel(project);
    String copy = folder.resolve("copy").toString();
    try (LakeSession session = LakeSession.lazy();
        Lake lake = Lake.open(lakeFolder, Lake.DEFAULT_RETENTION, session);
        OnlineStore online = OnlineStores.open("rocksdb:" + folder.resolve("lake/online"));
        JobRunner runner = JobRunner.open(lake)) {
      Jobs jobs = jobs(lake, online);
      jobs.ingest().forEach(runner::run);
      runner.run(jobs.trainingSetOf("lateness"));
      runner.run(jobs.train("lateness"));
      runner.run(jobs.trainingSetOf("plain"));
      runner.run(jobs.train("plain"));
      runner.run(jobs.score(Optional.of("next"), night(0)).get(0));
    }
    copy(Path.of(lakeFolder), Path.of(copy));
    try (LakeSession session = LakeSession.lazy();
        Lake lake = Lake.open(copy, Lake.DEFAULT_RETENTION, session);
        OnlineStore online = OnlineStores.open("rocksdb:" + folder.resolve("copy/online"));
        JobRunner runner = JobRunner.open(lake)) {
      for (int night = 1; night < NIGHTS; night++) {
        runner.run(jobs(lake, online).score(Optional.of("next"), night(night)).get(0));
      }
      without = said(lake);
    }
    Files.writeString(
        project.resolve(BAD),
        """
        id,driver,litres,filled,known
        9001,a,900,%s,%s
        40,b,50,%s,%s
        """
            .formatted(OF_A, OF_A.plus(Duration.ofHours(1)), OF_C, TAKEN_FROM_C));
    try (LakeSession session = LakeSession.lazy();
        Lake lake = Lake.open(lakeFolder, Lake.DEFAULT_RETENTION, session);
        OnlineStore online = OnlineStores.open("rocksdb:" + folder.resolve("lake/online"));
        JobRunner runner = JobRunner.open(lake)) {
      Jobs jobs = jobs(lake, online);
      for (Job job : jobs.ingest()) {
        RunRecord record = runner.run(job);
        if (job.key().subject().equals("fuel")) {
          ingested = record;
        }
      }
      for (int night = 1; night < NIGHTS; night++) {
        scored.add(runner.run(jobs.score(Optional.of("next"), night(night)).get(0)));
      }
      runner.run(jobs.score(Optional.of("plain"), night(1)).get(0));
      for (String view : List.of("fuel_day@1", "driver_history@1")) {
        runner.run(jobs.materialize(Optional.of(view), night(1)).get(0));
        runner.run(jobs.publish(Optional.of(view), night(1)).get(0));
        runner.run(jobs.materialize(Optional.of(view), night(4)).get(0));
      }
      runner.run(jobs.materialize(Optional.of("fuel_last@1"), night(5)).get(0));
      with = said(lake);
      Files.writeString(
          project.resolve("data/drivers.csv"), "driver,town\na,Ulm\nb,Kiel\nc,Jena\n");
      jobs = jobs(lake, online);
      jobs.ingest().forEach(runner::run);
      runner.run(jobs.score(Optional.of("next"), night(0)).get(0));
      runner.run(jobs.score(Optional.of("plain"), night(2)).get(0));
    }
  }

  static Interval night(int number) {
    return Interval.day(TinyProject.FIRST_NIGHT.plusDays(number), ZONE);
  }

  /** Fillings of two drivers a day, read by two more views, and a model without them. */
  static void fuel(Path project) throws IOException {
    Files.writeString(
        project.resolve("sources/fuel.yaml"),
        """
        source: fuel
        read: {format: csv, path: "data/fuel*.csv", header: true}
        columns:
          id: int
          driver: string
          litres: double
          filled: timestamp
          known: timestamp
        event-key: [id]
        event-time: filled
        known-time: known
        """);
    Files.writeString(
        project.resolve("features/fuel_day.yaml"),
        """
        view: fuel_day@1
        entity: [driver]
        source: fuel
        features:
          litres: sum(litres) over 1d, 30d
        """);
    Files.writeString(
        project.resolve("features/fuel_last.yaml"),
        """
        view: fuel_last@1
        entity: [driver]
        source: fuel
        ttl: 2d
        features:
          litres: litres
        """);
    Path set = project.resolve("training-sets/lateness.yaml");
    Files.writeString(
        project.resolve("training-sets/plain.yaml"),
        Files.readString(set).replace("training-set: lateness", "training-set: plain"));
    TinyProject.edit(
        set,
        text ->
            text
                + "  - driver@1\n"
                + "  - view: fuel_day@1\n"
                + "    take: [litres_1d]\n"
                + "  - fuel_last@1\n");
    Path model = project.resolve("models/lateness.yaml");
    Files.writeString(
        project.resolve("models/plain.yaml"),
        Files.readString(model)
            .replace("model: lateness", "model: plain")
            .replace("training-set: lateness", "training-set: plain"));
    TinyProject.edit(
        model, text -> text.replace("driver: one-hot", "driver: one-hot\n  driver__town: one-hot"));
    Files.writeString(
        project.resolve("scores/plain.yaml"),
        "scores: plain\nmodel: plain@production\nrows: plain\n");
    StringBuilder csv = new StringBuilder("id,driver,litres,filled,known\n");
    Instant first = Instant.parse("2024-01-01T08:30:00Z");
    for (int day = 0; day < 24 + NIGHTS; day++) {
      for (int of = 0; of < 2; of++) {
        Instant filled = first.plus(Duration.ofDays(day)).plusSeconds(3_600L * of);
        boolean taken = filled.equals(OF_C);
        csv.append(
            "%d,%s,%d,%s,%s\n"
                .formatted(
                    taken ? 40 : 100 + 2 * day + of,
                    taken ? "c" : List.of("a", "b", "c").get((day + of) % 3),
                    20 + (7 * day + of) % 30,
                    filled,
                    filled.plusSeconds(600)));
      }
    }
    Files.writeString(project.resolve("data/fuel.csv"), csv);
  }

  static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }

  private static Map<String, Said> said(Lake lake) {
    Map<String, Said> said = new TreeMap<>();
    for (Row row :
        lake.spark()
            .read()
            .format("delta")
            .load(lake.path(TableName.of("scores", "next")))
            .collectAsList()) {
      said.put(
          row.getAs("_prediction_id"),
          new Said(
              row.getAs("driver"),
              row.<Timestamp>getAs("_as_of").toInstant(),
              row.<Row>getAs("output").<Double>getAs("probability"),
              row.getAs("_inputs_digest")));
    }
    return said;
  }

  private static Jobs jobs(Lake lake, OnlineStore online) {
    return jobs(project, lake, online);
  }

  private static Jobs jobs(Path project, Lake lake, OnlineStore online) {
    return new Jobs(
        CheckedProject.check(ProjectReader.read(project, Map.of(), Optional.empty())),
        lake,
        online,
        RunnerChoice.valueOf(DrawnRunner.name()));
  }

  private static Answered run(String... words) {
    return Answered.by("impact", project, lakeFolder, words);
  }

  private static Map<String, JsonNode> impact(String... words) {
    return impactIn(lakeFolder, words);
  }

  private static Map<String, JsonNode> impactIn(String lake, String... words) {
    List<String> line = new ArrayList<>(List.of(words));
    line.add("--json");
    Answered answered = Answered.by("impact", project, lake, line.toArray(String[]::new));
    assertThat(answered.err()).isEmpty();
    Map<String, JsonNode> nodes = new LinkedHashMap<>();
    Json.read(answered.out(), JsonNode.class)
        .get("nodes")
        .forEach(node -> nodes.put(node.get("id").asText(), node));
    return nodes;
  }

  private static Set<String> ids(Map<String, JsonNode> impact) {
    Set<String> ids = new TreeSet<>();
    impact
        .values()
        .forEach(
            node -> {
              if (node.get("id").asText().startsWith("table:scores.next@")) {
                node.get("facts").get("ids").forEach(id -> ids.add(id.asText()));
              }
            });
    return ids;
  }

  /** The contract's own words: an event is read by its driver while it is known and in a window. */
  private static boolean reads(Said row) {
    return isIn(row, "a", OF_A, OF_A.plus(Duration.ofHours(1)))
        || isIn(row, "b", OF_C, TAKEN_FROM_C)
        || isIn(row, "c", OF_C, TAKEN_FROM_C);
  }

  private static boolean isIn(Said row, String driver, Instant event, Instant known) {
    return row.driver().equals(driver)
        && !row.asOf().isBefore(known)
        && !row.asOf().isAfter(event.plus(Duration.ofDays(2)));
  }

  private static Set<String> idsThat(Predicate<String> filter) {
    return with.keySet().stream().filter(filter).collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void aBadDeliverysImpactHoldsAllThatItChangedAndNothingThatDoesNotReadIt() {
    assertThat(without.keySet()).isEqualTo(with.keySet());
    Set<String> changed = idsThat(id -> !with.get(id).equals(without.get(id)));
    Set<String> reading = idsThat(id -> reads(with.get(id)));
    Set<String> listed = ids(impact("fuel", "--delivery", "2", "--predictions"));
    assertThat(changed).hasSizeGreaterThan(20);
    assertThat(listed).containsAll(changed).hasSizeLessThan(with.size() / 2);
    assertThat(listed).isEqualTo(reading);
  }

  private static JsonNode exact(int code, String... words) {
    return exactIn(lakeFolder, code, words);
  }

  private static JsonNode exactIn(String lake, int code, String... words) {
    List<String> line = new ArrayList<>(List.of(project.toString()));
    line.addAll(List.of(words));
    line.addAll(List.of("--exact", "--lake", lake));
    Answered answered = Answered.by("impact --exact", new ExactImpactMain(), line);
    assertThat(answered.code()).as(answered.out()).isEqualTo(code);
    return Json.read(answered.out(), JsonNode.class);
  }

  /** As the nights say that were scored without the delivery. */
  @Test
  void anExactImpactIsWhatARecomputationWithoutTheDeliveryChanges() {
    JsonNode told = exact(0, BAD);
    assertThat(told.path("root").asText()).isEqualTo("delivery:fuel@2");
    Set<String> changed = new TreeSet<>();
    long listed = 0;
    for (JsonNode scored : told.path("scorings")) {
      assertThat(scored.path("scores").asText()).isEqualTo("next");
      scored.path("changed").forEach(id -> changed.add(id.asText()));
      listed += scored.path("listed").asLong();
    }
    assertThat(changed)
        .isEqualTo(idsThat(id -> !with.get(id).equals(without.get(id))))
        .hasSizeLessThan((int) listed);
    assertThat(listed).isEqualTo(ids(impact(BAD, "--predictions")).size());
  }

  /** As where a process died between a scoring's commit and its record, and all others did. */
  @Test
  void whatIsCommittedAndNotRecordedIsInTheImpact() throws IOException {
    Path copy = folder.resolve("unrecorded");
    copy(Path.of(lakeFolder), copy);
    delete(copy.resolve("platform/runs"));

    assertThat(ids(impactIn(copy.toString(), BAD, "--predictions")))
        .isEqualTo(ids(impact(BAD, "--predictions")));
    assertThat(exactIn(copy.toString(), 0, BAD).path("scorings"))
        .isEqualTo(exact(0, BAD).path("scorings"));
  }

  /** A version without fuel scores a night beside a new champion; then their artefacts are lost. */
  @Test
  void whatCantBeReadEndsTheScoringThatItIsIn() throws IOException {
    Path copy = folder.resolve("lost");
    copy(Path.of(lakeFolder), copy);
    Path edited = folder.resolve("edited");
    copy(project, edited);
    Path set = edited.resolve("training-sets/lateness.yaml");
    String whole = Files.readString(set);
    RunRecord night;
    try (LakeSession session = LakeSession.lazy();
        Lake lake = Lake.open(copy.toString(), Lake.DEFAULT_RETENTION, session);
        OnlineStore online = OnlineStores.open("rocksdb:" + copy.resolve("online"));
        JobRunner runner = JobRunner.open(lake)) {
      TinyProject.edit(set, text -> text.substring(0, text.indexOf("  - view: fuel_day@1")));
      Jobs jobs = jobs(edited, lake, online);
      runner.run(jobs.trainingSetOf("lateness"));
      runner.run(jobs.train("lateness"));
      Files.writeString(set, whole);
      TinyProject.edit(
          edited.resolve("models/lateness.yaml"), text -> text.replace("seed: 1", "seed: 2"));
      TinyProject.edit(edited.resolve("scores/next.yaml"), text -> text + "shadows: [2]\n");
      jobs = jobs(edited, lake, online);
      runner.run(jobs.trainingSetOf("lateness"));
      runner.run(jobs.train("lateness"));
      TinyProject.promote(lake, 3);
      night = runner.run(jobs.score(Optional.of("next"), night(1)).get(0));
    }
    JsonNode before = exactIn(copy.toString(), 0, BAD).path("scorings");
    assertThat(before).extracting(s -> s.path("run").asText()).contains(night.run().text());

    lose(copy, "lateness@2");
    assertThat(exactIn(copy.toString(), 0, BAD).path("scorings")).isEqualTo(before);

    lose(copy, "lateness@3");
    JsonNode left = exactIn(copy.toString(), 3, BAD).path("scorings");
    assertThat(left).hasSameSizeAs(before);
    for (int i = 0; i < left.size(); i++) {
      if (left.get(i).path("run").asText().equals(night.run().text())) {
        assertThat(left.get(i).has("changed")).isFalse();
        assertThat(left.get(i).path("why").asText()).startsWith("Cannot use artefact ");
      } else {
        assertThat(left.get(i)).isEqualTo(before.get(i));
      }
    }

    try (Stream<Path> rows = Files.walk(copy.resolve("validated/rides"))) {
      for (Path file : rows.filter(f -> f.toString().endsWith(".parquet")).toList()) {
        Files.delete(file);
      }
    }
    assertThat(exactIn(copy.toString(), 3, BAD).path("scorings"))
        .hasSameSizeAs(before)
        .allSatisfy(s -> assertThat(s.path("why").asText()).isNotEmpty());
  }

  private static void lose(Path lake, String version) throws IOException {
    delete(
        lake.resolve("models")
            .resolve(
                ModelRegistry.open(lake.toString())
                    .find(version)
                    .version()
                    .artefact()
                    .digest()
                    .hex()));
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void definitionsThatMeanSomethingElseAreNoReasonToCompute() {
    ExactImpact.requireSame(List.of("model lateness"));
    assertThatThrownBy(() -> ExactImpact.requireSame(List.of("model lateness", "view a@1")))
        .hasMessage(
            "this build of Tributary takes the definition of view a@1 to mean something else than the one that scored. Ask with the build that the run names");
  }

  /** Rides were made with it. */
  @Test
  void whatReadADeliveryByWayOfAnotherTableIsNotRecomputed() {
    JsonNode told = exact(3, "drivers", "--delivery", "2");
    assertThat(told.path("scorings"))
        .isNotEmpty()
        .allSatisfy(
            scored -> {
              assertThat(scored.has("changed")).isFalse();
              assertThat(scored.path("why").asText())
                  .startsWith("it is made from table validated.rides@");
            });
  }

  @Test
  void threeNightsAndTheirSnapshotsAreTouchedAndWhatIsServed() {
    Map<String, JsonNode> nodes = impact(BAD);
    assertThat(nodes.keySet())
        .filteredOn(id -> id.startsWith("table:scores") || id.startsWith("model"))
        .containsExactlyElementsOf(
            scored.subList(0, 3).stream()
                .map(r -> "table:" + r.outputs().get(r.outputs().size() - 1).shortName())
                .toList());
    assertThat(nodes.keySet())
        .filteredOn(id -> id.startsWith("table:features"))
        .as("by its window of 30 days also the later one")
        .containsExactly("table:features.fuel_day_v1@0", "table:features.fuel_day_v1@1");
    assertThat(nodes.keySet())
        .filteredOn(id -> id.startsWith("online"))
        .containsExactly("online:fuel_day@1@" + night(1).snapshotInstant());
    assertThat(nodes.keySet()).contains("delivery:fuel@2", "table:validated.fuel@1");
    nodes
        .values()
        .forEach(
            node -> node.get("from").forEach(id -> assertThat(nodes).containsKey(id.asText())));
    assertThat(ids(impact(ingested.run().text(), "--predictions")))
        .isEqualTo(ids(impact(BAD, "--predictions")));
  }

  @Test
  void aModelsImpactIsAllThatItScored() {
    Map<String, JsonNode> nodes = impact("lateness@production");
    long predictions =
        nodes.values().stream()
            .filter(node -> node.get("facts").has("predictions"))
            .mapToLong(node -> node.get("facts").get("predictions").asLong())
            .sum();
    assertThat(predictions).as("the first night was scored twice").isGreaterThan(with.size());
    assertThat(nodes.get("model:lateness@1").get("facts").get("aliases").get(0).asText())
        .isEqualTo("production");
    assertThat(impact("plain@1").keySet())
        .containsExactly("model:plain@1", "table:scores.plain@0", "table:scores.plain@1");
  }

  @Test
  void aViewsImpactLeavesOutTheModelThatDoesNotUseIt() {
    Map<String, JsonNode> nodes = impact("fuel_last@1");
    assertThat(nodes.keySet())
        .contains("view:fuel_last@1", "table:training.lateness@0", "model:lateness@1")
        .filteredOn(id -> id.startsWith("table:scores.next"))
        .hasSize(NIGHTS + 1);
    assertThat(nodes.keySet()).noneMatch(id -> id.contains("plain"));
  }

  /** Rides are made again with each new table of drivers; their towns are no feature of plain. */
  @Test
  void whatReadsTheSourceByNoColumnIsLeftOut() {
    Map<String, JsonNode> nodes = impact("drivers", "--delivery", "2");
    assertThat(nodes.keySet())
        .contains("table:validated.drivers@1", "table:validated.rides@1", "table:scores.next@6")
        .noneMatch(id -> id.contains("plain"));
  }

  /** The delivery is found to be bad in the middle of a night, before its scoring. */
  @Test
  @Order(Integer.MAX_VALUE)
  void whatReadsAMarkedDeliveryIsRefusedUntilItIsCleared() throws IOException {
    assertThat(run("fuel", "--delivery", "2", "--mark-suspect", "--reason", "wrong units").out())
        .startsWith("delivery fuel@2 is suspect now, and ")
        .endsWith(
            "Until it is cleared: tributary impact fuel --delivery 2 --clear --reason \"…\"\n");
    String marked = Suspects.open(lakeFolder).standing().get(0).toString();
    Interval touched = evening(2);
    try (LakeSession session = LakeSession.lazy();
        Lake lake = Lake.open(lakeFolder, Lake.DEFAULT_RETENTION, session);
        OnlineStore online = OnlineStores.open("rocksdb:" + folder.resolve("lake/online"));
        JobRunner runner = JobRunner.open(lake)) {
      Jobs jobs = jobs(lake, online);
      Job refused = jobs.score(Optional.of("next"), touched).get(0);
      assertThatThrownBy(() -> runner.run(refused))
          .hasMessage("Cannot score next for " + touched + ": " + marked);
      runner.run(jobs.score(Optional.of("next"), evening(5)).get(0));
      runner.run(jobs.score(Optional.of("plain"), touched).get(0));
      runner.run(jobs.trainingSetOf("lateness"));
      Job trained = jobs.train("lateness");
      assertThatThrownBy(() -> runner.run(trained))
          .hasMessage("Cannot train model lateness on training.lateness@1: " + marked);

      assertThat(run("fuel", "--delivery", "2", "--clear", "--reason", "it is right").out())
          .isEqualTo("delivery fuel@2 is suspect no more.\n");
      runner.run(jobs.score(Optional.of("next"), touched).get(0));
    }
    versionsFromElsewhereAreInByWhatTheyTake();
    assertThat(run("fuel", "--delivery", "2", "--clear", "--reason", "again").err())
        .isEqualTo(
            "Cannot clear delivery fuel@2: it is not marked as suspect. Standing marks are listed"
                + " by tributary doctor.\n");
    assertThat(run("fuel", "--delivery", "2", "--clear").err())
        .isEqualTo(
            "Cannot mark or clear fuel: write --mark-suspect or --clear, one of them, and --reason"
                + " TEXT.\n");
  }

  /**
   * No run trained them: that they took their training set from the lake makes them its victims.
   */
  private static void versionsFromElsewhereAreInByWhatTheyTake() {
    String taking = elsewhere("fuel_last__litres");
    String other = elsewhere("last_ride__delay");
    String unsaid = elsewhere("f0");

    assertThat(impact("fuel", "--delivery", "2"))
        .containsKeys("model:" + taking, "model:" + unsaid)
        .doesNotContainKey("model:" + other);
    assertThat(impact("fuel", "--delivery", "2").get("model:" + taking).get("from"))
        .singleElement()
        .extracting(JsonNode::asText)
        .isEqualTo("table:training.lateness@1");
    assertThat(impact("fuel_last@1"))
        .containsKeys("model:" + taking, "model:" + unsaid)
        .doesNotContainKey("model:" + other);
    assertThat(run("fuel", "--delivery", "2", "--mark-suspect", "--reason", "after all").err())
        .isEmpty();
    assertThat(
            ModelRegistry.open(lakeFolder)
                .search(VersionSearch.parse("status = suspect", () -> ZONE)))
        .extracting(found -> found.version().toString())
        .as("a mark trusts no word of those")
        .contains(taking, other, unsaid);
    assertThat(run("fuel", "--delivery", "2", "--clear", "--reason", "it is right").err())
        .isEmpty();
  }

  private static String elsewhere(String column) {
    Registrar registrar = Registrar.open(lakeFolder);
    return registrar
        .register(
            new Registration(
                "lateness",
                new TreeMap<>(Map.of("weights", column.getBytes(StandardCharsets.UTF_8))),
                new TrainedElsewhere(
                    TrainedElsewhere.Kind.FILES,
                    TrainedElsewhere.Problem.BINARY,
                    Optional.empty(),
                    List.of(new TrainedElsewhere.Input(column, "double")),
                    Optional.of("late"),
                    Optional.empty(),
                    Optional.empty(),
                    Map.of(),
                    Optional.empty(),
                    Map.of()),
                Map.of("auc", 0.7),
                Optional.of(registrar.trainingSet("lateness", 2)),
                List.of()),
            Principal.osUser("ada"))
        .reference()
        .toString();
  }

  private static Interval evening(int night) {
    return Interval.of(night(night).from().plus(Duration.ofHours(8)), night(night).to());
  }

  @Test
  void aPersonReadsATreeAndIsToldWhatIsMissing() {
    List<String> lines = run("fuel", "--delivery", "2").out().lines().toList();
    assertThat(lines.get(0)).isEqualTo("delivery fuel@2");
    assertThat(lines)
        .anyMatch(line -> line.contains("table validated.fuel@1"))
        .anyMatch(line -> line.contains("predictions ") && line.contains("; of "));
    assertThat(run("fuel").err())
        .isEqualTo(
            "Cannot tell the impact of source fuel: it has many deliveries. Name one with"
                + " --delivery N.\n");
    assertThat(run("fuel", "--delivery", "7").err())
        .isEqualTo(
            "Cannot tell the impact of delivery 7 of fuel: the ledger has none. See tributary trace"
                + " validated.fuel.\n");
    assertThat(run("data/none.csv").err())
        .isEqualTo(
            "Cannot tell the impact of data/none.csv: it is no run, model or view with @VERSION, no"
                + " source with --delivery, and no delivered file's path or SHA-256. See tributary"
                + " impact --help.\n");
    assertThat(run("nothing@1").err())
        .isEqualTo(
            "Cannot tell the impact of nothing@1: no run used such a view, and the registry has no"
                + " such model. See tributary features list.\n");
  }
}
