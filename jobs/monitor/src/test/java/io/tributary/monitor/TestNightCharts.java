package io.tributary.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Interval;
import io.tributary.drift.Standing;
import io.tributary.monitor.StoredVerdicts.OfInterval;
import io.tributary.monitor.StoredVerdicts.OfWindow;
import io.tributary.report.Block;
import io.tributary.report.Chart;
import io.tributary.report.Charts;
import io.tributary.report.Fold;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the lines over the nights have, and say of tonight: three nights of one version. */
class TestNightCharts {
  private static final ZoneId ZONE = ZoneId.of("UTC");

  private final List<OfInterval> nights = new ArrayList<>();
  private final List<OfWindow> windows = new ArrayList<>();

  private static Interval night(int number) {
    return Interval.day(LocalDate.parse("2024-01-25").plusDays(number), ZONE);
  }

  private void night(int night, Question question, String item, double value, double limit) {
    nights.add(
        new OfInterval(
            night(night),
            "late@2",
            "champion",
            new MonitorVerdict(
                question,
                item,
                question == Question.ACTUALS ? item : "deviation",
                value,
                limit,
                value > limit,
                "")));
  }

  private void window(
      int night, String model, String item, double value, Optional<Standing> standing) {
    windows.add(
        new OfWindow(
            Interval.of(night(night - 27).from(), night(night).to()),
            28,
            model,
            "champion",
            false,
            new WindowVerdict(
                Question.ACTUALS,
                item,
                Actuals.BESIDE,
                value,
                value - 1,
                value + 1,
                -0.05,
                standing,
                0,
                Double.NaN,
                Optional.empty(),
                Double.NaN,
                false,
                "")));
  }

  private List<Block> blocks() {
    NightReport report = NightReport.of("late", night(2), nights, windows);
    return new NightCharts(ZONE, report, nights, windows).blocks(List.of(), weekday -> 0);
  }

  private Chart chart(String title) {
    return ((Charts) blocks().get(0))
        .charts().stream().filter(c -> c.title().equals(title)).findFirst().orElseThrow();
  }

  @Test
  void countsTheNightsBeyondTheLimit() {
    night(0, Question.INPUTS, "rain", 1, 2);
    night(1, Question.INPUTS, "rain", 3, 2);
    night(1, Question.INPUTS, "wind", 2.5, 2);
    night(2, Question.INPUTS, "interval", Double.NaN, Double.NaN);

    Chart chart = chart("Farthest input: deviation of each night");
    assertThat(chart.description()).isEqualTo("1 of 2 nights is beyond the limit.");
    assertThat(chart.series().get(0).values()).containsExactly(1, 3, Double.NaN);
  }

  @Test
  void saysOfTonightWhatIsKnownOfTonightAlone() {
    night(0, Question.ACTUALS, "auc", 0.7, Double.NaN);
    night(2, Question.ACTUALS, "auc", 0.7, Double.NaN);
    window(0, "late@2", "auc", 0.01, Optional.of(Standing.WITHIN));
    assertThat(chart("auc over the window, beside-promise").description())
        .isEqualTo("Not judged on this night.");
    window(2, "late@2", "auc", Double.NaN, Optional.empty());
    assertThat(chart("auc over the window, beside-promise").description())
        .isEqualTo("Now: cannot be judged.");
    windows.remove(1);
    window(2, "late@2", "auc", -0.04, Optional.of(Standing.BEYOND));
    Chart chart = chart("auc over the window, beside-promise");
    assertThat(chart.description()).isEqualTo("Now: beyond.");
    assertThat(chart.series().get(0).values()).containsExactly(0.01, -0.04);
  }

  /** A promotion begins the windows anew. */
  @Test
  void anotherVersionsWindowsAreOnNoLine() {
    night(0, Question.ACTUALS, "auc", 0.7, Double.NaN);
    night(2, Question.ACTUALS, "auc", 0.7, Double.NaN);
    window(0, "late@1", "auc", 0.01, Optional.of(Standing.WITHIN));
    window(2, "late@2", "auc", 0.02, Optional.of(Standing.WITHIN));

    assertThat(chart("auc over the window, beside-promise").series().get(0).values())
        .containsExactly(Double.NaN, 0.02);
  }

  @Test
  void theSlicesAreFoldedButForTheOneThatIsWorst() {
    night(2, Question.ACTUALS, "auc", 0.7, Double.NaN);
    window(2, "late@2", "auc", 0, Optional.of(Standing.WITHIN));
    window(2, "late@2", "auc of carrier AA", 0, Optional.of(Standing.WITHIN));
    window(2, "late@2", "auc of carrier UA", -0.2, Optional.of(Standing.BEYOND));
    window(2, "late@2", "auc of carrier DL", 0, Optional.of(Standing.CANNOT_TELL));

    assertThat(((Charts) blocks().get(0)).charts())
        .extracting(Chart::title)
        .containsExactly(
            "Actuals: auc",
            "auc over the window, beside-promise",
            "auc of carrier UA over the window, beside-promise");
    assertThat(((Fold) blocks().get(1)).summary()).isEqualTo("2 other slices");
  }
}
