package io.tributary.notify;

/**
 * A notice that did not reach its receiver, or not all of it, and what that says of other tries.
 */
final class Undelivered extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why it was not delivered. */
  enum Kind {
    /** The receiver is away, or asks to wait: the same attempt may soon succeed. */
    AWAY,
    /** The receiver was reached and does not take this notice. */
    REFUSED,
    /** The receiver was reached, or is not trusted, and takes nothing from this sender. */
    DENIED
  }

  private final Kind kind;
  private final boolean partly;

  private Undelivered(String why, Kind kind, boolean partly, Throwable cause) {
    super(why, cause);
    this.kind = kind;
    this.partly = partly;
  }

  static Undelivered away(String why, Throwable cause) {
    return new Undelivered(why, Kind.AWAY, false, cause);
  }

  static Undelivered refused(String why, Throwable cause) {
    return new Undelivered(why, Kind.REFUSED, false, cause);
  }

  static Undelivered denied(String why, Throwable cause) {
    return new Undelivered(why, Kind.DENIED, false, cause);
  }

  /** The same of a notice that some of the receiver's addresses have. */
  Undelivered toSome() {
    return new Undelivered(getMessage(), kind, true, getCause());
  }

  /** Whether trying again at once is worthwhile. */
  boolean mayPass() {
    return kind == Kind.AWAY;
  }

  /** Whether the notices behind it would fare no better. */
  boolean ofAll() {
    return kind != Kind.REFUSED;
  }

  /** Whether some of the receiver's addresses have it. */
  boolean partly() {
    return partly;
  }
}
