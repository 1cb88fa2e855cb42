package io.tributary.source.json;

import io.tributary.source.RecordScan;

/** Finds the ends of lines. */
final class JsonScan implements RecordScan {
  @Override
  public boolean hasHeader() {
    return false;
  }

  @Override
  public int end(byte[] bytes, int from, int to, int atLeast) {
    for (int i = Math.max(from, atLeast - 1); i < to; i++) {
      if (bytes[i] == '\n') {
        return i + 1;
      }
    }
    return -1;
  }
}
