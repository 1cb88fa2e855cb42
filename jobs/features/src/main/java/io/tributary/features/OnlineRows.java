package io.tributary.features;

import io.tributary.core.Micros;
import io.tributary.online.Bytes;
import io.tributary.online.KeyCodec;
import io.tributary.online.RowCodec;
import io.tributary.online.StoredColumn;
import io.tributary.online.StoredRow;
import io.tributary.online.StoredView;
import java.io.Serializable;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.MapData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
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

/**
 * Converts rows of a snapshot to rows of the online store: the one place where Spark's values
 * become the store's.
 */
final class OnlineRows implements Serializable {
  /** A row of the store: its key, and what is stored of it. */
  static final StructType ENCODED =
      new StructType()
          .add("key", DataTypes.BinaryType, false)
          .add("row", DataTypes.BinaryType, false);

  private static final long serialVersionUID = 1L;

  private final StoredColumn[] keyColumns;
  private final Column[] keys;
  private final Column eventTime;
  private final Column knownTime;
  private final Column at;
  private final Column[] features;
  private final boolean isStatic;

  /** Takes a value, which is not null, out of a row or an array. */
  private interface Getter extends Serializable {
    Object get(SpecializedGetters from, int place);
  }

  private record Column(int place, Getter getter) implements Serializable {
    static Column of(StructType schema, String name) {
      int place = schema.fieldIndex(name);
      return new Column(place, OnlineRows.getter(schema.apply(place).dataType()));
    }

    Object of(InternalRow row) {
      return row.isNullAt(place) ? null : getter.get(row, place);
    }
  }

  private OnlineRows(StoredView view, boolean isStatic, StructType schema) {
    this.keyColumns = view.keys().toArray(StoredColumn[]::new);
    this.keys = view.keys().stream().map(k -> Column.of(schema, k.name())).toArray(Column[]::new);
    this.eventTime = Column.of(schema, "_event_time");
    this.knownTime = Column.of(schema, "_known_time");
    this.at = Column.of(schema, "_at");
    this.features =
        view.features().stream().map(f -> Column.of(schema, f.name())).toArray(Column[]::new);
    this.isStatic = isStatic;
  }

  /**
   * For rows of a snapshot.
   *
   * @param isStatic whether the rows are of reference data, which has no events
   * @param schema of the rows, with all columns of the view
   */
  static OnlineRows of(StoredView view, boolean isStatic, StructType schema) {
    return new OnlineRows(view, isStatic, schema);
  }

  List<Object> key(InternalRow row) {
    return values(row, keys);
  }

  byte[] keyBytes(InternalRow row) {
    return KeyCodec.encode(Arrays.asList(keyColumns), key(row));
  }

  /** The stored form of a row; an entity whose events have all been withdrawn has no values. */
  StoredRow stored(InternalRow row) {
    Optional<Instant> event = Optional.ofNullable((Instant) eventTime.of(row));
    return new StoredRow(
        event,
        Optional.ofNullable((Instant) knownTime.of(row)),
        (Instant) at.of(row),
        event.isPresent() || isStatic ? values(row) : List.of());
  }

  /** The features of a row. */
  List<Object> values(InternalRow row) {
    return values(row, features);
  }

  private static List<Object> values(InternalRow row, Column[] columns) {
    Object[] values = new Object[columns.length];
    for (int i = 0; i < columns.length; i++) {
      values[i] = columns[i].of(row);
    }
    return Arrays.asList(values);
  }

