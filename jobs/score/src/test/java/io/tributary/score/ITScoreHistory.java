package io.tributary.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.analysis.CheckedModel;
import io.tributary.analysis.CheckedProject;
import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Json;
import io.tributary.core.Micros;
import io.tributary.core.Outcome;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.core.RunId;
import io.tributary.core.RunnerChoice;
import io.tributary.core.TableName;
import io.tributary.definition.Model.Encoding;
import io.tributary.definition.ProjectReader;
import io.tributary.events.definitions.Meanings;
import io.tributary.events.facts.ScoringFacts;
import io.tributary.events.runs.CommitFacts;
import io.tributary.events.runs.CompletedRun;
import io.tributary.events.runs.RunRecord;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.model.Input;
import io.tributary.model.InputRows;
import io.tributary.model.ModelBundle;
import io.tributary.model.ModelSignature;
import io.tributary.model.TrainedModel;
import io.tributary.offline.FeatureStore;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.runtime.Attempt;
import io.tributary.runtime.Job;
import io.tributary.runtime.JobRunner;
import io.tributary.score.Rides.Ride;
import io.tributary.testing.DrawnRunner;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was in force when, whatever was scored, promoted, delivered or ended in whatever order. */
final class ITScoreHistory {
  private static final Instant FROM = Instant.parse("2024-01-08T00:00:00Z");
  private static final int NIGHTS = 21;
  private static final String VIEW = "view driver_history@1";
  private static final Principal ADA = Principal.osUser("ada");
  private static final Interval ALL = nights(0, NIGHTS);
  private static final TableName SCORES = TableName.of("scores", "next");
  private static final TableName SUPERSEDED = TableName.of("superseded", "next");

  private static LakeSession session;
  private static CheckedProject project;
  private static CheckedModel model;

  /** The same with another meaning of a view. */
  private static CheckedProject edited;

  @TempDir static Path copy;
  private static List<ModelBundle> bundles;

  @TempDir Path folder;
  private Lake lake;

  @BeforeAll
  static void start() throws Exception {
    session = LakeSession.lazy(Map.of("spark.sql.shuffle.partitions", "3"));
    project = Rides.project();
    model = project.model("lateness");
    edited =
        edited(
            copy,
            text ->
                text.startsWith("view: driver_history@1") ? text.replace("> 15", "> 10") : text);
    bundles =
        Stream.of(1L, 2L, 3L).map(seed -> Rides.bundle(Rides.signature(model), seed)).toList();
  }

