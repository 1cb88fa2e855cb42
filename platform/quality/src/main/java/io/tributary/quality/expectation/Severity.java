package io.tributary.quality.expectation;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What an expectation that isn't met leads to. */
public enum Severity {
  /** Rows that break it are quarantined; too many of them, and the delivery is rejected. */
  CRITICAL,
  /** It is reported, and admits. */
  WARNING,
  /** It is reported, and admits. */
  INFO;

  @JsonValue
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
