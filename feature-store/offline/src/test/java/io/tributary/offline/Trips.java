package io.tributary.offline;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.RunnerChoice;
import io.tributary.definition.ProjectReader;
import io.tributary.lake.Lake;
import io.tributary.testing.DrawnRunner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/** A small project with each kind of view, and rows for its sources. */
final class Trips {
  private static final Map<String, String> FILES =
      Map.of(
          "tributary.yaml",
          """
          project: trips
          zone: America/New_York
          lake: lake
          online: rocksdb:${lake}/online
          lineage: [delta]
          """,
          "sources/trips.yaml",
          """
          source: trips
          read: {format: csv, path: data/trips.csv, header: true}
          columns:
            id: bigint
            driver: string
            city: string
            start: timestamp
            fare: double
            done: timestamp
            gone: boolean
          event-key: [id]
          event-time: start
          known-time: coalesce(done, start + interval 24 hours)
          tombstone: gone
          """,
          "sources/bookings.yaml",
          """
          source: bookings
          query: |
            select id, driver, city, start from trips where id > 0
          event-key: [id]
          event-time: start
          known-time: start - interval 48 hours
          """,
          "sources/drivers.yaml",
          """
          source: drivers
          static: true
          read: {format: csv, path: data/drivers.csv, header: true}
          columns:
            driver: string
            age: int
            rating: decimal(3,1)
          event-key: [driver]
          """,
          "features/driver_history.yaml",
          """
          view: driver_history@1
          entity: [driver]
          source: trips
          features:
            trips: count(*) over 1d, 7d
            fare: sum(fare) over 7d
            idle: time_since_last() over 7d
          derived:
            per_trip: fare_7d / trips_1d
          default:
            fare_7d: 0
          """,
          "features/city_last.yaml",
          """
          view: city_last@1
          entity: [city]
          source: trips
          where: fare is not null
          ttl: 2d
          features:
            fare: fare
            driver: driver
          """,
          "features/driver.yaml",
          """
          view: driver@1
          entity: [driver]
          source: drivers
          features:
            age: age
            rating: rating
          """,
          "features/clock.yaml",
          """
          view: clock@1
          request:
            at: timestamp
          features:
            hour: hour(at)
            minute: minute(at)
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
            where: city <> 'test'
          features:
            - driver_history@1
            - view: city_last@1
              as: here
              take: [fare]
            - driver@1
            - view: clock@1
              keys: {at: start}
          """);

  private final Path folder;
  private final CheckedProject project;
  private final Lake lake;

  private Trips(Path folder) {
    this.folder = folder;
    this.project = CheckedProject.check(ProjectReader.read(folder, Map.of(), Optional.empty()));
    this.lake = Lakes.lake(folder.resolve("lake"));
  }

  static Trips in(Path folder) {
    return in(folder, Map.of());
  }

  /** With some files written otherwise. */
  static Trips in(Path folder, Map<String, String> otherwise) {
    try {
      Map<String, String> files = new HashMap<>(FILES);
      files.putAll(otherwise);
      for (Map.Entry<String, String> file : files.entrySet()) {
        Path path = folder.resolve(file.getKey());
        Files.createDirectories(path.getParent());
        Files.writeString(path, file.getValue());
      }
      Files.createDirectories(folder.resolve("data"));
      Files.writeString(folder.resolve("data/trips.csv"), "");
      Files.writeString(folder.resolve("data/drivers.csv"), "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Trips(folder);
  }

  Path folder() {
    return folder;
  }

  CheckedProject project() {
    return project;
  }

  Lake lake() {
    return lake;
  }

  FeatureStore store() {
    return FeatureStore.open(project, lake, RunnerChoice.valueOf(DrawnRunner.name()));
  }

  static Long at(String instant) {
    return instant == null
        ? null
        : ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(instant));
  }

  /** A trip; {@code done} is when its fare is known. */
  static Map<String, Object> trip(
      long id, String driver, String city, String start, Double fare, String done) {
    Map<String, Object> trip = new HashMap<>();
    trip.put("id", id);
    trip.put("driver", driver);
    trip.put("city", city);
    trip.put("start", at(start));
    trip.put("fare", fare);
    trip.put("done", at(done));
    trip.put("gone", false);
    trip.put("_event_time", at(start));
    trip.put("_known_time", done == null ? (Long) (at(start) + 86_400_000_000L) : at(done));
    trip.put("_deleted", false);
    return trip;
  }

  static Map<String, Object> withdrawn(long id, String known) {
    Map<String, Object> trip = new HashMap<>();
    trip.put("id", id);
    trip.put("done", at(known));
    trip.put("gone", true);
    trip.put("_known_time", at(known));
    trip.put("_deleted", true);
    return trip;
  }

  static Map<String, Object> driver(String driver, Long age, String rating) {
    Map<String, Object> row = new HashMap<>();
    row.put("driver", driver);
    row.put("age", age);
    row.put("rating", rating == null ? null : new BigDecimal(rating));
    return row;
  }

  @SafeVarargs
  final Trips deliver(String source, long delivery, Map<String, Object>... rows) {
    StructType schema = project.source(source).rowSchema();
    List<Row> frame = new ArrayList<>();
    Arrays.stream(rows).forEach(r -> frame.add(Lakes.row(schema, r)));
    Lakes.deliver(lake, source, Lakes.frame(frame, schema), delivery);
    return this;
  }
}
