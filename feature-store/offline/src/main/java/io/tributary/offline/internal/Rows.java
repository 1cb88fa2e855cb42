package io.tributary.offline.internal;

import java.time.Instant;
import java.util.StringJoiner;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;

/** Rows and instants as text, for messages. */
final class Rows {
  private Rows() {}

  static String text(InternalRow row, StructType schema) {
    StringJoiner text = new StringJoiner(", ", "[", "]");
    for (int i = 0; i < schema.size(); i++) {
      var type = schema.fields()[i].dataType();
      if (row.isNullAt(i)) {
        text.add("null");
      } else if (type instanceof TimestampType) {
        text.add(instant(row.getLong(i)).toString());
      } else if (type instanceof DateType) {
        text.add(java.time.LocalDate.ofEpochDay(row.getInt(i)).toString());
      } else {
        text.add(String.valueOf(row.get(i, type)));
      }
    }
    return text.toString();
  }

  static Instant instant(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000);
  }

  static long micros(Instant instant) {
    return Math.addExact(
        Math.multiplyExact(instant.getEpochSecond(), 1_000_000L), instant.getNano() / 1_000);
  }
}