  /** The project with other texts. */
  private static CheckedProject edited(Path to, UnaryOperator<String> edit) throws Exception {
    try (Stream<Path> files = Files.walk(Rides.folder())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = to.resolve(Rides.folder().relativize(file).toString());
        Files.createDirectories(copy.getParent());
        Files.writeString(copy, edit.apply(Files.readString(file)));
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
  }

  private static Interval nights(int from, int to) {
    return Interval.of(FROM.plus(Duration.ofDays(from)), FROM.plus(Duration.ofDays(to)));
  }

  private Job job(CheckedProject of, Interval interval) {
    return new ScoreJob(
        FeatureStore.open(of, lake, RunnerChoice.valueOf(DrawnRunner.name())),
        of.scores("next").definition(),
        interval);
  }

  private RunRecord run(Job job) {
    try (JobRunner runner = JobRunner.open(lake)) {
      return runner.run(job);
    }
  }

  private RunRecord score(Interval interval) {
    return run(job(project, interval));
  }

  private int promote(ModelBundle bundle) {
    ModelVersion version = Rides.register(lake, model, bundle);
    Rides.promote(lake, version);
    return (int) version.number();
  }

  private Dataset<Row> table(TableName name) {
    return lake.table(name).read(lake.table(name).requireVersion());
  }

  /** The query of docs/formats.md: one row for each prediction that was in force. */
  private List<String> inForceAt(Instant instant) {
    table(SCORES).createOrReplaceTempView("in_force");
    String at = "timestamp'" + instant + "'";
    String columns = "_prediction_id, _scoring, id, model_version, output, inputs";
    String query = "select " + columns + " from in_force where _scored_at <= " + at;
    if (lake.find(SUPERSEDED).isPresent()) {
      table(SUPERSEDED).createOrReplaceTempView("superseded");
      query +=
          " union select %s from superseded where _scored_at <= %s and _superseded_at > %s"
              .formatted(columns, at, at);
    }
    List<Row> rows = lake.spark().sql(query).collectAsList();
    assertThat(rows).extracting(row -> row.getString(0)).doesNotHaveDuplicates();
    return rows.stream().map(ITScoreHistory::said).sorted().toList();
  }

  private static String said(Row row) {
    Row numbers = row.<Row>getAs("inputs").getAs("numbers");
    return "%03d v%d %s km %s rides %s late %s hour %s %s"
        .formatted(
            row.<Integer>getAs("id"),
            row.<Long>getAs("model_version"),
            row.<Row>getAs("output").<Double>getAs("probability"),
            numbers.<Double>getAs("clock__kilometres"),
            numbers.<Double>getAs("driver_history__rides_7d"),
            numbers.<Double>getAs("driver_history__late_share_7d"),
            numbers.<Double>getAs("clock__hour"),
            row.<Row>getAs("inputs").<Row>getAs("categories").<String>getAs("driver"));
  }

  /** A prediction that was in force from the end of one step until the end of another. */
  private record Line(String said, int from, int to) {}

  /** Scores what is delivered as a loop over all rides does, and remembers. */
  private static final class Naive {
    /** What is late is more than so many minutes. */
    private int late = 15;

    private final List<Ride> rides = new ArrayList<>();

    /** Of each model version, the bound that it was trained on, and whether it may score. */
    private final Map<Integer, Integer> trainedOn = new TreeMap<>();

    private final Map<Integer, Boolean> allowed = new TreeMap<>();

    void trained(int version) {
      trainedOn.put(version, late);
      allowed.put(version, true);
    }

    void amend(int bound, Collection<Integer> named) {
      late = bound;
      allowed.replaceAll(
          (version, before) -> trainedOn.get(version) == bound || named.contains(version));
    }

    private final List<Line> lines = new ArrayList<>();

    void score(Interval interval, ModelBundle bundle, int version, int step) {
      Map<String, String> now = new TreeMap<>();
      for (int id = 0; id < Rides.COUNT; id++) {
        Instant asOf = Rides.starts(id).minusSeconds(3_600);
        if (interval.contains(asOf)) {
          String said = said(planned(id), asOf, bundle, version);
          now.put(said, said);
        }
      }
      List<Line> after = new ArrayList<>();
      for (Line line : lines) {
        Instant asOf =
            Rides.starts(Integer.parseInt(line.said.substring(0, 3))).minusSeconds(3_600);
        boolean open = line.to == Integer.MAX_VALUE && interval.contains(asOf);
        boolean stays = open && now.remove(line.said) != null;
        after.add(open && !stays ? new Line(line.said, line.from, step) : line);
      }
      now.values().forEach(said -> after.add(new Line(said, step, Integer.MAX_VALUE)));
      lines.clear();
      lines.addAll(after);
    }

    /** The plan is known two days ahead in each version: of those the greatest counts. */
    private Ride planned(int id) {
      return rides.stream()
          .filter(r -> r.id() == id)
          .max(Comparator.comparing(Ride::kilometres))
          .orElseThrow();
    }

    private String said(Ride ride, Instant asOf, ModelBundle bundle, int version) {
      long rides7d = 0;
      long late = 0;
      Map<Integer, Ride> known = new TreeMap<>();
      for (Ride r : rides) {
        if (!r.known().isAfter(asOf)) {
          known.merge(r.id(), r, (a, b) -> b.known().isBefore(a.known()) ? a : b);
        }
      }
      for (Ride r : known.values()) {
        if (!r.deleted()
            && r.driver().equals(ride.driver())
            && !r.starts().isAfter(asOf)
            && r.starts().isAfter(asOf.minus(Duration.ofDays(7)))) {
          rides7d++;
          late += r.delay() > this.late ? 1 : 0;
        }
      }
      Map<String, Object> values =
          Map.of(
              "driver",
              ride.driver(),
              "kilometres",
              ride.kilometres(),
              "driver_history__rides_7d",
              (double) rides7d,
              "driver_history__late_share_7d",
              rides7d == 0 ? Double.NaN : (double) late / rides7d,
              "clock__hour",
              (double) ride.starts().atZone(ZoneId.of("Europe/Berlin")).getHour(),
              "clock__kilometres",
              ride.kilometres());
      TrainedModel trained = TrainedModel.open(bundle);
      InputRows rows = trained.rows();
      rows.append();
      for (int i = 0; i < bundle.signature().inputs().size(); i++) {
        rows.value(i, values.get(bundle.signature().inputs().get(i).column()));
      }
      return "%03d v%d %s km %s rides %s late %s hour %s %s"
          .formatted(
              ride.id(),
              version,
              trained.score(rows)[0],
              values.get("clock__kilometres"),
              values.get("driver_history__rides_7d"),
              values.get("driver_history__late_share_7d"),
              values.get("clock__hour"),
              ride.driver());
    }

    List<String> inForceAfter(int step) {
      return lines.stream()
          .filter(line -> line.from <= step && step < line.to)
          .map(Line::said)
          .sorted()
          .toList();
    }
  }

  @Test
  void saysWhatWasInForceWhateverCameInWhichOrder() {
    Random random = new Random(20240583);
    Naive naive = new Naive();
    for (int id = 0; id < Rides.COUNT; id++) {
      naive.rides.add(Rides.ride(id));
    }
    Map<Integer, ModelBundle> byNumber = new TreeMap<>();
    ModelRegistry registry = ModelRegistry.open(lake.uri());
    CheckedProject now = project;
    lake.definitions()
        .admit("train it", now.definitions(List.of(VIEW)), RunId.startingAt(Instant.now()), ADA);
    int inProduction = promote(bundles.get(0), now);
    byNumber.put(inProduction, bundles.get(0));
    naive.trained(inProduction);
    List<Integer> former = new ArrayList<>();
    List<Instant> ends = new ArrayList<>();
    int deliveries = 1;
    int unchanged = 0;
    int killed = 0;
    int refused = 0;
    int amended = 0;
    int vouched = 0;
    for (int step = 0; step < 36; step++) {
      int what = step == 0 ? 0 : random.nextInt(13);
      if (what < 5) {
        int from = random.nextInt(NIGHTS);
        Interval interval =
            step == 0 || random.nextInt(4) == 0
                ? ALL
                : nights(from, Math.min(NIGHTS, from + 1 + random.nextInt(2)));
        Job job = job(now, interval);
        if (!naive.allowed.get(inProduction)) {
          refusedForItsMeaning(() -> run(job), inProduction);
          refused++;
          if (random.nextBoolean()) {
            accept(inProduction);
            naive.allowed.put(inProduction, true);
            vouched++;
          }
        } else if (what == 4) {
          try {
            run(beforeItsLastCommit(job, ITScoreHistory::die));
            unchanged++;
          } catch (IllegalStateException e) {
            assertThat(e).hasMessage("killed");
            killed++;
          }
        } else {
          unchanged += run(job).outcome() == Outcome.UNCHANGED ? 1 : 0;
          naive.score(interval, byNumber.get(inProduction), inProduction, step);
        }
      } else if (what < 7) {
        ModelBundle bundle = bundles.get(random.nextInt(bundles.size()));
        int number = promote(bundle, now);
        byNumber.put(number, bundle);
        naive.trained(number);
        if (number != inProduction) {
          former.add(inProduction);
          inProduction = number;
        }
      } else if (what < 8 && !former.isEmpty()) {
        int to = former.get(former.size() - 1);
        if (naive.allowed.get(to)) {
          registry.rollback("lateness", "production", ADA, "test");
          inProduction = former.remove(former.size() - 1);
        } else {
          refusedForItsMeaning(() -> registry.rollback("lateness", "production", ADA, "test"), to);
          refused++;
        }
      } else if (what >= 10) {
        now = now == project ? edited : project;
        List<Integer> named = random.nextBoolean() ? List.copyOf(byNumber.keySet()) : List.of();
        amend(now, named);
        naive.amend(now == project ? 15 : 10, named);
        amended++;
      } else {
        List<Ride> late = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          int id = 24 * 7 + random.nextInt(24 * NIGHTS);
          Ride before = naive.rides.stream().filter(r -> r.id() == id).reduce((a, b) -> b).get();
          late.add(
              new Ride(
                  id,
                  before.driver(),
                  before.kilometres() + random.nextInt(2),
                  before.starts(),
                  random.nextInt(60),
                  before.known().plus(Duration.ofDays(1 + random.nextInt(3))),
                  false));
        }
        Rides.deliver(lake, ++deliveries, late);
        naive.rides.addAll(late);
      }
      ends.add(Micros.instant(Micros.of(Instant.now())));
      assertThat(table(SCORES).collectAsList().stream().map(ITScoreHistory::said).sorted().toList())
          .as("in force after step %d", step)
          .isEqualTo(naive.inForceAfter(step));
    }
    for (int step = 0; step < ends.size(); step++) {
      assertThat(inForceAt(ends.get(step)))
          .as("was in force after step %d", step)
          .isEqualTo(naive.inForceAfter(step));
    }
    assertThat(naive.inForceAfter(0)).hasSize(24 * NIGHTS);
    assertThat(killed).isPositive();
    assertThat(amended).isPositive();
    assertThat(refused).isPositive();
    assertThat(vouched).isPositive();
    assertThat(unchanged).isPositive();
    assertThat(table(SCORES).select("_prediction_id").distinct().count())
        .isEqualTo(table(SCORES).count());
    // What is asked keeps its id over all scorings of it, and over what rows say besides.
    assertThat(
            table(SUPERSEDED)
                .selectExpr("_prediction_id", "id", "_as_of")
                .union(table(SCORES).selectExpr("_prediction_id", "id", "_as_of"))
                .distinct()
                .groupBy("_prediction_id")
                .count()
                .where("count > 1")
                .count())
        .isZero();
  }

