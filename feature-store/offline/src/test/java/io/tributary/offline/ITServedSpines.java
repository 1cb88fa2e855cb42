package io.tributary.offline;

import static io.tributary.offline.ITSpines.ended;
import static io.tributary.offline.ITSpines.judged;
import static io.tributary.offline.Trips.trip;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.definition.FeatureView;
import io.tributary.definition.TrainingSet;
import io.tributary.definition.ViewId;
import io.tributary.lake.LakeTable;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each kind of rows that ask, joined to a view at the accuracy of snapshots. */
class ITServedSpines {
  private static final Duration DELAY = Duration.ofHours(2);
  private static final Duration STALE = Duration.ofHours(36);

  @TempDir private Path folder;

  /** The snapshots as they stand in their table: the trips of each driver by instant. */
  private static TreeMap<Instant, Map<String, Long>> taken(Trips trips, FeatureView view) {
    TreeMap<Instant, Map<String, Long>> taken = new TreeMap<>();
    LakeTable table = trips.lake().table(view.id().table());
    for (Row row :
        table.read(table.requireVersion()).select("_at", "driver", "trips_7d").collectAsList()) {
      taken
          .computeIfAbsent(row.getTimestamp(0).toInstant(), at -> new HashMap<>())
          .put(row.getString(1), row.getLong(2));
    }
    return taken;
  }

  @Test
  void rowsHaveWhatWasServedAtTheirAsOf() {
    Map<String, String> files = new HashMap<>(ITSpines.FILES);
    files.replaceAll(
        (name, text) -> text.replace("  - driver_history@1", "  - driver_history@1\n  - served@1"));
    files.put(
        "features/served.yaml",
        """
        view: served@1
        entity: [driver]
        source: trips
        accuracy: snapshot
        publish-delay: 2h
        max-staleness: 36h
        features:
          trips: count(*) over 7d
        """);
    Trips trips = Trips.in(folder, files);
    List<Map<String, Object>> rides = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      Instant start = Instant.parse("2021-03-01T10:00:00Z").plus(Duration.ofHours(7L * i));
      rides.add(
          trip(
              i,
              i % 3 == 0 ? "bob" : "ann",
              "nyc",
              start.toString(),
              10.0 + i,
              start.plusSeconds(3_600).toString()));
    }
    @SuppressWarnings({"unchecked", "rawtypes"})
    Map<String, Object>[] all = rides.toArray(new Map[0]);
    trips
        .deliver("trips", 1, all)
        .deliver(
            "ends",
            1,
            ended("ann", "2021-03-20T00:00:00Z", true),
            ended("bob", "2021-03-20T00:00:00Z", false))
        .deliver(
            "judged",
            1,
            judged("ann", "2021-03-01T12:00:00Z", false, 1, "eve"),
            judged("ann", "2021-03-03T01:59:59.999999Z", true, 1, "eve"),
            judged("ann", "2021-03-04T11:59:59.999999Z", true, 1, "eve"),
            judged("bob", "2021-03-04T12:00:00Z", true, 1, "eve"),
            judged("ann", "2021-03-06T06:00:00Z", false, 1, "eve"),
            judged("zoe", "2021-03-06T06:00:00Z", false, 1, "eve"));
    FeatureStore store = trips.store();
    FeatureView served = trips.project().view(ViewId.parse("served@1")).definition();
    Lakes.take(
        store,
        served,
        List.of(
            Instant.parse("2021-03-01T23:59:59.999999Z"),
            Instant.parse("2021-03-02T23:59:59.999999Z"),
            Instant.parse("2021-03-05T23:59:59.999999Z")),
        store.pins().ofSources(List.of("trips")));
    TreeMap<Instant, Map<String, Long>> taken = taken(trips, served);
    assertThat(taken).hasSize(3);

    for (String name : List.of("good", "daily", "nyc")) {
      TrainingSet set = trips.project().trainingSet(name).definition();
      TreeSet<String> kinds = new TreeSet<>();
      try (TrainingSetBuild build = store.trainingSets().build(set, store.pins().of(set))) {
        for (Row row :
            build
                .rows()
                .select("driver", "_as_of", "served__trips_7d", "driver_history__trips_7d")
                .collectAsList()) {
          Instant at = row.getTimestamp(1).toInstant();
          Map.Entry<Instant, Map<String, Long>> night = taken.floorEntry(at.minus(DELAY));
          boolean none = night == null;
          boolean stale = !none && at.isAfter(night.getKey().plus(STALE));
          long expected = none || stale ? 0 : night.getValue().getOrDefault(row.getString(0), 0L);
          assertThat(row.getLong(2)).as("%s %s", name, row).isEqualTo(expected);
          kinds.add(none ? "before" : stale ? "stale" : "served");
          if (row.getLong(3) > expected) {
            kinds.add("more by now");
          }
        }
        Map<String, Long> early = build.joins().beforeSnapshots();
        Map<String, Long> stale = build.joins().staleSnapshots();
        assertThat(early.get("served")).as(name).isPositive();
        assertThat(stale.get("served")).as(name).isPositive();
      }
      assertThat(kinds).as(name).containsExactly("before", "more by now", "served", "stale");
    }
  }
}
