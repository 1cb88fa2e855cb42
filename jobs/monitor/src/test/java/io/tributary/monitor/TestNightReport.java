package io.tributary.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Interval;
import io.tributary.drift.Standing;
import io.tributary.monitor.NightReport.Answer;
import io.tributary.monitor.NightReport.Episode;
import io.tributary.monitor.NightReport.Input;
import io.tributary.monitor.NightReport.Outcome;
import io.tributary.monitor.StoredVerdicts.OfInterval;
import io.tributary.monitor.StoredVerdicts.OfWindow;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is made of stored verdicts: a few nights of three inputs, some of them broken. */
class TestNightReport {
  /** Its clocks went forward in the night of March 31, 2013. */
  private static final ZoneId ZONE = ZoneId.of("Europe/Berlin");

  private static final Interval TONIGHT = night(3);

  private final List<OfInterval> history = new ArrayList<>();
  private final List<OfWindow> windows = new ArrayList<>();

  private static Interval night(int number) {
    return Interval.day(LocalDate.parse("2013-03-29").plusDays(number), ZONE);
  }

  private TestNightReport add(
      int night, Question question, String item, String measure, double value, double limit) {
    boolean breached = question == Question.POPULATION ? value < limit : value > limit;
    String detail =
        Double.isNaN(value) ? "cannot judge: 12 rows, fewer than 50" : "what of " + item;
    history.add(
        new OfInterval(
            night(night),
            "late@2",
            "champion",
            new MonitorVerdict(question, item, measure, value, limit, breached, detail)));
    return this;
  }

  private TestNightReport input(int night, String name, double deviation) {
    return add(night, Question.INPUTS, name, "deviation", deviation, 2);
  }

  private TestNightReport moved(String name, Standing standing, boolean breached) {
    windows.add(
        new OfWindow(
            Interval.of(night(-24).from(), TONIGHT.to()),
            28,
            "late@2",
            "champion",
            breached,
            new WindowVerdict(
                Question.INPUTS,
                name,
                "psi",
                0.4,
                0.3,
                0.5,
                0.2,
                Optional.of(standing),
                0.3,
                0.1,
                Optional.of("2013-01-01"),
                0.02,
                breached,
                "index")));
    return this;
  }

  private TestNightReport matured(String role, String item, Standing standing) {
    windows.add(
        new OfWindow(
            Interval.of(night(-24).from(), TONIGHT.to()),
            28,
            "late@2",
            role,
            false,
            new WindowVerdict(
                Question.ACTUALS,
                item,
                Actuals.BESIDE,
                -0.06,
                -0.09,
                -0.03,
                item.startsWith("auc") ? -0.05 : Double.NaN,
                Optional.of(standing),
                -0.05,
                Double.NaN,
                Optional.empty(),
                Double.NaN,
                standing == Standing.BEYOND,
                "-0.06 beside its promise")));
    return this;
  }

  /** Also on a day that is not the first of its episode; what has no limit breaches nothing. */
  @Test
  void answersByTheChampionsWindowWhatItsDaysAreTooFewFor() {
    add(3, Question.ACTUALS, "auc", "auc", 0.7, Double.NaN);
    assertThat(ofActuals().outcome()).isEqualTo(Outcome.CANNOT_JUDGE);
    assertThat(ofActuals().text()).isEqualTo("one interval says too little: what of auc");
    matured("challenger", "auc", Standing.BEYOND)
        .matured("champion", "auc", Standing.CANNOT_TELL)
        .matured("champion", "brier", Standing.BEYOND);
    assertThat(ofActuals().outcome()).isEqualTo(Outcome.CANNOT_JUDGE);
    assertThat(ofActuals().text()).isEqualTo("cannot tell: auc -0.06 beside its promise");
    windows.clear();
    matured("champion", "auc", Standing.WITHIN).matured("champion", "brier", Standing.BEYOND);
    assertThat(ofActuals().outcome()).isEqualTo(Outcome.FINE);
    matured("champion", "auc of carrier UA", Standing.BEYOND);
    assertThat(ofActuals().outcome()).isEqualTo(Outcome.BREACHED);
    assertThat(ofActuals().text())
        .isEqualTo("auc of carrier UA beyond: auc -0.06 beside its promise");
  }