  private int promote(ModelBundle bundle, CheckedProject trainedOn) {
    ModelVersion version = Rides.register(lake, model, bundle, keep(trainedOn));
    Rides.promote(lake, version);
    return (int) version.number();
  }

  private Map<String, Digest> keep(CheckedProject of) {
    Map<String, Digest> kept = new TreeMap<>();
    of.definitions(List.of(VIEW))
        .forEach(d -> kept.put(d.reference(), lake.definitions().store().put(d)));
    return kept;
  }

  private void amend(CheckedProject to, List<Integer> accepted) {
    Meanings meanings = lake.definitions().meanings();
    List<Definition> used = to.definitions(List.of(VIEW));
    meanings.amend(
        used.get(used.size() - 1),
        keep(to).get(VIEW),
        meanings.fixed(VIEW).orElseThrow(),
        accepted.stream().map(n -> "lateness@" + n).toList(),
        Instant.now(),
        ADA,
        "test");
  }

  private void accept(int version) {
    Meanings meanings = lake.definitions().meanings();
    meanings.accept(
        meanings.fixed(VIEW).orElseThrow(),
        List.of("lateness@" + version),
        Instant.now(),
        ADA,
        "test");
  }

  private static void refusedForItsMeaning(ThrowingCallable what, int version) {
    assertThatThrownBy(what)
        .hasFieldOrPropertyWithValue("code", ErrorCode.REFUSED)
        .hasMessageContaining("it was trained on another meaning of " + VIEW)
        .hasMessageContaining("--accept-model lateness@" + version);
  }

