package io.tributary.offline;

import static io.tributary.offline.Trips.at;
import static io.tributary.offline.Trips.trip;
import static io.tributary.offline.Trips.withdrawn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Interval;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.definition.TrainingSet;
import io.tributary.events.facts.LabelCounts;
import io.tributary.offline.ITTrainingSet.Built;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each kind of rows that ask, beside a loop that says who should. */
class ITSpines {
  private static final int WORLDS = Worlds.count(12, 40);
  private static final long HOUR = 3_600_000_000L;
  private static final ZoneId ZONE = ZoneId.of("America/New_York");

  static final Map<String, String> FILES =
      Map.of(
          "sources/judged.yaml",
          """
          source: judged
          description: Drivers as people judged them, made by hand.
          static: true
          read: {format: csv, path: data/judged.csv, header: true}
          columns:
            driver: string
            asked: timestamp
            good: boolean
            sure: double
            by: string
          """,
          "sources/ends.yaml",
          """
          source: ends
          read: {format: csv, path: data/ends.csv, header: true}
          columns:
            driver: string
            at: timestamp
            ended: boolean
          event-key: [driver]
          event-time: at
          """,
          "training-sets/good.yaml",
          """
          training-set: good
          rows:
            source: judged
            where: by <> 'nobody'
            as-of: asked
          label:
            name: good
            value: good
            where: sure > 0.5
          features:
            - driver_history@1
          """,
          "training-sets/daily.yaml",
          """
          training-set: daily
          rows:
            source: trips
            every: 7h
            entity: [driver, city]
            where: fare is null or fare > 10
          label:
            name: ended
            source: ends
            value: ended
          features:
            - driver_history@1
            - view: city_last@1
              take: [fare]
          """,
          "training-sets/from.yaml",
          """
          training-set: from
          rows:
            source: trips
            every: 1d
            entity: [driver]
            from: 2021-03-02T06:30:00Z
            to: 2021-03-05T06:30:00Z
          label:
            name: ended
            source: ends
            value: ended
          features:
            - driver_history@1
          """,
          "training-sets/nyc.yaml",
          """
          training-set: nyc
          rows:
            source: bookings
            where: city = 'nyc'
            as-of: start - interval 1 hour
          label:
            name: high
            source: trips
            value: fare > 20
          features:
            - driver_history@1
          """);

  @TempDir private Path folder;

  static Map<String, Object> judged(
      String driver, String asked, Boolean good, double sure, String by) {
    Map<String, Object> row = new HashMap<>();
    row.put("driver", driver);
    row.put("asked", at(asked));
    row.put("good", good);
    row.put("sure", sure);
    row.put("by", by);
    return row;
  }

  static Map<String, Object> ended(String driver, String at, boolean ended) {
    Map<String, Object> row = new HashMap<>();
    row.put("driver", driver);
    row.put("at", at(at));
    row.put("ended", ended);
    row.put("_event_time", at(at));
    row.put("_known_time", at(at));
    row.put("_deleted", false);
    return row;
  }

  /** Rows as text, sorted: repeated ones stay. */
  private static List<String> sorted(Dataset<Row> rows) {
    List<String> found = new ArrayList<>();
    for (Row row : rows.collectAsList()) {
      List<Object> values = new ArrayList<>();
      for (int i = 0; i < row.size(); i++) {
        values.add(Lakes.plain(row.get(i)));
      }
      found.add(values.toString());
    }
    found.sort(null);
    return found;
  }

  private static TrainingSet set(Trips trips, String name) {
    return trips.project().trainingSet(name).definition();
  }

