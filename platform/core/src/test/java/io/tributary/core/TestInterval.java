package io.tributary.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TestInterval {
  private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");

  /**
   * From a change of clocks: where the days around it, an hour or a day longer, may be mistaken.
   */
  private static final List<Duration> AWAY =
      Stream.of(0, 1, 29, 59, 60, 61, 179, 24 * 60)
          .map(Duration::ofMinutes)
          .flatMap(d -> Stream.of(d, d.negated()))
          .flatMap(d -> Stream.of(d, d.plusNanos(1_000), d.minusNanos(1_000)))
          .toList();

  @Test
  void readsBareDatesAsStartsOfDaysInTheZone() {
    Interval interval = Interval.parse("2013-03-10/2013-03-11", NEW_YORK);
    assertThat(interval.from()).isEqualTo("2013-03-10T05:00:00Z");
    assertThat(interval.to()).isEqualTo("2013-03-11T04:00:00Z");
    assertThat(interval.length()).isEqualTo(Duration.ofHours(23));
  }

  @Test
  void printsSoThatItParsesBack() {
    Interval interval = Interval.parse("2013-01-01/2013-02-01", NEW_YORK);
    assertThat(Interval.parse(interval.toString())).isEqualTo(interval);
    assertThat(Json.read(Json.write(interval), Interval.class)).isEqualTo(interval);
  }

  @Test
  void isClosedBelowAndOpenAbove() {
    Interval interval = Interval.parse("2013-01-01/2013-01-02", ZoneId.of("UTC"));
    assertThat(interval.contains(interval.from())).isTrue();
    assertThat(interval.contains(interval.to())).isFalse();
    assertThat(interval.contains(interval.snapshotInstant())).isTrue();
    assertThat(interval.snapshotInstant()).isEqualTo(Instant.parse("2013-01-01T23:59:59.999999Z"));
  }

  @Test
  void overlapsWhereAnInstantIsInBoth() {
    Interval day = Interval.parse("2013-01-02/2013-01-03", NEW_YORK);
    assertThat(day.overlaps(Interval.parse("2013-01-01/2013-01-02", NEW_YORK))).isFalse();
    assertThat(day.overlaps(Interval.parse("2013-01-03/2013-01-04", NEW_YORK))).isFalse();
    assertThat(day.overlaps(Interval.of(day.snapshotInstant(), day.to().plusSeconds(1)))).isTrue();
    assertThat(Interval.parse("2013-01-01/2013-02-01", NEW_YORK).overlaps(day)).isTrue();
  }

  @Test
  void splitsIntoLocalDaysOverDaylightSavingNights() {
    List<Interval> days = Interval.parse("2013-11-02/2013-11-05", NEW_YORK).days(NEW_YORK);
    assertThat(days)
        .extracting(Interval::length)
        .containsExactly(Duration.ofHours(24), Duration.ofHours(25), Duration.ofHours(24));
    assertThat(days.get(0).to()).isEqualTo(days.get(1).from());
  }

  @Test
  void aNightIsACalendarDayAlsoWhereClocksChange() {
    Interval spring = Interval.day(LocalDate.of(2013, 3, 10), NEW_YORK);
    assertThat(spring).hasToString("2013-03-10T05:00:00Z/2013-03-11T04:00:00Z");
    assertThat(spring.length()).isEqualTo(Duration.ofHours(23));
    assertThat(Interval.day(LocalDate.of(2013, 11, 3), NEW_YORK).length())
        .isEqualTo(Duration.ofHours(25));
    assertThat(spring.days(NEW_YORK)).containsExactly(spring);
    assertThat(spring.option(NEW_YORK)).isEqualTo("--night 2013-03-10");
  }

  @Test
  void aDayThatAZoneLeftOutIsNoNight() {
    ZoneId apia = ZoneId.of("Pacific/Apia");
    assertThat(Interval.day(LocalDate.of(2011, 12, 29), apia).to())
        .isEqualTo(Interval.day(LocalDate.of(2011, 12, 31), apia).from());
    assertThat(Interval.parse("2011-12-29/2012-01-01", apia).days(apia)).hasSize(2);
    assertThatThrownBy(() -> Interval.day(LocalDate.of(2011, 12, 30), apia))
        .hasMessage("Cannot use day 2011-12-30: Pacific/Apia skipped it. Name another one.");
  }

  @Test
  void whereClocksGoBackOverMidnightTheDayThatHasBegunGoesOn() {
    ZoneId zone = ZoneId.of("America/St_Johns");
    Interval late = Interval.parse("2010-11-07T02:40:00Z/2010-11-07T06:00:00Z", zone);
    assertThat(late.parts(zone)).containsExactly(late);
    assertThat(late.isInOneDay(zone)).isTrue();
    assertThat(Interval.dayOf(late.from(), zone)).isEqualTo(LocalDate.of(2010, 11, 7));
  }

  @Test
  void eachInstantIsInOneDayOfEachZone() {
    Instant until = Instant.parse("2030-01-01T00:00:00Z");
    for (String id : ZoneId.getAvailableZoneIds()) {
      ZoneId zone = ZoneId.of(id);
      Instant change = Instant.parse("2000-01-01T00:00:00Z");
      while (true) {
        ZoneOffsetTransition next = zone.getRules().nextTransition(change);
        if (next == null || next.getInstant().isAfter(until)) {
          break;
        }
        change = next.getInstant();
        for (Duration away : AWAY) {
          Instant at = change.plus(away);
          Interval day = Interval.day(Interval.dayOf(at, zone), zone);
          assertThat(day.contains(at)).as("%s at %s in %s", id, at, day).isTrue();
          assertThat(Interval.of(at, day.to()).isInOneDay(zone)).as("%s at %s", id, at).isTrue();
          assertThat(Interval.of(day.from(), day.to().plusSeconds(60)).parts(zone))
              .as("%s at %s", id, at)
              .containsExactly(day, Interval.of(day.to(), day.to().plusSeconds(60)));
        }
      }
    }
  }

  @Test
  void isNotCutAtMidnightsUnlessItsPartsAreAskedFor() {
    Interval morning = Interval.parse("2013-11-03T06:00:00-05:00/2013-11-04T06:00:00-05:00");
    assertThat(morning.isWholeDays(NEW_YORK)).isFalse();
    assertThatThrownBy(() -> morning.days(NEW_YORK))
        .hasMessage(
            "Cannot divide 2013-11-03T11:00:00Z/2013-11-04T11:00:00Z into days: it begins or ends inside a day"
                + " of America/New_York. Take whole days, as in --night 2013-11-03.");
    assertThat(morning.parts(NEW_YORK))
        .extracting(Interval::toString)
        .containsExactly(
            "2013-11-03T11:00:00Z/2013-11-04T05:00:00Z",
            "2013-11-04T05:00:00Z/2013-11-04T11:00:00Z");
    assertThat(morning.option(NEW_YORK))
        .isEqualTo("--from 2013-11-03T11:00:00Z --to 2013-11-04T11:00:00Z");
    assertThat(Interval.parse("2013-11-03/2013-11-05", NEW_YORK).isWholeDays(ZoneId.of("UTC")))
        .isFalse();
  }

  @Test
  void theNearestDaysAreAtLeastOne() {
    assertThat(nearest("2013-11-03T06:00:00-05:00/2013-11-04T06:00:00-05:00"))
        .isEqualTo("--night 2013-11-03");
    assertThat(nearest("2013-11-03T18:00:00-05:00/2013-11-06T18:00:00-05:00"))
        .isEqualTo("--from 2013-11-04 --to 2013-11-07");
    assertThat(nearest("2013-11-03T06:00:00-05:00/2013-11-03T07:00:00-05:00"))
        .isEqualTo("--night 2013-11-03");
    assertThat(nearest("2013-11-03/2013-11-05")).isEqualTo("--from 2013-11-03 --to 2013-11-05");
  }

  private static String nearest(String interval) {
    return Interval.parse(interval, NEW_YORK).nearestDays(NEW_YORK).option(NEW_YORK);
  }

  @Test
  void oneInstantIsAnInterval() {
    Instant midnight = Instant.parse("2013-11-04T05:00:00Z");
    assertThat(Interval.at(midnight).snapshotInstant()).isEqualTo(midnight);
    assertThat(Interval.at(midnight).parts(NEW_YORK)).containsExactly(Interval.at(midnight));
    assertThat(Interval.at(midnight).option(NEW_YORK)).isEqualTo("--at 2013-11-04T05:00:00Z");
    assertThatThrownBy(() -> Interval.at(midnight.plusNanos(1)))
        .hasMessageContaining("a bound is finer than a microsecond. Round it.");
  }

  @Test
  void refusesIntervalsThatDoNotEndAfterTheyBegin() {
    assertThatThrownBy(() -> Interval.parse("2013-01-02/2013-01-02", NEW_YORK))
        .hasMessageContaining("it does not end after it begins. Swap or widen its bounds.");
    assertThatThrownBy(() -> Interval.parse("2013-01-02", NEW_YORK))
        .hasMessageContaining("write from/to");
    assertThatThrownBy(() -> Interval.instant("2013-01-02T05:00:00", NEW_YORK))
        .hasMessageContaining("Cannot read instant");
  }
}
