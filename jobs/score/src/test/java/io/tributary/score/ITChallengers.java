package io.tributary.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.analysis.CheckedModel;
import io.tributary.analysis.CheckedProject;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Micros;
import io.tributary.core.Outcome;
import io.tributary.core.Principal;
import io.tributary.core.RunnerChoice;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.definition.ProjectReader;
import io.tributary.events.definitions.Meanings;
import io.tributary.events.facts.ScoringFacts;
import io.tributary.events.runs.Lineage;
import io.tributary.events.runs.LineageNode;
import io.tributary.events.runs.RunRecord;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.model.Input;
import io.tributary.model.InputRows;
import io.tributary.model.ModelBundle;
import io.tributary.model.ModelSignature;
import io.tributary.model.TrainedModel;
import io.tributary.offline.FeatureStore;
import io.tributary.registry.Coverage;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.OnlineUse;
import io.tributary.registry.Suspects;
import io.tributary.runtime.JobRunner;
import io.tributary.score.Rides.Ride;
import io.tributary.testing.DrawnRunner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A champion, a challenger and a shadow over the same rows. */
final class ITChallengers {
  private static final Instant FROM = Instant.parse("2024-01-15T00:00:00Z");
  private static final int NIGHTS = 7;
  private static final Principal ADA = Principal.osUser("ada");
  private static final TableName SCORES = TableName.of("scores", "next");
  private static final TableName SUPERSEDED = TableName.of("superseded", "next");

  @TempDir static Path texts;
  private static final String VIEW = "view driver_history@1";

  private static LakeSession session;
  private static CheckedProject project;
  private static CheckedModel model;
  private static final List<ModelBundle> BUNDLES = new ArrayList<>();

  @TempDir Path folder;
  private Lake lake;
  private final List<String> said = new ArrayList<>();

  /** Happens once, while the versions score. */
  private Runnable meanwhile = () -> {};

  /** By night, what each role's version must be by now. */
  private final Map<Integer, Map<String, Integer>> now = new TreeMap<>();

  /** The same after each step, with the instant of its end. */
  private final List<Map<Integer, Map<String, Integer>>> then = new ArrayList<>();

  private final List<Instant> ends = new ArrayList<>();
  private final Map<String, Integer> aliases = new TreeMap<>();

  @BeforeAll
  static void start() throws Exception {
    // Rows are written as they are computed, where nothing is superseded.
    session =
        LakeSession.lazy(
            Map.of("spark.sql.shuffle.partitions", "3", "spark.tributary.score.keptRows", "0"));
    project = project(texts, UnaryOperator.identity());
    model = project.model("lateness");
    for (long seed = 1; seed <= 4; seed++) {
      BUNDLES.add(Rides.bundle(Rides.signature(model), seed));
    }
  }

