package io.tributary.serve;

import io.tributary.core.Micros;
import io.tributary.online.Bytes;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.util.ArrayBasedMapData;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.catalyst.util.MapData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.unsafe.types.UTF8String;

/** The online store's values as Spark has them, and Spark's as the store does. */
final class SparkValues {
  private SparkValues() {}

  /** A value of the online store's as Spark has those of a type. */
  static Object of(Object value, DataType type) {
    if (value instanceof Long number) {
      return whole(number, type);
    }
    if (value instanceof Double number) {
      return type instanceof FloatType ? (Object) number.floatValue() : number;
    }
    if (value instanceof String text) {
      return UTF8String.fromString(text);
    }
    if (value instanceof Instant instant) {
      return Micros.of(instant);
    }
    if (value instanceof LocalDate day) {
      return (int) day.toEpochDay();
    }
    if (value instanceof BigDecimal number && type instanceof DecimalType decimal) {
      return Decimal.apply(number, decimal.precision(), decimal.scale());
    }
    if (value instanceof Bytes bytes) {
      return bytes.bytes();
    }
    if (value instanceof List<?> list && type instanceof StructType struct) {
      Object[] fields = new Object[struct.size()];
      for (int i = 0; i < fields.length; i++) {
        fields[i] = of(list.get(i), struct.fields()[i].dataType());
      }
      return new GenericInternalRow(fields);
    }
    if (value instanceof List<?> list && type instanceof ArrayType array) {
      return array(list, array.elementType());
    }
    if (value instanceof Map<?, ?> map && type instanceof MapType of) {
      return new ArrayBasedMapData(
          array(map.keySet(), of.keyType()), array(map.values(), of.valueType()));
    }
    return value;
  }

  private static GenericArrayData array(Iterable<?> values, DataType type) {
    List<Object> elements = new ArrayList<>();
    values.forEach(value -> elements.add(of(value, type)));
    return new GenericArrayData(elements.toArray());
  }

  private static Object whole(long value, DataType type) {
    if (type instanceof IntegerType) {
      return (int) value;
    }
    if (type instanceof ShortType) {
      return (short) value;
    }
    return type instanceof ByteType ? (Object) (byte) value : (Object) value;
  }

  /** A value of a row as the online store has those of its type. */
  static Object java(SpecializedGetters row, int i, DataType type) {
    if (row.isNullAt(i)) {
      return null;
    }
    if (type instanceof LongType) {
      return row.getLong(i);
    }
    if (type instanceof IntegerType) {
      return (long) row.getInt(i);
    }
    if (type instanceof ShortType) {
      return (long) row.getShort(i);
    }
    if (type instanceof ByteType) {
      return (long) row.getByte(i);
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
    if (type instanceof TimestampType) {
      return Micros.instant(row.getLong(i));
    }
    if (type instanceof DateType) {
      return LocalDate.ofEpochDay(row.getInt(i));
    }
    if (type instanceof DecimalType d) {
      return row.getDecimal(i, d.precision(), d.scale()).toJavaBigDecimal();
    }
    if (type instanceof BinaryType) {
      return Bytes.of(row.getBinary(i));
    }
    if (type instanceof ArrayType array) {
      return elements(row.getArray(i), array.elementType());
    }
    if (type instanceof StructType struct) {
      InternalRow fields = row.getStruct(i, struct.size());
      List<Object> values = new ArrayList<>();
      for (int f = 0; f < struct.size(); f++) {
        values.add(java(fields, f, struct.fields()[f].dataType()));
      }
      return values;
    }
    if (type instanceof MapType map) {
      return pairs(row.getMap(i), map);
    }
    return row.getUTF8String(i).toString();
  }

  private static List<Object> elements(ArrayData array, DataType type) {
    List<Object> elements = new ArrayList<>();
    for (int i = 0; i < array.numElements(); i++) {
      elements.add(java(array, i, type));
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

  /** A view's default as the online store has values: Long and Double of any width. */
  static Object widened(Object value) {
    if (value instanceof Float number) {
      return number.doubleValue();
    }
    return value instanceof Byte || value instanceof Short || value instanceof Integer
        ? (Object) ((Number) value).longValue()
        : value;
  }
}
