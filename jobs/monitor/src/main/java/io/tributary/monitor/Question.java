package io.tributary.monitor;

/** What monitoring asks of a night. */
enum Question {
  /** Are the inputs distributed as in training? */
  INPUTS,
  /** Are the predictions? */
  PREDICTIONS,
  /** Are the scores within plausible bounds? */
  BOUNDS,
  /** Is the model as good on actuals as the test set promised? */
  ACTUALS;

  /** As it is stored and printed. */
  public String text() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
