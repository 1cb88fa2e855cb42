package io.tributary.bench;

import io.tributary.drift.Column;
import io.tributary.drift.DriftProfile;
import io.tributary.drift.IntervalState;
import io.tributary.drift.Tonight;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.IntStream;

/** How often a night alarms in which nothing was planted. */
final class FalseAlarms {
  private static final int[] SIZES = {300, 1_000, 1_000_000};
  private static final double FEWEST = 300;

  /** A row that is drawn more often is drawn so by a normal distribution. */
  private static final double OFTEN = 100;

  private static final double MOST_DRAWS = 0.021;
  private static final double MOST_LATER = 3.0 / 91;

  private final History history;
  private final Effort effort;

  FalseAlarms(History history, Effort effort) {
    this.history = history;
    this.effort = effort;
  }

  /** Nights of training, each judged by a profile of other nights, their rows drawn anew. */
  List<Finding> folds() {
    List<Integer> nights = new ArrayList<>(Arrays.stream(history.full()).boxed().toList());
    int all = nights.size();
    Collections.shuffle(nights, new Random(2));
    Map<Integer, Drawn> drawn = new ConcurrentSkipListMap<>();
    for (int fold = 0; fold < effort.folds; fold++) {
      List<Integer> left =
          nights.subList(fold * all / effort.folds, (fold + 1) * all / effort.folds);
      int[] others =
          IntStream.range(0, history.parts().trained())
              .filter(night -> !left.contains(night))
              .toArray();
      // A night of 300 rows is to be judged where 900 are usual.
      DriftProfile profile = history.profile(others, rows -> (long) Math.min(rows, FEWEST));
      left.stream().parallel().forEach(night -> drawn.put(night, drawn(profile, night, all)));
    }
    List<Finding> findings = new ArrayList<>();
    List<String> whole = new ArrayList<>();
    drawn.forEach(
        (night, of) -> of.whole().ifPresent(what -> whole.add(history.day(night) + " " + what)));
    findings.add(
        new Finding(
            history.name(),
            "false alarms, ten folds, nights as they are",
            "nothing",
            "",
            "%d of %d nights".formatted(whole.size(), all),
            Optional.empty(),
            whole));
    for (int size = 0; size < SIZES.length; size++) {
      int at = size;
      int alarms = drawn.values().stream().mapToInt(of -> of.alarms()[at]).sum();
      int tries = drawn.values().stream().mapToInt(Drawn::draws).sum();
      double rate = (double) alarms / tries;
      List<String> details = new ArrayList<>();
      drawn.forEach(
          (night, of) -> {
            if (of.alarms()[at] > 0) {
              details.add("%s %d of %d".formatted(history.day(night), of.alarms()[at], of.draws()));
            }
          });
      findings.add(
          new Finding(
              history.name(),
              "false alarms, ten folds, %,d rows".formatted(SIZES[at]),
              "nothing, %,d draws".formatted(tries),
              "≤ 2.1 %",
              "%.2f %%, %d nights".formatted(100 * rate, details.size()),
              Optional.of(rate <= MOST_DRAWS),
              details));
    }
    return findings;
  }

  /**
   * A night, judged again and again.
   *
   * @param whole what is farthest in it as it is, if it alarms
   * @param alarms by size
   */
  private record Drawn(Optional<String> whole, int[] alarms, int draws) {}

  private Drawn drawn(DriftProfile profile, int night, int nights) {
    List<Column> columns = history.columns(night);
    Random random = new Random(night);
    int each = (effort.draws + nights - 1) / nights;
    int[] alarms = new int[SIZES.length];
    for (int size = 0; size < SIZES.length; size++) {
      for (int draw = 0; draw < each; draw++) {
        int[] weights = weights(history.rows(night), SIZES[size], random);
        IntervalState state = weighted(profile, columns, weights);
        alarms[size] += judgeable(profile.tonight(state, history.weekday(night))).alarms() ? 1 : 0;
      }
    }
    Tonight whole = history.judged(profile, night);
    return new Drawn(
        whole.alarms() ? Optional.of(farthest(whole)) : Optional.empty(), alarms, each);
  }

  private static Tonight judgeable(Tonight tonight) {
    tonight
        .cannotJudge()
        .ifPresent(
            why -> {
              throw new IllegalStateException(why);
            });
    return tonight;
  }

  /** How often each row is drawn: at most once where there are enough. */
  private static int[] weights(int rows, int size, Random random) {
    int[] weights = new int[rows];
    double mean = (double) size / rows;
    if (mean > OFTEN) {
      Arrays.setAll(
          weights, row -> (int) Math.round(mean + Math.sqrt(mean) * random.nextGaussian()));
      return weights;
    }
    for (int k = 0; k < size; ) {
      int row = random.nextInt(rows);
      if (size > rows || weights[row] == 0) {
        weights[row]++;
        k++;
      }
    }
    return weights;
  }

  /** The state of rows that are there several times: by powers of two, as states add up. */
  private static IntervalState weighted(DriftProfile profile, List<Column> columns, int[] weights) {
    IntervalState state = profile.empty();
    int highest = 31 - Integer.numberOfLeadingZeros(Arrays.stream(weights).max().orElse(1));
    for (int bit = highest; bit >= 0; bit--) {
      state.add(state);
      int power = 1 << bit;
      int[] rows =
          IntStream.range(0, weights.length).filter(row -> (weights[row] & power) != 0).toArray();
      profile.count(
          columns.stream().map(column -> column.taken(rows)).toList(), rows.length, state);
    }
    return state;
  }

  /** The nights after training. */
  Finding later(DriftProfile profile) {
    int[] nights = history.later();
    Map<Integer, String> alarms = new TreeMap<>();
    for (int night : nights) {
      Tonight tonight = history.judged(profile, night);
      if (tonight.alarms()) {
        alarms.put(night, history.day(night) + " " + farthest(tonight));
      }
    }
    return new Finding(
        history.name(),
        "false alarms, %s to %s"
            .formatted(history.day(nights[0]), history.day(nights[nights.length - 1])),
        "nothing",
        "≤ %d of %d".formatted(Math.round(MOST_LATER * nights.length), nights.length),
        "%d of %d".formatted(alarms.size(), nights.length),
        Optional.of(alarms.size() <= MOST_LATER * nights.length + 1e-9),
        List.copyOf(alarms.values()));
  }

  private static String farthest(Tonight tonight) {
    Tonight.Deviation first = tonight.inputs().get(0);
    return tonight.whole() > first.score()
        ? "the night as a whole %.2f > %.2f".formatted(tonight.whole(), tonight.limit())
        : "%s, %s %.2f > %.2f"
            .formatted(first.input(), first.statistic(), first.score(), tonight.limit());
  }
}
