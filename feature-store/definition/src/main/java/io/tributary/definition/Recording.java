package io.tributary.definition;

/**
 * What servers record in the lake of what they answered.
 *
 * @param predictions the share of requests for scores whose predictions are recorded, from 0 to 1
 * @param answers the share of look-ups of features whose answers are recorded, to be compared
 */
public record Recording(double predictions, double answers) {
  /** Where a project says nothing. */
  public static final Recording DEFAULT = new Recording(1, 0.01);
}
