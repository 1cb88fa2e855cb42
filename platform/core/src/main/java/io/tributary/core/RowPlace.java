package io.tributary.core;

/**
 * A row's place in a delivered file: {@code flights.csv:3}, or {@code flights.parquet: row 3} where
 * the format has no lines.
 *
 * @param line the line where it begins, or the row's number, from 1
 */
public record RowPlace(String file, long line) {
  /** Its number alone: {@code line 3} or {@code row 3}. */
  public String number() {
    return (hasLines() ? "line " : "row ") + line;
  }

  @Override
  public String toString() {
    return hasLines() ? file + ":" + line : file + ": " + number();
  }

  private boolean hasLines() {
    return FileType.ofFile(file).map(FileType::text).orElse(true);
  }
}
