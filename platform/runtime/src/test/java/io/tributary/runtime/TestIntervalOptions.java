package io.tributary.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Interval;
import io.tributary.core.PlatformException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What nights and intervals a command line names. */
class TestIntervalOptions {
  private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");

  private static List<String> named(String... args) {
    IntervalOptions options = CommandLine.populateCommand(new IntervalOptions(), args);
    return options.require("score", NEW_YORK).stream().map(Interval::toString).toList();
  }

  private static List<Interval> snapshots(String... args) {
    SnapshotOptions options = CommandLine.populateCommand(new SnapshotOptions(), args);
    return options.require("materialize", NEW_YORK);
  }

  private static void refused(String message, String... args) {
    assertThatThrownBy(() -> snapshots(args))
        .isInstanceOf(PlatformException.class)
        .hasMessage(message);
  }

  @Test
  void nightsAreCalendarDaysOfTheProject() {
    assertThat(named("--night", "2013-12-30"))
        .containsExactly("2013-12-30T05:00:00Z/2013-12-31T05:00:00Z");
    assertThat(snapshots("--night", "2013-03-10"))
        .extracting(Interval::length)
        .containsExactly(Duration.ofHours(23));
    assertThat(snapshots("--night", "2013-11-03"))
        .extracting(Interval::length)
        .containsExactly(Duration.ofHours(25));
  }

  @Test
  void severalNightsComeInOrderAndOnce() {
    assertThat(named("--night", "2013-12-31", "--night=2013-12-29", "--night", "2013-12-31"))
        .containsExactly(
            "2013-12-29T05:00:00Z/2013-12-30T05:00:00Z",
            "2013-12-31T05:00:00Z/2014-01-01T05:00:00Z");
  }

  @Test
  void anIntervalIsTakenWhole() {
    assertThat(named("--from", "2013-01-01", "--to", "2013-01-02T00:00:00Z"))
        .containsExactly("2013-01-01T05:00:00Z/2013-01-02T00:00:00Z");
    assertThat(snapshots("--from", "2013-11-02", "--to", "2013-11-05"))
        .containsExactly(Interval.parse("2013-11-02/2013-11-05", NEW_YORK));
  }

  @Test
  void snapshotsOfPartsOfDaysMustBeAskedFor() {
    String[] cut = {"--from", "2013-11-03T06:00:00-05:00", "--to", "2013-11-04T06:00:00-05:00"};
    refused(
        "Cannot materialize 2013-11-03T11:00:00Z/2013-11-04T11:00:00Z: it begins or ends inside a day of"
            + " America/New_York, and snapshots are of whole days. Use the nearest, --night 2013-11-03;"
            + " or add --part-days, and each part of a day has a snapshot at its end.",
        cut);
    assertThat(snapshots(cut[0], cut[1], cut[2], cut[3], "--part-days"))
        .extracting(Interval::toString)
        .containsExactly(
            "2013-11-03T11:00:00Z/2013-11-04T05:00:00Z",
            "2013-11-04T05:00:00Z/2013-11-04T11:00:00Z");
    assertThat(snapshots("--from", "2013-11-02", "--to", "2013-11-05", "--part-days")).hasSize(1);
  }

  @Test
  void oneWayOfNamingDataIsEnough() {
    refused(
        "Cannot use --night beside --from and --to: both select the data. Use one of them.",
        "--night",
        "2013-12-30",
        "--from",
        "2013-12-30");
    refused(
        "Cannot use --from alone: an interval has both ends. Add --to.", "--from", "2013-01-01");
    refused("Cannot use --to alone: an interval has both ends. Add --from.", "--to", "2013-01-01");
  }

  @Test
  void dataMustBeNamed() {
    refused(
        "Cannot materialize: no interval is given. Use --night, as in --night 2013-12-30, or --from and --to.");
    assertThat(CommandLine.populateCommand(new SnapshotOptions()).intervals("run", NEW_YORK))
        .isEmpty();
  }

  @Test
  void whatIsNoDayIsNoNight() {
    refused(
        "Cannot read night \"2013-12-30T06:00:00Z\": it is not a day. Write it as in 2013-12-30.",
        "--night",
        "2013-12-30T06:00:00Z");
    refused(
        "Cannot read night \"2013-02-29\": it is not a day. Write it as in 2013-12-30.",
        "--night",
        "2013-02-29");
  }
}