  @Test
  void rowsOfAStaticSourceAskAsTheyStandAndSayTheirLabel() {
    Trips trips =
        Trips.in(folder, FILES)
            .deliver(
                "trips",
                1,
                trip(1, "ann", "nyc", "2021-03-01T10:00:00Z", 10.0, "2021-03-01T11:00:00Z"))
            .deliver("judged", 1, judged("ann", "2021-03-01T12:00:00Z", false, 1, "old"))
            .deliver(
                "judged",
                2,
                judged("ann", "2021-03-01T12:00:00Z", true, 1, "eve"),
                judged("ann", "2021-03-01T12:00:00Z", true, 1, "eve"),
                judged("ann", "2021-03-01T10:30:00Z", false, 1, "eve"),
                judged("bob", null, true, 1, "eve"),
                judged(null, "2021-03-01T12:00:00Z", false, 1, "eve"),
                judged("ann", "2021-03-01T12:00:00Z", true, 0.5, "eve"),
                judged("ann", "2021-03-01T12:00:00Z", null, 1, "eve"),
                judged("ann", "2021-03-01T12:00:00Z", true, 1, "nobody"),
                judged("ann", "2021-03-01T12:00:00Z", true, 1, null));
    FeatureStore store = trips.store();
    TrainingSet set = set(trips, "good");

    try (TrainingSetBuild build = store.trainingSets().build(set, store.pins().of(set))) {
      assertThat(build.rows().schema().fieldNames())
          .startsWith("driver", "asked", "by", "_as_of", "driver_history__trips_1d")
          .endsWith("good")
          .doesNotContain("sure");
      assertThat(
              sorted(build.rows().select("driver", "_as_of", "driver_history__trips_1d", "good")))
          .containsExactlyInAnyOrder(
              "[ann, " + at("2021-03-01T12:00:00Z") + ", 1, true]",
              "[ann, " + at("2021-03-01T12:00:00Z") + ", 1, true]",
              "[ann, " + at("2021-03-01T10:30:00Z") + ", 0, false]",
              "[bob, null, 0, true]",
              "[null, " + at("2021-03-01T12:00:00Z") + ", 0, false]");
      assertThat(build.labels().asked()).isEqualTo(7);
      assertThat(build.labels().filtered()).isEqualTo(1);
      assertThat(build.labels().missing()).isEqualTo(1);
      assertThat(build.labels().labelled()).isEqualTo(5);
      assertThat(build.joins().nullAsOf()).isEqualTo(1);
    }
    Interval noon = Interval.parse("2021-03-01T12:00:00Z/2021-03-01T13:00:00Z");
    Dataset<Row> asking = store.trainingSets().spine(set, noon, store.pins().of(set));
    assertThat(asking.count()).isEqualTo(5);
    assertThat(
            sorted(store.trainingSets().spine(set, noon, List.of("driver"), store.pins().of(set))))
        .isEqualTo(sorted(asking.select("driver", "_as_of")));
  }

