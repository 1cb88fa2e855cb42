package io.tributary.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Outcome;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.RunnerChoice;
import io.tributary.core.TableName;
import io.tributary.definition.ProjectReader;
import io.tributary.definition.TrainingSet;
import io.tributary.definition.ViewId;
import io.tributary.definition.ViewUse;
import io.tributary.events.facts.TrainingSetFacts;
import io.tributary.events.runs.CommitFacts;
import io.tributary.events.runs.RunRecord;
import io.tributary.events.runs.SampleFacts;
import io.tributary.lake.ContentDigest;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.lake.LakeTable;
import io.tributary.offline.FeatureStore;
import io.tributary.offline.TrainingSetBuild;
import io.tributary.offline.explanation.Explanation;
import io.tributary.online.Answer;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.runtime.Job;
import io.tributary.runtime.JobRunner;
import io.tributary.testing.DrawnRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rule 10: a training row of a view at the accuracy of snapshots has what the online store answered
 * at its as-of.
 */
class ITSnapshotAccuracy {
  private static final LakeSession SESSION =
      LakeSession.lazy(Map.of("spark.sql.shuffle.partitions", "2"));
  private static final Instant FIRST = Instant.parse("2024-03-01T00:00:00Z");
  private static final Duration DELAY = Duration.ofHours(2);
  private static final Duration TTL = Duration.ofHours(30);
  private static final int NIGHTS = 4;

  /** Of so many answers one is explained: each takes some work of the engine. */
  private static final int EXPLAINED = Boolean.getBoolean("long") ? 29 : 97;

  private static final TableName TAPS = TableName.of("validated", "taps");
  private static final Map<String, String> FILES =
      Map.of(
          "tributary.yaml",
          """
          project: railway
          zone: UTC
          lake: lake
          online: rocksdb:${lake}/online
          lineage: [delta]
          """,
          "sources/taps.yaml",
          """
          source: taps
          read: {format: csv, path: data/taps.csv, header: true}
          columns: {id: int, card: string, fare: double, at: timestamp, known: timestamp, gone: boolean}
          event-key: [id]
          event-time: at
          known-time: known
          tombstone: gone
          """,
          "features/riding.yaml",
          """
          view: riding@1
          entity: [card]
          source: taps
          accuracy: snapshot
          publish-delay: 2h
          max-staleness: 36h
          features:
            rides: count(*) over 1d, 7d
            fare: sum(fare) over 1d
            last: last_k(fare, 2) over 1d
          derived:
            share: rides_1d / rides_7d
            kind: if(rides_7d = 0, 'new', 'known')
          default:
            fare_1d: -1
          """,
          "features/inside.yaml",
          """
          view: inside@1
          entity: [card]
          source: taps
          accuracy: snapshot
          publish-delay: 2h
          ttl: 30h
          features:
            fare: fare
            at: at
          default:
            fare: -2
          """,
          "features/mixed.yaml",
          """
          view: mixed@1
          entity: [card]
          source: taps
          accuracy: snapshot
          publish-delay: 2h
          ttl: 6h
          features:
            fare: fare
            rides: count(*) over 3d
          """,
          "sources/cards.yaml",
          """
          source: cards
          static: true
          read: {format: csv, path: data/cards.csv, header: true}
          columns: {card: string, town: string}
          event-key: [card]
          """,
          "features/town.yaml",
          """
          view: town@1
          entity: [card]
          source: cards
          accuracy: snapshot
          features:
            town: town
          """,
          "training-sets/dear.yaml",
          """
          training-set: dear
          rows:
            source: taps
            as-of: at + interval 3 hours
          label:
            name: dear
            source: taps
            value: fare > 5
          features: [riding@1, inside@1, now@1, town@1]
          """,
          "training-sets/where.yaml",
          """
          training-set: where
          rows:
            source: taps
            as-of: at + interval 3 hours
          label:
            name: dear
            source: taps
            value: fare > 5
          features: [town@1, now@1]
          """,
          "features/now.yaml",
          """
          view: now@1
          entity: [card]
          source: taps
          features:
            rides: count(*) over 1d
          """);

  private static final List<ViewUse> USES =
      List.of("riding@1", "inside@1", "mixed@1").stream()
          .map(view -> new ViewUse(ViewId.parse(view), Map.of(), Optional.empty(), List.of()))
          .toList();

