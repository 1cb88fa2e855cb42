package io.tributary.console.airflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TestNights {
  private static final Nights NEW_YORK = new Nights(ZoneId.of("America/New_York"));

  private static DagRun run(String type, String start, String end, Map<String, Object> conf) {
    Optional<Instant> at = Optional.ofNullable(end).map(Instant::parse);
    return new DagRun(
        "r",
        "d",
        at,
        Optional.ofNullable(start).map(Instant::parse),
        at,
        Instant.EPOCH,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        type,
        "queued",
        conf);
  }

  private static List<LocalDate> all(String type, String end, Map<String, Object> conf) {
    return NEW_YORK.all(run(type, end, end, conf));
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
  void areThoseOfTheIntervalThatAnEventTells() {
    assertThat(NEW_YORK.ofEvent("2014-01-30T05:00:00Z/2014-02-01T05:00:00Z"))
        .containsExactly(LocalDate.parse("2014-01-30"), LocalDate.parse("2014-01-31"));
    assertThat(NEW_YORK.ofEvent("2014-01-31T00:00:00-05:00/2014-02-01T00:00:00-05:00"))
        .containsExactly(LocalDate.parse("2014-01-31"));
    for (String none :
        List.of(
            "",
            "2014-01-31",
            "2014-02-01T05:00:00Z/2014-01-31T05:00:00Z",
            "2014-02-01T05:00:00Z")) {
      assertThat(NEW_YORK.ofEvent(none)).as(none).isEmpty();
    }
  }

  @Test
  void passesOverADayThatAZoneSkipped() {
    Nights apia = new Nights(ZoneId.of("Pacific/Apia"));
    assertThat(apia.endedBy(Instant.parse("2011-12-30T16:00:00Z"))).isEqualTo("2011-12-29");
  }

  @Test
  void isWhatARunWasToldFirst() {
    String end = "2014-02-01T11:00:00Z";
    for (String type : List.of("manual", "scheduled", "backfill")) {
      assertThat(all(type, end, Map.of("night", "2013-05-06")))
          .containsExactly(LocalDate.of(2013, 5, 6));
      assertThat(all(type, end, Map.of("from", "2013-05-06", "to", "2013-05-08")))
          .containsExactly(LocalDate.of(2013, 5, 6), LocalDate.of(2013, 5, 7));
      assertThat(all(type, end, Map.of("night", "soon"))).isEmpty();
      assertThat(all(type, end, Map.of("from", "2013-05-06"))).isEmpty();
      assertThat(all(type, end, Map.of("from", "2013-05-06", "to", "2013-05-06"))).isEmpty();
    }
  }

  @Test
  void isThatOfTheIntervalOfARunByATimetableAlone() {
    String end = "2014-02-01T11:00:00Z";
    assertThat(all("scheduled", end, Map.of())).containsExactly(LocalDate.of(2014, 1, 31));
    assertThat(all("backfill", end, Map.of("why", "late")))
        .containsExactly(LocalDate.of(2014, 1, 31));
    assertThat(all("manual", end, Map.of())).as("started by hand, for no night").isEmpty();
    assertThat(all("asset_triggered", end, Map.of())).isEmpty();
    assertThat(all("scheduled", null, Map.of())).isEmpty();
  }

  @Test
  void areAllThatEndInAnInterval() {
    DagRun week = run("scheduled", "2014-01-25T05:00:00Z", "2014-02-01T05:00:00Z", Map.of());
    assertThat(NEW_YORK.all(week))
        .hasSize(7)
        .startsWith(LocalDate.of(2014, 1, 25))
        .endsWith(LocalDate.of(2014, 1, 31));
    assertThat(NEW_YORK.of(week)).contains(LocalDate.of(2014, 1, 31));
    assertThat(
            NEW_YORK.all(
                run("scheduled", "2014-01-25T11:00:00Z", "2014-01-25T12:00:00Z", Map.of())))
        .as("an hour in which no day ends")
        .isEmpty();
    assertThat(
            new Nights(ZoneId.of("Pacific/Apia"))
                .all(run("scheduled", "2011-12-29T10:00:00Z", "2012-01-01T10:00:00Z", Map.of())))
        .as("a day that the zone skipped")
        .containsExactly(
            LocalDate.of(2011, 12, 29), LocalDate.of(2011, 12, 31), LocalDate.of(2012, 1, 1));
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
