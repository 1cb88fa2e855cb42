package io.tributary.offline;

import static io.tributary.offline.Trips.driver;
import static io.tributary.offline.Trips.trip;
import static io.tributary.offline.Trips.withdrawn;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Digest;
import io.tributary.core.Interval;
import io.tributary.core.Pin;
import io.tributary.definition.TrainingSet;
import io.tributary.events.facts.ColumnCounts;
import io.tributary.events.facts.LabelCounts;
import io.tributary.lake.ContentDigest;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ITTrainingSet {
  @TempDir private Path folder;

  private static Trips delivered(Trips trips) {
    return trips
        .deliver(
            "trips",
            1,
            trip(1, "ann", "nyc", "2021-03-01T10:00:00Z", 10.0, "2021-03-01T11:00:00Z"),
            trip(2, "ann", "nyc", "2021-03-01T15:00:00Z", 30.0, "2021-03-01T17:30:00Z"),
            trip(3, "bob", "nyc", "2021-03-01T18:00:00Z", 25.0, "2021-03-01T19:00:00Z"),
            // Later known to have been bob's, and dearer.
            trip(4, "ann", "bos", "2021-03-02T09:00:00Z", 12.0, "2021-03-02T10:00:00Z"),
            trip(4, "bob", "bos", "2021-03-02T09:00:00Z", 50.0, "2021-03-04T10:00:00Z"),
            // Never finished.
            trip(5, "bob", "nyc", "2021-03-03T12:00:00Z", null, null),
            // Finished, then withdrawn.
            trip(6, "cat", "nyc", "2021-03-03T13:00:00Z", 8.0, "2021-03-03T14:00:00Z"),
            withdrawn(6, "2021-03-05T00:00:00Z"),
            trip(7, null, "test", "2021-03-03T20:00:00Z", 99.0, "2021-03-03T21:00:00Z"))
        .deliver("drivers", 1, driver("ann", 30L, "4.5"), driver("bob", 40L, null))
        .deliver("drivers", 2, driver("ann", 31L, "4.6"), driver("cat", 20L, "5.0"));
  }

  private static Map<Long, Map<String, Object>> byId(Dataset<Row> rows) {
    Map<Long, Map<String, Object>> byId = new TreeMap<>();
    for (Row row : rows.collectAsList()) {
      Map<String, Object> values = new LinkedHashMap<>();
      for (String column : row.schema().fieldNames()) {
        values.put(column, Lakes.plain(row.get(row.fieldIndex(column))));
      }
      assertThat(byId.put(row.getLong(0), values)).isNull();
    }
    return byId;
  }

  @Test
  void asksWithWhatWasKnownAndReadsLabelsOnceKnown() {
    Trips trips = delivered(Trips.in(folder));
    FeatureStore store = trips.store();
    TrainingSet set = trips.project().trainingSet("high_fare").definition();

    try (TrainingSetBuild build = store.trainingSets().build(set, store.pins().of(set))) {
      Map<Long, Map<String, Object>> rows = byId(build.rows());

      assertThat(build.rows().schema().fieldNames())
          .containsExactly(trips.project().trainingSet("high_fare").schema().fieldNames());
      // 5 has no fare, 6 was withdrawn, 7 is a test.
      assertThat(rows.keySet()).containsExactly(1L, 2L, 3L, 4L);
      assertThat(build.labels()).isEqualTo(new LabelCounts(7, 1, 1, 1, 0));
      assertThat(build.labels().labelled()).isEqualTo(4);
      assertThat(build.joins().rowsIn()).isEqualTo(4);
      assertThat(build.joins().rowsOut()).isEqualTo(4);
      assertThat(build.knownUntil()).contains(Instant.parse("2021-03-05T00:00:00Z"));
      // Both versions of the booking say that they were known two days ahead: the greater one asks.
      assertThat(rows.get(4L))
          .containsEntry("driver", "bob")
          .containsEntry("high", true)
          .containsEntry("driver_history__trips_1d", 1L)
          .containsEntry("driver_history__fare_7d", 25.0)
          .containsEntry("driver_history__per_trip", 25.0)
          .containsEntry("driver_history__idle_7d", 14 * 3600.0)
          .containsEntry("here__fare", null)
          .containsEntry("driver__age", null)
          .containsEntry("clock__hour", 4L);
      // Asked at 14:00: the first trip is known, the second is not yet.
      assertThat(rows.get(2L))
          .containsEntry("high", true)
          .containsEntry("driver_history__trips_1d", 1L)
          .containsEntry("here__fare", 10.0)
          .containsEntry("driver__age", 31L);
      // Nobody has driven yet: no trips, a default where it says so, no division by zero.
      assertThat(rows.get(1L))
          .containsEntry("driver_history__trips_7d", 0L)
          .containsEntry("driver_history__fare_7d", 0.0)
          .containsEntry("driver_history__per_trip", null)
          .containsEntry("driver_history__idle_7d", null);
      assertThat(build.columns())
          .contains(
              new ColumnCounts("driver_history__trips_1d", "bigint", 0, 0),
              new ColumnCounts(
                  "driver_history__idle_7d",
                  "double",
                  rows.values().stream()
                      .filter(row -> row.get("driver_history__idle_7d") == null)
                      .count(),
                  0));
    }
  }

  @Test
  void aRowAsksInTheIntervalOfItsAsOf() {
    Trips trips = delivered(Trips.in(folder));
    FeatureStore store = trips.store();
    TrainingSet set = trips.project().trainingSet("high_fare").definition();
    Interval first = Interval.parse("2021-03-01T09:00:00Z/2021-03-01T17:00:00Z");

    Map<Long, Map<String, Object>> rows =
        byId(store.trainingSets().spine(set, first, store.pins().of(set)));

    assertThat(rows.keySet()).containsExactly(1L, 2L);
    assertThat(rows.get(1L).keySet()).containsExactly("id", "driver", "city", "start", "_as_of");
    assertThat(byId(store.trainingSets().spine(set, first, List.of("id"), store.pins().of(set))))
        .hasSize(2)
        .allSatisfy((id, row) -> assertThat(row).containsOnlyKeys("id", "_as_of"))
        .allSatisfy(
            (id, row) -> assertThat(row.get("_as_of")).isEqualTo(rows.get(id).get("_as_of")));
  }

  @Test
  void labelsAreReadAsKnownByThen() {
    Trips trips = delivered(Trips.in(folder));
    FeatureStore store = trips.store();
    TrainingSet set = trips.project().trainingSet("high_fare").definition();
    List<Pin> pins = store.pins().of(set);

    LabelledRows labelled =
        store
            .trainingSets()
            .label(
                set,
                AskingRows.of(store.trainingSets().spine(set, pins)),
                Optional.of(Instant.parse("2021-03-03T14:00:00Z")),
                pins);
    Map<Long, Map<String, Object>> rows = byId(labelled.rows());

    assertThat(rows.keySet()).containsExactly(1L, 2L, 3L, 4L, 6L);
    assertThat(rows.get(4L)).containsEntry("high", false);
    assertThat(labelled.counts()).isEqualTo(new LabelCounts(7, 2, 0, 0, 0));
  }

  @Test
  void saysWhereKnowledgeTimeIsOff() {
    Trips trips =
        delivered(
            Trips.in(
                folder,
                Map.of(
                    "features/hindsight.yaml",
                    """
                    view: hindsight@1
                    entity: [driver]
                    source: trips
                    knowledge-time: off
                    features:
                      n: count(*) over 7d
                    """,
                    "training-sets/hindsight.yaml",
                    """
                    training-set: hindsight
                    rows:
                      source: bookings
                      as-of: start - interval 1 hour
                    label:
                      name: high
                      source: trips
                      value: fare > 20
                    features:
                      - hindsight@1
                      - driver_history@1
                    """)));
    FeatureStore store = trips.store();
    TrainingSet set = trips.project().trainingSet("hindsight").definition();
    try (TrainingSetBuild build = store.trainingSets().build(set, store.pins().of(set))) {
      assertThat(build.facts(1, Digest.of("meaning")).knowledgeTimeOff())
          .containsExactly("hindsight@1");
      assertThat(build.warnings())
          .contains(
              "knowledge time is off in hindsight@1: rows see what was known only after their as-of");
    }
  }

  @Test
  void isBuiltAgainFromItsPinsWhateverArrives() {
    Trips trips = delivered(Trips.in(folder));
    TrainingSet set = trips.project().trainingSet("high_fare").definition();
    Built first = Built.of(trips, set);
    assertThat(first.content().rows()).isEqualTo(4);

    trips.deliver(
        "trips",
        2,
        trip(1, "ann", "nyc", "2021-03-01T10:00:00Z", 77.0, "2021-03-01T11:00:00Z"),
        trip(8, "bob", "nyc", "2021-03-01T12:00:00Z", 5.0, "2021-03-01T13:00:00Z"));
    Built second = Built.of(trips, set);
    assertThat(second.content().rows()).isEqualTo(5);
    assertThat(second.content()).isNotEqualTo(first.content());

    for (Built built : List.of(first, second)) {
      built.isBuiltAgain(trips, set, 1);
      built.isBuiltAgain(trips, set, 5);
    }
  }

  /** A build of a training set, and the pins that it was built from. */
  record Built(List<Pin> pins, ContentDigest content) {
    static Built of(Trips trips, TrainingSet set) {
      List<Pin> pins = trips.store().pins().of(set);
      try (TrainingSetBuild build = trips.store().trainingSets().build(set, pins)) {
        assertThat(ContentDigest.of(build.rows())).isEqualTo(build.content());
        return new Built(pins, build.content());
      }
    }

    void isBuiltAgain(Trips trips, TrainingSet set, int partitions) {
      try (TrainingSetBuild again =
          trips.store().withPartitions(partitions).trainingSets().build(set, pins)) {
        assertThat(again.content()).as(set.name()).isEqualTo(content);
      }
    }
  }
}
