package io.tributary.core;

import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
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
    for (Throwable t : causes(thrown)) {
      if (t instanceof PlatformException p) {
        return p.code();
      }
      if (t instanceof OutOfMemoryError) {
        return ErrorCode.MEMORY;
      }
      if (t instanceof UnknownHostException) {
        return ErrorCode.SERVER;
      }
    }
    return ErrorCode.BUG;
  }

  /** A throwable, its cause, and so on, each once. */
  public static List<Throwable> causes(Throwable thrown) {
    List<Throwable> causes = new ArrayList<>();
    for (Throwable t = thrown; t != null && !causes.contains(t); t = t.getCause()) {
      causes.add(t);
    }
    return causes;
  }
}
