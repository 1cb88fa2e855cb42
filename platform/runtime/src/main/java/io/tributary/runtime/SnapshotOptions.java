package io.tributary.runtime;

import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.PlatformException;
import java.time.ZoneId;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The options of a command that takes snapshots, each of a whole day: an interval that cuts a day
 * is refused unless {@code --part-days} is given. A mixin for a body of {@link JobMain}.
 */
public final class SnapshotOptions {
  @Mixin private IntervalOptions named;

  @Option(
      names = "--part-days",
      description =
          "Let --from and --to cut days of the project's zone: each part is an interval of its own, with a snapshot at its end.")
  private boolean partDays;

  /** Whether an interval is given. */
  public boolean isGiven() {
    return named.isGiven();
  }

  /**
   * Each night, or the one interval of whole days, or its parts, each inside a day; empty if none
   * is given.
   *
   * @throws PlatformException INVALID_REQUEST for an interval that cuts a day, without {@code
   *     --part-days}
   */
  public List<Interval> intervals(String command, ZoneId zone) {
    List<Interval> intervals = named.intervals(zone);
    if (intervals.stream().allMatch(interval -> interval.isWholeDays(zone))) {
      return intervals;
    }
    if (partDays) {
      return intervals.stream().flatMap(interval -> interval.parts(zone).stream()).toList();
    }
    throw new PlatformException(
        ErrorCode.INVALID_REQUEST,
        "Cannot %s %s: it begins or ends inside a day of %s, and snapshots are of whole days. Use the nearest, %s; or add --part-days, and each part of a day has a snapshot at its end."
            .formatted(
                command, intervals.get(0), zone, intervals.get(0).nearestDays(zone).option(zone)));
  }

  /** The same for work that has no other bounds: an error when none is given. */
  public List<Interval> require(String command, ZoneId zone) {
    named.require(command, zone);
    return intervals(command, zone);
  }
}
