package io.tributary.monitor;

import static io.tributary.monitor.Words.text;

import io.tributary.core.Lazy;
import io.tributary.definition.Monitor;
import io.tributary.drift.DriftProfile;
import io.tributary.drift.Standing;
import io.tributary.drift.Tonight;
import io.tributary.drift.Trailing;
import io.tributary.model.ModelBundle;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Judges an interval by a monitor's limits and by the intervals of the model's training. */
final class Questions {
  /** The item of a verdict on all inputs together. */
  static final String WHOLE = "interval";

  /** The measure of how far something is from what training leads one to expect. */
  static final String DEVIATION = "deviation";

  /** What follows in the detail of a verdict holds values of rows. */
  static final String NEW_SINCE_TRAINING = "; new since training: ";

  /** The item of a verdict on scores. */
  private static final String SCORE = "score";

  private static final String MEAN_ABOVE = "mean-above";
  private static final String MEAN_BELOW = "mean-below";
  private static final String DECLARED = "as declared";

  private static final String ROWS = "rows";

  /** The item of rows that got their first score late. */
  static final String LATE = "late";

  /** The measure of a window of days. */
  static final String PSI = "psi";

  private final Monitor monitor;
  private final DriftProfile inputs;
  private final DriftProfile scores;

  Questions(Monitor monitor, DriftProfile inputs, DriftProfile scores) {
    this.monitor = monitor;
    this.inputs = inputs;
    this.scores = scores;
  }

  static Questions of(Monitor monitor, ModelBundle bundle) {
    return new Questions(
        monitor,
        bundle.inputs().without(monitor.nightsAside()),
        bundle.scores().without(monitor.nightsAside()));
  }

  /**
   * The verdicts on the rows of a day.
   *
   * @param weekday 0 to 6
   */
  List<MonitorVerdict> ofDay(IntervalCounts counts, int weekday) {
    List<MonitorVerdict> verdicts = new ArrayList<>();
    verdicts.addAll(tonight(Question.INPUTS, inputs.tonight(counts.inputs(), weekday)));
    verdicts.addAll(tonight(Question.PREDICTIONS, scores.tonight(counts.scores(), weekday)));
    verdicts.addAll(bounds(counts));
    if (monitor.learntMean()) {
      verdicts.addAll(learntMean(counts, weekday));
    }
    return verdicts;
  }

  /**
   * The verdicts on the rows of several days: where they stand together, as a window of days does.
   *
   * @param days those that have rows
   */
  List<MonitorVerdict> ofDays(IntervalCounts counts, List<KeptCounts.Day> days) {
    List<MonitorVerdict> verdicts = new ArrayList<>();
    for (WindowVerdict v : ofWindow(days)) {
      verdicts.add(
          v.standing().isEmpty()
              ? cannotJudge(v.question(), WHOLE, PSI, v.detail())
              : new MonitorVerdict(
                  v.question(),
                  v.item(),
                  v.measure(),
                  v.value(),
                  v.limit(),
                  v.breaching(),
                  text(
                      "over %d days is %s: %s",
                      days.size(), v.standing().get().text(), v.detail())));
    }
    verdicts.addAll(bounds(counts));
    return verdicts;
  }

  /**
   * The verdicts on rows that training has nothing like.
   *
   * @param why such as that they are no day
   */
  List<MonitorVerdict> ofOthers(IntervalCounts counts, String why) {
    List<MonitorVerdict> verdicts = new ArrayList<>();
    verdicts.add(cannotJudge(Question.INPUTS, WHOLE, DEVIATION, why));
    verdicts.add(cannotJudge(Question.PREDICTIONS, WHOLE, DEVIATION, why));
    verdicts.addAll(bounds(counts));
    return verdicts;
  }

  private static MonitorVerdict cannotJudge(
      Question question, String item, String measure, String why) {
    return new MonitorVerdict(
        question, item, measure, Double.NaN, Double.NaN, false, "cannot judge: " + why);
  }

