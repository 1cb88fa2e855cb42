package io.tributary.console.doctor;

import io.tributary.core.ErrorGroup;
import io.tributary.core.PlatformException;
import io.tributary.events.lake.Anchor;
import java.util.Optional;

/**
 * The result of one check.
 *
 * @param check what was checked, in a word
 * @param group who must act; only where something is wrong
 */
public record Finding(String check, State state, String message, Optional<ErrorGroup> group) {
  /** The state of what was checked. */
  public enum State {
    /** As it should be. */
    OK,
    /** It was not as it should be, and is now. */
    MENDED,
    /** Left behind by a process that was stopped; it takes space and does no harm. */
    LEFTOVER,
    /** It works as defined, but may not be intended: somebody should look. */
    NOTICE,
    /** Somebody must act. */
    WRONG
  }

  /** What has become of an anchored log. */
  public static Finding of(Anchor.Verdict verdict) {
    String what = verdict.log().table() + " " + verdict.what();
    return switch (verdict.state()) {
      case UNCHANGED -> ok("log", what);
      case UNKNOWN -> notice("log", what + ". Make a new anchor, and keep other engines out.");
      case CHANGED ->
          wrong("log", ErrorGroup.DATA, what + ". Restore the log's table from a copy.");
    };
  }

  static Finding ok(String check, String message) {
    return new Finding(check, State.OK, message, Optional.empty());
  }

  static Finding mended(String check, String message) {
    return new Finding(check, State.MENDED, message, Optional.empty());
  }

  static Finding leftover(String check, String message) {
    return new Finding(check, State.LEFTOVER, message, Optional.empty());
  }

  static Finding notice(String check, String message) {
    return new Finding(check, State.NOTICE, message, Optional.empty());
  }

  static Finding wrong(String check, ErrorGroup group, String message) {
    return new Finding(check, State.WRONG, message, Optional.of(group));
  }

  static Finding wrong(String check, PlatformException e) {
    return wrong(check, e.code().group(), e.getMessage());
  }
}
