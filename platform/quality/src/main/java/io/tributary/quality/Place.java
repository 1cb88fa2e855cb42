package io.tributary.quality;

/** Where a row stands: its line in a delivered file. */
public record Place(String file, long line) {
  @Override
  public String toString() {
    return file + ":" + line;
  }
}
