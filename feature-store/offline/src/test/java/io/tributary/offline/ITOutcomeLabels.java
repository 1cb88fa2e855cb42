package io.tributary.offline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.Pin;
import io.tributary.core.RunnerChoice;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Source;
import io.tributary.definition.TrainingSet;
import io.tributary.events.facts.LabelCounts;
import io.tributary.events.facts.SharedEvents;
import io.tributary.lake.Lake;
import io.tributary.offline.ITFeatureStore.Stored;
import io.tributary.offline.World.Label;
import io.tributary.testing.DrawnRunner;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Labels over an interval on Spark against naive loops, to the bit. */
class ITOutcomeLabels {
  private static final int WORLDS = Worlds.count(16, 40);
  @TempDir private static Path folder;

  /** A generated label in a lake. */
  private static final class Case {
    final OutcomeCase at;
    final CheckedProject project;
    final FeatureStore store;
    final List<Pin> pins;

    Case(long seed, boolean overInterval, boolean served) {
      this.at = new OutcomeCase(seed, overInterval, served);
      Path home = folder.resolve("world" + at.world.seed() + "-" + System.nanoTime());
      Lake lake = Lakes.lake(home);
      long delay =
          at.world.events().isEmpty() || !at.world.eventKey().isEmpty()
              ? 0
              : at.world.events().get(0).known() - at.world.events().get(0).event();
      Source source = Lakes.source("world", at.world, delay);
      this.project =
          CheckedProject.check(
              Lakes.project(home, List.of(source), at.world.views(), List.of(at.set)));
      this.store = FeatureStore.open(project, lake, RunnerChoice.valueOf(DrawnRunner.name()));
      ITFeatureStore.deliver(
          new Stored(at.world, store, List.of(), List.of()), at.world.events(), 1);
      if (served) {
        ITSnapshotJoins.take(
            store, at.world.views(), at.reference.nights.stream().map(n -> n.at()).toList());
      }
      this.pins = store.pins().of(at.set);
    }

    Dataset<Row> frame() {
      StructType schema = new StructType().add("n", "int");
      for (String column : OutcomeCase.KEYS) {
        schema = schema.add(column, at.world.columns().get(column).ddl());
      }
      schema = schema.add("_as_of", "timestamp");
      List<Row> frame = new ArrayList<>();
      for (Label row : at.rows) {
        Map<String, Object> values = new HashMap<>(row.keys());
        values.put("n", (long) row.id());
        values.put("_as_of", row.asOf());
        frame.add(Lakes.row(schema, values));
      }
      return Lakes.frame(frame, schema);
    }
  }

  private static Map<Integer, Object> values(LabelledRows labelled) {
    Map<Integer, Object> values = new TreeMap<>();
    for (Row row : labelled.rows().collectAsList()) {
      assertThat(values.put(row.getInt(0), Lakes.plain(row.getAs("out")))).isNull();
    }
    return values;
  }

  private static void same(Object expected, Object actual, OutcomeCase at, String what) {
    if (!Reference.same(expected, actual)) {
      fail("%s %s: %s expected %s but was %s", at.world, at.set.label(), what, expected, actual);
    }
  }

