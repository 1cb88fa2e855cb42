package io.tributary.core;

import java.util.Locale;

/**
 * A row's place in a delivered file: {@code flights.csv:3}, or {@code flights.parquet: row 3}, as a
 * Parquet file has no lines.
 *
 * @param line the line where it begins, or the row's number, from 1
 */
public record RowPlace(String file, long line) {
  /** Its number alone: {@code line 3} or {@code row 3}. */
  public String number() {
    return (isParquet() ? "row " : "line ") + line;
  }

  @Override
  public String toString() {
    return isParquet() ? file + ": " + number() : file + ":" + line;
  }

  private boolean isParquet() {
    return file.toLowerCase(Locale.ROOT).endsWith(".parquet");
  }
}