  @Test
  void rowsThatAskedAreFoundAgainWithTheLabelThatTheySayNow() {
    Map<String, String> files = new HashMap<>(FILES);
    files.put("sources/judged.yaml", FILES.get("sources/judged.yaml") + "event-key: [driver]\n");
    for (boolean byKey : List.of(false, true)) {
      Trips trips =
          Trips.in(folder.resolve("again" + byKey), byKey ? files : FILES)
              .deliver(
                  "judged",
                  1,
                  judged("ann", "2021-03-01T12:00:00Z", null, 1, "eve"),
                  judged("ann", "2021-03-01T12:00:00Z", null, 1, "eve"),
                  judged("ann", "2021-03-01T13:00:00Z", false, 1, "eve"),
                  judged("bob", "2021-03-01T12:00:00Z", true, 1, "eve"),
                  judged(null, "2021-03-01T12:00:00Z", null, 1, "eve"),
                  judged("dan", "2021-03-01T12:00:00Z", true, 1, "eve"),
                  judged("eli", "2021-03-01T12:00:00Z", true, 1, "eve"),
                  judged("flo", "2021-03-01T12:00:00Z", true, 1, "eve"));
      FeatureStore store = trips.store();
      TrainingSet set = set(trips, "good");
      Dataset<Row> asked =
          Lakes.SESSION
              .spark()
              .createDataFrame(
                  store
                      .trainingSets()
                      .spine(set, store.pins().ofSources(List.of("judged")))
                      .collectAsList(),
                  trips.project().trainingSet("good").asking())
              .withColumn("score", org.apache.spark.sql.functions.lit(0.5));
      trips.deliver(
          "judged",
          2,
          judged("ann", "2021-03-01T12:00:00Z", true, 1, "eve"),
          judged("ann", "2021-03-01T12:00:00Z", false, 1, "eve"),
          judged("ann", "2021-03-01T12:00:00Z", false, 1, "zoe"),
          judged("ann", "2021-03-01T13:00:00Z", true, 1, "eve"),
          judged("bob", "2021-03-01T12:00:00Z", false, 1, "zoe"),
          judged(null, "2021-03-01T12:00:00Z", true, 1, "eve"),
          judged("dan", "2021-03-01T12:00:00Z", true, 0.5, "eve"),
          judged("eli", "2021-03-01T12:00:00Z", null, 1, "eve"),
          judged("flo", "2021-03-01T12:30:00Z", true, 1, "eve"));
      LabelledRows now =
          store
              .trainingSets()
              .label(
                  set,
                  AskingRows.of(asked),
                  Optional.empty(),
                  store.pins().ofSources(List.of("judged")));
      List<String> expected =
          new ArrayList<>(
              List.of(
                  "[ann, " + at("2021-03-01T12:00:00Z") + ", 0.5, false]",
                  "[ann, " + at("2021-03-01T12:00:00Z") + ", 0.5, true]",
                  "[ann, " + at("2021-03-01T13:00:00Z") + ", 0.5, true]",
                  "[null, " + at("2021-03-01T12:00:00Z") + ", 0.5, true]"));
      if (byKey) {
        expected.add("[bob, " + at("2021-03-01T12:00:00Z") + ", 0.5, false]");
      }
      assertThat(sorted(now.rows().select("driver", "_as_of", "score", "good")))
          .as("by key " + byKey)
          .containsExactlyInAnyOrderElementsOf(expected);
      // Scored by two versions, of whose columns the monitor reads a few.
      Dataset<Row> twice =
          asked
              .withColumn("version", org.apache.spark.sql.functions.lit(1))
              .union(asked.withColumn("version", org.apache.spark.sql.functions.lit(2)));
      Dataset<Row> ofBoth =
          store
              .trainingSets()
              .label(
                  set,
                  new AskingRows(
                      twice,
                      Set.of("driver", "version"),
                      List.of("version"),
                      Optional.of(Interval.parse("2021-03-01T12:00:00Z/2021-03-01T12:15:00Z"))),
                  Optional.empty(),
                  store.pins().ofSources(List.of("judged")))
              .rows();
      assertThat(ofBoth.columns()).containsExactly("driver", "version", "good");
      List<String> at12 =
          List.of("[ann, %d, false]", "[ann, %d, true]", "[null, %d, true]", "[bob, %d, false]");
      assertThat(sorted(ofBoth))
          .as("of two versions by key " + byKey)
          .containsExactlyInAnyOrderElementsOf(
              IntStream.of(1, 2)
                  .boxed()
                  .flatMap(
                      version ->
                          at12.stream().limit(byKey ? 4 : 3).map(text -> text.formatted(version)))
                  .toList());
      if (byKey) {
        // Nobody is there twice at one: others than keys aren't read.
        Interval atOne = Interval.parse("2021-03-01T13:00:00Z/2021-03-01T14:00:00Z");
        assertThat(
                store
                    .trainingSets()
                    .label(
                        set,
                        new AskingRows(
                            twice.drop("by").where("_as_of = timestamp'2021-03-01 13:00:00Z'"),
                            Set.of("driver", "version"),
                            List.of("version"),
                            Optional.of(atOne)),
                        Optional.empty(),
                        store.pins().ofSources(List.of("judged")))
                    .rows()
                    .collectAsList())
            .extracting(Row::toString)
            .containsExactlyInAnyOrder("[ann,1,true]", "[ann,2,true]");
      }
      LabelledRows counted =
          store
              .trainingSets()
              .label(
                  set,
                  AskingRows.of(asked),
                  Optional.empty(),
                  store.pins().ofSources(List.of("judged")));
      counted.rows().collectAsList();
      assertThat(counted.counts()).isEqualTo(new LabelCounts(8, byKey ? 1 : 2, 1, 1, 0));
      assertThatThrownBy(
              () ->
                  store
                      .trainingSets()
                      .label(
                          set,
                          AskingRows.of(asked.drop("by")),
                          Optional.empty(),
                          store.pins().ofSources(List.of("judged"))))
          .isInstanceOf(PlatformException.class)
          .hasMessage(
              "Cannot label rows of training set good: they have no column by, by which each is"
                  + " found again in source judged. Make them anew with it: of scores, score the"
                  + " interval again.");
    }
  }

