package io.tributary.offline;

import io.tributary.events.facts.ColumnCounts;
import io.tributary.rows.spark.SparkRows;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.StructType;

/** Counts of a frame's columns in one pass. */
final class CountedColumns {
  private CountedColumns() {}

  /** By column. */
  private record Part(long[] nulls, long[] notFinite) implements Serializable {
    Part plus(Part other) {
      for (int i = 0; i < nulls.length; i++) {
        nulls[i] += other.nulls[i];
        notFinite[i] += other.notFinite[i];
      }
      return this;
    }
  }

  static List<ColumnCounts> of(Dataset<Row> frame) {
    StructType schema = frame.schema();
    Part all = new Part(new long[schema.size()], new long[schema.size()]);
    SparkRows.rdd(frame)
        .mapPartitions(rows -> List.of(part(schema, rows)).iterator())
        .collect()
        .forEach(all::plus);
    List<ColumnCounts> counts = new ArrayList<>();
    for (int i = 0; i < schema.size(); i++) {
      counts.add(
          new ColumnCounts(
              schema.fields()[i].name(),
              schema.fields()[i].dataType().catalogString(),
              all.nulls()[i],
              all.notFinite()[i]));
    }
    return counts;
  }

  private static Part part(StructType schema, Iterator<InternalRow> rows) {
    int n = schema.size();
    DataType[] types = new DataType[n];
    for (int i = 0; i < n; i++) {
      types[i] = schema.fields()[i].dataType();
    }
    Part part = new Part(new long[n], new long[n]);
    while (rows.hasNext()) {
      InternalRow row = rows.next();
      for (int i = 0; i < n; i++) {
        if (row.isNullAt(i)) {
          part.nulls[i]++;
        } else if (!finite(row, i, types[i])) {
          part.notFinite[i]++;
        }
      }
    }
    return part;
  }

  private static boolean finite(InternalRow row, int i, DataType type) {
    if (type instanceof DoubleType) {
      return Double.isFinite(row.getDouble(i));
    }
    return !(type instanceof FloatType) || Float.isFinite(row.getFloat(i));
  }
}
