package io.tributary.offline;

import static io.tributary.offline.Trips.driver;
import static io.tributary.offline.Trips.trip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.ViewId;
import io.tributary.definition.ViewUse;
import io.tributary.events.facts.JoinCounts;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ITViews {
  private static final String NOON = "2021-03-02T12:00:00Z";

  @TempDir private Path folder;

  private static ViewUse use(String view, Map<String, String> keys, String role, String... take) {
    return new ViewUse(ViewId.parse(view), keys, Optional.of(role), List.of(take));
  }

  private static Dataset<Row> asking(String... columns) {
    return Lakes.SESSION
        .spark()
        .sql("select timestamp'" + NOON + "' as as_of, " + String.join(", ", columns));
  }

  private static Row joined(Trips trips, Dataset<Row> rows, ViewUse... uses) {
    FeatureStore store = trips.store();
    try (Joined joined =
        store
            .historicalFeatures(rows, "as_of", List.of(uses), store.pins().ofViews(List.of(uses)))
            .materialize()) {
      return joined.rows().head();
    }
  }

  private Trips tied() {
    return Trips.in(folder)
        .deliver(
            "trips",
            1,
            trip(1, "ann", "nyc", "2021-03-02T10:00:00Z", 10.0, "2021-03-02T11:00:00Z"),
            trip(2, "bob", "nyc", "2021-03-02T10:00:00Z", 30.0, "2021-03-02T11:00:00Z"),
            trip(3, "ann", "bos", "2021-03-02T09:00:00Z", 7.0, "2021-03-02T11:00:00Z"))
        .deliver("drivers", 1, driver("ann", 30L, "4.5"), driver("bob", 40L, "3.0"));
  }

  @Test
  void joinsOneViewInSeveralRolesAndTakesWhatIsNamed() {
    Row row =
        joined(
            tied(),
            asking("'nyc' as origin", "'bos' as target", "'ann' as d"),
            use("city_last@1", Map.of("city", "origin"), "from"),
            use("city_last@1", Map.of("city", "target"), "to", "fare"),
            use("driver@1", Map.of("driver", "d"), "driver", "rating"));

    assertThat(row.schema().fieldNames())
        .containsExactly(
            "as_of",
            "origin",
            "target",
            "d",
            "from__fare",
            "from__driver",
            "to__fare",
            "driver__rating");
    assertThat(row.<Double>getAs("from__fare")).isEqualTo(30.0);
    assertThat(row.<Double>getAs("to__fare")).isEqualTo(7.0);
    assertThat(row.getAs("driver__rating").toString()).isEqualTo("4.5");
  }

  @Test
  void splitsByADimensionAndTakesOneOut() {
    Trips trips =
        Trips.in(
            folder,
            Map.of(
                "features/city_last.yaml",
                """
                view: city_last@1
                entity: [city]
                source: trips
                features:
                  fare: sum(fare) by driver over 7d
                  trips: count(*) by driver over 7d
                  fares: histogram(fare) over 7d
                  drivers: approx_count_distinct(driver) over 7d
                  newest: last_k(fare, 1) by driver over 7d
                  each: histogram(fare) by driver over 7d
                  spread: var_pop(fare) by driver over 7d
                derived:
                  bobs_newest: newest_7d['bob'][0]
                  bobs: fare_7d['bob'] / trips_7d['bob']
                  share: coalesce(fare_7d['ann'], 0) / fare_7d['bob']
                """,
                "training-sets/high_fare.yaml",
                """
                training-set: high_fare
                rows:
                  source: bookings
                  as-of: start - interval 1 hour
                label:
                  name: high
                  source: trips
                  value: fare > 20
                features:
                  - city_last@1
                """));
    trips.deliver(
        "trips",
        1,
        trip(1, "ann", "nyc", "2021-03-02T08:00:00Z", 10.0, "2021-03-02T11:00:00Z"),
        trip(2, "bob", "nyc", "2021-03-02T09:00:00Z", 30.0, "2021-03-02T11:00:00Z"),
        trip(3, "bob", "nyc", "2021-03-02T10:00:00Z", 10.0, "2021-03-02T11:00:00Z"),
        trip(4, null, "nyc", "2021-03-02T10:00:00Z", 70.0, "2021-03-02T11:00:00Z"),
        trip(5, "cyd", "nyc", "2021-03-02T10:00:00Z", null, "2021-03-02T11:00:00Z"));

    Row row =
        joined(
            trips,
            asking("'nyc' as city", "'bos' as other"),
            use("city_last@1", Map.of(), "here"),
            use("city_last@1", Map.of("city", "other"), "there"));

    Map<String, Object> sums = new HashMap<>();
    sums.put("ann", 10.0);
    sums.put("bob", 40.0);
    sums.put("cyd", null);
    assertThat(row.<Object, Object>getJavaMap(row.fieldIndex("here__fare_7d"))).isEqualTo(sums);
    assertThat(row.<Object, Object>getJavaMap(row.fieldIndex("here__trips_7d")))
        .isEqualTo(Map.of("ann", 1L, "bob", 2L, "cyd", 1L));
    assertThat(row.<Object, Object>getJavaMap(row.fieldIndex("here__fares_7d")))
        .isEqualTo(Map.of(10.0, 2L, 30.0, 1L, 70.0, 1L));
    assertThat(row.<Long>getAs("here__drivers_7d")).isEqualTo(3);
    assertThat(row.<Double>getAs("here__bobs")).isEqualTo(20.0);
    assertThat(row.<Double>getAs("here__bobs_newest")).isEqualTo(10.0);
    assertThat(row.<Object, Object>getJavaMap(row.fieldIndex("here__spread_7d")))
        .containsEntry("bob", 100.0)
        .containsEntry("ann", 0.0)
        .containsEntry("cyd", null);
    assertThat(row.<Object, Object>getJavaMap(row.fieldIndex("here__each_7d")).keySet())
        .containsExactlyInAnyOrder("ann", "bob", "cyd");
    assertThat(row.<Double>getAs("here__share")).isEqualTo(0.25);
    assertThat(row.<Object>getAs("there__fare_7d")).isNull();
    assertThat(row.<Object>getAs("there__fares_7d")).isNull();
    assertThat(row.<Object>getAs("there__bobs")).isNull();
    assertThat(row.<Long>getAs("there__drivers_7d")).isZero();
  }

  @Test
  void countsAmbiguousRowsAndEntities() {
    Trips trips = tied();
    FeatureStore store = trips.store();
    List<ViewUse> uses = List.of(use("city_last@1", Map.of(), "here"));
    Dataset<Row> rows = asking("explode(array('nyc', 'bos', 'nyc', null)) as city");
    try (Joined joined =
        store.historicalFeatures(rows, "as_of", uses, store.pins().ofViews(uses)).materialize()) {
      assertThat(joined.counts())
          .isEqualTo(
              new JoinCounts(
                  4,
                  4,
                  0,
                  Map.of("here", 2L),
                  Map.of("here", 1L),
                  Map.of("here", 0L),
                  Map.of("here", 0L),
                  Map.of(),
                  Map.of()));
    }
  }

  @Test
  void rollsCalendarDaysOverNightsThatChangeTheClocksAndCountsMovedBounds() {
    Trips trips =
        Trips.in(
                folder,
                Map.of(
                    "features/driver_days.yaml",
                    """
                    view: driver_days@1
                    entity: [driver]
                    source: trips
                    zone: Europe/Berlin
                    features:
                      trips: count(*) over 24h, 1 calendar-day
                    """))
            .deliver(
                "trips",
                1,
                trip(1, "ann", "nyc", "2021-03-28T01:20:00Z", 10.0, "2021-03-28T01:20:00Z"),
                trip(2, "ann", "nyc", "2021-10-31T00:20:00Z", 10.0, "2021-10-31T00:20:00Z"),
                trip(3, "ann", "nyc", "2021-10-31T01:20:00Z", 10.0, "2021-10-31T01:20:00Z"));
    FeatureStore store = trips.store();
    Dataset<Row> rows =
        Lakes.SESSION
            .spark()
            .sql(
                "select timestamp(at) as as_of, 'ann' as driver from values"
                    + " ('2021-03-29T00:30:00Z'), ('2021-03-29T01:10:00Z'),"
                    + " ('2021-11-01T01:10:00Z'), ('2021-11-01T01:30:00Z') as t(at)");
    List<ViewUse> uses = List.of(use("driver_days@1", Map.of(), "days"));
    try (Joined joined =
        store.historicalFeatures(rows, "as_of", uses, store.pins().ofViews(uses)).materialize()) {
      assertThat(
              joined
                  .rows()
                  .orderBy("as_of")
                  .selectExpr(
                      "date_format(as_of, 'MM-dd HH:mm') as at",
                      "days__trips_24h",
                      "days__trips_1_calendar_day")
                  .collectAsList())
          .hasToString(
              "[[03-29 00:30,1,0], [03-29 01:10,1,1], [11-01 01:10,1,2], [11-01 01:30,0,1]]");
      assertThat(joined.counts().skippedBounds()).isEqualTo(Map.of("days", 1L));
      assertThat(joined.counts().repeatedBounds()).isEqualTo(Map.of("days", 2L));
    }
  }

  @Test
  void refusesAmbiguityWhereTheViewSaysSo() {
    Trips trips =
        Trips.in(
            folder,
            Map.of(
                "features/city_last.yaml",
                """
                view: city_last@1
                entity: [city]
                source: trips
                on-ambiguity: refuse
                features:
                  fare: fare
                  driver: driver
                """));
    trips.deliver(
        "trips",
        1,
        trip(4, "ann", "bos", "2021-03-02T10:00:00Z", 10.0, "2021-03-02T11:00:00Z"),
        trip(5, "ann", "bos", "2021-03-02T10:00:00Z", 10.0, "2021-03-02T11:00:00Z"),
        trip(1, "ann", "nyc", "2021-03-02T10:00:00Z", 10.0, "2021-03-02T11:00:00Z"),
        trip(2, "bob", "nyc", "2021-03-02T10:00:00Z", 30.0, "2021-03-02T11:00:00Z"));

    // Rows that differ in their id alone are no rivals.
    assertThat(
            joined(trips, asking("'bos' as city"), use("city_last@1", Map.of(), "here"))
                .<Double>getAs("here__fare"))
        .isEqualTo(10.0);
    assertThatThrownBy(
            () -> joined(trips, asking("'nyc' as city"), use("city_last@1", Map.of(), "here")))
        .hasStackTraceContaining(
            "Cannot join view city_last@1 to [nyc] at 2021-03-02T12:00:00Z: two rows of equal times differ in their values")
        .extracting(PlatformException::codeOf)
        .isEqualTo(ErrorCode.INVALID_VALUE);
  }

  @Test
  void keysOfDifferentTypesAreRefused() {
    Trips trips = tied();
    FeatureStore store = trips.store();
    List<ViewUse> uses = List.of(use("city_last@1", Map.of(), "here"));

    assertThatThrownBy(
            () ->
                store.historicalFeatures(
                    asking("1 as city"), "as_of", uses, store.pins().ofViews(uses)))
        .hasMessage(
            "Cannot join view city_last@1 by city: its entity is string, the rows have int, and keys of different types are not compared. Cast one.");
    assertThatThrownBy(
            () ->
                store.historicalFeatures(
                    asking("1d as city"), "as_of", uses, store.pins().ofViews(uses)))
        .hasMessageContaining("floating-point keys are not compared");
    assertThatThrownBy(
            () ->
                store.historicalFeatures(
                    asking("1 as town"), "as_of", uses, store.pins().ofViews(uses)))
        .hasMessageStartingWith("Cannot join view city_last@1: the rows have no column \"city\".");
    assertThatThrownBy(
            () ->
                store.historicalFeatures(
                    asking("'nyc' as city"), "city", uses, store.pins().ofViews(uses)))
        .hasMessage("Cannot join features at city: it is string. Name a timestamp column.");
    assertThatThrownBy(
            () ->
                store.historicalFeatures(
                    asking("'nyc' as city"),
                    "as_of",
                    List.of(uses.get(0), uses.get(0)),
                    store.pins().ofViews(uses)))
        .hasMessage(
            "Cannot join features: there would be two columns \"here__fare\". Give one use of the view another role.");
    assertThatThrownBy(
            () ->
                store.historicalFeatures(
                    asking("'nyc' as city"),
                    "as_of",
                    List.of(use("city_last@1", Map.of(), "here", "fair")),
                    store.pins().ofViews(uses)))
        .hasMessageStartingWith(
            "Cannot take feature \"fair\" of view city_last@1: it has none of that name.");
  }

  @Test
  void readsOnlyWhatThePinsName() {
    Trips trips = tied();
    FeatureStore store = trips.store();
    List<ViewUse> uses =
        List.of(use("city_last@1", Map.of(), "here"), use("driver@1", Map.of(), "driver"));
    var before = store.pins().ofViews(uses);
    trips
        .deliver(
            "trips", 2, trip(9, "ann", "nyc", "2021-03-02T11:00:00Z", 99.0, "2021-03-02T11:30:00Z"))
        .deliver("drivers", 2, driver("ann", 31L, "4.9"));
    Dataset<Row> rows = asking("'nyc' as city", "'ann' as driver");

    Row then = store.historicalFeatures(rows, "as_of", uses, before).rows().head();
    Row now =
        store.historicalFeatures(rows, "as_of", uses, store.pins().ofViews(uses)).rows().head();

    assertThat(then.<Double>getAs("here__fare")).isEqualTo(30.0);
    assertThat(then.<Integer>getAs("driver__age")).isEqualTo(30);
    assertThat(now.<Double>getAs("here__fare")).isEqualTo(99.0);
    assertThat(now.<Integer>getAs("driver__age")).isEqualTo(31);
  }

  @Test
  void anExpressionMayFailOnEventsThatAFilterLeavesOut() {
    Trips trips =
        Trips.in(
            folder,
            Map.of(
                "features/city_last.yaml",
                """
                view: city_last@1
                entity: [city]
                source: trips
                where: fare <> 0
                features:
                  fare: 100 / fare
                  driver: driver
                """,
                "features/driver_history.yaml",
                """
                view: driver_history@1
                entity: [driver]
                source: trips
                features:
                  share: mean(100 / fare) where fare <> 0 over 7d
                """));
    trips.deliver(
        "trips",
        1,
        trip(1, "ann", "nyc", "2021-03-02T09:00:00Z", 10.0, "2021-03-02T11:00:00Z"),
        trip(2, "ann", "nyc", "2021-03-02T10:00:00Z", 0.0, "2021-03-02T11:00:00Z"));

    Row row =
        joined(
            trips,
            asking("'nyc' as city", "'ann' as driver"),
            use("city_last@1", Map.of(), "here"),
            use("driver_history@1", Map.of(), "driver"));

    assertThat(row.<Double>getAs("here__fare")).isEqualTo(10.0);
    assertThat(row.<Double>getAs("driver__share_7d")).isEqualTo(10.0);
  }

  @Test
  void anExpressionThatFailsSaysWhich() {
    Trips trips =
        Trips.in(
            folder,
            Map.of(
                "features/city_last.yaml",
                """
                view: city_last@1
                entity: [city]
                source: trips
                features:
                  fare: 100 / fare
                  driver: driver
                """));
    trips.deliver(
        "trips", 1, trip(2, "ann", "nyc", "2021-03-02T10:00:00Z", 0.0, "2021-03-02T11:00:00Z"));

    assertThatThrownBy(
            () -> joined(trips, asking("'nyc' as city"), use("city_last@1", Map.of(), "here")))
        .hasStackTraceContaining("Cannot compute view city_last@1: _of_fare: ")
        .extracting(PlatformException::codeOf)
        .isEqualTo(ErrorCode.INVALID_VALUE);
  }

  @Test
  void aVersionThatAQueryLeavesOutTakesItsEventAway() {
    Trips trips =
        Trips.in(
            folder,
            Map.of(
                "sources/bookings.yaml",
                """
                source: bookings
                query: |
                  select id, driver, city, start from trips where city = 'nyc'
                event-key: [id]
                event-time: start
                """,
                "features/driver_history.yaml",
                """
                view: driver_history@1
                entity: [driver]
                source: bookings
                features:
                  bookings: count(*) over 7d
                """,
                "training-sets/high_fare.yaml",
                """
                training-set: high_fare
                rows:
                  source: bookings
                  as-of: start
                label:
                  name: high
                  source: trips
                  value: fare > 20
                features: [driver_history@1]
                """));
    trips.deliver(
        "trips",
        1,
        trip(1, "ann", "nyc", "2021-03-02T09:00:00Z", 10.0, "2021-03-02T10:00:00Z"),
        trip(2, "ann", "nyc", "2021-03-02T09:00:00Z", 10.0, "2021-03-02T10:00:00Z"),
        trip(2, "ann", "bos", "2021-03-02T09:00:00Z", 10.0, "2021-03-02T11:00:00Z"));
    FeatureStore store = trips.store();
    List<ViewUse> uses = List.of(use("driver_history@1", Map.of(), "driver"));
    Dataset<Row> rows =
        Lakes.SESSION
            .spark()
            .sql(
                "select explode(array(timestamp'2021-03-02T10:30:00Z', timestamp'2021-03-02T11:00:00Z')) as as_of, 'ann' as driver");

    List<Row> joined =
        store
            .historicalFeatures(rows, "as_of", uses, store.pins().ofViews(uses))
            .rows()
            .orderBy("as_of")
            .collectAsList();

    assertThat(joined).extracting(r -> r.getLong(2)).containsExactly(2L, 1L);
  }

  /** Of what a query leaves out, and of tombstones, only event key and known time matter. */
  @Test
  void aVersionThatAQueryLeavesOutNeedsNoOtherValues() {
    Map<String, Object> tombstone = new HashMap<>(Trips.withdrawn(3, "2021-03-02T10:45:00Z"));
    tombstone.put("city", "three");
    tombstone.put("fare", 10.0);
    Trips trips = leavingOut("id", "start", "[]");
    trips.deliver(
        "trips",
        1,
        trip(1, "ann", "1", "2021-03-02T09:00:00Z", 10.0, "2021-03-02T10:00:00Z"),
        trip(2, "ann", "2", "2021-03-02T09:00:00Z", 10.0, "2021-03-02T10:00:00Z"),
        // No number, and no fare: left out.
        trip(2, "ann", "two", "2021-03-02T09:00:00Z", null, "2021-03-02T10:30:00Z"),
        trip(3, "ann", "3", "2021-03-02T09:00:00Z", 10.0, "2021-03-02T10:00:00Z"),
        tombstone,
        trip(4, "ann", "4", "2021-03-02T09:00:00Z", 10.0, "2021-03-02T10:00:00Z"));
    assertThat(bookings(trips)).containsExactly(4L, 3L, 2L);

    Trips inKey = leavingOut("cast(city as bigint)", "start", "[]");
    inKey.deliver(
        "trips", 1, trip(2, "ann", "two", "2021-03-02T09:00:00Z", null, "2021-03-02T10:30:00Z"));
    assertThatThrownBy(() -> bookings(inKey))
        .hasStackTraceContaining("Cannot read source bookings (sources/bookings.yaml:1): id: ")
        .hasStackTraceContaining("in the row [ann, two, 2021-03-02T09:00:00Z, ")
        .hasStackTraceContaining(
            "which is left out or withdrawn. Correct the expression: event key is needed of such rows too");
  }

  @Test
  void aVersionThatAQueryLeavesOutNeedsItsTieBreak() {
    Trips trips = leavingOut("id", "start", "[number]");
    trips.deliver(
        "trips", 1, trip(2, "ann", "two", "2021-03-02T09:00:00Z", null, "2021-03-02T10:30:00Z"));
    assertThatThrownBy(() -> bookings(trips))
        .hasStackTraceContaining("Cannot read source bookings (sources/bookings.yaml:1): number: ")
        .hasStackTraceContaining(
            "which is left out or withdrawn. Correct the expression: column \"number\", which breaks ties, is needed of such rows too");
  }

  @Test
  void aRowOfAQueryThatFailsAndIsNotLeftOutIsAnError() {
    Trips trips = leavingOut("id", "start", "[]");
    trips.deliver(
        "trips", 1, trip(2, "ann", "two", "2021-03-02T09:00:00Z", 10.0, "2021-03-02T10:30:00Z"));
    assertThatThrownBy(() -> bookings(trips))
        .hasStackTraceContaining("Cannot read source bookings (sources/bookings.yaml:1): number: ")
        .hasStackTraceContaining("Correct the expression, or filter such rows out.");
  }

  private Trips leavingOut(String id, String start, String tieBreak) {
    return Trips.in(
        folder.resolve("leaving-out-" + System.nanoTime()),
        Map.of(
            "sources/bookings.yaml",
            """
            source: bookings
            query: |
              select driver, cast(city as bigint) as number, %s as id, %s as start from trips where fare is not null
            event-key: [id]
            event-time: start
            """
                .formatted(id, start),
            "features/driver_history.yaml",
            """
            view: driver_history@1
            entity: [driver]
            source: bookings
            tie-break: %s
            features:
              bookings: count(number) over 7d
            """
                .formatted(tieBreak),
            "training-sets/high_fare.yaml",
            """
            training-set: high_fare
            rows:
              source: bookings
              as-of: start
            label:
              name: high
              source: trips
              value: fare > 20
            features: [driver_history@1]
            """));
  }

  /** Of ann, at three instants. */
  private static List<Long> bookings(Trips trips) {
    FeatureStore store = trips.store();
    List<ViewUse> uses = List.of(use("driver_history@1", Map.of(), "driver"));
    Dataset<Row> rows =
        Lakes.SESSION
            .spark()
            .sql(
                "select explode(array(timestamp'2021-03-02T10:15:00Z', timestamp'2021-03-02T10:30:00Z', timestamp'2021-03-02T11:00:00Z')) as as_of, 'ann' as driver");
    return store
        .historicalFeatures(rows, "as_of", uses, store.pins().ofViews(uses))
        .rows()
        .orderBy("as_of")
        .collectAsList()
        .stream()
        .map(r -> r.getLong(2))
        .toList();
  }

  @Test
  void snapshotsOfReferenceDataHaveNoTimes() {
    Trips trips = tied();
    FeatureStore store = trips.store();
    var view = trips.project().view(ViewId.parse("driver@1")).definition();

    List<Row> rows =
        store
            .snapshots()
            .of(view, List.of(Instant.parse(NOON)), store.pins().ofSources(List.of("drivers")))
            .orderBy("driver")
            .collectAsList();

    assertThat(rows).hasSize(2);
    assertThat(rows.get(0).schema().fieldNames())
        .containsExactly("driver", "_at", "_event_time", "_known_time", "age", "rating");
    assertThat(rows.get(0).isNullAt(2)).isTrue();
    assertThat(rows.get(0).getInt(4)).isEqualTo(30);
  }

  @Test
  void snapshotsHoldNullsAsTheyAreBeforeDefaults() {
    Trips trips = tied();
    FeatureStore store = trips.store();
    var view = trips.project().view(ViewId.parse("driver_history@1")).definition();

    List<Row> rows =
        store
            .snapshots()
            .of(
                view,
                List.of(Instant.parse("2021-04-02T00:00:00Z")),
                store.pins().ofSources(List.of("trips")))
            .orderBy("driver")
            .collectAsList();

    assertThat(rows).extracting(r -> r.getString(0)).containsExactly("ann", "bob");
    assertThat(rows.get(0).<Long>getAs("trips_7d")).isZero();
    assertThat(rows.get(0).isNullAt(rows.get(0).fieldIndex("fare_7d"))).isTrue();
    assertThat(rows.get(0).getTimestamp(2).toInstant())
        .isEqualTo(Instant.parse("2021-03-02T10:00:00Z"));
  }

  @Test
  void refusesSnapshotsOfWhatIsComputedOnDemand() {
    Trips trips = Trips.in(folder);
    var clock = trips.project().view(ViewId.parse("clock@1")).definition();

    assertThatThrownBy(
            () -> trips.store().snapshots().of(clock, List.of(Instant.parse(NOON)), List.of()))
        .hasMessage(
            "Cannot take snapshots of view clock@1: it is computed on demand and has no events. Leave it out.");
  }

  @Test
  void aSourceWithoutTableCannotBePinned() {
    Trips trips = Trips.in(folder);

    assertThatThrownBy(() -> trips.store().pins().ofSources(List.of("bookings")))
        .hasMessage(
            "Cannot read source trips: table validated.trips is not there. Run ingest first.");
  }

  @Test
  void eventsAreAllVersionsOfASource() {
    Trips trips = tied();
    FeatureStore store = trips.store();
    var pins = store.pins().ofSources(List.of("trips"));

    assertThat(store.events("trips", pins).count()).isEqualTo(3);
    assertThat(store.events("bookings", pins).schema().fieldNames())
        .containsExactly("id", "driver", "city", "start", "_event_time", "_known_time", "_deleted");
  }
}
