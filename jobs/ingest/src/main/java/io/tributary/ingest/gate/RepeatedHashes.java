package io.tributary.ingest.gate;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;

import io.tributary.lake.InternalRows;
import java.util.Arrays;
import java.util.Iterator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;

/**
 * The values of a column of hashes that stand in more than one row. Only the hashes are shuffled,
 * and a task holds eight bytes for each of its distinct ones.
 */
final class RepeatedHashes {
  /** Hashes that are about a task's share. */
  private static final int ROWS_A_TASK = 1 << 20;

  /** Few enough to be sent to every executor. */
  private static final int FEW = 1 << 20;

  private final Dataset<Row> hashes;
  private final String column;
  private final long count;

  private RepeatedHashes(Dataset<Row> hashes, String column, long count) {
    this.hashes = hashes;
    this.column = column;
    this.count = count;
  }

  /**
   * Those of rows that have no other column; reads them once.
   *
   * @param count about how many rows there are
   */
  static RepeatedHashes of(Dataset<Row> rows, String column, long count) {
    int tasks = (int) Math.max(1, Math.min(10_000, count / ROWS_A_TASK));
    Dataset<Row> repeated =
        InternalRows.map(
            rows.repartition(tasks, col(column)), rows.schema(), RepeatedHashes::repeated);
    return new RepeatedHashes(repeated, column, repeated.count());
  }

  boolean areNone() {
    return count == 0;
  }

  /** The rows that have one of them. */
  Dataset<Row> of(Dataset<Row> rows) {
    Dataset<Row> wanted = count < FEW ? broadcast(hashes) : hashes;
    return rows.join(wanted, rows.col(column).equalTo(wanted.col(column)), "left_semi");
  }

  static Iterator<InternalRow> repeated(Iterator<InternalRow> rows) {
    Seen seen = new Seen();
    rows.forEachRemaining(row -> seen.add(row.getLong(0)));
    GenericInternalRow row = new GenericInternalRow(1);
    return seen.repeated()
        .mapToObj(
            hash -> {
              row.setLong(0, hash);
              return (InternalRow) row;
            })
        .iterator();
  }

  /** Hashes, of equal ones two at most. */
  private static final class Seen {
    private long[] hashes = new long[1 << 12];
    private int size;

    void add(long hash) {
      if (size == hashes.length) {
        compact();
        if (size > hashes.length / 2) {
          hashes = Arrays.copyOf(hashes, 2 * hashes.length);
        }
      }
      hashes[size++] = hash;
    }

    LongStream repeated() {
      compact();
      return IntStream.range(1, size)
          .filter(i -> hashes[i] == hashes[i - 1])
          .mapToLong(i -> hashes[i]);
    }

    private void compact() {
      Arrays.sort(hashes, 0, size);
      int kept = 0;
      for (int i = 0; i < size; i++) {
        if (kept < 2 || hashes[kept - 2] != hashes[i]) {
          hashes[kept++] = hashes[i];
        }
      }
      size = kept;
    }
  }
}