  private static void die() {
    throw new IllegalStateException("killed");
  }

  /** The same work, with something that happens when the rows to be superseded have been copied. */
  private static Job beforeItsLastCommit(Job job, Runnable happens) {
    return new Job() {
      @Override
      public JobKey key() {
        return job.key();
      }

      @Override
      public JobKey lockKey() {
        return job.lockKey();
      }

      @Override
      public List<Pin> inputs() {
        return job.inputs();
      }

      @Override
      public Digest definition() {
        return job.definition();
      }

      @Override
      public List<Definition> definitions() {
        return job.definitions();
      }

      @Override
      public Optional<TableName> commitPoint() {
        return job.commitPoint();
      }

      @Override
      public Optional<CompletedRun> recorded(Lake lake) {
        return job.recorded(lake);
      }

      @Override
      public void run(Attempt attempt) {
        job.run(
            (Attempt)
                Proxy.newProxyInstance(
                    Attempt.class.getClassLoader(),
                    new Class<?>[] {Attempt.class},
                    (proxy, method, arguments) -> {
                      if (method.getName().equals("commitPoint")) {
                        happens.run();
                      }
                      try {
                        return method.invoke(attempt, arguments);
                      } catch (InvocationTargetException e) {
                        throw e.getCause();
                      }
                    }));
      }
    };
  }

