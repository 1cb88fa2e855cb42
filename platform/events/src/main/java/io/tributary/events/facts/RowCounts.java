package io.tributary.events.facts;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;

/**
 * What became of the lines of a delivery, or of several: {@code lines + released = admitted +
 * quarantined + malformed}.
 *
 * @param lines records in the files, headers and blank lines aside
 * @param malformed lines that are not of the contract; in quarantine
 * @param quarantined rows that break a rule; in quarantine
 * @param repeats rows that say exactly what another row of the delivery says, where a source has no
 *     event key; they are admitted
 * @param shiftedTimes local times that did not exist or existed twice when clocks changed
 * @param released rows that a person's release has brought from the quarantine of other deliveries;
 *     of a delivery that releases have taken rows from, and that is judged again, their number
 *     below zero. So it is 0 where {@code validated} is made anew from all deliveries
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

  /** RowCounts without released rows. */
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
   * @throws PlatformException BUG when one is
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
