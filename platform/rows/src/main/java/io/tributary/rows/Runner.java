package io.tributary.rows;

import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * What computes rows in partitions: the cluster of a Spark session, or the threads of this process.
 * The same rows come out of each, to the bit. Safe for threads.
 */
public interface Runner {
  /** The column of rows that are brought together by it: a hash of their key. */
  String HASH = "_hash";

  static StructType schema() {
    return new StructType().add(HASH, DataTypes.LongType, false);
  }

  /**
   * Brings rows of one hash into one partition, next to one another: each is sorted by hash, and
   * partition {@code i} of equally many has the same hashes for all rows of this runner.
   *
   * @param rows all of them {@link UnsafeRow}s
   */
  Partitions byHash(Partitions rows, StructType schema);

  /** A few rows that are there already; serializable. */
  PartitionedRows of(List<InternalRow> rows, StructType schema);

  /** One row for each value of the other columns, with the least of one column. */
  PartitionedRows least(PartitionedRows rows, String column);

  /** The least and the greatest of a column of instants, in microseconds; reads all rows. */
  Optional<long[]> bounds(PartitionedRows rows, String column);

  /** What share of all rows one task may have of one key. */
  double share();

  /** Whether there is nothing to find out: any key may have all the rows. */
  boolean isWhole();

  /** From how many rows of a sample on a key may be cut. */
  int leastRows();

  /** A tally that its tasks can put counts into. */
  Tally tally(String name);
}
