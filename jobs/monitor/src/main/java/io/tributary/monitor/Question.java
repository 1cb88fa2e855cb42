package io.tributary.monitor;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** A question that a monitor answers for an interval. */
enum Question {
  /** Are the inputs distributed as in training? */
  INPUTS,
  /** Are the predictions? */
  PREDICTIONS,
  /** Are the scores within plausible bounds? */
  BOUNDS,
  /** Does the model keep on actuals what it promised? */
  ACTUALS,
  /** Are there as many rows as usual? */
  POPULATION;

  /** As it is stored and printed. */
  @JsonValue
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Reads what {@link #text()} gives. */
  static Question parse(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }
}