  @Test
  void isBuiltAgainFromItsRecordWhateverIsDeliveredInPlaceOfTheRows() {
    Trips trips =
        Trips.in(folder, FILES)
            .deliver(
                "trips",
                1,
                trip(1, "ann", "nyc", "2021-03-01T10:00:00Z", 10.0, "2021-03-01T11:00:00Z"))
            .deliver("ends", 1, ended("ann", "2021-03-09T00:00:00Z", true))
            .deliver("judged", 1, judged("ann", "2021-03-01T12:00:00Z", true, 1, "eve"));
    for (String name : List.of("good", "daily", "from", "nyc")) {
      TrainingSet set = set(trips, name);
      Built first = Built.of(trips, set);
      trips.deliver(
          "judged", name.length() + 10L, judged("bob", "2021-03-01T12:00:00Z", false, 1, "x"));
      trips.deliver(
          "trips",
          name.length() + 10L,
          trip(9, "zoe", "nyc", "2021-02-01T10:00:00Z", 50.0, "2021-04-01T11:00:00Z"));
      Built second = Built.of(trips, set);
      if (name.equals("good")) {
        assertThat(second.content()).isNotEqualTo(first.content());
      }
      first.isBuiltAgain(trips, set, 3);
      second.isBuiltAgain(trips, set, 3);
      try (TrainingSetBuild build = trips.store().trainingSets().build(set, second.pins())) {
        assertThat(build.rows().schema().fieldNames())
            .containsExactly(trips.project().trainingSet(name).schema().fieldNames());
      }
    }
  }

  /** Versions of trips with corrections that move and withdraw them. */
  private static List<Map<String, Object>> world(SplittableRandom random) {
    List<Map<String, Object>> versions = new ArrayList<>();
    long base = at("2021-03-12T00:00:00Z"); // two days before the clocks change
    List<String> drivers = Arrays.asList("a", "ab", "", null, "b");
    for (int id = 1; id <= 12; id++) {
      Set<Long> known = new TreeSet<>();
      int n = 1 + random.nextInt(3);
      while (known.size() < n) {
        known.add(base + random.nextInt(60) * HOUR + random.nextInt(3) - 1);
      }
      for (long k : known) {
        if (random.nextInt(4) == 0) {
          Map<String, Object> gone = withdrawn(id, "2021-03-12T00:00:00Z");
          gone.put("_known_time", k);
          versions.add(gone);
        } else {
          Map<String, Object> trip =
              trip(
                  id,
                  drivers.get(random.nextInt(drivers.size())),
                  random.nextBoolean() ? "nyc" : "c",
                  "2021-03-12T00:00:00Z",
                  random.nextInt(3) == 0 ? null : random.nextInt(30) * 1.0,
                  null);
          trip.put("start", base + random.nextInt(60) * HOUR);
          trip.put("_event_time", trip.get("start"));
          trip.put("_known_time", k);
          versions.add(trip);
        }
      }
    }
    return versions;
  }

  /** The version of an event that is known at an instant. */
  private static Optional<Map<String, Object>> version(
      List<Map<String, Object>> all, Object id, long t) {
    return all.stream()
        .filter(v -> v.get("id").equals(id) && (Long) v.get("_known_time") <= t)
        .max((x, y) -> Long.compare((Long) x.get("_known_time"), (Long) y.get("_known_time")));
  }

  /** A rule that the loop may be told to break. */
  private enum Broken {
    NONE,
    KNOWN_BEFORE_IT_IS,
    KNOWN_BEFORE_IT_HAPPENS,
    TOMBSTONES_COUNT,
    VISIBLE_ONE_MICROSECOND_LATER,
    A_WITHDRAWN_ENTITY_IS_SILENT,
    THE_FILTER_SEES_ANY_VERSION
  }

  private static List<String> periodic(
      List<Map<String, Object>> all, List<String> entity, boolean dear, List<Long> grid) {
    return periodic(all, entity, dear, grid, Broken.NONE);
  }

