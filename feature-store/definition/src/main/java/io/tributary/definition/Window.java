package io.tributary.definition;

import com.fasterxml.jackson.annotation.JsonValue;
import io.tributary.core.Durations;
import java.time.Duration;

/**
 * A physical window length; prints as it was written so that features keep their names: {@code 24h}
 * is not renamed {@code 1d}.
 */
public record Window(@JsonValue String text, Duration length) {
  public static Window parse(String text) {
    return new Window(text.trim(), Durations.parse(text));
  }

  @Override
  public String toString() {
    return text;
  }
}
