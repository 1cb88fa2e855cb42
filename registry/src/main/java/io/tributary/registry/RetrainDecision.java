package io.tributary.registry;

import java.time.Instant;
import java.util.Optional;

/**
 * The decision to train a model again because of a breach.
 *
 * @param id made of monitor and {@code upTo}, so that it is made once
 * @param champion the version that breached, and is challenged
 * @param alias by which the champion scores, and which the challenger may get
 * @param night by which it breached, as users name the interval
 * @param notice what receivers were notified of when the breach began
 * @param upTo the first instant behind the newest day whose labels were mature: the challenger's
 *     test rows end there
 * @param reason what breached, in words
 */
public record RetrainDecision(
    String id,
    String model,
    long champion,
    String alias,
    String monitor,
    String night,
    Optional<String> notice,
    Instant upTo,
    String reason) {
  /**
   * Up to when the decision of an id wants to test. The event may be of another lake, from which a
   * version was imported.
   */
  static Instant upTo(String id) {
    return Instant.parse(id.substring(id.lastIndexOf('/') + 1));
  }

  /** The one that a breach leads to. */
  public static RetrainDecision of(
      ModelReference champion,
      String alias,
      String monitor,
      String night,
      Optional<String> notice,
      Instant upTo,
      String reason) {
    return new RetrainDecision(
        "retrain/" + monitor + "/" + upTo,
        champion.model(),
        champion.number().orElseThrow(),
        alias,
        monitor,
        night,
        notice,
        upTo,
        reason);
  }
}
