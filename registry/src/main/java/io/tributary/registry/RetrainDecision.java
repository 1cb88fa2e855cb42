package io.tributary.registry;

import java.time.Instant;

/**
 * The decision to train a model again because of a breach.
 *
 * @param id made of what led to it, so that it is made once
 * @param champion the version that is challenged
 * @param night of the breach, as users name the interval
 * @param notice what receivers were notified of
 * @param upTo the first instant behind the newest day whose labels were mature: the challenger's
 *     test rows end there
 * @param reason what breached, in words
 */
public record RetrainDecision(
    String id,
    String model,
    long champion,
    String monitor,
    String night,
    String notice,
    Instant upTo,
    String reason) {
  /** The one that a breach leads to. */
  public static RetrainDecision of(
      String model,
      long champion,
      String monitor,
      String night,
      String notice,
      Instant upTo,
      String reason) {
    return new RetrainDecision(
        "retrain/" + notice, model, champion, monitor, night, notice, upTo, reason);
  }
}
