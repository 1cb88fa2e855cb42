package io.tributary.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Interval;
import io.tributary.core.PlatformException;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which of the judged intervals is shown. */
class TestMonitorShow {
  private static final ZoneId ZONE = ZoneId.of("America/New_York");
  private static final Interval LAST = day(31);
  private static final Interval MONTH = Interval.of(day(1).from(), LAST.to());
  private static final List<Interval> JUDGED = List.of(LAST, MONTH, day(30), day(28));

  private static Interval day(int day) {
    return Interval.day(LocalDate.of(2013, 12, day), ZONE);
  }

  private static Interval shown(Interval... asked) {
    return MonitorShowMain.interval("late", JUDGED, List.of(asked), ZONE);
  }

  @Test
  void theNewestNightUnlessOneIsNamed() {
    assertThat(shown()).isEqualTo(LAST);
    assertThat(shown(day(28))).isEqualTo(day(28));
  }

  @Test
  void aLongIntervalItselfWhereItWasJudgedElseItsLastNight() {
    assertThat(shown(MONTH)).isEqualTo(MONTH);
    assertThat(shown(Interval.of(day(20).from(), day(30).to()))).isEqualTo(day(30));
  }

  @Test
  void aNightThatWasNotJudgedIsRefused() {
    assertThatThrownBy(() -> shown(day(29)))
        .isInstanceOf(PlatformException.class)
        .hasMessage(
            "Cannot show monitor late over 2013-12-29: it was not judged; the newest that was is"
                + " 2013-12-31. Judge it by tributary monitor late --night 2013-12-29.");
    assertThatThrownBy(() -> shown(day(28), day(30)))
        .hasMessage("Cannot show several nights at once. Name one, or --from and --to.");
    assertThatThrownBy(() -> MonitorShowMain.interval("late", List.of(), List.of(), ZONE))
        .hasMessage(
            "Cannot show monitor late: the lake has no verdicts of it. Judge a night by tributary"
                + " monitor late --night DAY.");
  }
}
