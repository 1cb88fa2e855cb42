package io.tributary.core;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** The name of one run, {@code 20260131T061500Z-1a2b3c4d}; sorts by start time. */
public record RunId(String text) {
  private static final DateTimeFormatter START =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final SecureRandom RANDOM = new SecureRandom();

  private static final Pattern TEXT = Pattern.compile("\\d{8}T\\d{6}Z-[0-9a-f]{8}");

  public RunId {
    if (!isId(text)) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot read run id \"" + text + "\": it looks like 20260131T061500Z-1a2b3c4d.");
    }
  }

  /** Whether a text has the form of a run's id. */
  public static boolean isId(String text) {
    return TEXT.matcher(text).matches();
  }

  @JsonCreator
  public static RunId parse(String text) {
    return new RunId(text);
  }

  /** A new id for a run that starts at {@code start}. */
  public static RunId startingAt(Instant start) {
    byte[] tail = new byte[4];
    RANDOM.nextBytes(tail);
    return new RunId(START.format(start) + "-" + HexFormat.of().formatHex(tail));
  }

  @JsonValue
  @Override
  public String toString() {
    return text;
  }
}