  /** Who asks at the instants of a grid: the rule, word by word. */
  private static List<String> periodic(
      List<Map<String, Object>> all,
      List<String> entity,
      boolean dear,
      List<Long> grid,
      Broken rule) {
    Set<Long> moments = new TreeSet<>();
    for (Map<String, Object> v : all) {
      moments.add((Long) v.get("_known_time"));
      if (v.get("_event_time") != null) {
        moments.add((Long) v.get("_event_time"));
      }
    }
    Map<String, Long> since = new TreeMap<>();
    Map<String, Long> until = new TreeMap<>();
    for (Long s : moments) {
      for (Map<String, Object> one : all) {
        Map<String, Object> known = version(all, one.get("id"), s).orElse(null);
        boolean anyVersion =
            rule == Broken.KNOWN_BEFORE_IT_IS
                || (rule == Broken.TOMBSTONES_COUNT
                    && known != null
                    && (Boolean) known.get("_deleted"));
        Map<String, Object> v = anyVersion ? one : known;
        if (v == null
            || (Boolean) v.get("_deleted")
            || ((Long) v.get("_event_time") > s && rule != Broken.KNOWN_BEFORE_IT_HAPPENS)) {
          continue;
        }
        boolean every =
            rule == Broken.THE_FILTER_SEES_ANY_VERSION
                && all.stream().anyMatch(o -> o.get("id").equals(one.get("id")) && isDear(o));
        if (dear && !isDear(v) && !every) {
          continue;
        }
        List<Object> key = new ArrayList<>();
        entity.forEach(c -> key.add(v.get(c)));
        if (!key.contains(null)) {
          String text = key.toString();
          long late = rule == Broken.VISIBLE_ONE_MICROSECOND_LATER ? 1 : 0;
          since.merge(text.substring(0, text.length() - 1), s + late, Math::min);
          until.merge(text.substring(0, text.length() - 1), s, Math::max);
        }
      }
    }
    List<String> expected = new ArrayList<>();
    for (long t : grid) {
      since.forEach(
          (key, s) -> {
            boolean silent =
                rule == Broken.A_WITHDRAWN_ENTITY_IS_SILENT
                    && moments.stream().anyMatch(m -> m <= t && m > until.get(key));
            if (s <= t && !silent) {
              expected.add(key + ", " + t + "]");
            }
          });
    }
    expected.sort(null);
    return expected;
  }

  private static boolean isDear(Map<String, Object> trip) {
    Double fare = (Double) trip.get("fare");
    return fare == null || fare > 10;
  }

  private static List<Long> grid(long origin, long every, long from, long to) {
    List<Long> grid = new ArrayList<>();
    long t = origin;
    while (t >= from) {
      t -= every;
    }
    for (; t < to; t += every) {
      if (t >= from) {
        grid.add(t);
      }
    }
    return grid;
  }

  @Test
  void asksEverySoOftenForTheEntitiesKnownByThen() {
    Trips trips = Trips.in(folder, FILES);
    StructType schema = trips.project().source("trips").rowSchema();
    long origin = LocalDate.of(2001, 1, 1).atStartOfDay(ZONE).toInstant().toEpochMilli() * 1_000;
    long rows = 0;
    Set<Broken> told = EnumSet.noneOf(Broken.class);
    for (int seed = 0; seed < WORLDS; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      List<Map<String, Object>> world = world(random);
      List<Row> frame = new ArrayList<>();
      world.forEach(r -> frame.add(Lakes.row(schema, r)));
      FeatureStore store =
          FeatureStore.over(
                  trips.project(),
                  Lakes.SESSION.spark(),
                  s -> Lakes.frame(frame, schema).repartition(1 + world.size() % 4))
              .withPartitions(1 + seed % 5);
      long end = world.stream().mapToLong(v -> (Long) v.get("_known_time")).max().orElseThrow();
      List<String> found = sorted(store.trainingSets().spine(set(trips, "daily"), List.of()));
      assertThat(found)
          .as("seed %d", seed)
          .isEqualTo(
              periodic(
                  world,
                  List.of("driver", "city"),
                  true,
                  grid(origin, 7 * HOUR, end - 1_000 * HOUR, end + 1)));
      rows += found.size();
      for (Broken rule : Broken.values()) {
        List<Long> whole = grid(origin, 7 * HOUR, end - 1_000 * HOUR, end + 1);
        if (!periodic(world, List.of("driver", "city"), true, whole, rule).equals(found)) {
          told.add(rule);
        }
      }
      Interval night =
          Interval.of(
              Instant.parse("2021-03-13T05:00:00Z").plusSeconds(random.nextInt(3) * 3600L),
              Instant.parse("2021-03-14T16:00:00Z"));
      assertThat(sorted(store.trainingSets().spine(set(trips, "daily"), night, List.of())))
          .as("seed %d by night", seed)
          .isEqualTo(
              periodic(
                  world,
                  List.of("driver", "city"),
                  true,
                  grid(
                      origin,
                      7 * HOUR,
                      night.from().toEpochMilli() * 1_000,
                      night.to().toEpochMilli() * 1_000)));
      assertThat(sorted(store.trainingSets().spine(set(trips, "from"), night, List.of())))
          .as("seed %d outside of from and to", seed)
          .isEqualTo(
              periodic(
                  world,
                  List.of("driver"),
                  false,
                  grid(
                      at("2021-03-02T06:30:00Z"),
                      24 * HOUR,
                      night.from().toEpochMilli() * 1_000,
                      night.to().toEpochMilli() * 1_000)));
      assertThat(store.trainingSets().spine(set(trips, "from"), List.of()).count()).isZero();
    }
    assertThat(rows).isGreaterThan(5L * WORLDS);
    assertThat(told)
        .as("rules that some world tells")
        .isEqualTo(EnumSet.complementOf(EnumSet.of(Broken.NONE)));
  }

