package io.tributary.online;

import java.time.Instant;

/**
 * What reading a publication back and comparing it with its snapshot, bit by bit, found.
 *
 * @param at when the comparison ended
 * @param rows that were compared; 0 where the publication holds a newer instant's rows
 * @param differences rows that the store answered otherwise
 */
public record Parity(Instant at, long rows, long differences) {}
