package io.tributary.pipeline;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.lake.LakeSession;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All of history in one key: an event each second for a month, in a process with little memory. */
@Tag("long")
class ITHotKey {
  private static final long EVENTS = 3_000_000;
  private static final long ROWS = 20_000;
  private static final int KINDS = 1_000;
  private static final long FIRST = 1_600_000_000;

  @TempDir private Path folder;

  @Test
  void oneKeyOfThreeMillionEventsFitsIntoHalfAGibibyte() throws Exception {
    write(
        "tributary.yaml",
        """
        project: hot
        zone: UTC
        lake: lake
        """);
    write(
        "sources/ticks.yaml",
        """
        source: ticks
        read: {format: parquet, path: "ticks/*.parquet"}
        columns:
          key: bigint
          second: timestamp
          value: double
        event-time: second
        availability-delay: 0s
        """);
    write(
        "features/ticks.yaml",
        """
        view: ticks@1
        entity: [key]
        source: ticks
        features:
          ticks: count(*) over 1h, 3650d
          total: sum(value) over 1h, 3650d
          greatest: max(value) over 1d
          different: count_distinct(value) over 3650d
          middle: percentile(value, 0.5) over 1h
          text: last(cast(value as string)) over 3650d
        """);
    write(
        "features/tick.yaml",
        """
        view: tick@1
        entity: [key]
        source: ticks
        features:
          value: value
        """);
    try (LakeSession session = LakeSession.lazy()) {
      SparkSession spark = session.spark();
      spark
          .range(0, EVENTS, 1, 4)
          .select(
              lit(7L).as("key"),
              expr("timestamp_seconds(id + " + FIRST + ")").as("second"),
              expr("(id % " + KINDS + ") / 4d").as("value"))
          .orderBy(expr("hash(second)"))
          .write()
          .parquet(folder.resolve("ticks").toString());
      spark
          .range(0, ROWS, 1, 4)
          .select(col("id").multiply(EVENTS / ROWS).plus(KINDS).as("tick"), lit(7).as("key"))
          .withColumn("as_of", expr("timestamp_seconds(tick + " + FIRST + ")"))
          .write()
          .parquet(folder.resolve("rows").toString());
    }

    assertThat(join()).isZero();

    try (LakeSession session = LakeSession.lazy()) {
      List<Row> rows =
          session
              .spark()
              .read()
              .parquet(folder.resolve("out").toString())
              .orderBy("tick")
              .collectAsList();
      assertThat(rows).hasSize((int) ROWS);
      for (Row row : rows) {
        long tick = Math.min(row.<Long>getAs("tick"), EVENTS - 1);
        if (tick < row.<Long>getAs("tick")) {
          continue; // After the last event, where windows are no longer full.
        }
        double now = value(tick);
        long hour = Math.min(3_600, tick + 1);
        assertThat(row.<Long>getAs("ticks__ticks_1h")).isEqualTo(hour);
        assertThat(row.<Long>getAs("ticks__ticks_3650d")).isEqualTo(tick + 1);
        assertThat(row.<Double>getAs("ticks__total_1h"))
            .isEqualTo(
                LongStream.rangeClosed(tick - hour + 1, tick).mapToDouble(ITHotKey::value).sum());
        assertThat(row.<Double>getAs("ticks__total_3650d")).isEqualTo(total(tick + 1));
        assertThat(row.<Double>getAs("ticks__greatest_1d")).isEqualTo(value(KINDS - 1));
        assertThat(row.<Long>getAs("ticks__different_3650d")).isEqualTo(KINDS);
        double[] values =
            LongStream.rangeClosed(tick - hour + 1, tick)
                .mapToDouble(ITHotKey::value)
                .sorted()
                .toArray();
        double middle = (values[(values.length - 1) / 2] + values[values.length / 2]) / 2;
        assertThat(row.<Double>getAs("ticks__middle_1h")).isEqualTo(middle);
        assertThat(row.<String>getAs("ticks__text_3650d")).isEqualTo(String.valueOf(now));
        assertThat(row.<Double>getAs("tick__value")).isEqualTo(now);
      }
    }
  }

  private static double value(long tick) {
    return (tick % KINDS) / 4d;
  }

  /** Of the first ticks; exact in a double. */
  private static double total(long ticks) {
    long rounds = ticks / KINDS;
    long rest = ticks % KINDS;
    return (rounds * (KINDS * (KINDS - 1L) / 2) + rest * (rest - 1) / 2) / 4d;
  }

  private int join() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(java()));
    command.addAll(
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(a -> a.startsWith("--add-opens") || a.startsWith("-Djdk"))
            .toList());
    command.addAll(
        List.of(
            "-Xmx512m",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            "io.tributary.pipeline.JoinMain",
            "--project",
            folder.toString(),
            "--rows",
            folder.resolve("rows").toString(),
            "--features",
            "ticks@1,tick@1",
            "--out",
            folder.resolve("out").toString()));
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    return builder.start().waitFor();
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private void write(String name, String text) throws IOException {
    Files.createDirectories(folder.resolve(name).getParent());
    Files.writeString(folder.resolve(name), text);
  }
}