  @Test
  void areBuiltIntoATrainingSetOnceMature() {
    Trips trips =
        Trips.in(
                folder.resolve("trips"),
                Map.of(
                    "training-sets/high_fare.yaml",
                    """
                    training-set: high_fare
                    rows:
                      source: bookings
                      as-of: start - interval 1 hour
                    label:
                      name: spent
                      value: coalesce(sum(fare), 0) / count(*) from trips where city <> 'test'
                      where: count(*) > 0
                      during: "[0d, 1d)"
                      maturity: 12h
                      keys: [driver]
                    features:
                      - driver_history@1
                    """))
            .deliver(
                "trips",
                1,
                Trips.trip(1, "ann", "nyc", "2021-03-01T10:00:00Z", 10.0, "2021-03-01T11:00:00Z"),
                Trips.trip(2, "ann", "nyc", "2021-03-01T15:00:00Z", 30.0, "2021-03-02T19:00:00Z"),
                Trips.trip(3, "ann", "nyc", "2021-03-02T10:00:00Z", 50.0, "2021-03-02T11:00:00Z"),
                Trips.trip(4, "bob", "test", "2021-03-01T09:00:00Z", 99.0, "2021-03-01T09:30:00Z"),
                Trips.trip(5, "ann", "nyc", "2021-03-04T12:00:00Z", 7.0, "2021-03-04T13:00:00Z"));
    FeatureStore store = trips.store();
    TrainingSet set = trips.project().trainingSet("high_fare").definition();

    try (TrainingSetBuild build = store.trainingSets().build(set, store.pins().of(set))) {
      Map<Long, Object> spent = new TreeMap<>();
      for (Row row : build.rows().collectAsList()) {
        spent.put(row.getLong(0), row.getAs("spent"));
      }
      // 1 asks at 09:00: its own trip, and 2. 2 asks at 14:00: its own is known 5 hours after the
      // interval's end, within its maturity; so is 3. 3 asks at 09:00. 4 has no trip that counts.
      assertThat(spent).isEqualTo(new TreeMap<>(Map.of(1L, 20.0, 2L, 40.0, 3L, 50.0)));
      assertThat(build.labels()).isEqualTo(new LabelCounts(5, 0, 1, 0, 1));
      assertThat(build.knownUntil()).contains(Instant.parse("2021-03-04T13:00:00Z"));
      assertThat(build.shared().inBoth())
          .isEqualTo(Map.of("driver_history", new SharedEvents.Count(0, 0)));
      // When 3 asks, 2 has happened and is not known.
      assertThat(build.shared().inNeither())
          .isEqualTo(Map.of("driver_history", new SharedEvents.Count(1, 1)));
      assertThat(build.warnings())
          .containsExactly(
              "rows left out whose outcome is not known yet: 1",
              "blind spot: rows with events that neither driver_history nor their label has: 1 (events: 1)");
      try (TrainingSetBuild again =
          trips.store().withPartitions(3).trainingSets().build(set, store.pins().of(set))) {
        assertThat(again.content()).isEqualTo(build.content());
      }
    }
  }

  @Test
  void areComparedWithViewsOverAQueryOfTheirTable() {
    Trips trips =
        Trips.in(
                folder.resolve("churn"),
                Map.of(
                    "features/booked.yaml",
                    """
                    view: booked@1
                    entity: [driver]
                    source: bookings
                    features:
                      booked: count(*) over 7d
                    """,
                    "training-sets/churn.yaml",
                    """
                    training-set: churn
                    rows:
                      source: trips
                      every: 1d
                      entity: [driver]
                      from: 2021-03-02
                      to: 2021-03-07
                    label:
                      name: churned
                      value: count(*) = 0 from trips
                      during: "(0d, 1d]"
                      maturity: 6h
                      keys: {driver: driver}
                    features:
                      - booked@1
                      - driver_history@1
                    """))
            .deliver(
                "trips",
                1,
                Trips.trip(1, "ann", "nyc", "2021-03-01T10:00:00Z", 10.0, "2021-03-01T11:00:00Z"),
                // Starts before midnight in New York, and is known a quarter of an hour after it.
                Trips.trip(2, "ann", "nyc", "2021-03-03T04:30:00Z", 30.0, "2021-03-03T05:15:00Z"),
                // At midnight.
                Trips.trip(3, "ann", "nyc", "2021-03-04T05:00:00Z", 50.0, "2021-03-04T05:00:00Z"),
                Trips.trip(4, "ann", "nyc", "2021-03-05T12:00:00Z", 7.0, "2021-03-05T13:00:00Z"))
            .deliver("drivers", 1, Trips.driver("ann", 30L, "4.5"));
    FeatureStore store = trips.store();
    TrainingSet set = trips.project().trainingSet("churn").definition();

    try (TrainingSetBuild build = store.trainingSets().build(set, store.pins().of(set))) {
      Map<String, Object> churned = new TreeMap<>();
      for (Row row : build.rows().collectAsList()) {
        churned.put(row.getTimestamp(1).toInstant().toString(), row.getAs("churned"));
      }
      // The outcome of 4 March would be known on the 5th at 11:00, that of the 5th is too young.
      assertThat(churned)
          .isEqualTo(
              new TreeMap<>(
                  Map.of(
                      "2021-03-02T05:00:00Z", false,
                      "2021-03-03T05:00:00Z", false,
                      "2021-03-04T05:00:00Z", true)));
      assertThat(build.labels().immature()).isEqualTo(build.labels().asked() - 3);
      SharedEvents.Count none = new SharedEvents.Count(0, 0);
      assertThat(build.shared().inBoth()).isEqualTo(Map.of("booked", none, "driver_history", none));
      // On 3 March trip 2 has been booked, but its own source does not know it yet.
      assertThat(build.shared().inNeither())
          .isEqualTo(Map.of("booked", none, "driver_history", new SharedEvents.Count(1, 1)));
    }
  }

