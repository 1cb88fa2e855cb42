package io.tributary.bench;

import io.tributary.drift.Column;
import io.tributary.drift.DriftProfile;
import io.tributary.drift.DriftProfile.Dependence;
import io.tributary.drift.Measure;
import io.tributary.drift.OutcomeSums;
import io.tributary.drift.Outcomes;
import io.tributary.drift.Promise;
import io.tributary.drift.Standing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.DoubleFunction;
import java.util.stream.IntStream;

/**
 * Whether a fall of the area under the curve by 0.05 is found, made in four ways in the rows of
 * test: windows of whole nights are drawn from them, and the nights of the promise are drawn anew.
 */
final class FallenArea {
  private static final double FALL = 0.05;

  /** What is planted: a little more, so that chance leaves no less. */
  private static final double PLANTED = 0.052;

  private static final int STRONGEST = 8;

  private final History history;
  private final List<Dependence> dependences;
  private final Effort effort;
  private final int[] nights;
  private final int[] rows;
  private final double before;

  FallenArea(History history, DriftProfile profile, Effort effort) {
    this.history = history;
    this.effort = effort;
    dependences = profile.dependences();
    nights = IntStream.range(history.parts().tested(), history.parts().untested()).toArray();
    rows = history.rowsOf(nights);
    before = area(new Rows(history.scores(), history.labels()));
  }

  /** Scores and labels of all rows, of which those of test may be changed. */
  private record Rows(double[] scores, boolean[] labels) {}

  private double area(Rows all) {
    double[] scores = Arrays.stream(rows).mapToDouble(row -> all.scores()[row]).toArray();
    boolean[] labels = new boolean[rows.length];
    for (int k = 0; k < rows.length; k++) {
      labels[k] = all.labels()[rows[k]];
    }
    return OutcomeSums.of(scores, labels).outcomes().auc().orElseThrow();
  }

  List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    findings.addAll(findings("nothing", new Rows(history.scores(), history.labels()), true));
    findings.addAll(fallen("noisy scores", 3, this::noisy));
    findings.addAll(fallen("labels redrawn at the period's rate", 1, part -> redrawn(part, rows)));
    findings.addAll(fallen("labels redrawn at the night's rate", 1, this::redrawnByNight));
    findings.addAll(fallen("eight strongest inputs shuffled", 1, this::shuffled));
    return findings;
  }

  /** A fall by as much of something as it takes. */
  private List<Finding> fallen(String what, double most, DoubleFunction<Rows> change) {
    double low = 0;
    double high = most;
    for (int halved = 0; halved < 12; halved++) {
      double middle = (low + high) / 2;
      if (before - area(change.apply(middle)) < PLANTED) {
        low = middle;
      } else {
        high = middle;
      }
    }
    Rows after = change.apply(high);
    return findings("%s, area %.3f less".formatted(what, before - area(after)), after, false);
  }

  private Rows noisy(double deviation) {
    Random random = new Random(4);
    double[] scores = history.scores().clone();
    for (int row : rows) {
      double p = Math.min(1 - 1e-9, Math.max(1e-9, scores[row]));
      double odds = Math.log(p / (1 - p)) + deviation * random.nextGaussian();
      scores[row] = 1 / (1 + Math.exp(-odds));
    }
    return new Rows(scores, history.labels());
  }

  private Rows redrawnByNight(double part) {
    boolean[] labels = history.labels().clone();
    for (int night : nights) {
      redraw(part, history.rowsOf(new int[] {night}), labels, new Random(night));
    }
    return new Rows(history.scores(), labels);
  }

  private Rows redrawn(double part, int[] of) {
    boolean[] labels = history.labels().clone();
    redraw(part, of, labels, new Random(5));
    return new Rows(history.scores(), labels);
  }

  private void redraw(double part, int[] of, boolean[] labels, Random random) {
    double rate =
        Arrays.stream(of).filter(row -> history.labels()[row]).count() / (double) of.length;
    for (int row : of) {
      boolean chosen = random.nextDouble() < part;
      boolean drawn = random.nextDouble() < rate;
      labels[row] = chosen ? drawn : labels[row];
    }
  }

  /** The values of some rows change places, for each of the inputs. */
  private Rows shuffled(double part) {
    int[] strongest =
        IntStream.range(0, dependences.size())
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -dependences.get(i).importance()))
            .limit(STRONGEST)
            .mapToInt(Integer::intValue)
            .toArray();
    List<Column> columns = new ArrayList<>(history.taken(rows));
    for (int input : strongest) {
      Random random = new Random(input);
      int[] chosen =
          IntStream.range(0, rows.length).filter(k -> random.nextDouble() < part).toArray();
      int[] from = IntStream.range(0, rows.length).toArray();
      for (int k = chosen.length - 1; k > 0; k--) {
        int other = chosen[random.nextInt(k + 1)];
        int kept = from[chosen[k]];
        from[chosen[k]] = from[other];
        from[other] = kept;
      }
      columns.set(input, columns.get(input).taken(from));
    }
    double[] scored = history.model().score(columns, rows.length);
    double[] scores = history.scores().clone();
    for (int k = 0; k < rows.length; k++) {
      scores[rows[k]] = scored[k];
    }
    return new Rows(scores, history.labels());
  }

  private List<Finding> findings(String planted, Rows now, boolean unchanged) {
    List<Outcomes> promised =
        IntStream.range(history.parts().trained(), history.parts().untested())
            .mapToObj(night -> history.outcomes(night, history.scores(), history.labels()))
            .toList();
    List<Outcomes> tested =
        Arrays.stream(nights)
            .mapToObj(night -> history.outcomes(night, now.scores(), now.labels()))
            .toList();
    List<Finding> findings = new ArrayList<>();
    for (int length : new int[] {28, 42}) {
      Random random = new Random(6);
      double beyond =
          IntStream.range(0, effort.draws)
                  .filter(
                      draw ->
                          beyond(
                              drawn(promised, promised.size(), random),
                              drawn(tested, length, random)))
                  .count()
              / (double) effort.draws;
      double least = length == 28 ? 0.9 : 0.95;
      findings.add(
          new Finding(
              history.name(),
              "fall of AUC, %d nights".formatted(length),
              planted,
              unchanged ? "≤ 1.5 %" : "≥ %.0f %%".formatted(100 * least),
              "%.1f %%".formatted(100 * beyond),
              Optional.of(unchanged ? beyond <= 0.015 : beyond >= least),
              List.of()));
    }
    return findings;
  }

  private static boolean beyond(List<Outcomes> promised, List<Outcomes> window) {
    return Promise.of(Measure.AUC, promised)
        .flatMap(promise -> promise.beside(Measure.AUC, window, FALL, Promise.FALSE_ALARMS))
        .filter(beside -> beside.standing() == Standing.BEYOND)
        .isPresent();
  }

  private static List<Outcomes> drawn(List<Outcomes> from, int number, Random random) {
    return random.ints(number, 0, from.size()).mapToObj(from::get).toList();
  }
}