  /** The project with challengers, and with other texts. */
  private static CheckedProject project(Path to, UnaryOperator<String> edit) throws Exception {
    try (Stream<Path> files = Files.walk(Rides.folder())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = to.resolve(Rides.folder().relativize(file).toString());
        Files.createDirectories(copy.getParent());
        String text = Files.readString(file);
        Files.writeString(
            copy,
            edit.apply(
                !text.startsWith("scores: next")
                    ? text
                    : text
                        + """
                        challengers: [candidate]
                        shadows: [trial]
                        decisions:
                          challenger: score > 0.5
                          3: score > 0.47
                          4: 1 div cast(score as int) > 0
                        """));
      }
    }
    return CheckedProject.check(ProjectReader.read(to, Map.of(), Optional.empty()));
  }

  @AfterAll
  static void stop() {
    session.close();
  }

  @BeforeEach
  void open() {
    lake = Lake.open(folder.toString(), Duration.ofDays(30), session);
    Rides.load(lake);
    BUNDLES.forEach(bundle -> Rides.register(lake, model, bundle));
    point("production", 1);
  }

  private ModelRegistry registry() {
    return ModelRegistry.open(lake.uri());
  }

  private void point(String alias, int version) {
    Rides.promote(lake, registry().find("lateness@" + version).version(), alias);
    aliases.put(alias, version);
  }

  private static Interval nights(int from, int to) {
    return Interval.of(FROM.plus(Duration.ofDays(from)), FROM.plus(Duration.ofDays(to)));
  }

  private RunRecord run(int from, int to) {
    return run(project, from, to);
  }

  private RunRecord run(CheckedProject project, int from, int to) {
    said.clear();
    try (JobRunner runner = JobRunner.open(lake, this::hear)) {
      return runner.run(
          new ScoreJob(
              FeatureStore.open(project, lake, RunnerChoice.valueOf(DrawnRunner.name())),
              project.scores("next").definition(),
              nights(from, to)));
    }
  }

  /** A version without an alias is said between the first check and the last. */
  private void hear(String line) {
    said.add(line);
    if (line.contains("lateness@trial did not score")) {
      Runnable now = meanwhile;
      meanwhile = () -> {};
      now.run();
    }
  }

  private static ScoringFacts facts(RunRecord record) {
    return record.facts(ScoringFacts.class).orElseThrow();
  }

  /** Scores nights, which are then said of by the versions that the aliases point to. */
  private RunRecord score(int from, int to) {
    RunRecord record = run(from, to);
    int champion = aliases.get("production");
    for (int night = from; night < to; night++) {
      Map<String, Integer> roles = new TreeMap<>(Map.of("champion", champion));
      roles.put("challenger", aliases.getOrDefault("candidate", champion));
      roles.put("shadow", aliases.getOrDefault("trial", champion));
      roles.entrySet().removeIf(r -> !r.getKey().equals("champion") && r.getValue() == champion);
      now.put(night, roles);
    }
    return record;
  }

  private void ended() {
    ends.add(Micros.instant(Micros.of(Instant.now())));
    Map<Integer, Map<String, Integer>> copy = new TreeMap<>();
    now.forEach((night, roles) -> copy.put(night, new TreeMap<>(roles)));
    then.add(copy);
  }

  private Dataset<Row> table(TableName name) {
    return lake.table(name).read(lake.table(name).requireVersion());
  }

  /** The query of docs/formats.md. */
  private List<Row> inForceAt(Instant instant) {
    table(SCORES).createOrReplaceTempView("in_force");
    table(SUPERSEDED).createOrReplaceTempView("superseded");
    String columns = "_prediction_id, _as_of, _role, id, model_version, output, inputs";
    List<Row> rows =
        lake.spark()
            .sql(
                """
                select %1$s from in_force where _scored_at <= timestamp'%2$s'
                union
                select %1$s from superseded
                where _scored_at <= timestamp'%2$s' and _superseded_at > timestamp'%2$s'"""
                    .formatted(columns, instant))
            .collectAsList();
    assertThat(rows).extracting(row -> row.getString(0)).doesNotHaveDuplicates();
    return rows;
  }

  private static String line(int night, int id, String role, int version) {
    return night + " " + id + " " + role + " " + version;
  }

  /** That each row was said of once in each role, by which version, and just what that says. */
  private void check(Map<Integer, Map<String, Integer>> expected, List<Row> rows) {
    TreeSet<String> lines = new TreeSet<>();
    for (int id = 0; id < Rides.COUNT; id++) {
      Instant asOf = Rides.starts(id).minusSeconds(3_600);
      int night = (int) Duration.between(FROM, asOf).toDays();
      if (!asOf.isBefore(FROM) && expected.containsKey(night)) {
        int ride = id;
        expected.get(night).forEach((role, v) -> lines.add(line(night, ride, role, v)));
      }
    }
    TreeSet<String> found = new TreeSet<>();
    for (Row row : rows) {
      int night = (int) Duration.between(FROM, row.getTimestamp(1).toInstant()).toDays();
      int version = (int) row.getLong(4);
      found.add(line(night, row.getInt(3), row.getString(2), version));
      assertThat(row.<Row>getAs("output").getDouble(0)).isEqualTo(naive(version, row));
    }
    assertThat(found).isEqualTo(lines).hasSameSizeAs(rows);
  }

  private static final List<TrainedModel> OPEN = new ArrayList<>();

  private static double naive(int version, Row row) {
    if (OPEN.isEmpty()) {
      BUNDLES.forEach(bundle -> OPEN.add(TrainedModel.open(bundle)));
    }
    TrainedModel trained = OPEN.get(version - 1);
    InputRows rows = trained.rows();
    rows.append();
    List<Input> inputs = trained.signature().inputs();
    for (int i = 0; i < inputs.size(); i++) {
      Row of =
          row.<Row>getAs("inputs").getAs(inputs.get(i).categorical() ? "categories" : "numbers");
      rows.value(i, of.getAs(inputs.get(i).column()));
    }
    return trained.score(rows)[0];
  }

  @Test
  void saysWhichScoreWasInForceByWhichVersionWhateverWasPromotedWhen() throws Exception {
    // Neither a candidate nor a trial yet: said, and the champion scores.
    ScoringFacts alone = facts(score(0, NIGHTS));
    assertThat(alone.unscored())
        .extracting(ScoringFacts.Unscored::text)
        .containsExactly(
            "challenger lateness@candidate did not score: Cannot find lateness@candidate: the aliases of lateness are production. Promote a version to it, or name a version from 1 to 4.",
            "shadow lateness@trial did not score: Cannot find lateness@trial: the aliases of lateness are production. Promote a version to it, or name a version from 1 to 4.");
    ended();
    point("candidate", 2);
    for (int night : new int[] {5, 3, 4}) {
      ScoringFacts facts = facts(score(night, night + 1));
      assertThat(facts.model()).isEqualTo("lateness@1");
      assertThat(facts.others())
          .extracting(o -> o.role() + " " + o.model())
          .containsExactly("challenger lateness@2");
      assertThat(facts.others().get(0).rows()).isEqualTo(facts.rows()).isEqualTo(24);
      assertThat(facts.kept()).isEqualTo(24);
      assertThat(facts.superseded()).isZero();
      ended();
    }
    // The challenger wins: it is not asked twice.
    point("production", 2);
    ScoringFacts won = facts(score(4, 5));
    assertThat(won.others()).isEmpty();
    assertThat(won.number()).isEqualTo(3);
    assertThat(won.superseded()).isEqualTo(48);
    ended();
    point("candidate", 3);
    point("trial", 1);
    score(0, NIGHTS);
    ended();
    registry().rollback("lateness", "production", ADA, "worse");
    aliases.put("production", 1);
    score(4, 5);
    score(2, 3);
    ended();
    point("production", 3);
    point("candidate", 2);
    for (int night : new int[] {6, 0, 3, 2, 5, 1, 4}) {
      score(night, night + 1);
    }
    ended();
    for (int night : new int[] {1, 6}) {
      assertThat(score(night, night + 1).outcome()).isEqualTo(Outcome.UNCHANGED);
    }
    for (int step = 0; step < ends.size(); step++) {
      check(then.get(step), inForceAt(ends.get(step)));
    }
    assertThat(then.get(then.size() - 1).get(4))
        .isEqualTo(Map.of("champion", 3, "challenger", 2, "shadow", 1));
    // A decision of the version's own, of the role's, and the set's.
    assertThat(
            table(SCORES)
                .where(
                    "decision <> (output.probability > case when model_version = 3 then 0.47"
                        + " when _role = 'challenger' then 0.5 else 0.42 end)")
                .count())
        .isZero();
    // The same id for the champion's answers, whoever it was; one of its own for each version else.
    assertThat(
            table(SUPERSEDED)
                .select("_prediction_id", "_role", "id", "model_version")
                .union(table(SCORES).select("_prediction_id", "_role", "id", "model_version"))
                .selectExpr(
                    "_prediction_id",
                    "concat_ws(' ', id, _role, if(_role = 'champion', null, model_version)) as who")
                .distinct()
                .selectExpr(
                    "count(*) = count(distinct _prediction_id) and count(*) = count(distinct who)")
                .head()
                .getBoolean(0))
        .isTrue();
  }

  @Test
  void aDamagedChallengerLeavesTheChampionAloneAndScoresOnceItIsMended() throws Exception {
    point("candidate", 2);
    RunRecord whole = score(0, 1);
    assertThat(
            Lineage.open(lake.uri()).upstream(LineageNode.table(whole.outputs().get(0))).toString())
        .contains(
            LineageNode.model("lateness", 1).toString(),
            LineageNode.model("lateness", 2).toString());
    List<Row> before = table(SCORES).where("_role = 'challenger'").orderBy("id").collectAsList();

    ModelVersion damaged = registry().resolve("lateness@2");
    Path file = folder.resolve(damaged.artefact().path()).resolve("network.zip");
    byte[] bytes = Files.readAllBytes(file);
    byte[] altered = bytes.clone();
    altered[bytes.length / 2] ^= 1;
    Files.write(file, altered);
    correct(2, 24 * 14 + 3);
    RunRecord record = run(0, 1);
    ScoringFacts facts = facts(record);
    assertThat(record.outcome()).isEqualTo(Outcome.SUCCEEDED);
    assertThat(facts.superseded()).isPositive();
    assertThat(facts.others()).isEmpty();
    assertThat(facts.unscored()).hasSize(2);
    assertThat(facts.unscored().get(1).text())
        .startsWith(
            "challenger lateness@candidate did not score: Cannot use artefact "
                + damaged.artefact().digest());
    assertThat(said)
        .anyMatch(
            l -> l.startsWith("WARN score next") && l.contains("lateness@candidate did not score"));
    assertThat(table(SCORES).where("_role = 'challenger'").orderBy("id").collectAsList())
        .isEqualTo(before);
    assertThat(run(0, 1).outcome()).isEqualTo(Outcome.UNCHANGED);

    Files.write(file, bytes);
    ScoringFacts mended = facts(score(0, 1));
    assertThat(mended.others()).hasSize(1);
    assertThat(mended.unscored()).hasSize(1);
    assertThat(table(SCORES).where("_role = 'challenger'").orderBy("id").collectAsList())
        .isNotEqualTo(before)
        .hasSize(24);
    check(
        now,
        table(SCORES)
            .select("_prediction_id", "_as_of", "_role", "id", "model_version", "output", "inputs")
            .collectAsList());
  }

  private void mark(int version) {
    suspects().mark("model:lateness@" + version, Coverage.of(List.of()), ADA, "wrong units");
  }

  private Suspects suspects() {
    return Suspects.open(lake.uri());
  }

  @Test
  void whatIsMarkedWhileItScoresIsNotPutInForce() throws Exception {
    point("candidate", 2);
    meanwhile = () -> mark(2);
    ScoringFacts without = facts(run(0, 1));
    assertThat(without.others()).isEmpty();
    assertThat(without.unscored()).hasSize(2);
    assertThat(without.unscored().get(1).text())
        .startsWith(
            "challenger lateness@candidate did not score: Cannot use lateness@2: ada marked model"
                + " lateness@2 as suspect");
    assertThat(without.suspect()).isEmpty();
    suspects().clear("model:lateness@2", ADA, "it is right");
    assertThat(facts(run(0, 1)).others()).hasSize(1);

    // Also where rows in force are compared before they are replaced.
    for (int night : new int[] {0, 1}) {
      correct(2, 24 * 14 + 3);
      Optional<TableVersion> before = lake.table(SCORES).version();
      meanwhile = () -> mark(1);
      assertThatThrownBy(() -> run(night, night + 1))
          .hasMessageStartingWith("Cannot use lateness@1: ada marked model lateness@1 as suspect");
      assertThat(lake.table(SCORES).version()).isEqualTo(before);
      suspects().clear("model:lateness@1", ADA, "it is right");
    }
  }

  @Test
  void aProjectThatWarnsScoresWithWhatIsMarkedAndSaysSo() throws Exception {
    CheckedProject warns =
        project(
            folder.resolve("warns"),
            text -> text.startsWith("project:") ? text + "suspect: warn\n" : text);
    point("candidate", 2);
    mark(2);
    meanwhile = () -> mark(1);
    RunRecord record = run(warns, 0, 1);
    ScoringFacts facts = facts(record);
    assertThat(facts.others()).hasSize(1);
    assertThat(facts.suspect().orElseThrow())
        .hasSize(2)
        .anyMatch(
            l ->
                l.startsWith(
                    "SUSPECT and used all the same, to use lateness@1: ada marked model"
                        + " lateness@1 as suspect"))
        .anyMatch(l -> l.startsWith("SUSPECT and used all the same, to use lateness@2: ada"));
    assertThat(said)
        .containsAll(facts.suspect().get().stream().map(l -> record.key() + ": " + l).toList());
    assertThat(run(warns, 0, 1).outcome()).isEqualTo(Outcome.UNCHANGED);
    assertThatThrownBy(() -> run(1, 2)).hasMessageStartingWith("Cannot use lateness@1: ada marked");
  }

  @Test
  void aChallengerWhoseViewMeansSomethingElseByNowKeepsWhatItSaid() throws Exception {
    run(0, 1);
    Rides.register(lake, model, BUNDLES.get(1), kept(project));
    point("candidate", 5);
    run(0, 1);
    List<Row> before = table(SCORES).where("_role = 'challenger'").orderBy("id").collectAsList();
    assertThat(before).hasSize(24);

    CheckedProject edited =
        project(
            folder.resolve("edited"),
            text ->
                text.startsWith("view: driver_history@1") ? text.replace("> 15", "> 10") : text);
    Meanings meanings = lake.definitions().meanings();
    meanings.amend(
        edited.definitions(List.of(VIEW)).stream()
            .filter(d -> d.reference().equals(VIEW))
            .findFirst()
            .orElseThrow(),
        kept(edited).get(VIEW),
        meanings.fixed(VIEW).orElseThrow(),
        List.of(),
        Instant.now(),
        ADA,
        "test");
    ScoringFacts facts = facts(run(edited, 0, 1));

    assertThat(facts.unscored())
        .extracting(ScoringFacts.Unscored::text)
        .anySatisfy(
            text ->
                assertThat(text)
                    .startsWith("challenger lateness@candidate did not score: ")
                    .contains("it was trained on another meaning of " + VIEW));
    assertThat(facts.superseded()).as("of the champion").isPositive();
    assertThat(table(SCORES).where("_role = 'challenger'").orderBy("id").collectAsList())
        .isEqualTo(before);
    assertThat(run(edited, 0, 1).outcome()).isEqualTo(Outcome.UNCHANGED);
  }

  private Map<String, Digest> kept(CheckedProject of) {
    Map<String, Digest> kept = new TreeMap<>();
    of.definitions(List.of(VIEW))
        .forEach(d -> kept.put(d.reference(), lake.definitions().store().put(d)));
    return kept;
  }

  /** A version is judged by its own inputs, whatever the model's file says by now. */
  @Test
  void refusesRowsOfAnotherViewForAVersionWithInputsThatTheModelHasNoMore() throws Exception {
    Path plain = folder.resolve("later/training-sets/plain.yaml");
    Files.createDirectories(plain.getParent());
    Files.writeString(
        plain,
        Files.readString(Rides.folder().resolve("training-sets/lateness.yaml"))
            .replace("training-set: lateness", "training-set: plain")
            .replace("  - clock@1\n", ""));
    CheckedProject later =
        project(
            folder.resolve("later"),
            text ->
                text.startsWith("model: lateness")
                    ? text.replace("training-set: lateness", "training-set: plain")
                    : text.replace("clock@1", "clock@2")
                        .replace("hour(starts)", "hour(starts) + 1"));
    OnlineUse.View clock =
        new OnlineUse.View(
            "clock", "clock@1", OnlineUse.Accuracy.REQUEST, false, Optional.empty(), "request");
    ModelBundle bundle = Rides.bundle(Rides.signature(model), 9);
    ModelVersion version =
        Rides.register(
            lake, model, bundle, Map.of(), Optional.of(new OnlineUse(false, List.of(clock))));
    TrainedMeanings meanings = new TrainedMeanings(lake, registry(), later.scores("next"));

    assertThat(later.model("lateness").inputs())
        .noneMatch(input -> input.column().startsWith("clock__"));
    assertThatThrownBy(() -> meanings.require(version, bundle.signature()))
        .hasFieldOrPropertyWithValue("code", ErrorCode.REFUSED)
        .hasMessage(
            "Cannot score next with lateness@5: its inputs clock are of view clock@1, and the rows of training set lateness have those of view clock@2. Score rows of the same views, or train on these.");
  }

  /** A correction of a ride, known in the first night. */
  private void correct(int delivery, int id) {
    Ride ride = Rides.ride(id);
    Rides.deliver(
        lake,
        delivery,
        List.of(
            new Ride(
                id,
                ride.driver(),
                ride.kilometres() + 1,
                ride.starts(),
                59,
                FROM.plusSeconds(3_600),
                false)));
  }

  @Test
  void aChallengerThatFailsAtARowOrLacksAnInputLeavesTheChampionAlone() {
    // Version 4 cannot decide; the next asks for what no row has; the last for less than there is.
    List<Input> inputs = new ArrayList<>(Rides.signature(model).inputs());
    List<Input> fewer = inputs.stream().filter(i -> !i.column().equals("clock__hour")).toList();
    inputs.add(new Input("gone", "double", inputs.get(1).encoding()));
    Rides.register(lake, model, Rides.bundle(new ModelSignature("lateness", inputs, "late"), 5));
    Rides.register(lake, model, Rides.bundle(new ModelSignature("lateness", fewer, "late"), 6));
    point("candidate", 4);
    point("trial", 5);
    RunRecord record = run(0, 1);
    ScoringFacts facts = facts(record);
    assertThat(facts.rows()).isEqualTo(24);
    assertThat(facts.others()).isEmpty();
    assertThat(facts.unscored())
        .extracting(ScoringFacts.Unscored::text)
        .anySatisfy(
            text ->
                assertThat(text)
                    .startsWith(
                        "challenger lateness@candidate did not score: Cannot decide on score"))
        .anySatisfy(
            text ->
                assertThat(text)
                    .isEqualTo(
                        "shadow lateness@trial did not score: Cannot use model lateness on these rows: no column gone. Use rows as it was trained on, or train it again."));
    assertThat(table(SCORES).count()).isEqualTo(24);
    assertThat(run(0, 1).outcome()).isEqualTo(Outcome.UNCHANGED);

    point("trial", 6);
    facts = facts(run(0, 1));
    assertThat(facts.others()).extracting(ScoringFacts.Said::model).containsExactly("lateness@6");
    assertThat(facts.kept()).isEqualTo(24);
    assertThat(
            table(SCORES)
                .groupBy("_role")
                .agg(
                    org.apache.spark.sql.functions.count("inputs.numbers.clock__hour"),
                    org.apache.spark.sql.functions.count("inputs.numbers.clock__kilometres"))
                .orderBy("_role")
                .collectAsList()
                .toString())
        .isEqualTo("[[champion,24,24], [shadow,0,24]]");
  }
}
