package io.tributary.offline.internal;

import java.util.Arrays;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Brings rows of one hash into one partition, next to one another. The session's plans are not
 * adaptive: partition counts must be what was asked for, and nothing may run before the rows are
 * wanted.
 */
public final class Shuffle {
  /** The first column of every shuffled row: a hash of the key, equal where keys are. */
  static final String HASH = "_hash";

  private final SparkSession session;
  private final int partitions;

  private Shuffle(SparkSession session, int partitions) {
    this.session = session;
    this.partitions = partitions;
  }

  /** Shuffles on the cluster of {@code spark}. */
  public static Shuffle on(SparkSession spark, int partitions) {
    SparkSession own = spark.newSession();
    own.conf().set("spark.sql.adaptive.enabled", "false");
    own.conf().set("spark.sql.session.timeZone", "UTC");
    own.conf().set("spark.sql.ansi.enabled", "true");
    own.conf().set("spark.sql.shuffle.partitions", String.valueOf(partitions));
    return new Shuffle(own, partitions);
  }

  static StructType schema() {
    return new StructType().add(HASH, DataTypes.LongType, false);
  }

  /**
   * Sorted by hash within each partition; partition {@code i} of equally many has the same hashes
   * for all rows shuffled by this.
   */
  JavaRDD<InternalRow> byHash(JavaRDD<InternalRow> rows, StructType schema) {
    Dataset<Row> frame = Scala.frame(session, rows, schema);
    return Scala.rows(
        frame
            .repartition(partitions, functions.col(HASH))
            .sortWithinPartitions(functions.col(HASH)));
  }

  /** One row for each value of the other columns, with the least of one column. */
  SourceRows least(SourceRows rows, String column) {
    Dataset<Row> frame = Scala.frame(session, rows.rows(), rows.schema());
    Column[] all =
        Arrays.stream(rows.schema().fieldNames()).map(Shuffle::column).toArray(Column[]::new);
    Column[] others =
        Arrays.stream(rows.schema().fieldNames())
            .filter(name -> !name.equals(column))
            .map(Shuffle::column)
            .toArray(Column[]::new);
    Dataset<Row> least =
        frame.groupBy(others).agg(functions.min(column(column)).as(column)).select(all);
    return new SourceRows(Scala.rows(least), rows.schema());
  }

  /** The least and the greatest of a column of instants, in microseconds; reads all rows. */
  Optional<long[]> bounds(SourceRows rows, String column) {
    Column micros = functions.unix_micros(column(column));
    Row bounds =
        Scala.frame(session, rows.rows(), rows.schema())
            .agg(functions.min(micros), functions.max(micros))
            .head();
    return bounds.isNullAt(0)
        ? Optional.empty()
        : Optional.of(new long[] {bounds.getLong(0), bounds.getLong(1)});
  }

  private static Column column(String name) {
    return functions.col("`" + name + "`");
  }
}