  @Test
  void whatSaysTheSameStaysInForceAsItWas() {
    promote(bundles.get(0));
    score(nights(0, 2));
    List<Row> before = table(SCORES).orderBy("_prediction_id").collectAsList();
    // A correction that is known only on the second day: nothing before it sees it.
    Ride ride = Rides.ride(24 * 7 + 2);
    Instant known = FROM.plus(Duration.ofHours(40));
    Rides.deliver(
        lake,
        2,
        List.of(new Ride(ride.id(), "d0", ride.kilometres(), ride.starts(), 59, known, false)));
    RunRecord again = score(nights(0, 2));
    assertThat(again.outcome()).isEqualTo(Outcome.SUCCEEDED);
    List<Row> after = table(SCORES).orderBy("_prediction_id").collectAsList();
    assertThat(after).hasSameSizeAs(before);
    int changed = 0;
    for (int i = 0; i < after.size(); i++) {
      if (after.get(i).<Long>getAs("_scoring") == 2) {
        changed++;
        assertThat(after.get(i).<Timestamp>getAs("_as_of").toInstant()).isAfterOrEqualTo(known);
      } else {
        assertThat(after.get(i)).isEqualTo(before.get(i));
      }
    }
    assertThat(changed).isBetween(1, 8);
    assertThat(table(SUPERSEDED).count()).isEqualTo(changed);
    assertThat(again.facts(ScoringFacts.class).orElseThrow().superseded()).isEqualTo(changed);
    assertThat(again.facts(ScoringFacts.class).orElseThrow().kept()).isEqualTo(48 - changed);
    // Another interval, the same rows: nothing is superseded.
    long version = lake.table(SUPERSEDED).requireVersion().version();
    assertThat(score(nights(0, 1)).facts(ScoringFacts.class).orElseThrow().superseded()).isZero();
    assertThat(lake.table(SUPERSEDED).requireVersion().version()).isEqualTo(version);
    assertThat(table(SCORES).orderBy("_prediction_id").collectAsList()).isEqualTo(after);
  }

  /** The project whose rows are asked with other columns. */
  private CheckedProject asking(String columns) throws Exception {
    return edited(
        Files.createTempDirectory(folder, "asking"),
        text -> text.replace("select id, driver, kilometres, starts", "select " + columns));
  }

  private List<String> ids() {
    return table(SCORES).orderBy("_prediction_id").collectAsList().stream()
        .map(row -> row.<String>getAs("_prediction_id"))
        .toList();
  }

  @Test
  void whatARowSaysBesideItsKeyChangesNoId() throws Exception {
    promote(bundles.get(0));
    score(nights(0, 1));
    List<String> ids = ids();
    CheckedProject more = asking("id, driver, kilometres, starts, cast(null as string) as note");
    ScoringFacts again = run(job(more, nights(0, 1))).facts(ScoringFacts.class).orElseThrow();
    assertThat(again.kept()).isEqualTo(24);
    assertThat(again.superseded()).isZero();
    assertThat(ids()).isEqualTo(ids);

    // The rows in force say what the rows that ask say now, though no prediction changed.
    CheckedProject other =
        asking("id, driver, kilometres, starts, if(id % 2 = 0, 'even', null) as note");
    ScoringFacts noted = run(job(other, nights(0, 1))).facts(ScoringFacts.class).orElseThrow();
    assertThat(noted.kept()).isEqualTo(12);
    assertThat(noted.superseded()).isEqualTo(12);
    assertThat(ids()).isEqualTo(ids);
    assertThat(table(SCORES).where("note = 'even' and id % 2 = 0").count()).isEqualTo(12);
    assertThat(table(SUPERSEDED).where("note is null and id % 2 = 0").count()).isEqualTo(12);
    assertThat(
            table(SUPERSEDED)
                .selectExpr("_prediction_id")
                .except(table(SCORES).selectExpr("_prediction_id"))
                .count())
        .isZero();
  }

