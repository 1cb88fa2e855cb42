package io.tributary.events.internal;

import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.data.ColumnarBatch;
import io.delta.kernel.types.DataType;
import io.delta.kernel.types.DoubleType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructType;
import io.delta.kernel.types.TimestampType;
import io.tributary.core.Micros;
import io.tributary.events.RowLog;
import java.time.Instant;
import java.util.List;

/**
 * Rows in the form that Kernel writes: a Long, Double, String, Instant or null for each column of
 * type bigint, double, string or timestamp.
 */
public record FlatRows(StructType type, List<List<Object>> rows) implements ColumnarBatch {
  /** The Kernel type of columns. */
  public static StructType type(List<RowLog.Column> columns) {
    StructType type = new StructType();
    for (RowLog.Column column : columns) {
      type =
          type.add(
              column.name(),
              switch (column.type()) {
                case TEXT -> StringType.STRING;
                case WHOLE -> LongType.LONG;
                case NUMBER -> DoubleType.DOUBLE;
                case INSTANT -> TimestampType.TIMESTAMP;
              });
    }
    return type;
  }

  @Override
  public StructType getSchema() {
    return type;
  }

  @Override
  public int getSize() {
    return rows.size();
  }

  @Override
  public ColumnVector getColumnVector(int ordinal) {
    DataType of = type.at(ordinal).getDataType();
    return new ColumnVector() {
      @Override
      public DataType getDataType() {
        return of;
      }

      @Override
      public int getSize() {
        return rows.size();
      }

      @Override
      public boolean isNullAt(int row) {
        return rows.get(row).get(ordinal) == null;
      }

      @Override
      public long getLong(int row) {
        Object value = rows.get(row).get(ordinal);
        return of instanceof TimestampType ? Micros.of((Instant) value) : (Long) value;
      }

      @Override
      public double getDouble(int row) {
        return (Double) rows.get(row).get(ordinal);
      }

      @Override
      public String getString(int row) {
        return (String) rows.get(row).get(ordinal);
      }

      @Override
      public void close() {}
    };
  }
}
