package io.tributary.core;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Comparator;

/**
 * A column of a thing that a project defines. Prints as {@code source flights.arr_delay} and parses
 * back.
 *
 * @param thing kind and name, {@code view carrier_history@1}
 */
public record ColumnReference(String thing, String column) implements Comparable<ColumnReference> {
  private static final Comparator<ColumnReference> ORDER =
      Comparator.comparing(ColumnReference::thing).thenComparing(ColumnReference::column);

  @JsonCreator
  public static ColumnReference parse(String text) {
    int dot = text.indexOf('.');
    if (dot < 1 || text.indexOf(' ') < 1 || text.indexOf(' ') > dot) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot read column \"%s\": write KIND NAME.COLUMN, as in source flights.dest."
              .formatted(text));
    }
    return new ColumnReference(text.substring(0, dot), text.substring(dot + 1));
  }

  @Override
  public int compareTo(ColumnReference other) {
    return ORDER.compare(this, other);
  }

  @JsonValue
  @Override
  public String toString() {
    return thing + "." + column;
  }
}
