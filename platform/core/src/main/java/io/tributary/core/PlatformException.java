package io.tributary.core;

import java.util.Objects;

/**
 * The one exception that Tributary throws on purpose. Its message reads {@code Cannot <verb>
 * <thing> <name>: <why>. <what to do>}, with the offending values, each as a {@link SeenValue}, and
 * never with a secret.
 */
public final class PlatformException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final String stored;

  public PlatformException(ErrorCode code, String message) {
    this(code, message, null);
  }

  public PlatformException(ErrorCode code, String message, Throwable cause) {
    super(SeenValue.shown(message), cause);
    this.code = Objects.requireNonNull(code, "code");
    this.stored = SeenValue.stored(message);
  }

  /** The message without values of the data, for logs and records. */
  public String stored() {
    return stored;
  }

  public ErrorCode code() {
    return code;
  }

  public ErrorGroup group() {
    return code.group();
  }

  /**
   * The error that a throwable stands for: itself when it is a platform exception (also as a
   * cause), {@code MEMORY} when memory ran out, else {@code BUG}.
   */
  public static ErrorCode codeOf(Throwable thrown) {
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      if (t instanceof PlatformException p) {
        return p.code();
      }
      if (t instanceof OutOfMemoryError) {
        return ErrorCode.MEMORY;
      }
      if (t == t.getCause()) {
        break;
      }
    }
    return ErrorCode.BUG;
  }
}
