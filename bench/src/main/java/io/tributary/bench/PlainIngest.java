package io.tributary.bench;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * What a delivery costs without Tributary: Spark's own reader reads the file once, and the rows are
 * written to two Delta tables, the second from the first.
 */
public final class PlainIngest {
  private static final String COLUMNS =
      "id bigint, key bigint, t timestamp, "
          + "f0 double, f1 double, f2 double, f3 double, f4 double, "
          + "f5 double, f6 double, f7 double, f8 double, f9 double, "
          + "i0 bigint, i1 bigint, i2 bigint, i3 bigint, i4 bigint, s0 string, s1 string";

  private PlainIngest() {}

  /** Usage: {@code PlainIngest csv|parquet FILE LAKE}. */
  public static void main(String[] arguments) {
    try (SparkSession spark =
        SparkSession.builder()
            .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
            .config(
                "spark.sql.catalog.spark_catalog",
                "org.apache.spark.sql.delta.catalog.DeltaCatalog")
            .getOrCreate()) {
      String bronze = arguments[2] + "/bronze/events";
      Dataset<Row> rows =
          spark
              .read()
              .format(arguments[0])
              .schema(COLUMNS)
              .option("header", true)
              .option("mode", "FAILFAST")
              .load(arguments[1]);
      rows.write().format("delta").save(bronze);
      spark
          .read()
          .format("delta")
          .load(bronze)
          .write()
          .format("delta")
          .save(arguments[2] + "/validated/events");
    }
  }
}
