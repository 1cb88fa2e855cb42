package io.tributary.console.airflow;

/** A request without an answer of the server's that counts. */
final class Lost extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean arrived;
  private final boolean passing;

  private Lost(String why, boolean arrived, boolean passing, Throwable cause) {
    super(why, cause);
    this.arrived = arrived;
    this.passing = passing;
  }

  /** The server never got it. */
  static Lost unsent(String why, Throwable cause) {
    return new Lost(why, false, true, cause);
  }

  /** Nobody knows whether the server got it. */
  static Lost unknown(String why, Throwable cause) {
    return new Lost(why, true, true, cause);
  }

  /** To send it again would change nothing. */
  static Lost forGood(String why, Throwable cause) {
    return new Lost(why, false, false, cause);
  }

  /** Whether the server may have done what was asked. */
  boolean mayHaveArrived() {
    return arrived;
  }

  /** Whether it may be answered when it is sent again. */
  boolean isPassing() {
    return passing;
  }
}
