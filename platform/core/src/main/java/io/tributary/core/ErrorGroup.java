package io.tributary.core;

/**
 * Who must act on an error; each group has an exit code of its own, and a scheduler retries only
 * {@link #EXTERNAL}.
 */
public enum ErrorGroup {
  /** A bug in Tributary. */
  INTERNAL(1),
  /** A definition, an option or a request of the user's is wrong. */
  USER(2),
  /** The data does not meet what is expected of it. */
  DATA(3),
  /** A server, a disk or a network that Tributary depends on failed. */
  EXTERNAL(4);

  private final int exitCode;

  ErrorGroup(int exitCode) {
    this.exitCode = exitCode;
  }

  /** The exit code of a process that ends with an error of this group. */
  public int exitCode() {
    return exitCode;
  }
}
