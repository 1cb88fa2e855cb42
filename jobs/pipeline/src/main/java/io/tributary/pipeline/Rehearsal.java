package io.tributary.pipeline;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.sum;

import io.tributary.lake.Lake;
import java.nio.file.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;

/**
 * A small job that loads the classes which all jobs load, on a lake that is thrown away: {@code
 * bin/tributary} makes the class data archive of the heavy commands from it.
 */
public final class Rehearsal {
  private Rehearsal() {}

  /** Takes the folder to work in. */
  public static void main(String[] args) {
    Path folder = Path.of(args[0]);
    try (Lake lake = Lake.open(folder.toUri().toString())) {
      Dataset<Row> numbers =
          lake.spark()
              .range(0, 2000, 1, 2)
              .withColumn("key", expr("id % 7"))
              .withColumn("at", expr("timestamp_micros(id * 3600000000)"))
              .withColumn("text", expr("if(id % 5 = 0, null, concat('n', id))"));
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
