package io.tributary.source;

import io.tributary.definition.Column;
import io.tributary.definition.ColumnType;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.definition.SourceLocation;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;

/** Contracts for readers, and what readers make of files. */
public final class Reading {
  private Reading() {}

  /** A column; {@code optional} and former names behind its type. */
  public static Column column(String name, String type, boolean optional, String... was) {
    return new Column(
        name, new ColumnType(type), Set.of(), optional, List.of(was), Optional.empty());
  }

  public static Column column(String name, String type) {
    return column(name, type, false);
  }

  /** A source named trips in New York. */
  public static Source source(boolean ignoresOthers, Column... columns) {
    return new Source(
        "trips",
        "",
        "",
        new SourceInput.Files("json", "f", true, List.of(), Map.of()),
        List.of(columns),
        ignoresOthers,
        List.of(),
        List.of(),
        List.of(),
        false,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        ZoneId.of("America/New_York"),
        Optional.empty(),
        Optional.empty(),
        true,
        new SourceLocation("s.yaml", 1));
  }

  /** All lines: {@code number: values}, or {@code number! raw [problems]}. */
  public static List<String> read(Lines lines, StructType columns) {
    List<String> read = new ArrayList<>();
    try (lines) {
      while (lines.next()) {
        if (lines.line().problems().isEmpty()) {
          List<String> values = new ArrayList<>();
          for (int i = 0; i < columns.size(); i++) {
            Object value =
                InternalRow.copyValue(lines.values().get(i, columns.apply(i).dataType()));
            values.add(
                value instanceof byte[] bytes
                    ? java.util.Arrays.toString(bytes)
                    : Objects.toString(value));
          }
          read.add(lines.line().number() + ": " + String.join("|", values));
        } else {
          read.add(
              lines.line().number()
                  + "! "
                  + lines.raw()
                  + " "
                  + lines.line().problems().stream()
                      .map(r -> r.rule() + " " + r.column() + " " + r.message())
                      .toList());
        }
      }
    }
    return read;
  }
}
