package io.tributary.runtime;

/** Receives a run's progress, a line at a time, for a person who waits. */
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