  @Test
  void aChallengerEndsNoEpisodeAndNamesNoReport() {
    history.add(
        new OfInterval(
            TONIGHT,
            "late@3",
            "challenger",
            new MonitorVerdict(Question.ACTUALS, "auc", "auc", 0.9, Double.NaN, false, "")));
    add(3, Question.ACTUALS, "auc", "auc", 0.7, Double.NaN);
    for (int night = 0; night <= 3; night++) {
      matured(
          night == 2 ? "challenger" : "champion",
          "auc",
          night == 2 || night == 0 ? Standing.WITHIN : Standing.BEYOND);
      OfWindow last = windows.remove(windows.size() - 1);
      windows.add(
          new OfWindow(
              Interval.of(night(night - 27).from(), night(night).to()),
              28,
              last.model(),
              last.role(),
              last.breached(),
              last.verdict()));
    }
    assertThat(report().models()).containsExactly("late@2");
    assertThat(ofActuals().episode())
        .contains(new Episode(Interval.at(night(1).snapshotInstant()), 2, true));
  }

  /** Its rows are too few to tell whether something broke tonight. */
  @Test
  void aNightThatCanNotBeJudgedHidesNoWindow() {
    input(3, "interval", Double.NaN).moved("rain", Standing.BEYOND_ALONE, false);
    assertThat(answer(Question.INPUTS).outcome()).isEqualTo(Outcome.MOVED);
    assertThat(answer(Question.INPUTS).text())
        .isEqualTo("12 rows, fewer than 50; over the last 28 days rain is unlike training");
  }

  @Test
  void aWindowWithoutSomeOfItsDaysSaysSo() {
    input(3, "rain", 0.5).moved("rain", Standing.BEYOND_ALONE, false);
    OfWindow last = windows.remove(0);
    windows.add(
        new OfWindow(
            last.window(), 12, last.model(), last.role(), last.breached(), last.verdict()));
    assertThat(answer(Question.INPUTS).text())
        .endsWith("; over 12 of the last 28 days rain is unlike training");
  }

  /** A window is of days; an afternoon ends when its day does. */
  @Test
  void partOfADayHasNoWindow() {
    moved("rain", Standing.BEYOND_ALONE, true);
    Interval afternoon = Interval.of(TONIGHT.from().plusSeconds(43_200), TONIGHT.to());
    history.add(
        new OfInterval(
            afternoon,
            "late@2",
            "champion",
            new MonitorVerdict(
                Question.INPUTS, "interval", "deviation", Double.NaN, Double.NaN, false, "no")));
    NightReport report = NightReport.of("late", afternoon, history, windows);
    assertThat(report.windows()).isEmpty();
    assertThat(report.outcome()).isEqualTo(Outcome.CANNOT_JUDGE);
  }

  private NightReport.Answer ofActuals() {
    return report().answers().stream()
        .filter(answer -> answer.question() == Question.ACTUALS)
        .findFirst()
        .orElseThrow();
  }

  private NightReport report() {
    return NightReport.of("late", TONIGHT, history, windows);
  }