  /**
   * Rows of {@link #ENCODED}, as they are stored among those of a snapshot.
   *
   * @param snapshot its instant; empty = as they are stored anywhere
   */
  Iterator<InternalRow> encoded(Iterator<InternalRow> rows, Optional<Instant> snapshot) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public InternalRow next() {
        InternalRow row = rows.next();
        StoredRow stored = stored(row);
        return new GenericInternalRow(
            new Object[] {
              keyBytes(row),
              snapshot
                  .map(instant -> RowCodec.encode(stored, instant))
                  .orElseGet(() -> RowCodec.encode(stored))
            });
      }
    };
  }

  /** The store's value for one of Spark's API. */
  static Object value(Object spark, DataType type) {
    return spark == null
        ? null
        : getter(type)
            .get(
                new GenericInternalRow(
                    new Object[] {CatalystTypeConverters.convertToCatalyst(spark)}),
                0);
  }

  private static Getter getter(DataType type) {
    if (type instanceof ByteType) {
      return (from, place) -> (long) from.getByte(place);
    }
    if (type instanceof ShortType) {
      return (from, place) -> (long) from.getShort(place);
    }
    if (type instanceof IntegerType) {
      return (from, place) -> (long) from.getInt(place);
    }
    if (type instanceof LongType) {
      return SpecializedGetters::getLong;
    }
    if (type instanceof FloatType) {
      return (from, place) -> (double) from.getFloat(place);
    }
    if (type instanceof DoubleType) {
      return SpecializedGetters::getDouble;
    }
    if (type instanceof BooleanType) {
      return SpecializedGetters::getBoolean;
    }
    if (type instanceof DateType) {
      return (from, place) -> LocalDate.ofEpochDay(from.getInt(place));
    }
    if (type instanceof TimestampType) {
      return (from, place) -> Micros.instant(from.getLong(place));
    }
    if (type instanceof DecimalType decimal) {
      return (from, place) ->
          from.getDecimal(place, decimal.precision(), decimal.scale()).toJavaBigDecimal();
    }
    if (type instanceof BinaryType) {
      return (from, place) -> Bytes.of(from.getBinary(place));
    }
    if (type instanceof ArrayType array) {
      Getter element = getter(array.elementType());
      return (from, place) -> list(from.getArray(place), element);
    }
    if (type instanceof StructType struct) {
      Column[] fields =
          Arrays.stream(struct.fieldNames())
              .map(name -> Column.of(struct, name))
              .toArray(Column[]::new);
      return (from, place) -> values(from.getStruct(place, fields.length), fields);
    }
    if (type instanceof MapType map) {
      Getter key = getter(map.keyType());
      Getter value = getter(map.valueType());
      return (from, place) -> map(from.getMap(place), key, value);
    }
    return (from, place) -> from.getUTF8String(place).toString();
  }

  private static List<Object> list(ArrayData array, Getter element) {
    List<Object> list = new ArrayList<>();
    for (int i = 0; i < array.numElements(); i++) {
      list.add(array.isNullAt(i) ? null : element.get(array, i));
    }
    return list;
  }

  /** In the order of the keys, which Spark does not keep. */
  private static Map<Object, Object> map(MapData map, Getter key, Getter value) {
    List<Object> keys = list(map.keyArray(), key);
    List<Object> values = list(map.valueArray(), value);
    Map<Object, Object> ordered = new TreeMap<>(OnlineRows::compareKeys);
    for (int i = 0; i < keys.size(); i++) {
      ordered.put(keys.get(i), values.get(i));
    }
    return new LinkedHashMap<>(ordered);
  }

  /** Orders the keys of maps; text by code point. */
  private static int compareKeys(Object a, Object b) {
    if (a instanceof String x && b instanceof String y) {
      return Arrays.compare(x.codePoints().toArray(), y.codePoints().toArray());
    }
    if (a instanceof List<?> x && b instanceof List<?> y) {
      for (int i = 0; i < Math.min(x.size(), y.size()); i++) {
        int c = compareKeys(x.get(i), y.get(i));
        if (c != 0) {
          return c;
        }
      }
      return Integer.compare(x.size(), y.size());
    }
    if (a == null || b == null) {
      return a == b ? 0 : a == null ? -1 : 1;
    }
    @SuppressWarnings("unchecked")
    Comparable<Object> comparable = (Comparable<Object>) a;
    return comparable.compareTo(b);
  }
}
