package io.tributary.ingest;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;

/**
 * What became of the lines of a delivery: {@code lines = admitted + quarantined + malformed}.
 *
 * @param lines records in the files, headers and blank lines aside
 * @param malformed lines that are not of the contract; in quarantine
 * @param quarantined rows that break a rule; in quarantine
 * @param repeats rows that say exactly what another row of the delivery says, where a source has no
 *     event key; they are admitted
 * @param shiftedTimes local times that did not exist or existed twice when clocks changed
 */
public record Counts(
    long lines, long malformed, long quarantined, long admitted, long repeats, long shiftedTimes) {
  public static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0);

  public Counts plus(Counts other) {
    return new Counts(
        lines + other.lines,
        malformed + other.malformed,
        quarantined + other.quarantined,
        admitted + other.admitted,
        repeats + other.repeats,
        shiftedTimes + other.shiftedTimes);
  }

  /**
   * Checks that no line is lost or counted twice.
   *
   * @throws PlatformException BUG when one is
   */
  public Counts checked(String what) {
    if (lines != admitted + quarantined + malformed) {
      throw new PlatformException(
          ErrorCode.BUG,
          "Cannot account for the lines of %s: %,d were read, but %,d admitted + %,d quarantined + %,d malformed are %,d. Report this as a bug."
              .formatted(
                  what,
                  lines,
                  admitted,
                  quarantined,
                  malformed,
                  admitted + quarantined + malformed));
    }
    return this;
  }
}