  /** Whether something broke: the whole of several columns, and each of them. */
  private static List<MonitorVerdict> tonight(Question question, Tonight judged) {
    if (judged.cannotJudge().isPresent()) {
      return List.of(cannotJudge(question, WHOLE, DEVIATION, judged.cannotJudge().get()));
    }
    List<MonitorVerdict> verdicts = new ArrayList<>();
    verdicts.add(
        new MonitorVerdict(
            question,
            WHOLE,
            DEVIATION,
            judged.whole(),
            judged.limit(),
            judged.whole() > judged.limit(),
            text(
                "of intervals like training's %.1f %% alarm, at most %.1f %%",
                100 * judged.rate(), 100 * judged.rateAtMost())));
    for (Tonight.Deviation input : judged.inputs()) {
      verdicts.add(
          new MonitorVerdict(
              question,
              input.input(),
              DEVIATION,
              input.score(),
              judged.limit(),
              input.score() > judged.limit(),
              input.statistic()));
    }
    return verdicts;
  }

  /** Where inputs and predictions stand in a window of days. */
  List<WindowVerdict> ofWindow(List<KeptCounts.Day> window) {
    List<WindowVerdict> verdicts = new ArrayList<>();
    verdicts.addAll(
        ofWindow(Question.INPUTS, inputs, window, KeptCounts.Day::inputs, monitor.inputPsi()));
    verdicts.addAll(
        ofWindow(
            Question.PREDICTIONS, scores, window, KeptCounts.Day::scores, monitor.predictionPsi()));
    return verdicts;
  }

  private List<WindowVerdict> ofWindow(
      Question question,
      DriftProfile profile,
      List<KeptCounts.Day> window,
      Function<KeptCounts.Day, Lazy<DriftProfile.Grouped>> counts,
      double limit) {
    Trailing judged =
        profile.trailing(
            window.stream().map(day -> counts.apply(day).get()).toList(),
            window.stream().map(KeptCounts.Day::date).toList(),
            limit);
    return judged
        .cannotJudge()
        .map(
            why ->
                List.of(WindowVerdict.cannotJudge(question, WindowVerdict.WHOLE, PSI, limit, why)))
        .orElseGet(
            () -> judged.shifts().stream().map(shift -> verdict(question, shift, limit)).toList());
  }

  private WindowVerdict verdict(Question question, Trailing.Shift shift, double limit) {
    boolean unlike = shift.standing().unlikeTraining();
    double part = shift.part().orElse(Double.NaN);
    return new WindowVerdict(
        question,
        shift.input(),
        PSI,
        shift.index(),
        shift.lower(),
        shift.upper(),
        limit,
        Optional.of(shift.standing()),
        shift.smallestFound(),
        shift.farthest(),
        Optional.of(shift.farthestFrom()),
        part,
        unlike && Math.abs(part) >= monitor.matters(),
        text(
            "index %.2f to %.2f%s%s; training's farthest window, from %s, has %.2f; %s",
            Math.max(0, shift.lower()),
            Math.max(0, shift.upper()),
            shift.standing() == Standing.BEYOND_ALONE
                ? text(", by itself %.2f", shift.alone())
                : "",
            shift.sameWeeks().isPresent()
                ? text(
                    ", beside the same weeks of former years %.2f", shift.sameWeeks().getAsDouble())
                : "",
            shift.farthestFrom(),
            shift.farthest(),
            Double.isNaN(part)
                ? "cannot judge what that does to the mean score: the model's version does not"
                    + " know, a new one does"
                : text("moves the mean score by %+.4f", part)));
  }

  /** 0 to 6. */
  static int weekday(LocalDate day) {
    return day.getDayOfWeek().getValue() - 1;
  }

