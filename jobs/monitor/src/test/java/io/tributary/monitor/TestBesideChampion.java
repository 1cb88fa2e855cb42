package io.tributary.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tributary.drift.Outcomes;
import io.tributary.drift.ScoreBins;
import io.tributary.drift.Standing;
import io.tributary.monitor.KeptActuals.Day;
import io.tributary.monitor.KeptWindows.Windows;
import io.tributary.monitor.Matured.Scorer;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TestBesideChampion {
  private static final LocalDate FIRST = LocalDate.of(2013, 10, 1);

  private final List<Day> days = new ArrayList<>();

  private static Day day(int d, int version, String role, long rows, double auc, double loss) {
    return new Day(
        FIRST.plusDays(d),
        new Scorer("late", version, "a" + version),
        role,
        new Outcomes(rows, 100, 0.2, Optional.of(auc), Optional.of(0.7), loss, 0, 0, 0.1, 0.1, 0.1),
        new ScoreBins(List.of(), List.of()),
        Map.of());
  }

  /** A day on which version 2 is better than the champion by some area, and loses less by more. */
  private void add(int d, double area, double loss) {
    // Another level each day, which is no difference between the two.
    double level = 0.6 + 0.02 * (d % 7);
    days.add(day(d, 1, "champion", 500, level, 0.4 + level));
    days.add(day(d, 2, "challenger", 500, level + area, 0.4 + level - loss));
  }

  private List<WindowVerdict> ofTheLast(int version) {
    return new Windows<>(days, 28, (window, all) -> BesideChampion.of(window, all, 0.01))
        .from(days.get(days.size() - 1).date()).stream()
            .filter(window -> window.last().scorer().number() == version)
            .findFirst()
            .orElseThrow()
            .verdicts();
  }

  @Test
  void theMeanOfTheDaysDifferencesAndHowSureItIs() {
    double[] areas = {.02, .03, .01, .02, .04, .02, .01, .03, .02, .02};
    double sum = 0;
    for (int d = 0; d < areas.length; d++) {
      add(d, areas[d], 2 * areas[d]);
      sum += areas[d];
    }
    WindowVerdict area = ofTheLast(2).get(0);
    WindowVerdict loss = ofTheLast(2).get(1);
    assertThat(area.item()).isEqualTo("auc");
    assertThat(area.value()).isEqualTo(sum / areas.length, within(1e-12));
    assertThat(area.lower()).isBetween(0.0, area.value() - 0.001);
    assertThat(area.upper() - area.value()).isEqualTo(area.value() - area.lower(), within(1e-12));
    assertThat(area.limit()).isEqualTo(-0.01);
    assertThat(area.standing()).hasValue(Standing.WITHIN);
    assertThat(area.detail())
        .startsWith("+0.0220 beside late@1 on the same rows, +0.0")
        .endsWith(", by 10 days: surely not worse by 0.01");
    assertThat(loss.item()).isEqualTo("log-loss");
    assertThat(loss.value()).isEqualTo(-2 * sum / areas.length, within(1e-12));
    assertThat(loss.lower()).isLessThan(loss.value());
    assertThat(loss.upper()).isGreaterThan(loss.value());
    assertThat(loss.limit()).isEqualTo(0.01);
    assertThat(loss.standing()).hasValue(Standing.WITHIN);
    assertThat(ofTheLast(1)).as("of the champion").isEmpty();
  }

  @Test
  void surelyWorseIsBeyondAndADayThatDiffersMuchTellsNothing() {
    for (int d = 0; d < 10; d++) {
      add(d, -0.02 - 0.001 * (d % 2), d % 3 == 0 ? -0.3 : 0.2);
    }
    assertThat(ofTheLast(2))
        .extracting(v -> v.standing().orElseThrow())
        .containsExactly(Standing.BEYOND, Standing.CANNOT_TELL);
    assertThat(ofTheLast(2).get(0).detail()).endsWith("surely worse");
    assertThat(ofTheLast(2).get(1).detail()).endsWith("may be worse by 0.01");
    assertThat(ofTheLast(2)).noneMatch(WindowVerdict::breaching);
  }

  /** On the first day the challenger scored other rows, and was far better. */
  @Test
  void onlyDaysOfTheSameRowsCount() {
    days.add(day(0, 1, "champion", 500, 0.6, 0.5));
    days.add(day(0, 2, "challenger", 300, 0.9, 0.1));
    for (int d = 1; d < 8; d++) {
      add(d, 0.01, 0.01);
    }
    WindowVerdict tooFew = ofTheLast(2).get(0);
    assertThat(tooFew.standing()).isEmpty();
    assertThat(tooFew.detail())
        .isEqualTo(
            "beside late@1: labels of both kinds matured for the same rows on 7 days, and 8 are needed");
    add(8, 0.01, 0.01);
    assertThat(ofTheLast(2).get(0).value()).isEqualTo(0.01, within(1e-12));
  }

  @Test
  void theChampionIsTheOneOfTheLastDay() {
    for (int d = 0; d < 9; d++) {
      add(d, 0.01, 0.01);
      days.add(day(d, 3, d < 8 ? "shadow" : "champion", 501 - (d < 8 ? 1 : 0), 0.5, 0.5));
    }
    // From the last day on version 1 is champion of a few rows alone.
    days.replaceAll(
        day ->
            day.scorer().number() == 1 && day.date().equals(FIRST.plusDays(8))
                ? day(8, 1, "champion", 20, 0.6, 0.5)
                : day);
    assertThat(ofTheLast(2).get(0).detail()).startsWith("+").contains(" beside late@3 on");
  }
}
