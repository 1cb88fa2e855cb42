package io.tributary.lake.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Json;
import io.tributary.core.Micros;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.BinaryComparison;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.EqualTo;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GreaterThan;
import org.apache.spark.sql.catalyst.expressions.GreaterThanOrEqual;
import org.apache.spark.sql.catalyst.expressions.IsNotNull;
import org.apache.spark.sql.catalyst.expressions.LessThan;
import org.apache.spark.sql.catalyst.expressions.LessThanOrEqual;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * How many of a data file's rows a predicate can be true for, by the statistics that Delta's log
 * keeps of the file. Supports conjunctions of comparisons between a column and a constant, and
 * {@code false}; anything else is {@link #SOME}.
 */
enum FileMatch {
  /** No row. */
  NONE,
  /** Unknown without reading the file. */
  SOME,
  /** Every row. */
  ALL;

  /**
   * Matches a file.
   *
   * @param predicate resolved, over the table's columns by name
   * @param stats the file's statistics as the log has them; may be null
   */
  public static FileMatch of(Expression predicate, String stats) {
    if (stats == null || stats.isEmpty()) {
      return SOME;
    }
    try {
      return judge(predicate, Json.mapper().readTree(stats));
    } catch (JsonProcessingException e) {
      return SOME;
    }
  }

  /** Matches a file with the rows that have an instant in a column of timestamps. */
  static FileMatch of(String column, Instant instant, String stats) {
    if (stats == null || stats.isEmpty()) {
      return SOME;
    }
    try {
      return compare(
          column,
          DataTypes.TimestampType,
          Optional.of(Micros.of(instant)),
          "=",
          Json.mapper().readTree(stats));
    } catch (JsonProcessingException e) {
      return SOME;
    }
  }

  private static FileMatch judge(Expression e, JsonNode stats) {
    if (e instanceof And and) {
      FileMatch left = judge(and.left(), stats);
      FileMatch right = judge(and.right(), stats);
      return left == NONE || right == NONE ? NONE : left == ALL && right == ALL ? ALL : SOME;
    }
    if (e.semanticEquals(Literal.FalseLiteral())) {
      return NONE;
    }
    if (e instanceof IsNotNull present && column(present.child()).isPresent()) {
      return nulls(column(present.child()).get().name(), stats);
    }
    if (e instanceof BinaryComparison c) {
      if (column(c.left()).isPresent() && c.right().foldable()) {
        return compare(column(c.left()).get(), constant(c.right()), operator(c, false), stats);
      }
      if (column(c.right()).isPresent() && c.left().foldable()) {
        return compare(column(c.right()).get(), constant(c.left()), operator(c, true), stats);
      }
    }
    return SOME;
  }

  private static FileMatch nulls(String column, JsonNode stats) {
    JsonNode nulls = stats.path("nullCount").path(column);
    JsonNode rows = stats.path("numRecords");
    if (!nulls.isIntegralNumber() || !rows.isIntegralNumber()) {
      return SOME;
    }
    return nulls.asLong() == 0 ? ALL : nulls.asLong() == rows.asLong() ? NONE : SOME;
  }

  private static FileMatch compare(
      AttributeReference column, Optional<Object> constant, String operator, JsonNode stats) {
    return compare(column.name(), column.dataType(), constant, operator, stats);
  }

  private static FileMatch compare(
      String column, DataType type, Optional<Object> constant, String operator, JsonNode stats) {
    FileMatch present = nulls(column, stats);
    if (present == NONE) {
      return NONE;
    }
    Optional<Object> min = bound(type, stats.path("minValues").path(column), false);
    Optional<Object> max = bound(type, stats.path("maxValues").path(column), true);
    if (constant.isEmpty() || min.isEmpty() || max.isEmpty() || operator.isEmpty()) {
      return SOME;
    }
    int low = order(min.get(), constant.get());
    int high = order(max.get(), constant.get());
    boolean none;
    boolean all;
    switch (operator) {
      case "<" -> {
        none = low >= 0;
        all = high < 0;
      }
      case "<=" -> {
        none = low > 0;
        all = high <= 0;
      }
      case ">" -> {
        none = high <= 0;
        all = low > 0;
      }
      case ">=" -> {
        none = high < 0;
        all = low >= 0;
      }
      default -> {
        none = low > 0 || high < 0;
        all = low == 0 && high == 0;
      }
    }
    return none ? NONE : all && present == ALL ? ALL : SOME;
  }

  private static String operator(BinaryComparison c, boolean swapped) {
    if (c instanceof EqualTo) {
      return "=";
    }
    if (c instanceof LessThan) {
      return swapped ? ">" : "<";
    }
    if (c instanceof LessThanOrEqual) {
      return swapped ? ">=" : "<=";
    }
    if (c instanceof GreaterThan) {
      return swapped ? "<" : ">";
    }
    if (c instanceof GreaterThanOrEqual) {
      return swapped ? "<=" : ">=";
    }
    return "";
  }

  /**
   * The column that an expression is, also under a cast between integral types, which keeps the
   * order.
   */
  private static Optional<AttributeReference> column(Expression e) {
    if (e instanceof AttributeReference a) {
      return Optional.of(a);
    }
    if (e instanceof Cast c
        && c.dataType() instanceof IntegralType
        && c.child() instanceof AttributeReference a
        && a.dataType() instanceof IntegralType) {
      return Optional.of(a);
    }
    return Optional.empty();
  }

  /** A constant as a {@code Long} or {@code UTF8String}; empty for other types. */
  private static Optional<Object> constant(Expression e) {
    Object value = e.eval(null);
    if (value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte) {
      return Optional.of(((Number) value).longValue());
    }
    return value instanceof UTF8String ? Optional.of(value) : Optional.empty();
  }

  /**
   * A bound in the order of {@link #constant}: at or below the minimum, at or above the maximum.
   */
  private static Optional<Object> bound(DataType type, JsonNode value, boolean upper) {
    if (type instanceof IntegralType && value.isIntegralNumber()) {
      return Optional.of(value.longValue());
    }
    if (!value.isTextual()) {
      return Optional.empty();
    }
    try {
      if (type.equals(DataTypes.TimestampType)) {
        Instant instant = OffsetDateTime.parse(value.textValue()).toInstant();
        // Delta truncates the statistics of timestamps to milliseconds.
        return Optional.of(Micros.of(instant) + (upper ? 999 : 0));
      }
      if (type.equals(DataTypes.DateType)) {
        return Optional.of(LocalDate.parse(value.textValue()).toEpochDay());
      }
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
    return type.equals(DataTypes.StringType)
        ? Optional.of(UTF8String.fromString(value.textValue()))
        : Optional.empty();
  }

  private static int order(Object a, Object b) {
    if (a instanceof Long x && b instanceof Long y) {
      return x.compareTo(y);
    }
    return ((UTF8String) a).compareTo((UTF8String) b);
  }
}
