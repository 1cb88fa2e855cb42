package io.tributary.offline.internal.sweep;

import io.tributary.offline.internal.keys.Keys;
import io.tributary.rows.FilledColumns;
import io.tributary.rows.GatheredColumn;
import io.tributary.rows.HeldRows;
import io.tributary.rows.UnpackedColumns;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/**
 * Some joined rows as columns. Where a use only looks up, its columns have the values of the events
 * that win, each once, and for each row which. For one thread.
 */
final class JoinedColumns {
  /** As many rows as are held; fewer where they are long. */
  private static final int ROWS = 4 << 10;

  private static final int BYTES = 4 << 20;

  private final UnpackedColumns labels;
  private final UseColumns[] uses;
  private final int most;
  private long bytes;

  /**
   * @param areHeld whether events are {@link HeldRows}
   */
  JoinedColumns(StructType labels, List<CompiledUse> uses, boolean areHeld) {
    int columns = labels.size() + uses.stream().mapToInt(use -> use.columns().size()).sum();
    this.most = Math.max(1, Math.min(ROWS, BYTES / 8 / columns));
    this.labels = new UnpackedColumns(types(labels), all(labels), most);
    this.uses =
        uses.stream().map(use -> new UseColumns(use, areHeld, most)).toArray(UseColumns[]::new);
  }

  /** Whether joined rows of these label rows can be held so. */
  static boolean canHold(StructType labels) {
    return UnpackedColumns.canRead(types(labels));
  }

  private static DataType[] types(StructType schema) {
    return Keys.types(schema, List.of(schema.fieldNames()));
  }

  private static int[] all(StructType schema) {
    return IntStream.range(0, schema.size()).toArray();
  }

  int rows() {
    return labels.rows();
  }

  boolean isFull() {
    return labels.rows() == most || bytes >= BYTES;
  }

  void clear() {
    labels.clear();
    for (UseColumns use : uses) {
      use.clear();
    }
    bytes = 0;
  }

  /**
   * Adds a row, which gets its features next.
   *
   * @param label whose bytes stay as they are until the columns are cleared
   */
  void add(UnsafeRow label) {
    labels.add(label.getBaseObject(), label.getBaseOffset());
    bytes += label.getSizeInBytes();
  }

  /** Whether the features of a use come by {@link #look}. */
  boolean looksUp(int use) {
    return uses[use].looksUp;
  }

  /** Adds the features of a use to the row that was added last. */
  void put(int use, InternalRow features) {
    bytes += uses[use].filled.add(features, uses[use].places);
  }

  /** The same of a key that no event has. */
  void lookNowhere(int use) {
    uses[use].won[rows() - 1] = GatheredColumn.NONE;
  }

  /** The same where they are those of the event that wins. */
  void look(int use, ViewSweep view, long t, Object entity) {
    bytes += uses[use].look(rows() - 1, view, t, entity);
  }

  /** What was looked up before belongs to entities that have gone. */
  void forget() {
    for (UseColumns use : uses) {
      use.last = null;
    }
  }

  ColumnarBatch batch() {
    List<ColumnVector> columns = new ArrayList<>(Arrays.asList(labels.read()));
    for (UseColumns use : uses) {
      for (ColumnVector values : use.values()) {
        columns.add(use.looksUp ? new GatheredColumn(values, use.count(), use.won) : values);
      }
    }
    return new ColumnarBatch(columns.toArray(ColumnVector[]::new), rows());
  }

  private static final class UseColumns {
    private final boolean looksUp;
    private final FilledColumns filled;
    private final int[] places;

    /** Of the events that win, where their arguments are the columns as they are. */
    private final Optional<UnpackedColumns> unpacked;

    private final int[] won;

    /** Whose winner the last one of the values is; null = of none at hand. */
    private ViewSweep last;

    private int winner;

    UseColumns(CompiledUse use, boolean areHeld, int most) {
      this.looksUp = use.onlyLooksUp();
      this.places = looksUp ? use.take() : all(use.columns());
      this.unpacked =
          use.arguments()
              .filter(arguments -> areHeld && UnpackedColumns.canRead(types(use.columns())))
              .map(
                  arguments ->
                      new UnpackedColumns(types(use.view().arguments().schema()), arguments, most));
      this.filled = new FilledColumns(types(use.columns()));
      this.won = new int[looksUp ? most : 0];
    }

    void clear() {
      filled.clear();
      unpacked.ifPresent(UnpackedColumns::clear);
      last = null;
    }

    ColumnVector[] values() {
      return unpacked.isPresent() ? unpacked.get().readAsOneNaN() : filled.columns();
    }

    /** How many of the values there are where rows share them. */
    int count() {
      return unpacked.isPresent() ? unpacked.get().rows() : filled.rows();
    }

    long look(int row, ViewSweep view, long t, Object entity) {
      int item = view.sweep().winner();
      if (item < 0) {
        won[row] = GatheredColumn.NONE;
        return 0;
      }
      long bytes = 0;
      if (view != last || item != winner) {
        last = view;
        winner = item;
        bytes = take(view, item, t, entity);
      }
      won[row] = count() - 1;
      return bytes;
    }

    private long take(ViewSweep view, int item, long t, Object entity) {
      if (unpacked.isEmpty()) {
        return filled.add(view.read(t, entity), places);
      }
      unpacked.get().add(null, view.held().place(item));
      return view.held().size(item);
    }
  }
}
