package io.tributary.quality;

import io.tributary.core.RowPlace;

/** Where a row stands: its line in a delivered file, or its number in one of Parquet. */
public record Place(String file, long line) {
  @Override
  public String toString() {
    return new RowPlace(file, line).toString();
  }
}
