package io.tributary.events.facts;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;

/**
 * Counts of the lines of one or more deliveries: {@code lines + released = admitted + quarantined +
 * malformed}.
 *
 * @param lines records in the files, without headers and blank lines
 * @param malformed lines that don't fit the contract; in quarantine
 * @param quarantined rows that break a rule; in quarantine
 * @param repeats exact repeats of another row of the delivery, in a source without event key; they
 *     are admitted
 * @param shiftedTimes local times that did not exist or existed twice when clocks changed
 * @param released rows that a release has moved here from the quarantine of other deliveries;
 *     negative for a delivery that is judged again after releases have moved rows out of it. So it
 *     is 0 when {@code validated} is rebuilt from all deliveries
 */
public record RowCounts(
    long lines,
    long malformed,
    long quarantined,
    long admitted,
    long repeats,
    long shiftedTimes,
    long released) {
  public static final RowCounts NONE = new RowCounts(0, 0, 0, 0, 0, 0);

  /** Counts without released rows. */
  public RowCounts(
      long lines,
      long malformed,
      long quarantined,
      long admitted,
      long repeats,
      long shiftedTimes) {
    this(lines, malformed, quarantined, admitted, repeats, shiftedTimes, 0);
  }

  public RowCounts plus(RowCounts other) {
    return new RowCounts(
        lines + other.lines,
        malformed + other.malformed,
        quarantined + other.quarantined,
        admitted + other.admitted,
        repeats + other.repeats,
        shiftedTimes + other.shiftedTimes,
        released + other.released);
  }

  /**
   * Checks that no line is lost or counted twice.
   *
   * @throws PlatformException BUG if one is
   */
  public RowCounts checked(String what) {
    if (lines + released != admitted + quarantined + malformed) {
      throw new PlatformException(
          ErrorCode.BUG,
          "Cannot account for the lines of %s: %,d were read and %,d released, but %,d admitted + %,d quarantined + %,d malformed are %,d. Report this as a bug."
              .formatted(
                  what,
                  lines,
                  released,
                  admitted,
                  quarantined,
                  malformed,
                  admitted + quarantined + malformed));
    }
    return this;
  }
}
