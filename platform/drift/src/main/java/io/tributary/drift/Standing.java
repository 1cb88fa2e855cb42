package io.tributary.drift;

/** Where a measured item stands in a window of intervals, beside a limit that a person declared. */
public enum Standing {
  /** Surely nearer than the limit. */
  WITHIN("within"),
  /** Not surely worse than promised, and no limit is declared. */
  AS_PROMISED("as promised"),
  /** The limit lies inside of the interval of uncertainty. */
  CANNOT_TELL("cannot tell"),
  /** Surely worse than promised, and nearer to the limit than to no difference. */
  BEYOND("beyond"),
  /** Surely farther than the limit, as a window of training was. */
  BEYOND_AS_TRAINING("beyond, as in training's own intervals"),
  /** Surely farther than the limit and all of training's windows; no other input is beyond. */
  BEYOND_UNLIKE_TRAINING("beyond, unlike training"),
  /** Likewise, and other inputs are beyond the limit, too. */
  BEYOND_TOGETHER("beyond, unlike training, together with others"),
  /** Moved by itself: other inputs don't explain it. */
  BEYOND_ALONE("beyond, alone");

  private final String text;

  Standing(String text) {
    this.text = text;
  }

  /** Whether it is farther than training's own windows were, or moved by itself. */
  public boolean unlikeTraining() {
    return this == BEYOND_UNLIKE_TRAINING || this == BEYOND_TOGETHER || this == BEYOND_ALONE;
  }

  /** For people. */
  public String text() {
    return text;
  }
}