  @Test
  void aColumnThatIsWidenedIsWidenedInBothTables() throws Exception {
    promote(bundles.get(0));
    score(nights(0, 2));
    promote(bundles.get(1));
    score(nights(0, 1));
    List<String> ids = ids();
    CheckedProject wide = asking("cast(id as bigint) as id, driver, kilometres, starts");
    ScoringFacts again = run(job(wide, nights(0, 1))).facts(ScoringFacts.class).orElseThrow();
    assertThat(again.kept()).isEqualTo(24);
    assertThat(ids()).isEqualTo(ids);
    for (TableName table : List.of(SCORES, SUPERSEDED)) {
      assertThat(table(table).schema().apply("id").dataType().sql()).isEqualTo("BIGINT");
      assertThat(table(table).where("id is null").count()).isZero();
    }
    // What still asks with the narrow type is stored in the wide one.
    score(nights(1, 2));
    assertThat(table(SCORES).count()).isEqualTo(48);
    assertThat(table(SUPERSEDED).count()).isEqualTo(48);
    assertThat(table(SUPERSEDED).schema().apply("id").dataType().sql()).isEqualTo("BIGINT");
  }

  @Test
  void takesModelsWithOtherInputsAndOtherTypes() throws Exception {
    promote(bundles.get(0));
    score(nights(0, 2));
    // A number that is a category now, and inputs that are no more.
    List<Input> fewer = new ArrayList<>();
    for (Input input : bundles.get(0).signature().inputs()) {
      if (input.column().equals("driver_history__rides_7d")) {
        fewer.add(new Input(input.column(), input.type(), new Encoding.OneHot()));
      } else if (!input.column().equals("clock__hour") && !input.categorical()) {
        fewer.add(input);
      }
    }
    promote(Rides.bundle(new ModelSignature("lateness", fewer, "late"), 4));
    score(nights(1, 3));
    // A view of which a feature has another type in its next version.
    CheckedProject changed =
        edited(
            folder.resolve("project"),
            text ->
                text.replace("count(*) over", "sum(kilometres) over")
                    .replace("driver_history@1", "driver_history@2"));
    promote(Rides.bundle(Rides.signature(changed.model("lateness")), 5));
    run(job(changed, nights(2, 4)));

    Dataset<Row> all = table(SCORES).orderBy("_as_of");
    assertThat(
            all.selectExpr(
                    "model_version",
                    "inputs.numbers.clock__hour is not null",
                    "inputs.categories.driver is not null",
                    "inputs.numbers.driver_history__rides_7d is not null",
                    "inputs.categories.driver_history__rides_7d")
                .distinct()
                .orderBy("model_version")
                .collectAsList()
                .toString())
        .isEqualTo("[[1,true,true,true,null], [2,false,false,false,56], [3,true,true,true,null]]");
    assertThat(all.groupBy("model_version").count().orderBy("model_version").collectAsList())
        .extracting(row -> row.getLong(1))
        .containsExactly(24L, 24L, 48L);
    assertThat(
            table(SUPERSEDED)
                .groupBy("model_version")
                .count()
                .orderBy("model_version")
                .collectAsList())
        .extracting(row -> row.getLong(1))
        .containsExactly(24L, 24L);
    // Back to the first: nothing of what was given is lost.
    Rides.promote(lake, ModelRegistry.open(lake.uri()).find("lateness@1").version());
    score(nights(0, 4));
    assertThat(table(SCORES).where("model_version = 1").count()).isEqualTo(96);
    assertThat(table(SUPERSEDED).where("inputs.categories.driver_history__rides_7d = '56'").count())
        .isEqualTo(48);
  }

