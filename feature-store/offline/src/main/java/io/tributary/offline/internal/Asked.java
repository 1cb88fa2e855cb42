package io.tributary.offline.internal;

import java.io.Serializable;

/**
 * The instants at which features are asked for, in microseconds, both inclusive; events that can't
 * matter then need not travel.
 *
 * @param listsEntities whether it also matters of which entities an event had been visible, and the
 *     newest visible one, however old
 */
record Asked(long least, long greatest, boolean listsEntities) implements Serializable {
  static final Asked ANY_TIME = new Asked(Long.MIN_VALUE, Long.MAX_VALUE, false);
}
