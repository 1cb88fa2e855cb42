package io.tributary.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;

class TestInterval {
  private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");

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
  void refusesIntervalsThatDoNotEndAfterTheyBegin() {
    assertThatThrownBy(() -> Interval.parse("2013-01-02/2013-01-02", NEW_YORK))
        .hasMessageContaining("it does not end after it begins. Swap or widen its bounds.");
    assertThatThrownBy(() -> Interval.parse("2013-01-02", NEW_YORK))
        .hasMessageContaining("write from/to");
    assertThatThrownBy(() -> Interval.instant("2013-01-02T05:00:00", NEW_YORK))
        .hasMessageContaining("Cannot read instant");
  }
}