  @Test
  void aDeliveryOfWhichNothingWasKnownByThenScoresNothingAgain() throws Exception {
    CheckedProject own =
        edited(
            Files.createTempDirectory(folder, "own"),
            text ->
                text.replace(
                    "source: plan\n  as-of: starts - interval 1 hour",
                    "source: rides\n  as-of: starts + interval 2 hours"));
    promote(bundles.get(0));
    assertThat(run(job(own, nights(0, 1))).outcome()).isEqualTo(Outcome.SUCCEEDED);
    deliverCorrection(2, 24);
    assertThat(run(job(own, nights(0, 1))).outcome()).isEqualTo(Outcome.UNCHANGED);
    RunRecord later = run(job(own, nights(1, 2)));
    assertThat(later.inputs()).extracting(pin -> pin.deliveries().orElseThrow()).containsOnly(2L);
    // One that was known in part by then.
    deliverCorrection(3, 23);
    RunRecord again = run(job(own, nights(0, 1)));
    assertThat(again.outcome()).isEqualTo(Outcome.SUCCEEDED);
    assertThat(again.inputs()).extracting(pin -> pin.deliveries().orElseThrow()).containsOnly(3L);
  }

  /** A correction of an early ride, known some hours after the first night began. */
  private void deliverCorrection(long number, int hours) {
    Ride ride = Rides.ride(24 * 7 + 2);
    Rides.deliver(
        lake,
        number,
        List.of(
            new Ride(
                ride.id(),
                ride.driver(),
                ride.kilometres(),
                ride.starts(),
                59,
                FROM.plus(Duration.ofHours(hours)),
                false)));
  }

  @Test
  void flagsWhatTheModelDidNotTakeAsItWas() {
    promote(bundles.get(0));
    Ride far = Rides.ride(24 * 7 + 5);
    Rides.deliver(
        lake,
        2,
        List.of(
            new Ride(far.id(), "nobody", 1e12, far.starts(), 0, far.known(), false),
            new Ride(
                far.id() + 1,
                "d1",
                Double.NaN,
                far.starts().plusSeconds(3_600),
                0,
                far.known(),
                false)));
    RunRecord record = score(nights(0, 1));
    assertThat(record.facts(ScoringFacts.class).orElseThrow().flagged())
        .isEqualTo(Map.of("unseen", 1L, "clamped", 1L, "missing", 2L));
    assertThat(
            table(SCORES)
                .where("size(flags.missing) + size(flags.unseen) + size(flags.clamped) > 0")
                .orderBy("id")
                .selectExpr("to_json(flags)")
                .collectAsList()
                .toString())
        .isEqualTo(
            "[[{\"missing\":[\"driver_history__late_share_7d\"],\"unseen\":[\"driver\"],"
                + "\"clamped\":[\"clock__kilometres\"]}],"
                + " [{\"missing\":[\"clock__kilometres\"],\"unseen\":[],\"clamped\":[]}]]");
  }

  @Test
  void aDayIsFoundWithoutReadingOthers() throws IOException {
    promote(bundles.get(0));
    score(ALL);
    String id =
        table(SCORES)
            .where("_as_of >= timestamp'2024-01-12T12:00:00Z'")
            .orderBy("_as_of")
            .head()
            .getAs("_prediction_id");
    assertThat(id).startsWith("next/2024-01-12/");
    Dataset<Row> found = table(SCORES).where("_prediction_id = '" + id + "'");
    assertThat(found.count()).isEqualTo(1);
    long files =
        lake.table(SCORES).commits().get(0).metrics().get("numFiles") == null
            ? 0
            : Long.parseLong(lake.table(SCORES).commits().get(0).metrics().get("numFiles"));
    assertThat(files).isBetween(10L, (long) NIGHTS + 1);
    assertThat(
            table(SCORES)
                .where("_prediction_id >= 'next/2024-01-12' and _prediction_id < 'next/2024-01-13'")
                .selectExpr("input_file_name() as f")
                .distinct()
                .count())
        .isLessThanOrEqualTo(2);
    List<JsonNode> statistics = statistics(SCORES);
    assertThat(statistics).hasSize((int) files);
    for (JsonNode of : statistics) {
      for (String bound : List.of("minValues", "maxValues")) {
        // Whole: of a set with a long name less would not tell the day.
        assertThat(of.path(bound).path("_prediction_id").asText())
            .startsWith("next/2024-01-")
            .hasSameSizeAs(id);
        assertThat(of.path(bound).path("_role").asText()).isEqualTo("champion");
        assertThat(of.path(bound).has("driver")).isFalse();
      }
    }
    assertThat(
            statistics.stream()
                .filter(
                    of ->
                        of.path("minValues").path("_prediction_id").asText().compareTo(id) <= 0
                            && of.path("maxValues").path("_prediction_id").asText().compareTo(id)
                                >= 0)
                .count())
        .isBetween(1L, 2L);
  }

