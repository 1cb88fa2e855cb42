package io.tributary.offline.internal.values;

import io.tributary.core.Micros;
import java.util.StringJoiner;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;

/** Rows and instants as text, for messages. */
public final class RowText {
  private RowText() {}

  public static String of(InternalRow row, StructType schema) {
    StringJoiner text = new StringJoiner(", ", "[", "]");
    for (int i = 0; i < schema.size(); i++) {
      var type = schema.fields()[i].dataType();
      if (row.isNullAt(i)) {
        text.add("null");
      } else if (type instanceof TimestampType) {
        text.add(Micros.instant(row.getLong(i)).toString());
      } else if (type instanceof DateType) {
        text.add(java.time.LocalDate.ofEpochDay(row.getInt(i)).toString());
      } else {
        text.add(String.valueOf(row.get(i, type)));
      }
    }
    return text.toString();
  }
}
