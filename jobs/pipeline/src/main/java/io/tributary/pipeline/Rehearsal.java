package io.tributary.pipeline;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.sum;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.Interval;
import io.tributary.core.RunnerChoice;
import io.tributary.features.FeatureJobs;
import io.tributary.ingest.IngestJob;
import io.tributary.lake.Lake;
import io.tributary.offline.FeatureStore;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.runtime.JobMain;
import io.tributary.runtime.JobRunner;
import io.tributary.runtime.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;

/**
 * A small job that loads the classes which all jobs load, on a lake that is thrown away: {@code
 * bin/tributary} makes the class data archive of the heavy commands from it, and times the join of
 * what it leaves in the folder.
 */
public final class Rehearsal {
  /** So many that a join spends as long on them as on its start. */
  private static final long JOINED = 300_000;

  private static final Interval DAY = Interval.day(LocalDate.of(1971, 1, 1), ZoneOffset.UTC);

  private Rehearsal() {}

  private static final Map<String, String> PROJECT =
      Map.of(
          "tributary.yaml",
          """
          project: rehearsal
          zone: UTC
          lake: lake
          """,
          "sources/numbers.yaml",
          """
          source: numbers
          read: {format: parquet, path: "numbers/*.parquet"}
          columns: {id: bigint, key: bigint, at: timestamp, text: string}
          derive:
            half: id / 2
          event-key: [id]
          event-time: at
          known-time: at
          """,
          "features/numbers.yaml",
          """
          view: numbers@1
          entity: [key]
          source: numbers
          features:
            count: count(*) over 1d
            mean: mean(half) over 1d, 7d
          """,
          "features/newest.yaml",
          """
          view: newest@1
          entity: [key]
          source: numbers
          features:
            text: text
          """);

  /** Takes the folder to work in. */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    tables(folder);
    for (Map.Entry<String, String> file : PROJECT.entrySet()) {
      Path path = folder.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.getValue());
    }
    // The first join resolves the project's expressions, the second finds them kept.
    for (String runner : List.of("local", "local", "spark")) {
      rehearse(
          folder,
          "join",
          new JoinMain(),
          "--rows",
          folder.resolve("numbers").toString(),
          "--project",
          folder.toString(),
          "--features",
          "numbers@1,newest@1",
          "--runner",
          runner,
          "--out",
          folder.resolve("features.parquet").toString(),
          "--overwrite");
    }
    load(folder);
    rehearse(
        folder,
        "explain",
        new ExplainMain(),
        folder.toString(),
        "numbers@1.mean_7d",
        "--runner",
        "local",
        "--key",
        "key=1",
        "--at",
        "1971-01-01");
  }

  private static void rehearse(Path folder, String command, JobMain.Body body, String... args) {
    if (JobMain.run(command, args, body) != 0) {
      throw new IllegalStateException("Cannot rehearse in " + folder + ": " + command + " failed.");
    }
  }

  private static void load(Path folder) {
    CheckedProject checked = CheckedProject.read(folder, Map.of(), Optional.empty());
    try (Lake lake = Lake.open(checked.project().lake());
        OnlineStore online = OnlineStores.open(checked.project().online());
        JobRunner runner = JobRunner.open(lake, Progress.none())) {
      runner.run(new IngestJob(checked, "numbers", lake, Optional.empty()));
      FeatureStore store = FeatureStore.open(checked, lake, RunnerChoice.auto);
      List<String> views = List.of("newest@1");
      FeatureJobs.materialize(store, views, DAY).forEach(runner::run);
      FeatureJobs.publish(store, online, views, DAY, false).forEach(runner::run);
    }
  }

  private static void tables(Path folder) {
    try (Lake lake = Lake.open(folder.toUri().toString())) {
      Dataset<Row> joined =
          lake.spark()
              .range(0, JOINED, 1, 2)
              .withColumn("key", expr("id % 70"))
              .withColumn("at", expr("timestamp_micros(id * 3600000000)"))
              .withColumn("text", expr("if(id % 5 = 0, null, concat('n', id))"));
      joined.write().parquet(folder.resolve("numbers").toString());
      Dataset<Row> numbers = joined.where("id < 2000");
      String csv = folder.resolve("csv").toUri().toString();
      numbers.write().option("header", true).csv(csv);
      String table = folder.resolve("table").toUri().toString();
      Dataset<Row> read =
          lake.spark().read().option("header", true).schema(numbers.schema()).csv(csv);
      read.write().format("delta").option("userMetadata", "{}").save(table);
      read.where("id < 100")
          .write()
          .format("delta")
          .mode("overwrite")
          .option("replaceWhere", "id < 100")
          .save(table);
      Dataset<Row> windowed =
          lake.spark()
              .read()
              .format("delta")
              .option("versionAsOf", 1)
              .load(table)
              .withColumn(
                  "sum",
                  sum("id")
                      .over(
                          Window.partitionBy("key")
                              .orderBy(col("at").cast("long"))
                              .rangeBetween(-86400, 0)));
      windowed
          .join(read.groupBy("key").agg(max("id").as("newest"), count("text").as("texts")), "key")
          .repartition(2)
          .sortWithinPartitions("at")
          .write()
          .format("delta")
          .mode("append")
          .save(folder.resolve("joined").toUri().toString());
      if (lake.spark().read().format("delta").load(table).count() != 2000) {
        throw new IllegalStateException("Cannot rehearse in " + folder + ": rows were lost.");
      }
    }
  }
}