  /** What the log says of each file of a table's first version. */
  private List<JsonNode> statistics(TableName name) throws IOException {
    List<JsonNode> statistics = new ArrayList<>();
    Path first = Path.of(lake.path(name)).resolve("_delta_log/00000000000000000000.json");
    for (String line : Files.readAllLines(first)) {
      JsonNode add = Json.mapper().readTree(line).path("add");
      if (!add.isMissingNode()) {
        statistics.add(Json.mapper().readTree(add.path("stats").asText()));
      }
    }
    return statistics;
  }

  @Test
  void scoringsOfOneSetExcludeEachOther() throws Exception {
    promote(bundles.get(0));
    score(nights(0, 1));
    promote(bundles.get(1));
    CountDownLatch working = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      Job first =
          beforeItsLastCommit(
              job(project, nights(0, 2)),
              () -> {
                working.countDown();
                await(goOn);
              });
      Future<RunRecord> running = thread.submit(() -> run(first));
      working.await();

      assertThatThrownBy(() -> score(nights(0, 1)))
          .isInstanceOfSatisfying(
              PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT))
          .hasMessageMatching(
              "Cannot run score next .*: run \\S+ of \\S+ \\(process \\d+ on .*\\) works on score next %s since .*"
                  .formatted(nights(0, 2)));
      goOn.countDown();
      assertThat(running.get().outcome()).isEqualTo(Outcome.SUCCEEDED);
    } finally {
      goOn.countDown();
      thread.shutdown();
    }
    score(nights(0, 1));
    assertThat(table(SCORES).count()).isEqualTo(48);
    assertThat(table(SUPERSEDED).count()).isEqualTo(24);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aScoringComesAfterOneThatLeftNoRowsAlsoWhereTheClockWasSetBack() {
    promote(bundles.get(0));
    score(nights(0, 1));
    CommitFacts first = lake.table(SCORES).commits().get(0).facts().orElseThrow();
    Instant ahead = Micros.instant(Micros.of(Instant.now().plusSeconds(3_600)));
    ScoringFacts none = first.facts(ScoringFacts.class).orElseThrow().inForce(2, ahead, 0, 24);
    lake.table(SCORES)
        .replaceWhere(
            table(SCORES).limit(0),
            "true",
            new CommitFacts(
                RunId.startingAt(FROM),
                first.key(),
                2,
                FROM,
                first.inputs(),
                Digest.of("no rows"),
                Optional.of(none),
                Map.of(),
                List.of(),
                List.of(),
                Map.of(),
                List.of(),
                first.environment(),
                true));
    ScoringFacts again = score(nights(0, 1)).facts(ScoringFacts.class).orElseThrow();
    assertThat(again.number()).isEqualTo(3);
    assertThat(again.at()).contains(ahead.plusNanos(1_000));
  }

  @Test
  void anotherWriterInBetweenIsNotOverwritten() {
    promote(bundles.get(0));
    score(nights(0, 1));
    var read = lake.table(SCORES).version();
    promote(bundles.get(1));
    score(nights(0, 1));
    assertThatThrownBy(
            () ->
                lake.table(SCORES)
                    .replaceWhere(
                        table(SCORES).limit(0),
                        "_as_of < timestamp'2024-01-09T00:00:00Z'",
                        null,
                        read))
        .hasMessageContaining("another process changed it meanwhile");
  }
}
