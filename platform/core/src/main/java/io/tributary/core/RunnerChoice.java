package io.tributary.core;

/** The runners, and the choice between them; the answers are the same, to the bit. */
public enum RunnerChoice {
  /** This process where it can, else Spark. */
  auto,
  /** This process without Spark. */
  local,
  spark;

  /**
   * The error that this process is to compute what only Spark can.
   *
   * @param what as in {@code join features to the rows of rides.csv}
   */
  public static PlatformException leftToSpark(String what, String why) {
    return new PlatformException(
        ErrorCode.INVALID_REQUEST,
        "Cannot %s by --runner local: %s. Leave the option out, and Spark does it."
            .formatted(what, why));
  }
}
