package io.tributary.monitor;

import static io.tributary.monitor.Words.text;

import io.tributary.drift.MeanOfIntervals;
import io.tributary.drift.Measure;
import io.tributary.drift.Outcomes;
import io.tributary.drift.Standing;
import io.tributary.model.ScoreColumns;
import io.tributary.monitor.KeptActuals.Day;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A challenger or shadow beside the champion on the same matured rows: the mean of the days'
 * differences, for which days are the sample and resemble their neighbours. It is shown, and
 * breaches nothing.
 */
final class BesideChampion {
  static final String BESIDE = "beside-champion";

  private BesideChampion() {}

  /** The same rows of a day, scored by both. */
  private record Pair(Outcomes mine, Outcomes theirs) {
    boolean isOfTheSameRows() {
      return mine.rows() == theirs.rows()
          && mine.positives() == theirs.positives()
          && mine.auc().isPresent();
    }

    /** By how much the first is better. */
    double gain(Measure measure) {
      return measure == Measure.AUC
          ? mine.auc().orElseThrow() - theirs.auc().orElseThrow()
          : theirs.logLoss() - mine.logLoss();
    }
  }

  /**
   * Where a version stands beside the one that is champion on the window's last day; empty of the
   * champion itself, and where there is none.
   *
   * @param window the version's days in order
   * @param all the days of all versions within the window
   * @param margin by how much it may be worse, and not matter
   */
  static List<WindowVerdict> of(List<Day> window, List<Day> all, double margin) {
    Day last = window.get(window.size() - 1);
    if (last.role().equals(ScoreColumns.CHAMPION)) {
      return List.of();
    }
    return all.stream()
        .filter(day -> day.date().equals(last.date()))
        .filter(day -> day.role().equals(ScoreColumns.CHAMPION))
        .max(Comparator.comparingLong(day -> day.rows().rows()))
        .map(champion -> verdicts(window, all, champion, margin))
        .orElse(List.of());
  }

  private static List<WindowVerdict> verdicts(
      List<Day> window, List<Day> all, Day champion, double margin) {
    Map<LocalDate, Outcomes> theirs = new HashMap<>();
    all.stream()
        .filter(day -> day.scorer().equals(champion.scorer()))
        .forEach(day -> theirs.put(day.date(), day.rows()));
    List<Pair> pairs =
        window.stream()
            .filter(day -> theirs.containsKey(day.date()))
            .map(day -> new Pair(day.rows(), theirs.get(day.date())))
            .filter(Pair::isOfTheSameRows)
            .toList();
    return Stream.of(Measure.AUC, Measure.LOG_LOSS)
        .map(measure -> verdict(measure, pairs, champion.scorer().reference(), margin))
        .toList();
  }

  private static WindowVerdict verdict(
      Measure measure, List<Pair> pairs, String champion, double margin) {
    int sign = measure == Measure.AUC ? 1 : -1;
    double limit = -sign * margin;
    if (pairs.size() < MeanOfIntervals.LEAST_INTERVALS) {
      return WindowVerdict.cannotJudge(
          Question.ACTUALS,
          measure.text(),
          BESIDE,
          limit,
          text(
              "beside %s: labels of both kinds matured for the same rows on %d days, and %d are needed",
              champion, pairs.size(), MeanOfIntervals.LEAST_INTERVALS));
    }
    MeanOfIntervals gain =
        MeanOfIntervals.of(pairs.stream().mapToDouble(pair -> pair.gain(measure)).toArray());
    Standing standing = standing(gain, margin);
    double lower = sign > 0 ? gain.lower() : -gain.upper();
    double upper = sign > 0 ? gain.upper() : -gain.lower();
    return new WindowVerdict(
        Question.ACTUALS,
        measure.text(),
        BESIDE,
        sign * gain.mean(),
        lower,
        upper,
        limit,
        Optional.of(standing),
        Double.NaN,
        Double.NaN,
        Optional.empty(),
        Double.NaN,
        false,
        text(
            "%+.4f beside %s on the same rows, %+.4f to %+.4f, by %d days: %s",
            sign * gain.mean(),
            champion,
            lower,
            upper,
            pairs.size(),
            switch (standing) {
              case WITHIN -> text("surely not worse by %s", margin);
              case BEYOND -> "surely worse";
              default -> text("may be worse by %s", margin);
            }));
  }

  private static Standing standing(MeanOfIntervals gain, double margin) {
    return gain.lower() > -margin
        ? Standing.WITHIN
        : gain.upper() < 0 && gain.mean() < -margin / 2 ? Standing.BEYOND : Standing.CANNOT_TELL;
  }
}
