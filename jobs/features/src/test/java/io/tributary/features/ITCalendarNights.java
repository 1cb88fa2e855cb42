package io.tributary.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.Digest;
import io.tributary.core.Interval;
import io.tributary.core.Outcome;
import io.tributary.core.RunnerChoice;
import io.tributary.core.TableName;
import io.tributary.definition.ProjectReader;
import io.tributary.definition.ViewId;
import io.tributary.events.facts.PublicationFacts;
import io.tributary.events.runs.RunRecord;
import io.tributary.events.runs.SampleFacts;
import io.tributary.lake.ContentDigest;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.offline.FeatureStore;
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
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nights of a project that does not keep UTC, over the days of its zone that have 23 and 25 hours,
 * and snapshots of single instants among them.
 */
class ITCalendarNights {
  private static final LakeSession SESSION =
      LakeSession.lazy(Map.of("spark.sql.shuffle.partitions", "2"));
  private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");
  private static final LocalDate SPRING = LocalDate.of(2024, 3, 10);
  private static final LocalDate AUTUMN = LocalDate.of(2024, 11, 3);
  private static final TableName SNAPSHOTS = TableName.of("features", "riding_v1");
  private static final ViewId RIDING = ViewId.parse("riding@1");
  private static final Map<String, String> FILES =
      Map.of(
          "tributary.yaml",
          """
          project: railway
          zone: America/New_York
          lake: lake
          """,
          "sources/taps.yaml",
          """
          source: taps
          read: {format: csv, path: data/taps.csv, header: true}
          columns: {id: int, card: string, at: timestamp}
          event-key: [id]
          event-time: at
          known-time: at
          """,
          "features/riding.yaml",
          """
          view: riding@1
          entity: [card]
          source: taps
          accuracy: snapshot
          features:
            rides: count(*) over 1d
            today: count(*) over 1 calendar-days in America/New_York
          """);

  @TempDir Path folder;
  private CheckedProject project;
  private Lake lake;
  private final List<Instant> taps = new ArrayList<>();

  @AfterAll
  static void stop() {
    SESSION.close();
  }

