package io.tributary.online;

/**
 * Rows that were written and are not published yet.
 *
 * @param bytes that they take
 * @param receipt by which the store that wrote them finds them
 */
public record WrittenPartition(long rows, long bytes, String receipt) {}
