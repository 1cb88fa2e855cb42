package io.tributary.expression.internal;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.sql.catalyst.analysis.UnresolvedFunction;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.Cast$;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.trees.CurrentOrigin$;
import org.apache.spark.sql.catalyst.trees.Origin;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/**
 * Makes {@code int(x)} a cast that somebody asked for, as {@code cast(x as int)} is: resolved by
 * Spark it could not be told from one that nobody did.
 */
public final class CastFunctions {
  private static final Map<String, DataType> TYPES =
      Map.ofEntries(
          Map.entry("bigint", DataTypes.LongType),
          Map.entry("binary", DataTypes.BinaryType),
          Map.entry("boolean", DataTypes.BooleanType),
          Map.entry("date", DataTypes.DateType),
          Map.entry("decimal", DataTypes.createDecimalType()),
          Map.entry("double", DataTypes.DoubleType),
          Map.entry("float", DataTypes.FloatType),
          Map.entry("int", DataTypes.IntegerType),
          Map.entry("smallint", DataTypes.ShortType),
          Map.entry("string", DataTypes.StringType),
          Map.entry("timestamp", DataTypes.TimestampType),
          Map.entry("tinyint", DataTypes.ByteType));

  private static final Map<String, DataType> BY_JSON =
      TYPES.values().stream().collect(Collectors.toMap(CastFunctions::plainJson, type -> type));

  private CastFunctions() {}

  /** The type that a plain name stands for; empty for any other, {@code decimal(10,2)}. */
  public static Optional<DataType> type(String name) {
    return Optional.ofNullable(TYPES.get(name.toLowerCase(Locale.ROOT)));
  }

  /** A type's JSON, as {@link DataType#json} gives it, without its JSON library where it can. */
  public static String json(DataType type) {
    return TYPES.containsValue(type) ? plainJson(type) : type.json();
  }

  /** The type that {@link #json} wrote. */
  public static DataType ofJson(String json) {
    DataType plain = BY_JSON.get(json);
    return plain == null ? DataType.fromJson(json) : plain;
  }

  private static String plainJson(DataType type) {
    return '"' + type.typeName() + '"';
  }

  public static Expression explicit(Expression parsed) {
    return Rewrite.up(parsed, CastFunctions::explicitNode);
  }

  private static Expression explicitNode(Expression e) {
    if (!(e instanceof UnresolvedFunction function) || function.arguments().size() != 1) {
      return e;
    }
    Optional<DataType> type = type(function.nameParts().mkString("."));
    if (type.isEmpty()) {
      return e;
    }
    Origin before = CurrentOrigin$.MODULE$.get();
    CurrentOrigin$.MODULE$.set(function.origin());
    try {
      Cast cast = Cast$.MODULE$.apply(function.arguments().head(), type.get(), true);
      cast.setTagValue(Cast$.MODULE$.USER_SPECIFIED_CAST(), true);
      return cast;
    } finally {
      CurrentOrigin$.MODULE$.set(before);
    }
  }
}
