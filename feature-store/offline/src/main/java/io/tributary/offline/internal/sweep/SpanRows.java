package io.tributary.offline.internal.sweep;

import org.apache.spark.sql.catalyst.expressions.UnsafeRow;

/**
 * Writes spans of time as events among {@link EventRows}, visible as long as they last; the same
 * row each time. For one thread.
 */
public final class SpanRows {
  private static final byte[] NO_ORDER = {};

  private final RowBuffer out = new RowBuffer();
  private final UnsafeRow nothing = UnsafeRow.createFromByteArray(0, 0);

  /**
   * @param hash of the key
   * @param number of the view whose events the spans are
   * @param until exclusive
   */
  public UnsafeRow write(long hash, UnsafeRow key, int number, long from, long until) {
    out.begin(hash);
    EventRow.write(out, number, key, from, from, until, false, NO_ORDER, 0, 0, nothing);
    return out.end();
  }
}