  private Answer answer(Question question) {
    return report().answers().stream()
        .filter(a -> a.question() == question)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void saysWhatIsNearestToItsLimitWhereNothingBroke() {
    input(3, "interval", 0.5).input(3, "wind", 1.25).input(3, "rain", 0.75);

    assertThat(answer(Question.INPUTS))
        .isEqualTo(
            new Answer(
                Question.INPUTS,
                Outcome.FINE,
                "as in training's intervals: wind deviates most, 1.25, limit 2.00",
                Optional.empty()));
    assertThat(answer(Question.BOUNDS).outcome()).isEqualTo(Outcome.NOT_ASKED);
    assertThat(report().models()).containsExactly("late@2");
  }

  @Test
  void saysWhatBrokeInTheOrderInWhichItWasJudged() {
    input(3, "rain", 3).input(3, "wind", 9).input(3, "gust", 4).input(3, "fog", 0.5);

    assertThat(answer(Question.INPUTS).text())
        .isEqualTo(
            "rain is unlike training's intervals (what of rain): deviation 3.000, limit 2.000;"
                + " wind is unlike training's intervals (what of wind): deviation 9.000, limit 2.000; 1 more");
    assertThat(report().inputs())
        .extracting(Input::name)
        .containsExactly("rain", "wind", "gust", "fog");
    assertThat(report().outcome()).isEqualTo(Outcome.BREACHED);
  }

  @Test
  void countsBackToTheFirstNightOfAnEpisode() {
    input(0, "rain", 0.5).input(1, "rain", 3).input(2, "rain", 3).input(3, "rain", 3);

    assertThat(answer(Question.INPUTS).episode()).contains(new Episode(night(1), 3, true));
    assertThat(report().inputs().get(0).episode()).contains(new Episode(night(1), 3, true));
  }

  @Test
  void anEpisodeOfAQuestionLastsWhileAnyOfItsItemsBreach() {
    input(1, "rain", 3).input(1, "wind", 0.5);
    input(2, "rain", 0.5).input(2, "wind", 3);
    input(3, "rain", 3).input(3, "wind", 0.5);

    assertThat(answer(Question.INPUTS).episode()).contains(new Episode(night(1), 3, false));
    assertThat(report().inputs().get(0).episode()).contains(new Episode(night(3), 1, true));
  }

  @Test
  void whatCanNotBeJudgedEndsNoEpisodeAndIsSaidWithItsReason() {
    input(0, "rain", 0.5).input(1, "rain", 3).input(2, "rain", Double.NaN).input(3, "rain", 3);
    add(3, Question.POPULATION, "rows", "rows", Double.NaN, Double.NaN);

    assertThat(answer(Question.INPUTS).episode()).contains(new Episode(night(1), 2, true));
    assertThat(answer(Question.POPULATION).outcome()).isEqualTo(Outcome.CANNOT_JUDGE);
    assertThat(answer(Question.POPULATION).text()).isEqualTo("12 rows, fewer than 50");
  }

  @Test
  void aWindowUnlikeTrainingIsToldApartFromABreach() {
    input(3, "rain", 0.5).input(3, "wind", 1).moved("rain", Standing.BEYOND_ALONE, false);
    moved("wind", Standing.BEYOND_AS_TRAINING, false);

    assertThat(answer(Question.INPUTS).outcome()).isEqualTo(Outcome.MOVED);
    assertThat(answer(Question.INPUTS).text())
        .endsWith("; over the last 28 days rain is unlike training");
    assertThat(report().inputs()).extracting(Input::name).containsExactly("rain", "wind");

    windows.clear();
    moved("rain", Standing.BEYOND_ALONE, true);
    assertThat(answer(Question.INPUTS).outcome()).isEqualTo(Outcome.BREACHED);
    assertThat(answer(Question.INPUTS).episode())
        .contains(new Episode(Interval.at(TONIGHT.snapshotInstant()), 1, false));
  }

  @Test
  void countsBackToTheFirstWindowOfAnEpisode() {
    input(3, "rain", 0.5);
    for (int night = 0; night <= 3; night++) {
      moved("rain", night == 0 ? Standing.WITHIN : Standing.BEYOND_ALONE, night == 1);
      OfWindow last = windows.remove(windows.size() - 1);
      windows.add(
          new OfWindow(
              Interval.of(night(night - 27).from(), night(night).to()),
              28,
              last.model(),
              last.role(),
              last.breached(),
              last.verdict()));
    }

    assertThat(answer(Question.INPUTS).outcome()).isEqualTo(Outcome.MOVED);
    assertThat(answer(Question.INPUTS).episode())
        .contains(new Episode(Interval.at(night(1).snapshotInstant()), 3, true));
  }

  @Test
  void aLongIntervalIsNoNightOfAnEpisode() {
    input(1, "rain", 0.5).input(2, "rain", 3);
    history.add(
        new OfInterval(
            Interval.of(night(0).from(), night(2).to()),
            "late@2",
            "champion",
            new MonitorVerdict(Question.INPUTS, "rain", "deviation", 0.1, 2, false, "")));
    input(3, "rain", 3);

    assertThat(answer(Question.INPUTS).episode()).contains(new Episode(night(2), 2, true));
  }
}
