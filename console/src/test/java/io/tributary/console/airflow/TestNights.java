package io.tributary.console.airflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TestNights {
  private static final Nights NEW_YORK = new Nights(ZoneId.of("America/New_York"));

  private static DagRun run(String end, Map<String, Object> conf) {
    Optional<Instant> at = Optional.ofNullable(end).map(Instant::parse);
    return new DagRun(
        "r",
        "d",
        at,
        at,
        Instant.EPOCH,
        Optional.empty(),
        Optional.empty(),
        "manual",
        "queued",
        conf);
  }

  private static LocalDate endedBy(String instant) {
    return NEW_YORK.endedBy(Instant.parse(instant));
  }

  @Test
  void isTheLastDayThatHasEnded() {
    assertThat(endedBy("2014-02-01T11:00:00Z")).isEqualTo("2014-01-31");
    assertThat(endedBy("2014-02-01T05:00:00Z")).as("midnight itself").isEqualTo("2014-01-31");
    assertThat(endedBy("2014-02-01T04:59:59Z")).isEqualTo("2014-01-30");
    assertThat(endedBy("2014-03-09T10:00:00Z")).as("clocks go on").isEqualTo("2014-03-08");
    assertThat(endedBy("2014-03-10T04:00:00Z")).as("23 hours").isEqualTo("2014-03-09");
    assertThat(endedBy("2014-11-03T04:59:59Z")).as("25 hours").isEqualTo("2014-11-01");
  }

  @Test
  void passesOverADayThatAZoneSkipped() {
    Nights apia = new Nights(ZoneId.of("Pacific/Apia"));
    assertThat(apia.endedBy(Instant.parse("2011-12-30T16:00:00Z"))).isEqualTo("2011-12-29");
  }

  @Test
  void isWhatARunWasToldFirst() {
    assertThat(NEW_YORK.of(run("2014-02-01T11:00:00Z", Map.of())))
        .contains(LocalDate.of(2014, 1, 31));
    assertThat(NEW_YORK.of(run("2014-02-01T11:00:00Z", Map.of("night", "2013-05-06"))))
        .contains(LocalDate.of(2013, 5, 6));
    assertThat(NEW_YORK.of(run(null, Map.of()))).isEmpty();
    assertThat(NEW_YORK.of(run(null, Map.of("night", "soon")))).isEmpty();
  }

  @Test
  void isKnownBeforeTheRunIsByWhereItsIntervalEnds() {
    Duration day = Duration.ofDays(1);
    assertThat(NEW_YORK.of(Instant.parse("2014-02-01T11:00:00Z"), Duration.ZERO))
        .isEqualTo("2014-01-31");
    assertThat(NEW_YORK.of(Instant.parse("2014-01-31T11:00:00Z"), day)).isEqualTo("2014-01-31");
    // A day of 25 hours ends where the calendar says, also by a shift that was seen on another day.
    assertThat(NEW_YORK.of(Instant.parse("2014-11-02T04:00:00Z"), day)).isEqualTo("2014-11-02");
    assertThat(NEW_YORK.of(Instant.parse("2014-11-02T04:00:00Z"), day.minusHours(1)))
        .isEqualTo("2014-11-02");
    assertThat(NEW_YORK.of(Instant.parse("2014-02-01T05:00:00Z"), Duration.ofHours(6)))
        .isEqualTo("2014-01-31");
  }

  @Test
  void refusesWhatIsNoDay() {
    assertThatThrownBy(() -> Nights.parse("2014-02-30"))
        .hasMessage("Cannot read night \"2014-02-30\": it is no day. Write it as in 2014-01-31.");
  }
}