  @Test
  void oneKnownTimeFarAheadIsSaid() {
    Trips trips =
        Trips.in(
                folder.resolve("ahead"),
                Map.of(
                    "training-sets/prints.yaml",
                    """
                    training-set: prints
                    rows:
                      source: bookings
                      as-of: start - interval 1 hour
                    label:
                      name: prints
                      value: io.tributary.offline.Fingerprint(fare, 3) % 2 = 0 from trips
                      during: "[0d, 1d)"
                      maturity: 12h
                      keys: [driver]
                    features:
                      - driver_history@1
                    """))
            .deliver(
                "trips",
                1,
                Trips.trip(1, "ann", "nyc", "2021-03-01T10:00:00Z", 10.0, "2021-03-01T11:00:00Z"),
                Trips.trip(2, "ann", "nyc", "2021-03-01T15:00:00Z", 30.0, "2021-03-03T02:59:59Z"));
    TrainingSet set = trips.project().trainingSet("prints").definition();
    FeatureStore store = trips.store();
    try (TrainingSetBuild build = store.trainingSets().build(set, store.pins().of(set))) {
      // 2 is known too late for its day and maturity.
      Fingerprint print = new Fingerprint(3);
      boolean even = (Long) print.result(print.of(10.0)) % 2 == 0;
      assertThat(build.rows().select("id", "prints").collectAsList())
          .containsExactly(org.apache.spark.sql.RowFactory.create(1L, even));
      assertThat(build.warnings()).noneMatch(w -> w.startsWith("labels count as known until"));
    }
    trips.deliver(
        "trips",
        2,
        Trips.trip(1, "ann", "nyc", "2021-03-01T10:00:00Z", 11.0, "2031-03-01T11:00:00Z"));
    try (TrainingSetBuild build = store.trainingSets().build(set, store.pins().of(set))) {
      assertThat(build.labels().immature()).isZero();
      assertThat(build.warnings())
          .contains(
              "labels count as known until 2031-03-01T11:00:00Z, 3651 days and the maturity after the newest event (2021-03-01T15:00:00Z): intervals that end in between count as empty there. Write \"known-until\", or mend the known time");
    }
  }

