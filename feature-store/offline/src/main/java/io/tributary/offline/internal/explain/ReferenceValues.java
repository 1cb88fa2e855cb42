package io.tributary.offline.internal.explain;

import io.tributary.core.Micros;
import io.tributary.offline.internal.reference.ReferenceEvaluator;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.MapData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;

/** Spark's values as {@link ReferenceEvaluator} has them, and as people read them. */
final class ReferenceValues {
  private ReferenceValues() {}

  static Object plain(SpecializedGetters row, int i, DataType type) {
    if (row.isNullAt(i)) {
      return null;
    }
    if (type instanceof LongType || type instanceof TimestampType) {
      return row.getLong(i);
    }
    if (type instanceof IntegerType || type instanceof DateType) {
      return (long) row.getInt(i);
    }
    if (type instanceof DoubleType) {
      return row.getDouble(i);
    }
    if (type instanceof FloatType) {
      return (double) row.getFloat(i);
    }
    if (type instanceof BooleanType) {
      return row.getBoolean(i);
    }
    if (type instanceof ShortType) {
      return (long) row.getShort(i);
    }
    if (type instanceof ByteType) {
      return (long) row.getByte(i);
    }
    if (type instanceof DecimalType d) {
      return row.getDecimal(i, d.precision(), d.scale()).toJavaBigDecimal();
    }
    if (type instanceof BinaryType) {
      return row.getBinary(i).clone();
    }
    if (type instanceof ArrayType array) {
      return elements(row.getArray(i), array.elementType());
    }
    if (type instanceof StructType struct) {
      return fields(row.getStruct(i, struct.size()), struct);
    }
    if (type instanceof MapType map) {
      return pairs(row.getMap(i), map);
    }
    return row.getUTF8String(i).toString();
  }

  private static List<Object> elements(ArrayData array, DataType type) {
    List<Object> elements = new ArrayList<>();
    for (int i = 0; i < array.numElements(); i++) {
      elements.add(plain(array, i, type));
    }
    return elements;
  }

  private static Map<Object, Object> pairs(MapData data, MapType type) {
    List<Object> keys = elements(data.keyArray(), type.keyType());
    List<Object> values = elements(data.valueArray(), type.valueType());
    Map<Object, Object> pairs = new LinkedHashMap<>();
    for (int i = 0; i < keys.size(); i++) {
      pairs.put(keys.get(i), values.get(i));
    }
    return pairs;
  }

  /** All columns of a row. */
  static List<Object> fields(InternalRow row, StructType schema) {
    List<Object> fields = new ArrayList<>();
    for (int i = 0; i < schema.size(); i++) {
      fields.add(plain(row, i, schema.fields()[i].dataType()));
    }
    return fields;
  }

  /** A row's columns as people read them, by name. */
  static Map<String, Object> java(
      InternalRow row, List<String> columns, Function<String, DataType> types) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (int i = 0; i < columns.size(); i++) {
      DataType type = types.apply(columns.get(i));
      values.put(columns.get(i), java(plain(row, i, type), type));
    }
    return values;
  }

  /** A plain value of a type with instants and dates as such; a map's keys as text. */
  static Object java(Object plain, DataType type) {
    if (plain instanceof Long micros && type instanceof TimestampType) {
      return Micros.instant(micros);
    }
    if (plain instanceof Long day && type instanceof DateType) {
      return LocalDate.ofEpochDay(day);
    }
    if (plain instanceof List<?> list && type instanceof ArrayType array) {
      List<Object> elements = new ArrayList<>();
      list.forEach(e -> elements.add(java(e, array.elementType())));
      return elements;
    }
    if (plain instanceof Map<?, ?> pairs && type instanceof MapType map) {
      Map<String, Object> values = new LinkedHashMap<>();
      pairs.forEach(
          (key, value) ->
              values.put(String.valueOf(java(key, map.keyType())), java(value, map.valueType())));
      return values;
    }
    if (plain instanceof List<?> list && type instanceof StructType struct) {
      List<Object> fields = new ArrayList<>();
      for (int i = 0; i < list.size(); i++) {
        fields.add(java(list.get(i), struct.fields()[i].dataType()));
      }
      return fields;
    }
    return plain;
  }

  /** A value of a definition, such as a default, as a plain one. */
  static Object plain(Object value) {
    if (value instanceof Instant instant) {
      return Micros.of(instant);
    }
    if (value instanceof LocalDate day) {
      return day.toEpochDay();
    }
    if (value instanceof Float number) {
      return number.doubleValue();
    }
    return value instanceof Byte || value instanceof Short || value instanceof Integer
        ? (Object) ((Number) value).longValue()
        : value;
  }
}
