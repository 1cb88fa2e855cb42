package io.tributary.core;

import java.util.Objects;

/**
 * The one exception that Tributary throws on purpose. Its message reads {@code Cannot <verb>
 * <thing> <name>: <why>. <what to do>}, with the values that were seen and never with a secret.
 */
public final class PlatformException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  public PlatformException(ErrorCode code, String message) {
    super(Objects.requireNonNull(message, "message"));
    this.code = Objects.requireNonNull(code, "code");
  }

  public PlatformException(ErrorCode code, String message, Throwable cause) {
    super(Objects.requireNonNull(message, "message"), cause);
    this.code = Objects.requireNonNull(code, "code");
  }

  public ErrorCode code() {
    return code;
  }

  public ErrorGroup group() {
    return code.group();
  }

  /**
   * The error that a throwable stands for: itself when it is a platform exception (also as a
   * cause), {@code MEMORY} when there was none left, else a bug.
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
