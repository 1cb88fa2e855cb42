package io.tributary.expression;

import io.tributary.definition.ColumnType;
import io.tributary.expression.internal.CastFunctions;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.Optional;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.Cast$;
import org.apache.spark.sql.catalyst.expressions.EvalMode$;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.unsafe.types.UTF8String;
import scala.Option;

/** What types may be used for. */
public final class Types {
  private Types() {}

  /** The type of a declared column; empty where the text names none. */
  public static Optional<DataType> of(ColumnType declared) {
    Optional<DataType> plain = CastFunctions.type(declared.ddl());
    if (plain.isPresent()) {
      return plain;
    }
    try {
      return Optional.of(DataType.fromDDL(declared.ddl()));
    } catch (Exception e) { // Scala throws the checked ParseException undeclared
      return Optional.empty();
    }
  }

  /** As {@link DataType#json} gives it. */
  public static String json(DataType type) {
    return CastFunctions.json(type);
  }

  /** The type that {@link #json} wrote. */
  static DataType ofJson(String json) {
    return CastFunctions.ofJson(json);
  }

  /**
   * A text without the spaces around it as a value of a type, as Spark holds it: what SQL's {@code
   * try_cast} gives; empty where that is null.
   *
   * @param zone what local times mean
   */
  public static Optional<Object> read(String text, DataType type, ZoneId zone) {
    Literal trimmed = new Literal(UTF8String.fromString(text).trim(), DataTypes.StringType);
    return new SqlDialect(zone, Division.FAILS)
        .under(
            () -> {
              Cast cast =
                  new Cast(trimmed, type, Option.apply(zone.getId()), EvalMode$.MODULE$.TRY());
              return Optional.ofNullable(cast.eval(null));
            });
  }

  /** As people write it. */
  public static String name(DataType type) {
    return type.catalogString();
  }

  public static boolean isBoolean(DataType type) {
    return type instanceof BooleanType;
  }

  public static boolean isNumeric(DataType type) {
    return type instanceof NumericType;
  }

  public static boolean isInteger(DataType type) {
    return type instanceof ByteType
        || type instanceof ShortType
        || type instanceof IntegerType
        || type instanceof LongType;
  }

  public static boolean isString(DataType type) {
    return type instanceof StringType;
  }

  /** Whether values are instants, or hold some: what a file writes without offset is local. */
  public static boolean hasInstants(DataType type) {
    return type.existsRecursively(Types::isInstant);
  }

  public static boolean isInstant(DataType type) {
    return type instanceof TimestampType;
  }

  public static boolean isDay(DataType type) {
    return type instanceof DateType;
  }

  /** Whether its values are equal or not beyond doubt: no floating point, nothing nested. */
  public static boolean isKey(DataType type) {
    return isInteger(type)
        || type instanceof DecimalType
        || type instanceof BooleanType
        || type instanceof StringType
        || type instanceof BinaryType
        || type instanceof DateType
        || type instanceof TimestampType;
  }

  /** Whether keys of both types compare: integers of any width, decimals, else the same type. */
  public static boolean comparable(DataType one, DataType other) {
    return isInteger(one) && isInteger(other)
        || one instanceof DecimalType && other instanceof DecimalType
        || one.equals(other);
  }

  /** Whether every value of one type is a value of the other. */
  public static boolean widens(DataType from, DataType to) {
    return Cast$.MODULE$.canUpCast(from, to) && !isString(to) || from.equals(to);
  }

  /** Whether its values have an order; maps have none. */
  public static boolean isOrdered(DataType type) {
    if (type instanceof ArrayType array) {
      return isOrdered(array.elementType());
    }
    if (type instanceof StructType struct) {
      return Arrays.stream(struct.fields()).allMatch(f -> isOrdered(f.dataType()));
    }
    return !(type instanceof org.apache.spark.sql.types.MapType);
  }

  /** Whether its values can be keys of a map: they have an order and are no bytes. */
  public static boolean isMapKey(DataType type) {
    if (type instanceof ArrayType array) {
      return isMapKey(array.elementType());
    }
    if (type instanceof StructType struct) {
      return Arrays.stream(struct.fields()).allMatch(f -> isMapKey(f.dataType()));
    }
    return isOrdered(type) && !(type instanceof BinaryType);
  }

  /**
   * A sum's type: long for integers and booleans, double for floating point, the widest decimal.
   */
  public static DataType sum(DataType of) {
    if (of instanceof DecimalType decimal) {
      return DataTypes.createDecimalType(DecimalType.MAX_PRECISION(), decimal.scale());
    }
    return isInteger(of) || isBoolean(of) ? DataTypes.LongType : DataTypes.DoubleType;
  }
}
