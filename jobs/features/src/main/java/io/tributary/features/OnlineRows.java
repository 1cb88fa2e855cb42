package io.tributary.features;

import io.tributary.core.Micros;
import io.tributary.online.Bytes;
import io.tributary.online.KeyCodec;
import io.tributary.online.StoredColumn;
import io.tributary.online.StoredFeature;
import io.tributary.online.StoredRow;
import io.tributary.online.StoredView;
import java.io.Serializable;
import java.sql.Date;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.util.DateTimeUtils;
import scala.collection.JavaConverters;

/**
 * Converts rows of a snapshot to rows of the online store: the one place where Spark's values
 * become the store's.
 */
final class OnlineRows implements Serializable {
  private static final long serialVersionUID = 1L;

  private final String[] keys;
  private final String[] keyTypes;
  private final String[] features;
  private final boolean isStatic;

  private OnlineRows(String[] keys, String[] keyTypes, String[] features, boolean isStatic) {
    this.keys = keys;
    this.keyTypes = keyTypes;
    this.features = features;
    this.isStatic = isStatic;
  }

  /**
   * @param isStatic whether the rows are of reference data, which has no events
   */
  static OnlineRows of(StoredView view, boolean isStatic) {
    return new OnlineRows(
        view.keys().stream().map(StoredColumn::name).toArray(String[]::new),
        view.keys().stream().map(StoredColumn::type).toArray(String[]::new),
        view.features().stream().map(StoredFeature::name).toArray(String[]::new),
        isStatic);
  }

  List<Object> key(Row row) {
    List<Object> key = new ArrayList<>();
    for (String name : keys) {
      key.add(value(row.getAs(name)));
    }
    return key;
  }

  byte[] keyBytes(Row row) {
    List<StoredColumn> columns = new ArrayList<>();
    for (int i = 0; i < keys.length; i++) {
      columns.add(new StoredColumn(keys[i], keyTypes[i]));
    }
    return KeyCodec.encode(columns, key(row));
  }

  /** The stored form of a row; an entity whose events have all been withdrawn has no values. */
  StoredRow stored(Row row) {
    Optional<Instant> eventTime = Optional.ofNullable((Instant) value(row.getAs("_event_time")));
    return new StoredRow(
        eventTime,
        Optional.ofNullable((Instant) value(row.getAs("_known_time"))),
        (Instant) value(row.getAs("_at")),
        eventTime.isPresent() || isStatic ? values(row) : List.of());
  }

  /** The features of a row. */
  List<Object> values(Row row) {
    List<Object> values = new ArrayList<>();
    for (String name : features) {
      values.add(value(row.getAs(name)));
    }
    return values;
  }

  /** Orders the keys of maps, which Spark does not keep in order; text by code point. */
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

  /** The store's value for Spark's. */
  static Object value(Object spark) {
    if (spark instanceof Timestamp t) {
      // Spark's timestamps of long ago have the date of the calendar in use then.
      return Micros.instant(DateTimeUtils.fromJavaTimestamp(t));
    }
    if (spark instanceof Date d) {
      return LocalDate.ofEpochDay(DateTimeUtils.fromJavaDate(d));
    }
    if (spark instanceof Float f) {
      return f.doubleValue();
    }
    if (spark instanceof Integer || spark instanceof Short || spark instanceof Byte) {
      return ((Number) spark).longValue();
    }
    if (spark instanceof byte[] bytes) {
      return Bytes.of(bytes);
    }
    if (spark instanceof scala.collection.Seq<?> seq) {
      List<Object> list = new ArrayList<>();
      JavaConverters.seqAsJavaListConverter(seq).asJava().forEach(v -> list.add(value(v)));
      return list;
    }
    if (spark instanceof Row struct) {
      List<Object> list = new ArrayList<>();
      for (int i = 0; i < struct.size(); i++) {
        list.add(value(struct.get(i)));
      }
      return list;
    }
    if (spark instanceof scala.collection.Map<?, ?> map) {
      Map<Object, Object> converted = new TreeMap<>(OnlineRows::compareKeys);
      JavaConverters.mapAsJavaMapConverter(map)
          .asJava()
          .forEach((k, v) -> converted.put(value(k), value(v)));
      return new LinkedHashMap<>(converted);
    }
    return spark;
  }
}
