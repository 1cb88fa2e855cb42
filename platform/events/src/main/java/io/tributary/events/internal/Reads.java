package io.tributary.events.internal;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts what this process has read of tables without an engine: what a command reads must not grow
 * with all that was ever recorded.
 *
 * @param files commits and data files
 * @param bytes of them
 * @param bodies of events, decoded
 */
public record Reads(long files, long bytes, long bodies) {
  private static final AtomicLong FILES = new AtomicLong();
  private static final AtomicLong BYTES = new AtomicLong();
  private static final AtomicLong BODIES = new AtomicLong();

  /** The counts so far. */
  public static Reads now() {
    return new Reads(FILES.get(), BYTES.get(), BODIES.get());
  }

  /** The difference to an earlier count. */
  public Reads since(Reads before) {
    return new Reads(files - before.files, bytes - before.bytes, bodies - before.bodies);
  }

  static byte[] file(byte[] read) {
    FILES.incrementAndGet();
    BYTES.addAndGet(read.length);
    return read;
  }

  static String body(String decoded) {
    BODIES.incrementAndGet();
    return decoded;
  }
}
