package io.tributary.pipeline;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.Principal;
import io.tributary.definition.ProjectReader;
import io.tributary.lake.Lake;
import io.tributary.registry.Comparison;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;

/**
 * A project small enough to run dozens of times: an hourly ride of a few drivers, some of whose
 * lines are bad, and every kind of step. Its nights begin on 2024-01-25.
 */
final class TinyProject {
  static final LocalDate FIRST_NIGHT = LocalDate.parse("2024-01-25");
  static final int RIDES_A_DAY = 72;
  private static final Instant FIRST = Instant.parse("2024-01-01T00:00:00Z");

  private static final Map<String, String> FILES =
      Map.ofEntries(
          Map.entry(
              "tributary.yaml",
              """
              project: tiny
              zone: Europe/Berlin
              lake: lake
              online: rocksdb:${lake}/online
              """),
          Map.entry(
              "sources/drivers.yaml",
              """
              source: drivers
              static: true
              read: {format: csv, path: data/drivers.csv, header: true}
              columns:
                driver: string
                town: string
              event-key: [driver]
              """),
          Map.entry(
              "sources/rides.yaml",
              """
              source: rides
              read: {format: csv, path: "data/rides*.csv", header: true}
              columns:
                id: int
                driver: string
                kilometres: double
                starts: timestamp
                delay: int
              lookup:
                who: {source: drivers, keys: [driver]}
              derive:
                town: who.town
              event-key: [id]
              event-time: starts
              known-time: starts + interval 1 hour
              expectations: rides.json
              """),
          Map.entry(
              "sources/plan.yaml",
              """
              source: plan
              query: |
                select id, driver, kilometres, starts from rides
              event-key: [id]
              event-time: starts
              known-time: starts - interval 48 hours
              """),
          Map.entry(
              "expectations/rides.json",
              """
              {"name": "rides", "expectations": [
                {"type": "expect_column_values_to_be_between",
                 "kwargs": {"column": "delay", "min_value": 0, "max_value": 600, "mostly": 0.5}}
              ]}
              """),
          Map.entry(
              "features/driver_history.yaml",
              """
              view: driver_history@1
              entity: [driver]
              source: rides
              features:
                rides: count(*) over 1d, 7d
                late_share: mean(delay > 15) over 7d
              """),
          Map.entry(
              "features/last_ride.yaml",
              """
              view: last_ride@1
              entity: [driver]
              source: rides
              ttl: 3d
              features:
                delay: delay
              """),
          Map.entry(
              "features/driver.yaml",
              """
              view: driver@1
              entity: [driver]
              source: drivers
              features:
                town: town
              """),
          Map.entry(
              "training-sets/lateness.yaml",
              """
              training-set: lateness
              rows:
                source: plan
                as-of: starts - interval 1 hour
              label:
                name: late
                source: rides
                value: delay > 15
              features:
                - driver_history@1
                - last_ride@1
              """),
          Map.entry(
              "models/lateness.yaml",
              """
              model: lateness
              training-set: lateness
              split: {train: 2024-01-02/2024-01-15, validate: 2024-01-15/2024-01-20, test: 2024-01-20/2024-01-25}
              inputs:
                default: standardize
                driver: one-hot
              network:
                - dense(4, relu)
              fit: {updater: adam, learning-rate: 0.01, batch: 64, epochs: 2, patience: 2, seed: 1}
              evaluate: {metrics: [auc, log-loss]}
              admit:
                - auc >= 0.1
              """),
          Map.entry(
              "scores/next.yaml",
              """
              scores: next
              model: lateness@production
              rows: lateness
              decide: score > 0.5
              """),
          Map.entry(
              "monitors/lateness.yaml",
              """
              monitor: lateness
              model: lateness
              scores: next
              inputs: {psi: 0.2}
              predictions: {psi: 0.2}
              bounds: {score: [0, 1]}
              actuals: {after: 1d, auc-drop: 0.5}
              breach: alert
              """));

  private TinyProject() {}

