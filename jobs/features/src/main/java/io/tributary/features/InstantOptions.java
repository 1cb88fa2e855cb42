package io.tributary.features;

import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.PlatformException;
import io.tributary.runtime.SnapshotOptions;
import java.time.ZoneId;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The options that select snapshots: those of nights and whole days, or with {@code --at} that of
 * any instant.
 */
final class InstantOptions {
  @Mixin private SnapshotOptions days;

  @Option(
      names = "--at",
      paramLabel = "INSTANT",
      description =
          "Instead of nights, the snapshot at this instant, as in 2013-12-31T06:00:00-05:00; a bare date is the start of that day. Repeat it for more than one.")
  private List<String> instants = List.of();

  /** The intervals whose snapshots are selected. */
  List<Interval> require(String command, ZoneId zone) {
    if (instants.isEmpty()) {
      return days.require(command, zone);
    }
    if (days.isGiven()) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot use --at beside --night, --from and --to: both select snapshots. Use one of them.");
    }
    return instants.stream()
        .map(text -> Interval.instant(text, zone))
        .distinct()
        .sorted()
        .map(Interval::at)
        .toList();
  }
}
