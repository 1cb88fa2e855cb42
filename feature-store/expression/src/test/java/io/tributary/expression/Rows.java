package io.tributary.expression;

import io.tributary.definition.Derivation;
import io.tributary.definition.SourceLocation;
import io.tributary.definition.SqlText;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.unsafe.types.UTF8String;

/** Rows and expressions by hand. */
public final class Rows {
  private Rows() {}

  static StructType schema(String ddl) {
    return StructType.fromDDL(ddl);
  }

  static List<Derivation> named(String... namesAndTexts) {
    List<Derivation> named = new ArrayList<>();
    for (int i = 0; i < namesAndTexts.length; i += 2) {
      named.add(
          new Derivation(
              namesAndTexts[i],
              new SqlText(
                  namesAndTexts[i + 1], new SourceLocation("sources/flights.yaml", 20 + i / 2))));
    }
    return named;
  }

  /** A row of texts, numbers, instants, dates, booleans, nulls and rows. */
  public static InternalRow row(Object... values) {
    Object[] internal = new Object[values.length];
    for (int i = 0; i < values.length; i++) {
      internal[i] = internal(values[i]);
    }
    return new GenericInternalRow(internal);
  }

  private static Object internal(Object value) {
    if (value instanceof String s) {
      return UTF8String.fromString(s);
    }
    if (value instanceof Instant i) {
      return micros(i);
    }
    if (value instanceof LocalDate d) {
      return (int) d.toEpochDay();
    }
    return value;
  }

  static long micros(Instant i) {
    return Math.addExact(Math.multiplyExact(i.getEpochSecond(), 1_000_000L), i.getNano() / 1_000);
  }

  /** The result's values as people write them. */
  public static List<Object> values(UnsafeRow row, StructType schema) {
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < schema.size(); i++) {
      values.add(row.isNullAt(i) ? null : value(row, i, schema.fields()[i]));
    }
    return values;
  }

  private static Object value(UnsafeRow row, int i, StructField field) {
    DataType type = field.dataType();
    Object value = row.get(i, type);
    if (value instanceof UTF8String s) {
      return s.toString();
    }
    if (type instanceof TimestampType) {
      return Instant.EPOCH.plusNanos(0).plus((Long) value, java.time.temporal.ChronoUnit.MICROS);
    }
    return type instanceof DateType ? LocalDate.ofEpochDay((Integer) value) : value;
  }

  /** What one expression gives for a row. */
  static Object evaluate(String sql, StructType input, String zone, Object... values) {
    RowExpressions e = RowExpressions.compile(named("x", sql), input, java.time.ZoneId.of(zone));
    return values(e.evaluator().evaluate(row(values)), e.schema()).get(0);
  }
}