  /** Writes the project with all its rides delivered, and so many nights. */
  static CheckedProject write(Path folder, int nights) throws IOException {
    for (Map.Entry<String, String> file : FILES.entrySet()) {
      put(folder.resolve(file.getKey()), file.getValue());
    }
    put(
        folder.resolve("pipelines/nightly.yaml"),
        """
        pipeline: nightly
        schedule: "0 6 * * *"
        history: 2024-01-01/%s
        until: %s
        train: [lateness]
        steps:
          - ingest
          - materialize
          - publish
          - score next
          - monitor lateness
        """
            .formatted(FIRST_NIGHT, FIRST_NIGHT.plusDays(nights)));
    put(folder.resolve("data/drivers.csv"), "driver,town\na,Ulm\nb,Kiel\nc,Bonn\n");
    put(folder.resolve("data/rides.csv"), rides(0, 24 * (25 + nights)));
    return CheckedProject.check(ProjectReader.read(folder, Map.of(), Optional.empty()));
  }

  /** Rides as they are delivered: one an hour. */
  static String rides(int from, int to) {
    StringBuilder csv = new StringBuilder("id,driver,kilometres,starts,delay\n");
    for (int id = from; id < to; id++) {
      SplittableRandom random = new SplittableRandom(id);
      String driver = List.of("a", "b", "c").get(random.nextInt(3));
      int delay = random.nextInt(driver.equals("a") ? 60 : 20);
      csv.append(id)
          .append(',')
          .append(driver)
          .append(',')
          .append(id % 17 + 0.25)
          .append(',')
          .append(FIRST.plusSeconds(3_600L * id))
          .append(',')
          .append(id % 97 == 5 ? "soon" : id % 89 == 7 ? "900" : String.valueOf(delay))
          .append('\n');
    }
    return csv.toString();
  }

  /**
   * Writes the same with a ride every twenty minutes since December and a window of eight days:
   * training has days enough for nights and windows to be judged by their inputs.
   *
   * @param driver the driver of a night's rides instead of their own, by the night's number
   */
  static void writeWatched(Path folder, int nights, IntFunction<UnaryOperator<String>> driver)
      throws IOException {
    write(folder, nights);
    edit(
        folder.resolve("models/lateness.yaml"),
        text ->
            text.replaceFirst(
                    "split: .*",
                    "split: {train: 2023-12-11/2024-01-23, validate: 2024-01-23/2024-01-24, test: 2024-01-24/2024-01-25}")
                .replace("epochs: 2", "epochs: 10"));
    edit(
        folder.resolve("monitors/lateness.yaml"),
        text -> text.replace("monitor: lateness", "monitor: lateness\nwindow: 8\nmatters: 0.0001"));
    Instant first = Instant.parse("2023-12-10T00:00:00Z");
    StringBuilder csv = new StringBuilder("id,driver,kilometres,starts,delay\n");
    for (int id = 0; id < RIDES_A_DAY * (46 + nights + 1); id++) {
      SplittableRandom random = new SplittableRandom(id);
      String name =
          driver.apply(id / RIDES_A_DAY - 46).apply(List.of("a", "b", "c").get(random.nextInt(3)));
      int delay = random.nextInt(name.equals("a") ? 60 : 20);
      csv.append("%d,%s,5,%s,%d\n".formatted(id, name, first.plusSeconds(1_200L * id), delay));
    }
    put(folder.resolve("data/rides.csv"), csv.toString());
  }

  /** Promotes a version as a person does who has compared it with the one in production. */
  static void promote(Lake lake, long number) {
    ModelRegistry registry = ModelRegistry.open(lake.uri());
    Principal ada = Principal.osUser("ada");
    ModelVersion version = registry.find("lateness@" + number).version();
    long champion = registry.find("lateness@production").version().number();
    registry
        .promotions()
        .record(
            version, Comparison.cannotTell(champion, "by eye", 0.005, Optional.empty()), ada, "");
    registry.promote("lateness", number, "production", ada, "test");
  }

  /** Changes a file; one that it leaves as it is, is a mistake. */
  static void edit(Path file, UnaryOperator<String> how) throws IOException {
    String text = Files.readString(file);
    if (how.apply(text).equals(text)) {
      throw new IllegalStateException("nothing to change in " + file);
    }
    Files.writeString(file, how.apply(text));
  }

  static void put(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
