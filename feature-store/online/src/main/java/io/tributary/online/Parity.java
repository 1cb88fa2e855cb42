package io.tributary.online;

import java.time.Instant;

/**
 * What reading a publication back and comparing it, bit by bit, with what its snapshots make of it
 * found.
 *
 * @param format of this record, from 1
 * @param at when the comparison ended
 * @param rows that were compared: all that should be stored
 * @param differences rows that the store answers otherwise, lacks, or should not have
 */
public record Parity(int format, Instant at, long rows, long differences) {
  public static final int FORMAT = 1;

  public static Parity of(Instant at, long rows, long differences) {
    return new Parity(FORMAT, at, rows, differences);
  }
}