  /**
   * Whether all rows of a day, or of several, are there, whichever versions scored them.
   *
   * @param weekdays of each, 0 to 6
   * @param likeTraining whether the score set has the rows of the model's training set
   * @param unseen categories that training had no row of, with their rows, by input
   */
  MonitorVerdict population(
      long rows,
      List<Integer> weekdays,
      boolean likeTraining,
      Map<String, ? extends Map<String, Long>> unseen) {
    double usual = weekdays.stream().mapToDouble(inputs::usualRows).sum();
    double least = DriftProfile.FULL * usual;
    String more = unseen.isEmpty() ? "" : NEW_SINCE_TRAINING + words(unseen);
    if (weekdays.stream().anyMatch(day -> inputs.usualRows(day) == 0) || !likeTraining) {
      return cannotJudge(
          Question.POPULATION,
          ROWS,
          ROWS,
          (likeTraining
                  ? inputs.cannotJudge().orElse("training has no such weekday")
                  : "the scores are of other rows than the model's training set")
              + more);
    }
    return new MonitorVerdict(
        Question.POPULATION,
        ROWS,
        ROWS,
        rows,
        least,
        rows < least,
        text(
            "on %s %.0f rows are usual%s%s",
            weekdays.size() == 1 ? "this weekday" : text("these %d days", weekdays.size()),
            usual,
            usual - rows >= 1 ? text(", %.0f are missing", usual - rows) : "",
            more));
  }

  /** What is shown of rows that got their first score late. */
  static MonitorVerdict late(long rows, Instant last) {
    return new MonitorVerdict(
        Question.POPULATION,
        LATE,
        LATE,
        rows,
        Double.NaN,
        false,
        text(
            "%d %s scored late, in a later scoring of the interval than its first: the last at %s",
            rows, rows == 1 ? "row was" : "rows were", last.truncatedTo(ChronoUnit.SECONDS)));
  }

  private static String words(Map<String, ? extends Map<String, Long>> unseen) {
    return unseen.entrySet().stream()
        .map(
            input ->
                input.getKey()
                    + input.getValue().entrySet().stream()
                        .map(of -> text(" \"%s\" in %d rows", of.getKey(), of.getValue()))
                        .collect(Collectors.joining(",")))
        .collect(Collectors.joining("; "));
  }

  /** Whether the mean score lies among those of training's nights. */
  private List<MonitorVerdict> learntMean(IntervalCounts counts, int weekday) {
    Optional<String> why = scores.cannotJudge(counts.scores(), weekday);
    double mean = why.isPresent() ? Double.NaN : scores.mean(0, counts.scores());
    if (Double.isNaN(mean)) {
      return List.of(
          cannotJudge(
              Question.BOUNDS, SCORE, MEAN_ABOVE, why.orElse("too few scores are numbers")));
    }
    DriftProfile.Means means = scores.means(0);
    String rate =
        text(
            "; of nights like them %.1f %% lie below the least or above the greatest",
            100 * means.rate());
    return List.of(
        notBelow(mean, means.least(), "the least of training's nights" + rate),
        notAbove(mean, means.greatest(), "the greatest of training's nights" + rate));
  }

  private static MonitorVerdict notBelow(double mean, double least, String detail) {
    return new MonitorVerdict(
        Question.BOUNDS, SCORE, MEAN_ABOVE, mean, least, mean < least, detail);
  }

  private static MonitorVerdict notAbove(double mean, double greatest, String detail) {
    return new MonitorVerdict(
        Question.BOUNDS, SCORE, MEAN_BELOW, mean, greatest, mean > greatest, detail);
  }

  private List<MonitorVerdict> bounds(IntervalCounts counts) {
    List<MonitorVerdict> verdicts = new ArrayList<>();
    verdicts.add(
        new MonitorVerdict(
            Question.BOUNDS,
            SCORE,
            "outside",
            counts.outside(),
            0,
            counts.outside() > 0,
            "scores outside ["
                + monitor.lowest()
                + ", "
                + monitor.highest()
                + "] or not a number, of "
                + counts.rows()));
    double mean = counts.meanScore();
    monitor.lowestMean().ifPresent(low -> verdicts.add(notBelow(mean, low, DECLARED)));
    monitor.highestMean().ifPresent(high -> verdicts.add(notAbove(mean, high, DECLARED)));
    return verdicts;
  }
}
