package io.tributary.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.analysis.CheckedProject;
import io.tributary.core.Digest;
import io.tributary.core.Interval;
import io.tributary.core.Json;
import io.tributary.core.Micros;
import io.tributary.core.Outcome;
import io.tributary.core.RunnerChoice;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.definition.Credential;
import io.tributary.definition.OnlineAddress;
import io.tributary.definition.ProjectReader;
import io.tributary.definition.Secret;
import io.tributary.definition.ViewId;
import io.tributary.events.facts.PublicationFacts;
import io.tributary.events.facts.SnapshotFacts;
import io.tributary.events.runs.Resources;
import io.tributary.events.runs.RunRecord;
import io.tributary.events.runs.SampleFacts;
import io.tributary.lake.ContentDigest;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.offline.FeatureStore;
import io.tributary.online.Answer;
import io.tributary.online.KeyCodec;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.online.Origin;
import io.tributary.online.PartitionWriter;
import io.tributary.online.Publication;
import io.tributary.online.PublishedRows;
import io.tributary.online.RowCodec;
import io.tributary.online.StoredRow;
import io.tributary.runtime.Job;
import io.tributary.runtime.JobRunner;
import io.tributary.testing.DrawnRunner;
import io.tributary.testing.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.assertj.core.data.Index;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots and publications of taps of cards at the gates of a railway. */
class ITFeatureJobs {
  private static final LakeSession SESSION =
      LakeSession.lazy(Map.of("spark.sql.shuffle.partitions", "2"));
  private static final Instant FIRST = Instant.parse("2024-03-01T00:00:00Z");
  private static final TableName TAPS = TableName.of("validated", "taps");
  private static final TableName SNAPSHOTS = TableName.of("features", "riding_v1");
  private static final ViewId RIDING = ViewId.parse("riding@1");
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
          columns: {id: int, card: string, fare: bigint, at: timestamp}
          event-key: [id]
          event-time: at
          known-time: at + interval 1 hours
          """,
          "features/riding.yaml",
          """
          view: riding@1
          entity: [card]
          source: taps
          features:
            rides: count(*) over 1d, 7d
            fare: sum(fare) over 7 calendar-days in America/New_York
            fares: histogram(fare) over 1d
            spent: sum(fare) by if(id % 5 = 0, null, hour(at)) over 1d
            last: last_k(fare, 2) by hour(at) over 1d
            kinds: histogram(fare) by id % 2 = 0 over 1d
            since: time_since_last() by id % 3 over 7d
            middle: percentile(fare, 0.5) by id % 3 over 7d
          """,
          "features/inside.yaml",
          """
          view: inside@1
          entity: [card]
          source: taps
          online: false
          ttl: 1d
          features:
            fare: fare
          """,
          "features/clock.yaml",
          """
          view: clock@1
          request:
            at: timestamp
          features:
            hour: hour(at)
          """);

  @TempDir Path folder;
  private CheckedProject project;
  private Lake lake;

  /** A tap; its fare is known an hour later. */
  private record Tap(int id, String card, long fare, Instant at) {
    int hour() {
      return at.atOffset(ZoneOffset.UTC).getHour();
    }
  }

  private final List<Tap> taps = new ArrayList<>();
  private long deliveries;

  @AfterAll
  static void stop() {
    SESSION.close();
  }

  @BeforeEach
  void deliverFiveDays() throws IOException {
    for (Map.Entry<String, String> file : FILES.entrySet()) {
      Path path = folder.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.getValue());
    }
    Files.createDirectories(folder.resolve("data"));
    Files.createFile(folder.resolve("data/taps.csv"));
    project = CheckedProject.check(ProjectReader.read(folder, Map.of(), Optional.empty()));
    lake = Lake.open(folder.resolve("lake").toString(), Duration.ofDays(30), SESSION);
    List<Tap> delivered = new ArrayList<>();
    for (int i = 0; i < 5 * 48; i++) {
      delivered.add(new Tap(i, "c" + i * 7 % 11, 100 + i % 13, FIRST.plusSeconds(1_800L * i)));
    }
    deliver(delivered);
  }

  private void deliver(List<Tap> delivered) {
    deliveries++;
    append(delivered.stream().map(tap -> row(tap, tap.at().plusSeconds(3_600), false)).toList());
    taps.addAll(delivered);
  }

  /** Delivers that a tap never was, as is known from an instant on. */
  private void withdraw(Tap tap, Instant known) {
    deliveries++;
    append(List.of(row(tap, known, true)));
  }

  private Row row(Tap tap, Instant known, boolean deleted) {
    Timestamp at = Timestamp.from(tap.at());
    return RowFactory.create(
        tap.id(),
        tap.card(),
        tap.fare(),
        at,
        at,
        Timestamp.from(known),
        deleted,
        deliveries,
        "taps.csv",
        (long) tap.id(),
        "none");
  }

  private void append(List<Row> rows) {
    StructType schema =
        new StructType()
            .add("id", DataTypes.IntegerType)
            .add("card", DataTypes.StringType)
            .add("fare", DataTypes.LongType)
            .add("at", DataTypes.TimestampType)
            .add("_event_time", DataTypes.TimestampType)
            .add("_known_time", DataTypes.TimestampType)
            .add("_deleted", DataTypes.BooleanType)
            .add("_delivery", DataTypes.LongType)
            .add("_file", DataTypes.StringType)
            .add("_line", DataTypes.LongType)
            .add("_run", DataTypes.StringType);
    lake.table(TAPS)
        .append(
            lake.spark().createDataFrame(rows, schema),
            SampleFacts.ingested("taps", FIRST, deliveries));
  }

  private static Interval days(int from, int to) {
    return Interval.of(FIRST.plus(Duration.ofDays(from)), FIRST.plus(Duration.ofDays(to)));
  }

  private RunRecord materialize(Interval interval) {
    FeatureStore store = FeatureStore.open(project, lake, RunnerChoice.valueOf(DrawnRunner.name()));
    return run(FeatureJobs.materialize(store, List.of("riding@1"), interval));
  }

  private RunRecord publish(OnlineStore online, Interval interval) {
    FeatureStore store = FeatureStore.open(project, lake, RunnerChoice.valueOf(DrawnRunner.name()));
    return run(FeatureJobs.publish(store, online, List.of("riding@1"), interval, false));
  }

  private RunRecord run(List<Job> jobs) {
    assertThat(jobs).hasSize(1);
    try (JobRunner runner = JobRunner.open(lake)) {
      return runner.run(jobs.get(0));
    }
  }

  private OnlineStore online() {
    return OnlineStores.open("rocksdb:" + folder.resolve("lake/online"));
  }

  private Digest contents() {
    TableVersion version = lake.table(SNAPSHOTS).requireVersion();
    return ContentDigest.of(lake.table(SNAPSHOTS).read(version)).digest();
  }

  /** For each card seen: rides of a day, rides and fares of seven, as plain Java counts them. */
  private Map<String, List<Long>> expected(Instant at) {
    Map<String, List<Long>> expected = new TreeMap<>();
    for (Tap tap : taps) {
      if (tap.at().plusSeconds(3_600).isAfter(at)) {
        continue;
      }
      boolean day = tap.at().isAfter(at.minus(Duration.ofDays(1)));
      expected.merge(
          tap.card(),
          List.of(day ? 1L : 0L, 1L, tap.fare()),
          (a, b) -> List.of(a.get(0) + b.get(0), a.get(1) + b.get(1), a.get(2) + b.get(2)));
    }
    return expected;
  }

  /** Sums over a card's taps of the day before an instant. */
  private Map<Long, Long> day(
      String card, Instant at, Function<Tap, Long> key, Function<Tap, Long> value) {
    Map<Long, Long> sums = new TreeMap<>();
    for (Tap tap : taps) {
      if (tap.card().equals(card)
          && !tap.at().plusSeconds(3_600).isAfter(at)
          && tap.at().isAfter(at.minus(Duration.ofDays(1)))
          && key.apply(tap) != null) {
        sums.merge(key.apply(tap), value.apply(tap), Long::sum);
      }
    }
    return sums;
  }

  /** How often each fare is there in the day before an instant, of odd and of even taps. */
  private Map<Boolean, Map<Long, Long>> kinds(String card, Instant at) {
    Map<Boolean, Map<Long, Long>> kinds = new TreeMap<>();
    for (boolean even : new boolean[] {false, true}) {
      Map<Long, Long> fares =
          day(card, at, t -> t.id() % 2 == 0 == even ? (Long) t.fare() : null, t -> 1L);
      if (!fares.isEmpty()) {
        kinds.put(even, fares);
      }
    }
    return kinds;
  }

  /** Seconds since the newest tap of seven days, for each rest of its number by three. */
  private Map<Long, Double> since(String card, Instant at) {
    Map<Long, Double> since = new TreeMap<>();
    for (Tap tap : taps) {
      if (tap.card().equals(card)
          && !tap.at().plusSeconds(3_600).isAfter(at)
          && tap.at().isAfter(at.minus(Duration.ofDays(7)))) {
        double seconds = (Micros.of(at) - Micros.of(tap.at())) / 1e6;
        since.merge((long) tap.id() % 3, seconds, Math::min);
      }
    }
    return since;
  }

  private Map<String, List<Long>> snapshot(Instant at) {
    Map<String, List<Long>> found = new TreeMap<>();
    lake.table(SNAPSHOTS)
        .read(lake.table(SNAPSHOTS).requireVersion())
        .where("_at = timestamp'" + at + "'")
        .collectAsList()
        .forEach(
            row ->
                found.put(
                    row.getAs("card"),
                    List.of(
                        row.<Long>getAs("rides_1d"),
                        row.<Long>getAs("rides_7d"),
                        row.<Long>getAs("fare_7_calendar_days"))));
    return found;
  }

  @Test
  void takesAsnapshotAtTheLastInstantOfEachDay() {
    RunRecord record = materialize(days(0, 3));

    assertThat(record.outcome()).isEqualTo(Outcome.SUCCEEDED);
    assertThat(record.resources().flatMap(Resources::runner))
        .contains(DrawnRunner.name().equals("auto") ? "local" : "spark");
    assertThat(record.facts(SnapshotFacts.class).orElseThrow().snapshots()).isEqualTo(3);
    for (Interval day : days(0, 3).days(project.project().zone())) {
      assertThat(snapshot(day.snapshotInstant()))
          .hasSize(11)
          .isEqualTo(expected(day.snapshotInstant()));
    }
  }

  @Test
  void replacesExactlyItsIntervalInWhateverOrder() throws IOException {
    materialize(days(0, 3));
    materialize(days(3, 4));
    materialize(days(4, 5));
    Digest inOrder = contents();

    lake = Lake.open(folder.resolve("lake2").toString(), Duration.ofDays(30), SESSION);
    List<Tap> all = List.copyOf(taps);
    taps.clear();
    deliveries = 0;
    deliver(all);
    materialize(days(4, 5));
    materialize(days(2, 4));
    materialize(days(0, 2));
    materialize(days(3, 4));

    assertThat(contents()).isEqualTo(inOrder);
  }

  @Test
  void doesNothingTwiceAndAllAgainAfterAdelivery() {
    materialize(days(0, 5));
    TableVersion version = lake.table(SNAPSHOTS).requireVersion();
    assertThat(materialize(days(0, 5)).outcome()).isEqualTo(Outcome.UNCHANGED);
    assertThat(lake.table(SNAPSHOTS).requireVersion()).isEqualTo(version);

    deliver(
        List.of(
            new Tap(9_000, "late", 7, FIRST.plusSeconds(60)),
            new Tap(9_001, "later", 7, days(0, 5).to().minusSeconds(3_600))));
    RunRecord again = materialize(days(0, 5));
    assertThat(again.outcome()).isEqualTo(Outcome.SUCCEEDED);
    assertThat(again.facts(SnapshotFacts.class).orElseThrow().since())
        .contains(new SnapshotFacts.Since(1, 1));
    assertThat(snapshot(days(0, 1).snapshotInstant()))
        .containsEntry("late", List.of(1L, 1L, 7L))
        .isEqualTo(expected(days(0, 1).snapshotInstant()));
  }

  private RunRecord publish(OnlineStore online, Interval interval, RunnerChoice by) {
    FeatureStore store = FeatureStore.open(project, lake, by);
    return run(FeatureJobs.publish(store, online, List.of("riding@1"), interval, false));
  }

  private List<Path> files(String table) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("lake").resolve(table))) {
      return files.filter(f -> f.toString().endsWith(".parquet")).toList();
    }
  }

  /** An empty file would have no rows: all of them would be withdrawn, and nothing would differ. */
  @Test
  void aFileThatWasCutIsNotAnEmptySnapshot() throws IOException {
    materialize(days(4, 5));
    for (Path file : files("features/riding_v1")) {
      Files.write(file, new byte[0]);
    }
    try (OnlineStore online = online()) {
      assertThatThrownBy(() -> publish(online, days(4, 5), RunnerChoice.local))
          .hasMessageContaining("Cannot read the snapshot of view riding@1 by --runner local")
          .hasMessageContaining("it has 0 bytes, and ");
      for (RunnerChoice by : List.of(RunnerChoice.auto, RunnerChoice.spark)) {
        assertThatThrownBy(() -> publish(online, days(4, 5), by)).isInstanceOf(Exception.class);
      }
      assertThat(online.publication(RIDING)).isEmpty();
    }
  }

  @Test
  void aNightIsReadWithoutTheFilesOfOthers() throws IOException {
    materialize(days(3, 4));
    List<Path> ofOthers = files("features/riding_v1");
    materialize(days(4, 5));
    for (Path file : ofOthers) {
      Files.writeString(file, "damaged");
    }
    try (OnlineStore online = online()) {
      RunRecord record = publish(online, days(4, 5), RunnerChoice.local);
      assertThat(record.facts(PublicationFacts.class).orElseThrow().compared()).contains(11L);
    }
  }

  @Test
  void publishesWhatTheSnapshotSays() {
    materialize(days(0, 5));
    try (OnlineStore online = online()) {
      RunRecord record = publish(online, days(4, 5));

      PublicationFacts published = record.facts(PublicationFacts.class).orElseThrow();
      assertThat(published.rows()).isEqualTo(11);
      assertThat(published.compared()).contains(11L);
      assertThat(published.differences()).contains(0L);
      Instant at = days(4, 5).snapshotInstant();
      expected(at)
          .forEach(
              (card, values) ->
                  assertThat(online.read(RIDING, List.of(card), at))
                      .extracting(a -> a.value().orElseThrow())
                      .hasSize(9)
                      .startsWith(
                          values.get(0),
                          values.get(1),
                          values.get(2),
                          day(card, at, Tap::fare, t -> 1L),
                          day(card, at, t -> t.id() % 5 == 0 ? null : (long) t.hour(), Tap::fare))
                      .contains(kinds(card, at), Index.atIndex(6))
                      .contains(since(card, at), Index.atIndex(7)));
      assertThat(online.read(RIDING, List.of("nobody"), at))
          .extracting(Answer::status)
          .containsOnly(Answer.Status.ABSENT);
      assertThat(publish(online, days(4, 5)).outcome()).isEqualTo(Outcome.UNCHANGED);
    }
  }

  @Test
  void takesAgainWhatAnotherDefinitionHasTakenOfAWiderInterval() throws IOException {
    String text = FILES.get("features/riding.yaml") + "status: draft\n";
    define(text);
    materialize(days(4, 5));
    define(text.replace("fare: sum(fare) over 7", "fare: sum(fare + 1) over 7"));
    materialize(days(3, 5));
    define(text);
    try (OnlineStore online = online()) {
      assertThatThrownBy(() -> publish(online, days(4, 5)))
          .hasMessageContaining("it was taken when the view was defined otherwise");
      assertThat(materialize(days(4, 5)).outcome()).isEqualTo(Outcome.SUCCEEDED);
      assertThat(snapshot(days(4, 5).snapshotInstant()))
          .isEqualTo(expected(days(4, 5).snapshotInstant()));
      assertThat(materialize(days(4, 5)).outcome()).isEqualTo(Outcome.UNCHANGED);
      assertThat(publish(online, days(4, 5)).outcome()).isEqualTo(Outcome.SUCCEEDED);
    }
    // By the same definition a wider interval has the same snapshots.
    assertThat(materialize(days(3, 5)).outcome()).isEqualTo(Outcome.SUCCEEDED);
    assertThat(materialize(days(4, 5)).outcome()).isEqualTo(Outcome.UNCHANGED);
  }

  private void define(String riding) throws IOException {
    Files.writeString(folder.resolve("features/riding.yaml"), riding);
    project = CheckedProject.check(ProjectReader.read(folder, Map.of(), Optional.empty()));
  }

  @Test
  void publishesAgainOnlyWhatWasTakenAgain() {
    materialize(days(0, 4));
    materialize(days(4, 5));
    try (OnlineStore online = online()) {
      publish(online, days(4, 5));
      deliver(List.of(new Tap(9_000, "late", 7, FIRST.plusSeconds(60))));
      materialize(days(0, 4));
      assertThat(publish(online, days(4, 5)).outcome()).isEqualTo(Outcome.UNCHANGED);
      materialize(days(4, 5));
      assertThat(publish(online, days(4, 5)).outcome()).isEqualTo(Outcome.SUCCEEDED);
      assertThat(online.published(RIDING).rows()).isEqualTo(12);
    }
  }

  @Test
  void anEarlierNightPublishedLateBringsBackNothingWithdrawn() {
    Tap gone = new Tap(9_000, "gone", 7, FIRST.plus(Duration.ofDays(3)));
    deliver(List.of(gone));
    withdraw(gone, FIRST.plus(Duration.ofDays(4)));
    materialize(days(3, 4));
    materialize(days(4, 5));
    assertThat(snapshot(days(3, 4).snapshotInstant())).containsEntry("gone", List.of(1L, 1L, 7L));

    try (OnlineStore inOrder = online("in order");
        OnlineStore late = online("late")) {
      publish(inOrder, days(3, 4));
      assertThat(rides(inOrder, "gone")).isEqualTo(1L);
      publish(inOrder, days(4, 5));
      publish(late, days(4, 5));
      publish(late, days(3, 4));

      assertThat(rides(late, "gone")).isEqualTo(0L);
      assertThat(late.read(RIDING, List.of("gone"), days(4, 5).snapshotInstant()))
          .extracting(Answer::status)
          .containsOnly(Answer.Status.ABSENT);
      assertThat(stored(late)).isEqualTo(stored(inOrder)).hasSize(12);
    }
  }

  @Test
  void lateEventsOfAnEarlierNightReachTheStoreInWhateverOrder() {
    materialize(days(4, 5));
    deliver(List.of(new Tap(9_000, "late", 7, FIRST.plus(Duration.ofDays(3)))));
    materialize(days(3, 4));
    try (OnlineStore inOrder = online("in order");
        OnlineStore late = online("late")) {
      publish(inOrder, days(3, 4));
      publish(inOrder, days(4, 5));
      publish(late, days(4, 5));
      publish(late, days(3, 4));

      assertThat(rides(late, "late")).isEqualTo(1L);
      assertThat(stored(late)).isEqualTo(stored(inOrder)).hasSize(12);
    }
  }

  /**
   * Layers of two instants, with a row of the earlier one beside and one in place of those of the
   * later one.
   */
  private Publication layered(OnlineStore online) {
    deliver(List.of(new Tap(8_999, "rare", 7, FIRST.plus(Duration.ofDays(1)))));
    materialize(days(4, 5));
    publish(online, days(4, 5));
    deliver(
        List.of(
            new Tap(9_000, "late", 7, FIRST.plus(Duration.ofDays(3))),
            new Tap(9_001, "rare", 7, days(4, 5).from().minusSeconds(3_700))));
    materialize(days(3, 4));
    RunRecord record = publish(online, days(3, 4));

    assertThat(record.facts(PublicationFacts.class).orElseThrow().compared()).contains(13L);
    assertThat(record.facts(PublicationFacts.class).orElseThrow().differences()).contains(0L);
    Publication published = online.published(RIDING);
    assertThat(published.snapshots()).hasSize(2);
    assertThat(online.parity(published).orElseThrow().rows()).isEqualTo(13);
    return published;
  }

  /** Row by row what is in files, of several layers; and once more when the server has lost all. */
  @Test
  void publishesTheSameToAServer() throws IOException {
    String password = "hunter2";
    try (RedisServer redis = new RedisServer(folder, "--requirepass", password);
        OnlineStore files = online();
        OnlineStore server =
            OnlineStores.open(
                new OnlineAddress(
                    redis.address(),
                    Optional.of(
                        new Credential(
                            Optional.empty(), Optional.of(new Secret("PASSWORD", password)))),
                    Optional.of("travel"),
                    Optional.empty()))) {
      layered(server);
      publish(files, days(4, 5));
      publish(files, days(3, 4));
      assertThat(stored(server)).isEqualTo(stored(files)).hasSize(13);
      assertThat(publish(server, days(3, 4)).outcome()).isEqualTo(Outcome.UNCHANGED);
      assertThat(server.unused()).isEmpty();

      redis.fail();
      assertThatThrownBy(() -> publish(server, days(3, 4)))
          .hasMessageContaining("Connection refused. Check that the server runs");
      redis.start();
      assertThat(publish(server, days(4, 5)).outcome()).isEqualTo(Outcome.SUCCEEDED);
      assertThat(publish(server, days(3, 4)).outcome()).isEqualTo(Outcome.SUCCEEDED);
      assertThat(stored(server)).isEqualTo(stored(files));
    }
  }

  @Test
  void findsAWrongRowOfALayeredPublication() throws IOException {
    try (OnlineStore online = online()) {
      Publication published = layered(online);
      byte[] late = KeyCodec.encode(published.view().keys(), List.of("late"));
      Map<String, UnaryOperator<StoredRow>> faults = new LinkedHashMap<>();
      faults.put(
          "another value",
          row -> {
            List<Object> values = new ArrayList<>(row.values());
            values.set(1, 2L);
            return new StoredRow(row.eventTime(), row.knownTime(), row.publishedFor(), values);
          });
      faults.put(
          "another instant",
          row ->
              new StoredRow(
                  row.eventTime(), row.knownTime(), days(4, 5).snapshotInstant(), row.values()));
      faults.put("no row", row -> null);
      for (var fault : faults.entrySet()) {
        planted(online, published, fault.getKey(), late, fault.getValue());
      }
      planted(online, published, "a row too many", new byte[] {1}, row -> lateRow(online));
    }
  }

  private static StoredRow lateRow(OnlineStore online) {
    try (PublishedRows rows = online.rows(online.published(RIDING))) {
      return rows.find(List.of("late")).orElseThrow();
    }
  }

  /** Writes the publication's files anew but for one row, and has it compared once more. */
  private void planted(
      OnlineStore online,
      Publication published,
      String fault,
      byte[] key,
      UnaryOperator<StoredRow> change)
      throws IOException {
    TreeMap<byte[], StoredRow> rows = new TreeMap<>(Arrays::compareUnsigned);
    try (PublishedRows stored = online.rows(published)) {
      stored.forEach(rows::put);
    }
    StoredRow changed = change.apply(rows.get(key));
    rows.remove(key);
    if (changed != null) {
      rows.put(key, changed);
    }
    Path manifest = folder.resolve("lake/online/riding_v1/manifest-000000000002.json");
    Path parity = manifest.resolveSibling("parity-000000000002.json");
    String before = Files.readString(manifest);
    try (PartitionWriter writer =
        online
            .begin(
                published.view(),
                published.snapshots().get(0),
                Origin.of(published.lake().orElseThrow()))
            .partitions()
            .open()) {
      rows.forEach((k, row) -> writer.add(k, RowCodec.encode(row)));
      ObjectNode json = (ObjectNode) Json.mapper().readTree(before);
      json.withArray("runs")
          .removeAll()
          .addArray()
          .add(Json.mapper().readTree(writer.finish().orElseThrow().receipt().orElseThrow()));
      Files.writeString(manifest, json.toString());
    }
    String compared = Files.readString(parity);
    Files.delete(parity);
    try (OnlineStore another = online()) {
      assertThatThrownBy(() -> publish(another, days(3, 4)))
          .as(fault)
          .hasMessage(
              "Cannot confirm publication 2 of view riding@1: beside its snapshots, of 13 rows, 1 differ,"
                  + " are missing or are in excess. Report this as a bug.");
      assertThat(another.parity(published).orElseThrow().differences()).isEqualTo(1);
    }
    Files.writeString(manifest, before);
    Files.writeString(parity, compared);
  }

  @Test
  void writesOnlyWhatANightChanges() throws IOException {
    List<Tap> longAgo = new ArrayList<>();
    for (int card = 0; card < 1_500; card++) {
      longAgo.add(new Tap(20_000 + card, "r" + card, card, FIRST));
    }
    deliver(longAgo);
    try (OnlineStore online = online()) {
      long all = written(online, 20);
      for (int day = 21; day < 23; day++) {
        deliver(List.of(new Tap(day, "r" + day * 17, day, days(day, day + 1).from())));
        assertThat(written(online, day)).as("day %d", day).isBetween(1L, all / 4);
      }
      Path files = folder.resolve("lake/online/riding_v1");
      Path base = files.resolve(json(files, 1).at("/runs/0/0/name").textValue());
      assertThat(json(files, 3).at("/runs/1/0/name").textValue())
          .isEqualTo(base.getFileName().toString());

      byte[] bytes = Files.readAllBytes(base);
      bytes[bytes.length / 3] ^= 0x10;
      Files.write(base, bytes);
      assertThat(written(online, 23)).as("what is damaged is written anew").isGreaterThan(all / 2);
      assertThat(json(files, 4).at("/runs").size()).isEqualTo(1);
    }
  }

  /** Takes and publishes a day; how many bytes that took. Each row is compared. */
  private long written(OnlineStore online, int day) {
    materialize(days(day, day + 1));
    RunRecord record = publish(online, days(day, day + 1));
    PublicationFacts facts = record.facts(PublicationFacts.class).orElseThrow();
    assertThat(facts.compared()).contains(1_511L);
    assertThat(facts.differences()).contains(0L);
    return record.resources().orElseThrow().onlineBytes().orElseThrow();
  }

  private static JsonNode json(Path files, int publication) throws IOException {
    return Json.mapper()
        .readTree(files.resolve("manifest-%012d.json".formatted(publication)).toFile());
  }

  @Test
  void findsALayerThatShouldNotCount() throws IOException {
    try (OnlineStore online = online()) {
      Publication published = layered(online);
      Path manifest = folder.resolve("lake/online/riding_v1/manifest-000000000002.json");
      Files.delete(manifest.resolveSibling("parity-000000000002.json"));
      ObjectNode json = (ObjectNode) Json.mapper().readTree(manifest.toFile());
      json.set("layers", json.withArray("layers").arrayNode().add(json.at("/layers/0")));
      json.set("runs", json.at("/layers/0/runs"));
      Files.writeString(manifest, json.toString());

      assertThatThrownBy(() -> publish(online, days(3, 4)))
          .hasMessageContaining("of 13 rows, 2 differ, are missing or are in excess.");
      assertThat(published.snapshots()).hasSize(2);
    }
  }

  @Test
  void refusesALayerWhoseVersionIsPastRetention() throws IOException {
    materialize(days(4, 5));
    deliver(List.of(new Tap(9_000, "late", 7, FIRST.plus(Duration.ofDays(3)))));
    materialize(days(3, 4));
    String at = "2024-03-05T23:59:59.999999Z";
    try (OnlineStore online = online()) {
      publish(online, days(4, 5));
      forgetFirst();
      assertThatThrownBy(() -> publish(online, days(3, 4)))
          .hasMessageStartingWith(
              "Cannot compare publication 2 of view riding@1: it has rows of the snapshot at "
                  + at
                  + ", of which the lake no longer has features.riding_v1@0. Retake that snapshot")
          .hasMessageEndingWith(
              "tributary materialize riding@1 --at %1$s; tributary publish riding@1 --at %1$s"
                  .formatted(at));
      materialize(days(4, 5));
      publish(online, days(4, 5));
      assertThat(publish(online, days(3, 4)).outcome()).isEqualTo(Outcome.SUCCEEDED);
    }
  }

  /** Lets the log of snapshots begin with the newest version, of two. */
  private void forgetFirst() throws IOException {
    String table = lake.path(TableName.of("features", "riding_v1"));
    DeltaLog.forTable(lake.spark(), table).checkpoint();
    Files.delete(Path.of(table).resolve("_delta_log/%020d.json".formatted(0)));
  }

  private OnlineStore online(String name) {
    return OnlineStores.open("rocksdb:" + folder.resolve(name));
  }

  private static Object rides(OnlineStore online, String card) {
    return online
        .read(RIDING, List.of(card), days(4, 5).snapshotInstant())
        .get(1)
        .value()
        .orElseThrow();
  }

  private static Map<String, String> stored(OnlineStore online) {
    Map<String, String> rows = new TreeMap<>();
    try (PublishedRows stored = online.rows(online.published(RIDING))) {
      stored.forEach((key, row) -> rows.put(HexFormat.of().formatHex(key), row.toString()));
    }
    return rows;
  }

  @Test
  void saysWhatItCannotDo() {
    FeatureStore store = FeatureStore.open(project, lake, RunnerChoice.valueOf(DrawnRunner.name()));
    try (OnlineStore online = online()) {
      materialize(days(0, 1));
      assertThatThrownBy(() -> publish(online, days(1, 2)))
          .hasMessage(
              "Cannot read the snapshot of view riding@1 at 2024-03-02T23:59:59.999999Z: it was never taken."
                  + " Take it first: tributary materialize riding@1 --night 2024-03-02");
      assertThatThrownBy(
              () -> FeatureJobs.publish(store, online, List.of("inside@1"), days(0, 1), false))
          .hasMessage(
              "Cannot publish view inside@1: its definition has online: false. Change it or leave the view out.");
    }
    assertThatThrownBy(() -> FeatureJobs.materialize(store, List.of("clock@1"), days(0, 1)))
        .hasMessage(
            "Cannot materialize view clock@1: it is computed on demand and has no snapshots. Leave it out.");
    assertThatThrownBy(() -> FeatureJobs.materialize(store, List.of("ridng@1"), days(0, 1)))
        .hasMessage(
            "Cannot find view ridng@1: the project has none of that name. Did you mean \"riding@1\"?");
  }
}
