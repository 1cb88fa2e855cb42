package io.tributary.offline.internal;

import io.tributary.core.exact.ExactSum;
import io.tributary.events.facts.ColumnStatistics;
import java.io.Serializable;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructType;

/** Statistics of a frame's columns in one pass; sums are exact, so partitions don't matter. */
public final class Statistics {
  private Statistics() {}

  /** One column of one partition. */
  private record Part(long nulls, long finite, double least, double greatest, BigDecimal sum)
      implements Serializable {
    Part plus(Part other) {
      return new Part(
          nulls + other.nulls,
          finite + other.finite,
          Math.min(least, other.least),
          Math.max(greatest, other.greatest),
          sum.add(other.sum));
    }
  }

  public static List<ColumnStatistics> of(Dataset<Row> frame) {
    StructType schema = frame.schema();
    List<ArrayList<Part>> parts =
        Scala.rows(frame).mapPartitions(rows -> List.of(part(schema, rows)).iterator()).collect();
    List<ColumnStatistics> statistics = new ArrayList<>();
    for (int i = 0; i < schema.size(); i++) {
      int column = i;
      Part all =
          parts.stream()
              .map(p -> p.get(column))
              .reduce(Part::plus)
              .orElse(new Part(0, 0, 0, 0, BigDecimal.ZERO));
      boolean any = all.finite() > 0;
      statistics.add(
          new ColumnStatistics(
              schema.fields()[i].name(),
              schema.fields()[i].dataType().catalogString(),
              all.nulls(),
              any ? Optional.of(all.least()) : Optional.empty(),
              any ? Optional.of(ExactSum.quotient(all.sum(), all.finite())) : Optional.empty(),
              any ? Optional.of(all.greatest()) : Optional.empty()));
    }
    return statistics;
  }

  private static ArrayList<Part> part(StructType schema, Iterator<InternalRow> rows) {
    int n = schema.size();
    DataType[] types = new DataType[n];
    ExactSum[] sums = new ExactSum[n];
    for (int i = 0; i < n; i++) {
      types[i] = schema.fields()[i].dataType();
      sums[i] = new ExactSum();
    }
    long[] nulls = new long[n];
    long[] finite = new long[n];
    double[] least = new double[n];
    double[] greatest = new double[n];
    java.util.Arrays.fill(least, Double.POSITIVE_INFINITY);
    java.util.Arrays.fill(greatest, Double.NEGATIVE_INFINITY);
    while (rows.hasNext()) {
      InternalRow row = rows.next();
      for (int i = 0; i < n; i++) {
        if (row.isNullAt(i)) {
          nulls[i]++;
        } else if (types[i] instanceof NumericType || types[i] instanceof BooleanType) {
          double x = number(row, i, types[i]);
          if (Math.abs(x) <= Double.MAX_VALUE) {
            finite[i]++;
            sums[i].add(x);
            least[i] = Math.min(least[i], x);
            greatest[i] = Math.max(greatest[i], x);
          }
        }
      }
    }
    ArrayList<Part> parts = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      parts.add(new Part(nulls[i], finite[i], least[i], greatest[i], sums[i].exact()));
    }
    return parts;
  }

  private static double number(InternalRow row, int i, DataType type) {
    if (type instanceof DoubleType) {
      return row.getDouble(i);
    }
    if (type instanceof LongType) {
      return row.getLong(i);
    }
    if (type instanceof IntegerType) {
      return row.getInt(i);
    }
    if (type instanceof BooleanType) {
      return row.getBoolean(i) ? 1 : 0;
    }
    if (type instanceof FloatType) {
      return row.getFloat(i);
    }
    if (type instanceof DecimalType d) {
      return row.getDecimal(i, d.precision(), d.scale()).toDouble();
    }
    return ((Number) row.get(i, type)).doubleValue();
  }
}