  /**
   * A tap of one card at each half hour of four days around each change of clocks, and another one
   * at the midnight behind the first.
   */
  @BeforeEach
  void deliver() throws IOException {
    for (Map.Entry<String, String> file : FILES.entrySet()) {
      Path path = folder.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.getValue());
    }
    Files.createDirectories(folder.resolve("data"));
    Files.createFile(folder.resolve("data/taps.csv"));
    project = CheckedProject.check(ProjectReader.read(folder, Map.of(), Optional.empty()));
    for (LocalDate change : List.of(SPRING, AUTUMN)) {
      Instant end = change.plusDays(2).atStartOfDay(NEW_YORK).toInstant();
      for (Instant at = change.minusDays(2).atStartOfDay(NEW_YORK).toInstant();
          at.isBefore(end);
          at = at.plusSeconds(1_800)) {
        taps.add(at);
      }
    }
    taps.add(night(SPRING).to());
    lake = lake("lake");
  }

  private Lake lake(String name) {
    Lake made = Lake.open(folder.resolve(name).toString(), Duration.ofDays(30), SESSION);
    StructType schema =
        new StructType()
            .add("id", DataTypes.IntegerType)
            .add("card", DataTypes.StringType)
            .add("at", DataTypes.TimestampType)
            .add("_event_time", DataTypes.TimestampType)
            .add("_known_time", DataTypes.TimestampType)
            .add("_deleted", DataTypes.BooleanType)
            .add("_delivery", DataTypes.LongType)
            .add("_file", DataTypes.StringType)
            .add("_line", DataTypes.LongType)
            .add("_run", DataTypes.StringType);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < taps.size(); i++) {
      Timestamp at = Timestamp.from(taps.get(i));
      rows.add(RowFactory.create(i, "a", at, at, at, false, 1L, "taps.csv", (long) i, "none"));
    }
    made.table(TableName.of("validated", "taps"))
        .append(
            made.spark().createDataFrame(rows, schema),
            SampleFacts.ingested("taps", taps.get(0), 1));
    return made;
  }

  private static Interval night(LocalDate day) {
    return Interval.day(day, NEW_YORK);
  }

  private static Interval at(String instant) {
    return Interval.at(Instant.parse(instant));
  }

  private RunRecord run(List<Job> jobs) {
    assertThat(jobs).hasSize(1);
    try (JobRunner runner = JobRunner.open(lake)) {
      return runner.run(jobs.get(0));
    }
  }

  private RunRecord materialize(Interval interval) {
    return run(
        FeatureJobs.materialize(
            FeatureStore.open(project, lake, RunnerChoice.valueOf(DrawnRunner.name())),
            List.of("riding@1"),
            interval));
  }

  private RunRecord publish(OnlineStore online, Interval interval) {
    FeatureStore store = FeatureStore.open(project, lake, RunnerChoice.valueOf(DrawnRunner.name()));
    return run(FeatureJobs.publish(store, online, List.of("riding@1"), interval, false));
  }

  /** Rides in 24 hours, and since the same local time the day before, by instant. */
  private Map<Instant, List<Long>> snapshots() {
    Map<Instant, List<Long>> found = new TreeMap<>();
    lake.table(SNAPSHOTS)
        .read(lake.table(SNAPSHOTS).requireVersion())
        .collectAsList()
        .forEach(
            row ->
                found.put(
                    row.getTimestamp(row.fieldIndex("_at")).toInstant(),
                    List.of(row.<Long>getAs("rides_1d"), row.<Long>getAs("today_1_calendar_day"))));
    return found;
  }

  private List<Long> expected(Instant at) {
    Instant dayBefore = at.atZone(NEW_YORK).minusDays(1).toInstant();
    return List.of(since(at.minus(Duration.ofDays(1)), at), since(dayBefore, at));
  }

  private long since(Instant after, Instant at) {
    return taps.stream().filter(tap -> tap.isAfter(after) && !tap.isAfter(at)).count();
  }

  private Digest contents() {
    return ContentDigest.of(lake.table(SNAPSHOTS).read(lake.table(SNAPSHOTS).requireVersion()))
        .digest();
  }

  @Test
  void aNightEndsWhereTheProjectsDayDoes() {
    for (LocalDate change : List.of(SPRING, AUTUMN)) {
      for (int i = -1; i <= 1; i++) {
        materialize(night(change.plusDays(i)));
      }
    }
    Map<Instant, List<Long>> found = snapshots();
    assertThat(found.keySet())
        .containsExactly(
            Instant.parse("2024-03-10T04:59:59.999999Z"),
            Instant.parse("2024-03-11T03:59:59.999999Z"),
            Instant.parse("2024-03-12T03:59:59.999999Z"),
            Instant.parse("2024-11-03T03:59:59.999999Z"),
            Instant.parse("2024-11-04T04:59:59.999999Z"),
            Instant.parse("2024-11-05T04:59:59.999999Z"));
    found.forEach((at, values) -> assertThat(values).as("%s", at).isEqualTo(expected(at)));
    assertThat(found.get(night(SPRING).snapshotInstant())).containsExactly(48L, 46L);
    assertThat(found.get(night(AUTUMN).snapshotInstant())).containsExactly(48L, 50L);
  }

  @Test
  void nightsAndInstantsInAnyOrderAreAsInOneGo() {
    Interval days = Interval.of(night(SPRING.minusDays(1)).from(), night(SPRING.plusDays(1)).to());
    Interval midnight = Interval.at(night(SPRING).to());
    Interval noon = at("2024-03-10T16:00:00Z");
    materialize(days);
    materialize(midnight);
    materialize(noon);
    assertThat(snapshots()).hasSize(5);
    assertThat(snapshots().get(midnight.snapshotInstant()))
        .isEqualTo(expected(midnight.snapshotInstant()))
        .isNotEqualTo(snapshots().get(night(SPRING).snapshotInstant()));
    Digest inOneGo = contents();

    for (int order = 0; order < 3; order++) {
      lake = lake("order" + order);
      List<Interval> shuffled = new ArrayList<>(days.days(NEW_YORK));
      shuffled.addAll(List.of(midnight, noon));
      Collections.shuffle(shuffled, new Random(order));
      shuffled.forEach(this::materialize);
      assertThat(contents()).as("%s", shuffled).isEqualTo(inOneGo);
      assertThat(materialize(shuffled.get(0)).outcome()).isEqualTo(Outcome.UNCHANGED);
      materialize(days);
      assertThat(contents()).as("all days again after %s", shuffled).isEqualTo(inOneGo);
    }
  }

  @Test
  void publishesAnInstantAndJoinsAsItAnswers() {
    Interval midnight = Interval.at(night(SPRING).to());
    try (OnlineStore online = OnlineStores.open("rocksdb:" + folder.resolve("online"))) {
      assertThatThrownBy(() -> publish(online, midnight))
          .hasMessage(
              "Cannot read the snapshot of view riding@1 at 2024-03-11T04:00:00Z: it was never taken."
                  + " Take it first: tributary materialize riding@1 --at 2024-03-11T04:00:00Z");
      materialize(night(SPRING));
      materialize(midnight);
      Map<Instant, Long> asked = new TreeMap<>();
      for (Interval interval : List.of(night(SPRING), midnight)) {
        PublicationFacts facts =
            publish(online, interval).facts(PublicationFacts.class).orElseThrow();
        assertThat(facts.compared()).contains(1L);
        assertThat(facts.differences()).contains(0L);
        Instant at = interval.snapshotInstant();
        asked.put(at, rides(online, at));
        assertThat(online.published(RIDING).instant()).isEqualTo(at);
      }
      assertThat(publish(online, midnight).outcome()).isEqualTo(Outcome.UNCHANGED);
      publish(online, night(SPRING));
      assertThat(rides(online, midnight.to())).isEqualTo(asked.get(midnight.snapshotInstant()));

      assertThat(asked.values()).containsExactly(46L, 47L);
      assertThat(joined(new ArrayList<>(asked.keySet()))).isEqualTo(asked);
    }
  }

  private static Long rides(OnlineStore online, Instant at) {
    return (Long) online.read(RIDING, List.of("a"), at).get(1).value().orElseThrow();
  }

  private Map<Instant, Long> joined(List<Instant> asOf) {
    StructType schema =
        new StructType().add("card", DataTypes.StringType).add("as_of", DataTypes.TimestampType);
    Dataset<Row> rows =
        lake.spark()
            .createDataFrame(
                asOf.stream().map(at -> RowFactory.create("a", Timestamp.from(at))).toList(),
                schema);
    Map<Instant, Long> joined = new TreeMap<>();
    FeatureStore store = FeatureStore.open(project, lake, RunnerChoice.valueOf(DrawnRunner.name()));
    store
        .historicalFeatures(rows, "as_of", List.of("riding@1"))
        .collectAsList()
        .forEach(
            row ->
                joined.put(
                    row.getTimestamp(1).toInstant(), row.getAs("riding__today_1_calendar_day")));
    return joined;
  }

  @Test
  void partsOfDaysHaveASnapshotEachAndAreNeverCutInSilence() {
    Interval morning =
        Interval.of(Instant.parse("2024-03-10T10:00:00Z"), Instant.parse("2024-03-11T10:00:00Z"));
    assertThatThrownBy(() -> materialize(morning))
        .hasMessage(
            "Cannot divide 2024-03-10T10:00:00Z/2024-03-11T10:00:00Z into days: it begins or ends inside a day"
                + " of America/New_York. Take whole days, as in --night 2024-03-10.");
    morning.parts(NEW_YORK).forEach(this::materialize);
    materialize(night(SPRING));
    assertThat(snapshots().keySet())
        .containsExactly(
            Instant.parse("2024-03-11T03:59:59.999999Z"),
            Instant.parse("2024-03-11T09:59:59.999999Z"));
    snapshots().forEach((at, values) -> assertThat(values).as("%s", at).isEqualTo(expected(at)));
  }
}
