package io.tributary.console.airflow;

/** A request without an answer of the server's that counts. */
final class Lost extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean arrived;

  private Lost(String why, boolean arrived, Throwable cause) {
    super(why, cause);
    this.arrived = arrived;
  }

  /** The server never got it. */
  static Lost unsent(String why, Throwable cause) {
    return new Lost(why, false, cause);
  }

  /** Nobody knows whether the server got it. */
  static Lost unknown(String why, Throwable cause) {
    return new Lost(why, true, cause);
  }

  /** Whether the server may have done what was asked. */
  boolean mayHaveArrived() {
    return arrived;
  }
}
