package io.tributary.runtime;

/** Where a run says what it is doing, a line at a time, for a person who waits. */
@FunctionalInterface
public interface Progress {
  void say(String line);

  /** Nobody waits. */
  Progress NONE = line -> {};

  /** Nobody waits. */
  static Progress none() {
    return NONE;
  }
}
