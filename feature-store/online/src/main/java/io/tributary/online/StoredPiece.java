package io.tributary.online;

import java.time.Instant;

/**
 * Something of a store that can be removed by itself: a file, or keys of a server that go together.
 *
 * @param of whose it is, as the store names the view
 * @param name by which the store removes it: the absolute path of a file, what a server knows
 * @param bytes that it takes, as near as the store knows
 * @param touched when it was last written to
 */
public record StoredPiece(String of, String name, long bytes, Instant touched) {}