  @Test
  void agreeWithNaiveLoops() {
    long labelled = 0;
    long immature = 0;
    Map<String, Long> shared = new TreeMap<>();
    for (long seed = 1; seed <= WORLDS; seed++) {
      Case stored = new Case(seed, true, seed % 2 == 0);
      OutcomeCase at = stored.at;
      Optional<Instant> knownUntil = at.knownUntil();
      LabelledRows found =
          stored
              .store
              .withPartitions(1 + (int) (seed % 3))
              .trainingSets()
              .labelAndCompare(at.set, stored.frame(), knownUntil, stored.pins);
      Map<Integer, Object> values = values(found);

      long until =
          knownUntil
              .map(i -> ChronoUnit.MICROS.between(Instant.EPOCH, i))
              .orElseGet(at.reference::lastKnown);
      OutcomeAnswer expected = OutcomeAnswer.of(at, at.reference, until);
      for (Label row : at.rows) {
        same(expected.values().get(row.id()), values.get(row.id()), at, "label of " + row);
      }
      assertThat(found.counts()).isEqualTo(expected.counts());
      assertThat(found.lastKnown().isPresent()).isEqualTo(until != Long.MIN_VALUE);
      assertThat(found.shared())
          .as(() -> at.world + " " + at.set.label() + " " + at.rows)
          .isEqualTo(expected.shared());
      labelled += values.size();
      immature += expected.counts().immature();
      found.shared().inBoth().values().forEach(c -> shared.merge("both", c.events(), Long::sum));
      found
          .shared()
          .inNeither()
          .values()
          .forEach(c -> shared.merge("neither", c.events(), Long::sum));
    }
    assertThat(labelled).isGreaterThan(WORLDS);
    assertThat(immature).isGreaterThan(WORLDS / 2);
    assertThat(shared.get("both")).isPositive();
    assertThat(shared.get("neither")).isPositive();
  }

  @Test
  void areNotWhatAnyBrokenRuleMakesOfThem() {
    Map<Long, Map<String, Function<OutcomeReference, OutcomeReference>>> rules = new TreeMap<>();
    TestBrokenOutcomes.rules()
        .forEach(
            (name, rule) ->
                rules
                    .computeIfAbsent(TestBrokenOutcomes.telling(rule), s -> new TreeMap<>())
                    .put(name, rule));
    rules.forEach(
        (seed, broken) -> {
          Case stored = new Case(seed, true, true);
          OutcomeCase at = stored.at;
          LabelledRows found =
              stored
                  .store
                  .trainingSets()
                  .labelAndCompare(at.set, stored.frame(), Optional.empty(), stored.pins);
          Map<Integer, Object> values = values(found);
          long until = at.reference.lastKnown();
          assertThat(OutcomeAnswer.of(at, at.reference, until).isThatOf(values, found))
              .as("%s %s", at.world, at.set.label())
              .isTrue();
          broken.forEach(
              (name, rule) ->
                  assertThat(
                          OutcomeAnswer.of(at, rule.apply(at.reference), until)
                              .isThatOf(values, found))
                      .as(name)
                      .isFalse());
        });
  }

  @Test
  void countTheEventThatALabelIsReadFrom() {
    long shown = 0;
    for (long seed = 1; seed <= WORLDS; seed++) {
      if (Worlds.world(seed).eventKey().isEmpty()) {
        continue;
      }
      Case stored = new Case(seed, false, seed % 2 == 0);
      OutcomeCase at = stored.at;
      LabelledRows found =
          stored
              .store
              .trainingSets()
              .labelAndCompare(at.set, stored.frame(), Optional.empty(), stored.pins);
      Map<Integer, Object> values = values(found);
      Map<String, List<Long>> both = new TreeMap<>();
      at.world.views().forEach(view -> both.put(view.id().name(), new ArrayList<>()));
      for (Label row : at.rows) {
        Object value =
            at.world.eventKey().stream().anyMatch(c -> row.keys().get(c) == null)
                ? null
                : at.reference.own(row, Long.MAX_VALUE).map(e -> e.values().get("b")).orElse(null);
        same(value, values.get(row.id()), at, "label of " + row);
        if (value != null && row.asOf() != null) {
          for (FeatureView view : at.world.views()) {
            both.get(view.id().name()).add(at.reference.shownOwn(view, row));
          }
        }
      }
      assertThat(found.shared())
          .as(() -> at.world + " " + at.rows)
          .isEqualTo(new SharedEvents(OutcomeAnswer.counts(both), Map.of()));
      shown +=
          OutcomeAnswer.counts(both).values().stream().mapToLong(SharedEvents.Count::events).sum();
    }
    assertThat(shown).isGreaterThan(WORLDS / 3);
  }
}
