package io.tributary.core;

import java.util.regex.Pattern;

/**
 * A value of the data in an error's message: shown to whoever ran the command, left out of what is
 * stored of the error.
 */
public final class SeenValue {
  /** Unicode's interlinear annotation marks, which ordinary text does not contain. */
  private static final char BEGIN = '\uFFF9';

  private static final char END = '\uFFFB';
  private static final Pattern MARKS = Pattern.compile("[" + BEGIN + END + "]");
  private static final Pattern MARKED =
      Pattern.compile(BEGIN + "[^" + END + "]*" + END, Pattern.DOTALL);

  private SeenValue() {}

  /** The value's text, marked for the message of a {@link PlatformException}. */
  public static String of(Object value) {
    return BEGIN + shown(String.valueOf(value)) + END;
  }

  /** A message with its values. */
  static String shown(String message) {
    return MARKS.matcher(message).replaceAll("");
  }

  /** A message with … for each value. */
  static String stored(String message) {
    return MARKS.matcher(MARKED.matcher(message).replaceAll("…")).replaceAll("");
  }
}
