package io.tributary.offline.internal.shuffle;

import io.tributary.offline.internal.rows.Partitions;
import io.tributary.offline.internal.rows.SourceRows;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Brings rows of one hash into one partition, next to one another. */
public interface Shuffle {
  /** The column of every shuffled row that has a hash of the key, equal where keys are. */
  String HASH = "_hash";

  static StructType schema() {
    return new StructType().add(HASH, DataTypes.LongType, false);
  }

  /** Shuffles on the cluster of {@code spark}. */
  static Shuffle on(SparkSession spark, int partitions) {
    return SparkShuffle.on(spark, partitions);
  }

  /**
   * Sorted by hash within each partition; partition {@code i} of equally many has the same hashes
   * for all rows shuffled by this.
   *
   * @param rows all of them {@link UnsafeRow}s
   */
  Partitions byHash(Partitions rows, StructType schema);

  /** One row for each value of the other columns, with the least of one column. */
  SourceRows least(SourceRows rows, String column);

  /** The least and the greatest of a column of instants, in microseconds; reads all rows. */
  Optional<long[]> bounds(SourceRows rows, String column);

  /** What share of the label rows one task may have of one key. */
  double share();

  /** Whether there is nothing to find out: any key may have all the rows. */
  boolean isWhole();

  /** From how many rows of a sample on a key may be cut. */
  int leastRows();
}
