package io.tributary.submit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Digest;
import io.tributary.core.Json;
import io.tributary.lake.ContentDigest;
import io.tributary.lake.LakeSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A key with nine tenths of all rows is the work of several tasks, on two workers. */
@Tag("long")
class ITSkewedKeys {
  private static final int EVENTS = 40_000;
  private static final int ROWS = 20_000;
  private static final int KEYS = 500;
  private static final Instant FIRST = Instant.parse("2024-01-01T00:00:00Z");

  @TempDir static Path folder;
  private static SparkHome spark;
  private static Standalone cluster;

  @BeforeAll
  static void start() throws Exception {
    Files.createDirectories(folder.resolve("sources"));
    Files.createDirectories(folder.resolve("features"));
    Files.writeString(folder.resolve("tributary.yaml"), "project: skewed\nzone: UTC\nlake: lake\n");
    Files.writeString(
        folder.resolve("sources/ticks.yaml"),
        """
        source: ticks
        read: {format: csv, path: "ticks.csv", header: true}
        columns:
          key: bigint
          at: timestamp
          value: double
        event-time: at
        availability-delay: 0s
        """);
    Files.writeString(
        folder.resolve("features/ticks.yaml"),
        """
        view: ticks@1
        entity: [key]
        source: ticks
        features:
          ticks: count(*) over 1h, 1d
          total: sum(value) over 1h, 1d
          newest: last(value) over 30d
        """);
    StringBuilder ticks = new StringBuilder("key,at,value\n");
    for (int i = 0; i < EVENTS; i++) {
      ticks.append(key(i)).append(',').append(FIRST.plusSeconds(60L * i)).append(',');
      ticks.append(i % 997 / 8d).append('\n');
    }
    Files.writeString(folder.resolve("ticks.csv"), ticks);
    StringBuilder rows = new StringBuilder("key,as_of\n");
    for (int i = 0; i < ROWS; i++) {
      rows.append(key(i)).append(',').append(FIRST.plusSeconds(120L * i + 7)).append('\n');
    }
    Files.writeString(folder.resolve("rows.csv"), rows);
    spark = SparkHome.in(folder.resolve("spark"));
    cluster = Standalone.start(spark, folder, 2);
  }

  private static int key(int i) {
    return i % 10 == 0 ? 1 + i % KEYS : 0;
  }

  @AfterAll
  static void stop() throws Exception {
    if (cluster != null) {
      cluster.close();
    }
    spark.close();
  }

  @Test
  void areTheWorkOfSeveralTasks() throws Exception {
    Load whole = join("whole", List.of("spark.tributary.join.share=1"));
    Load cut = join("cut", List.of());
    assertThat(whole.largest()).as("rows of the largest task of %s", whole).isGreaterThan(0.9);
    assertThat(cut.largest()).as("rows of the largest task of %s", cut).isLessThan(0.4);
    assertThat(cut.executors()).isEqualTo(2);
    assertThat(contents("cut")).isEqualTo(contents("whole"));
  }

  /**
   * Of the stage that joins.
   *
   * @param largest share of the rows that the task with most of them had
   */
  private record Load(double largest, long rows, int executors) {}

  private static Load join(String name, List<String> more) throws Exception {
    Path log = Files.createDirectories(folder.resolve(name + ".events"));
    List<String> settings = new ArrayList<>(more);
    settings.addAll(
        List.of(
            "spark.driver.host=127.0.0.1",
            "spark.driver.bindAddress=127.0.0.1",
            "spark.executor.memory=512m",
            "spark.executor.cores=2",
            "spark.sql.shuffle.partitions=16",
            "spark.eventLog.enabled=true",
            "spark.eventLog.dir=" + log.toUri()));
    Path output = folder.resolve(name + ".out");
    Process process =
        spark.submit(
            output,
            cluster.address(),
            settings,
            "io.tributary.pipeline.JoinMain",
            List.of(
                "--project",
                folder.toString(),
                "--rows",
                folder.resolve("rows.csv").toString(),
                "--features",
                "ticks@1",
                "--out",
                folder.resolve(name).toString()));
    try {
      assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("ends within minutes").isTrue();
      assertThat(process.exitValue()).as(Files.readString(output)).isZero();
    } finally {
      process.destroyForcibly();
    }
    return load(log);
  }

  /** Of the stage whose tasks read most rows from shuffles, by Spark's own log of its events. */
  private static Load load(Path log) throws IOException {
    Map<Integer, List<Long>> rows = new HashMap<>();
    Map<Integer, Set<String>> executors = new HashMap<>();
    try (Stream<Path> files = Files.walk(log)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        for (String line : Files.readAllLines(file)) {
          JsonNode event = Json.mapper().readTree(line);
          if (event.path("Event").asText().equals("SparkListenerTaskEnd")) {
            int stage = event.path("Stage ID").asInt();
            rows.computeIfAbsent(stage, s -> new ArrayList<>())
                .add(event.at("/Task Metrics/Shuffle Read Metrics/Total Records Read").asLong());
            executors
                .computeIfAbsent(stage, s -> new HashSet<>())
                .add(event.at("/Task Info/Executor ID").asText());
          }
        }
      }
    }
    int joining =
        rows.keySet().stream()
            .max((a, b) -> Long.compare(total(rows.get(a)), total(rows.get(b))))
            .orElseThrow();
    long total = total(rows.get(joining));
    long largest = rows.get(joining).stream().mapToLong(Long::longValue).max().orElseThrow();
    return new Load((double) largest / total, total, executors.get(joining).size());
  }

  private static long total(List<Long> rows) {
    return rows.stream().mapToLong(Long::longValue).sum();
  }

  private static Digest contents(String name) {
    try (LakeSession session = LakeSession.lazy()) {
      var rows = session.spark().read().parquet(folder.resolve(name).toString());
      assertThat(rows.count()).isEqualTo(ROWS);
      return ContentDigest.of(rows).digest();
    }
  }
}