  @Test
  void theFilterSeesTheVersionThatIsKnownAtTheAsOf() {
    Trips trips = Trips.in(folder, FILES);
    StructType schema = trips.project().source("trips").rowSchema();
    long rows = 0;
    for (int seed = 0; seed < 20; seed++) {
      List<Map<String, Object>> world = world(new SplittableRandom(1_000 + seed));
      List<Row> frame = new ArrayList<>();
      world.forEach(r -> frame.add(Lakes.row(schema, r)));
      FeatureStore store =
          FeatureStore.over(
              trips.project(), Lakes.SESSION.spark(), s -> Lakes.frame(frame, schema));
      List<String> expected = new ArrayList<>();
      // A booking is known 48 hours before it starts, a withdrawal when its trip's is.
      List<Map<String, Object>> bookings = new ArrayList<>();
      for (Map<String, Object> v : world) {
        Map<String, Object> booking = new LinkedHashMap<>(v);
        if (v.get("start") != null) {
          booking.put("_known_time", (Long) v.get("start") - 48 * HOUR);
        }
        bookings.add(booking);
      }
      for (Map<String, Object> v : bookings) {
        if (v.get("start") == null) {
          continue;
        }
        long asOf = (Long) v.get("start") - HOUR;
        boolean tied =
            bookings.stream()
                    .filter(
                        o ->
                            o.get("id").equals(v.get("id"))
                                && o.get("_known_time").equals(v.get("_known_time")))
                    .count()
                > 1;
        if (!tied
            && version(bookings, v.get("id"), asOf).orElseThrow() == v
            && v.get("city").equals("nyc")) {
          expected.add(
              Arrays.asList(v.get("id"), v.get("driver"), v.get("city"), v.get("start"), asOf)
                  .toString());
        }
      }
      expected.sort(null);
      List<String> found = sorted(store.trainingSets().spine(set(trips, "nyc"), List.of()));
      assertThat(found).as("seed %d", seed).containsAll(expected);
      assertThat(found).as("seed %d", seed).allMatch(row -> row.contains(", nyc, "));
      rows += expected.size();
    }
    assertThat(rows).isGreaterThan(20);
  }

  @Test
  void anEndThatNobodyMeantIsRefused() {
    Trips trips =
        Trips.in(
            folder,
            Map.of(
                "training-sets/daily.yaml",
                FILES.get("training-sets/daily.yaml").replace("7h", "1s"),
                "sources/ends.yaml",
                FILES.get("sources/ends.yaml")));
    Map<String, Object> far = trip(1, "ann", "nyc", "2021-03-01T10:00:00Z", 50.0, null);
    far.put("_known_time", at("2021-03-01T10:00:00Z"));
    Map<String, Object> farther = trip(2, "ann", "nyc", "2021-03-01T10:00:00Z", 50.0, null);
    farther.put("_known_time", at("2250-12-31T00:00:00Z"));
    trips
        .deliver("trips", 1, far, farther)
        .deliver("ends", 1, ended("ann", "2021-03-09T00:00:00Z", true));
    FeatureStore store = trips.store();
    TrainingSet set = set(trips, "daily");
    List<Pin> pins = store.pins().of(set);
    assertThatThrownBy(() -> store.trainingSets().spine(set, pins))
        .isInstanceOf(PlatformException.class)
        .hasMessageStartingWith(
            "Cannot make the rows of training set daily: the last version of source trips is known"
                + " at 2250-12-31T00:00:00Z, until which it would ask ")
        .hasMessageEndingWith(" times for each entity. Write \"to\" in its rows.");
  }
}
