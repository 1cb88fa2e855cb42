package io.tributary.offline.internal.sweep;

import java.io.Serializable;

/**
 * The as-of that label rows have, from one instant to another, both inclusive, in microseconds;
 * events that can't matter then need not travel.
 *
 * @param listsEntities whether it also matters of which entities an event had been visible, and the
 *     newest visible one, however old
 */
public record AsOfRange(long least, long greatest, boolean listsEntities) implements Serializable {
  public static final AsOfRange ANY_TIME = new AsOfRange(Long.MIN_VALUE, Long.MAX_VALUE, false);
}