  /**
   * What was asked online.
   *
   * @param night after whose publication, from 0
   * @param pins of the snapshots that were there
   */
  private record Question(
      int number, String card, Instant at, int night, List<Pin> pins, List<Object> answers) {}

  @TempDir Path folder;
  private CheckedProject project;
  private Lake lake;
  private long deliveries;
  private long towns;
  private int taps;
  private final List<Instant> alone = new ArrayList<>();
  private final Random random = new Random(7);

  @AfterAll
  static void stop() {
    SESSION.close();
  }

  @BeforeEach
  void open() throws IOException {
    for (Map.Entry<String, String> file : FILES.entrySet()) {
      Path path = folder.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.getValue());
    }
    Files.createDirectories(folder.resolve("data"));
    Files.createFile(folder.resolve("data/taps.csv"));
    Files.createFile(folder.resolve("data/cards.csv"));
    project = CheckedProject.check(ProjectReader.read(folder, Map.of(), Optional.empty()));
    lake = Lake.open(folder.resolve("lake").toString(), Duration.ofDays(30), SESSION);
  }

  private FeatureStore store() {
    return FeatureStore.open(project, lake, RunnerChoice.valueOf(DrawnRunner.name()));
  }

  private static Interval day(int number) {
    return Interval.of(
        FIRST.plus(Duration.ofDays(number)), FIRST.plus(Duration.ofDays(number + 1)));
  }

  /** Taps of a day, then what is known by its end of taps of the days before. */
  private void deliver(int day) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      Instant at = day(day).from().plusSeconds(600L * random.nextInt(144));
      // A card of each day's own is never seen again.
      String card = i == 0 ? "day" + day : "c" + random.nextInt(5);
      if (i == 0) {
        alone.add(at);
      }
      rows.add(tap(taps++, card, 0.1 * random.nextInt(100), at, at.plusSeconds(3_600), false));
    }
    for (int i = 0; i < 4 && day > 0; i++) {
      Instant known = day(day).from().plusSeconds(600L * random.nextInt(144));
      Instant at = day(day - 1).from().plusSeconds(600L * random.nextInt(144));
      rows.add(tap(random.nextInt(taps - 12), "c" + random.nextInt(5), 7.7, at, known, i % 2 == 0));
    }
    append(rows);
  }

  private Row tap(int id, String card, double fare, Instant at, Instant known, boolean gone) {
    return RowFactory.create(
        id,
        card,
        fare,
        Timestamp.from(at),
        Timestamp.from(known),
        gone,
        Timestamp.from(at),
        Timestamp.from(known),
        gone,
        deliveries + 1,
        "taps.csv",
        (long) id,
        "none");
  }

  private void append(List<Row> rows) {
    deliveries++;
    StructType schema =
        new StructType()
            .add("id", DataTypes.IntegerType)
            .add("card", DataTypes.StringType)
            .add("fare", DataTypes.DoubleType)
            .add("at", DataTypes.TimestampType)
            .add("known", DataTypes.TimestampType)
            .add("gone", DataTypes.BooleanType)
            .add("_event_time", DataTypes.TimestampType)
            .add("_known_time", DataTypes.TimestampType)
            .add("_deleted", DataTypes.BooleanType)
            .add("_delivery", DataTypes.LongType)
            .add("_file", DataTypes.StringType)
            .add("_line", DataTypes.LongType)
            .add("_run", DataTypes.StringType);
    lake.table(TAPS).append(lake.spark().createDataFrame(rows, schema), facts("taps", deliveries));
  }

  private static CommitFacts facts(String source, long deliveries) {
    return SampleFacts.ingested(source, FIRST, deliveries);
  }

  private void run(List<Job> jobs) {
    try (JobRunner runner = JobRunner.open(lake)) {
      jobs.forEach(job -> assertThat(runner.run(job).outcome()).isNotEqualTo(Outcome.FAILED));
    }
  }

  private void night(OnlineStore online, int day) {
    FeatureStore store = store();
    List<String> views = USES.stream().map(use -> use.view().toString()).toList();
    run(FeatureJobs.materialize(store, views, day(day)));
    run(FeatureJobs.publish(store, online, views, day(day), false));
  }

  /** Asks the store from when a night's snapshot is served until the next one is. */
  private List<Question> ask(OnlineStore online, int night, int first) {
    Instant from = day(night).snapshotInstant().plus(DELAY);
    Instant next = from.plus(Duration.ofDays(1));
    TreeSet<Instant> times = new TreeSet<>(List.of(from, from.plusNanos(1_000), next));
    times.add(next.minusNanos(1_000));
    for (int i = 0; i < 3; i++) {
      times.add(from.plusSeconds(random.nextInt(86_400)));
    }
    // As old as the TTL, and a microsecond older.
    for (Instant tap : alone) {
      for (Instant at : List.of(tap.plus(TTL), tap.plus(TTL).plusNanos(1_000))) {
        if (!at.isBefore(from) && at.isBefore(next)) {
          times.add(at);
        }
      }
    }
    // The last night is asked until it is too old: 36 h after its instant, a microsecond later.
    Instant stale = day(night).snapshotInstant().plus(Duration.ofHours(36));
    if (night == NIGHTS - 1) {
      times.addAll(List.of(stale, stale.plusNanos(1_000)));
    } else {
      times.remove(next);
    }
    List<Pin> pins = store().pins().ofViews(USES);
    List<Question> questions = new ArrayList<>();
    for (Instant at : times) {
      for (String card : cards(night)) {
        List<Object> answers = new ArrayList<>();
        for (ViewUse use : USES) {
          for (Answer answer : online.read(use.view(), java.util.Arrays.asList(card), at)) {
            answers.add(answer.value().orElse(null));
          }
        }
        questions.add(new Question(first + questions.size(), card, at, night, pins, answers));
      }
    }
    return questions;
  }

  private static List<String> cards(int night) {
    List<String> cards = new ArrayList<>(List.of("c0", "c1", "c2", "c3", "c4", "nobody"));
    for (int day = 0; day <= night; day++) {
      cards.add("day" + day);
    }
    cards.add(null);
    return cards;
  }

  /** What a join gives to questions, by their numbers. */
  private Map<Integer, List<Object>> joined(List<Question> questions, List<Pin> pins) {
    StructType schema =
        new StructType()
            .add("number", DataTypes.IntegerType)
            .add("card", DataTypes.StringType)
            .add("as_of", DataTypes.TimestampType);
    List<Row> rows =
        questions.stream()
            .map(q -> RowFactory.create(q.number(), q.card(), Timestamp.from(q.at())))
            .toList();
    Map<Integer, List<Object>> joined = new HashMap<>();
    for (Row row :
        store()
            .historicalFeatures(lake.spark().createDataFrame(rows, schema), "as_of", USES, pins)
            .rows()
            .collectAsList()) {
      List<Object> values = new ArrayList<>();
      for (int i = schema.size(); i < row.size(); i++) {
        values.add(OnlineRows.value(row.get(i), row.schema().apply(i).dataType()));
      }
      joined.put(row.getInt(0), values);
    }
    return joined;
  }

  /** The features that are computed from events, of some answers, as explained. */
  private int explained(List<Question> questions) {
    int explained = 0;
    for (Question q : questions) {
      if (q.card() == null || q.number() % EXPLAINED != 0) {
        continue;
      }
      int i = 0;
      for (ViewUse use : USES) {
        for (String feature : project.project().views().get(use.view()).featureNames()) {
          Object answer = q.answers().get(i++);
          try {
            Explanation explanation =
                store().explain(use.view(), feature, Map.of("card", q.card()), q.at(), q.pins());
            assertThat(explanation.value()).as("%s %s", feature, q).isEqualTo(answer);
            assertThat(explanation.snapshot()).contains(day(q.night()).snapshotInstant());
            explained++;
          } catch (PlatformException e) {
            assertThat(e).as(q.toString()).hasMessageContaining("is older than");
          }
        }
      }
    }
    return explained;
  }

  private void requireSame(List<Question> questions, List<Pin> pins) {
    Map<Integer, List<Object>> joined = joined(questions, pins);
    for (Question q : questions) {
      assertThat(joined.get(q.number())).as(q.toString()).isEqualTo(q.answers());
    }
  }

  @Test
  void aTrainingRowHasWhatTheOnlineStoreAnsweredAtItsAsOf() {
    List<Question> questions = new ArrayList<>();
    try (OnlineStore online = OnlineStores.open("rocksdb:" + folder.resolve("lake/online"))) {
      for (int day = 0; day < NIGHTS; day++) {
        deliver(day);
        night(online, day);
        questions.addAll(ask(online, day, questions.size()));
      }
    }
    requireSame(questions, store().pins().ofViews(USES));
    // Some of each kind were asked: known, expired by TTL, stale, never seen.
    assertThat(questions).anyMatch(q -> q.answers().get(0).equals(1L));
    assertThat(questions).anyMatch(q -> q.card() != null && q.answers().contains(-2.0));
    assertThat(questions).anyMatch(q -> "c1".equals(q.card()) && q.answers().get(1).equals(0L));
    assertThat(questions)
        .anyMatch(q -> q.answers().contains("new"))
        .anyMatch(q -> q.answers().contains("known"));
  }

  @Test
  void whatIsTakenAgainDecidesForWhomItIsPinned() {
    List<Question> before = new ArrayList<>();
    List<Question> after = new ArrayList<>();
    try (OnlineStore online = OnlineStores.open("rocksdb:" + folder.resolve("lake/online"))) {
      for (int day = 0; day < NIGHTS - 1; day++) {
        deliver(day);
        night(online, day);
        before.addAll(ask(online, day, before.size()));
      }
      // Delivered late: of the second day, known then. The nights since are taken again.
      Instant at = day(1).from().plusSeconds(3_600);
      append(List.of(tap(9_000, "c1", 99.5, at, at.plusSeconds(3_600), false)));
      deliver(NIGHTS - 1);
      for (int day = 1; day < NIGHTS; day++) {
        night(online, day);
      }
      after.addAll(ask(online, NIGHTS - 1, before.size()));
    }
    List<Pin> now = store().pins().ofViews(USES);
    List<Pin> then = before.get(before.size() - 1).pins();

    requireSame(after, now);
    // By the record of what was there when it was asked, all answers are as they were.
    requireSame(before, then);
    assertThat(explained(before)).isPositive();
    // By what is there now, those before the nights that were taken again, and no others of c1.
    Map<Integer, List<Object>> joined = joined(before, now);
    for (Question q : before) {
      if (q.night() == 0 || !"c1".equals(q.card())) {
        assertThat(joined.get(q.number())).as(q.toString()).isEqualTo(q.answers());
      }
    }
    assertThat(before).anyMatch(q -> !joined.get(q.number()).equals(q.answers()));
  }

  @Test
  void aTrainingSetIsBuiltAgainFromTheSnapshotsThatItWasBuiltFrom() {
    TrainingSet set = project.trainingSet("dear").definition();
    deliverTowns("Kiel");
    for (int day = 0; day < 3; day++) {
      deliver(day);
      materializeAll(day);
    }
    RunRecord first = build(set);
    assertThat(first.outcome()).isEqualTo(Outcome.SUCCEEDED);
    assertThat(first.inputs())
        .extracting(pin -> pin.version().table().toString())
        .containsExactly(
            "features.inside_v1", "features.riding_v1", "features.town_v1", "validated.taps");
    assertThat(build(set).outcome()).isEqualTo(Outcome.UNCHANGED);
    compact();
    assertThat(build(set).outcome()).isEqualTo(Outcome.UNCHANGED);
    // Its one view with snapshots is of no source that the rows have.
    RunRecord where = build(project.trainingSet("where").definition());
    assertThat(where.outcome()).isEqualTo(Outcome.SUCCEEDED);
    assertThat(where.inputs())
        .extracting(pin -> pin.version().table().toString())
        .containsExactly("features.town_v1", "validated.taps");
    LakeTable towned = lake.table("training.where");
    assertThat(towned.read(towned.requireVersion()).select("town__town").distinct().collectAsList())
        .extracting(row -> row.getString(0))
        .contains("Kiel");

    // A late tap, another town, another night: all are taken again.
    Instant at = day(1).from().plusSeconds(3_600);
    append(List.of(tap(9_000, "c1", 99.5, at, at.plusSeconds(3_600), false)));
    deliverTowns("Bonn");
    deliver(3);
    for (int day = 0; day < 4; day++) {
      materializeAll(day);
    }
    compact();
    try (TrainingSetBuild again = store().trainingSets().build(set, first.inputs())) {
      assertThat(again.content().digest()).isEqualTo(content(first));
      assertThat(again.rows().select("town__town").distinct().collectAsList())
          .extracting(row -> row.getString(0))
          .containsExactlyInAnyOrder(null, "Kiel");
      assertThat(again.joins().beforeSnapshots().get("riding")).isPositive();
    }
    RunRecord second = build(set);
    assertThat(second.outcome()).isEqualTo(Outcome.SUCCEEDED);
    assertThat(content(second)).isNotEqualTo(content(first));
    assertThat(List.of(first, second))
        .extracting(ITSnapshotAccuracy::number)
        .containsExactly(1L, 2L);
    LakeTable built = lake.table(TrainingSetJob.table(set.name()));
    assertThat(ContentDigest.of(built.read(built.requireVersion())).digest())
        .isEqualTo(content(second));
  }

  private void materializeAll(int day) {
    run(FeatureJobs.materialize(store(), List.of("riding@1", "inside@1", "town@1"), day(day)));
  }

  private static Digest content(RunRecord record) {
    return record.facts(TrainingSetFacts.class).orElseThrow().content();
  }

  private static long number(RunRecord record) {
    return record.facts(TrainingSetFacts.class).orElseThrow().number();
  }

  private RunRecord build(TrainingSet set) {
    try (JobRunner runner = JobRunner.open(lake)) {
      return runner.run(TrainingSetJob.of(store(), set));
    }
  }

  private void compact() {
    for (String view : List.of("riding_v1", "inside_v1", "town_v1")) {
      String path = lake.path(TableName.of("features", view));
      lake.spark().sql("OPTIMIZE delta.`" + path + "`").count();
      lake.spark().sql("VACUUM delta.`" + path + "`").count();
    }
  }

  private void deliverTowns(String town) {
    long delivery = towns++ + 1;
    lake.table(TableName.of("validated", "cards"))
        .append(
            lake.spark()
                .sql(
                    "select concat('c', id) as card, '%s' as town, %dL as _delivery, 'cards.csv' as _file, id as _line, 'none' as _run from range(5)"
                        .formatted(town, delivery)),
            facts("cards", delivery));
  }

  @Test
  void saysWhatIsMissing() {
    deliver(0);
    FeatureStore store = store();
    assertThatThrownBy(() -> store.pins().ofViews(USES))
        .hasMessage(
            "Cannot read the snapshots of view riding@1: table features.riding_v1 has none, and the"
                + " view says accuracy: snapshot. Materialize it first: tributary materialize"
                + " riding@1 --night YYYY-MM-DD")
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
  }

  @Test
  void refusesSnapshotsOfAnotherDefinition() throws IOException {
    deliver(0);
    // Of a view that is no draft, another meaning is refused before any snapshot is looked at.
    edit("view: inside@1", "view: inside@1\nstatus: draft");
    run(FeatureJobs.materialize(store(), List.of("inside@1"), day(0)));
    List<ViewUse> inside = List.of(USES.get(1));
    // How snapshots are served is no part of what they hold.
    edit("publish-delay: 2h", "publish-delay: 3h");
    join(inside);
    edit("    fare: fare", "    fare: fare + 1");
    assertThatThrownBy(() -> join(inside))
        .hasMessage(
            "Cannot join view inside@1: some of its snapshots were taken when it was defined otherwise."
                + " Take them again: tributary materialize inside@1 --night 2024-03-01; or give the changed"
                + " view a new version.");
    run(FeatureJobs.materialize(store(), List.of("inside@1"), day(0)));
    join(inside);
  }

  private void edit(String from, String to) throws IOException {
    Path file = folder.resolve("features/inside.yaml");
    String text = Files.readString(file);
    assertThat(text).contains(from.strip());
    Files.writeString(file, text.replace(from.strip(), to.strip()));
    project = CheckedProject.check(ProjectReader.read(folder, Map.of(), Optional.empty()));
  }

  private void join(List<ViewUse> uses) {
    FeatureStore store = store();
    store
        .historicalFeatures(
            lake.spark().sql("select 'c1' as card, timestamp'2024-03-02T12:00:00Z' as as_of"),
            "as_of",
            uses,
            store.pins().ofViews(uses))
        .rows()
        .count();
  }
}
