package io.tributary.notify;

/** A notice that did not reach its receiver, and whether the same attempt may soon succeed. */
final class Undelivered extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final boolean mayPass;

  private Undelivered(String why, boolean mayPass, Throwable cause) {
    super(why, cause);
    this.mayPass = mayPass;
  }

  /** The receiver is away, or asks to wait. */
  static Undelivered away(String why, Throwable cause) {
    return new Undelivered(why, true, cause);
  }

  /** The receiver was reached and does not take it. */
  static Undelivered refused(String why, Throwable cause) {
    return new Undelivered(why, false, cause);
  }

  /** Whether trying again at once is worthwhile. */
  boolean mayPass() {
    return mayPass;
  }
}
