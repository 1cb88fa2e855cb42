package io.tributary.rows;

import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.vectorized.ConstantColumnVector;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/** Rows that lie in columns, of which many can be looked at together. */
public interface ColumnRows extends Iterator<InternalRow> {
  /**
   * The rows that come next as columns, which stay as they are until the next row is asked for;
   * empty where there are none, or they must be read one by one.
   */
  Optional<ColumnarBatch> columns();

  /** Passes over the rows of {@link #columns()}. */
  void pass();

  /**
   * Rows that come one by one, or together.
   *
   * @param each the rows one by one
   * @param columns as {@link #columns()} gives them
   * @param pass passes over them
   */
  static ColumnRows of(
      Iterator<InternalRow> each, Supplier<Optional<ColumnarBatch>> columns, Runnable pass) {
    return new ColumnRows() {
      @Override
      public Optional<ColumnarBatch> columns() {
        return columns.get();
      }

      @Override
      public void pass() {
        pass.run();
      }

      @Override
      public boolean hasNext() {
        return each.hasNext();
      }

      @Override
      public InternalRow next() {
        return each.next();
      }
    };
  }

  /** The columns of a batch. */
  static ColumnVector[] of(ColumnarBatch batch) {
    return IntStream.range(0, batch.numCols()).mapToObj(batch::column).toArray(ColumnVector[]::new);
  }

  /**
   * Some columns of a batch.
   *
   * @param places -1 = false in each row
   */
  static ColumnarBatch some(ColumnarBatch batch, List<Integer> places) {
    return new ColumnarBatch(
        places.stream()
            .map(place -> place < 0 ? all(DataTypes.BooleanType, 0) : batch.column(place))
            .toArray(ColumnVector[]::new),
        batch.numRows());
  }

  /** A column that is the same in each row. */
  static ColumnVector all(DataType type, long value) {
    ConstantColumnVector column = new ConstantColumnVector(1, type);
    if (type instanceof BooleanType) {
      column.setBoolean(value != 0);
    } else {
      column.setLong(value);
    }
    return column;
  }
}
