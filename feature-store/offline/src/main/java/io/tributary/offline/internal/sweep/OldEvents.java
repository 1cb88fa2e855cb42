package io.tributary.offline.internal.sweep;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;

/**
 * Of each entity one event that stands for all that no window reaches any more: the newest that
 * still counts, or any when none does. For one thread.
 */
final class OldEvents {
  /** An event without arguments. */
  record Old(UnsafeRow key, long hash, long event, long known, long until) {
    boolean counts() {
      return until == Long.MAX_VALUE;
    }
  }

  private final Map<UnsafeRow, Old> byKey = new HashMap<>();

  /** Takes one in; {@code until} is {@link Long#MAX_VALUE} or not after any as-of. */
  void add(UnsafeRow key, long hash, long event, long known, long until) {
    Old now = byKey.get(key);
    boolean counts = until == Long.MAX_VALUE;
    boolean better =
        now == null
            || (counts && !now.counts())
            || (counts && (event > now.event() || (event == now.event() && known > now.known())));
    if (better) {
      UnsafeRow kept = now == null ? key.copy() : now.key();
      byKey.put(kept, new Old(kept, hash, event, known, until));
    }
  }

  Iterator<Old> all() {
    return byKey.values().iterator();
  }
}
