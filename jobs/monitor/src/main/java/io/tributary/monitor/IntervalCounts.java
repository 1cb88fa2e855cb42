package io.tributary.monitor;

import io.tributary.drift.Column;
import io.tributary.drift.DriftProfile;
import io.tributary.drift.IntervalState;
import io.tributary.model.InputRows;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The counts of an interval's rows in the bins of a model's profiles. Counts add up, so parts of an
 * interval may be counted apart, in any order, and memory does not grow with its rows.
 */
final class IntervalCounts implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final double UNITS = 0x1p30;
  private static final int MOST_UNSEEN = 20;

  private final IntervalState inputs;
  private final IntervalState scores;
  private final TreeMap<String, TreeMap<String, Long>> unseen = new TreeMap<>();
  private long outside;

  /**
   * Of the scores within the bounds, in units of 2⁻³⁰, each rounded: exact in any order, of 8
   * billion rows.
   */
  private long scoreUnits;

  /** Counts without rows. */
  IntervalCounts(DriftProfile inputs, DriftProfile scores) {
    this.inputs = inputs.empty();
    this.scores = scores.empty();
  }

  /**
   * Counts a block of rows.
   *
   * @param theirs the rows' scores; further ones are no rows'
   */
  void count(
      DriftProfile inputProfile,
      DriftProfile scoreProfile,
      InputRows rows,
      double[] theirs,
      double lowest,
      double highest) {
    inputProfile.count(rows.columns(), rows.rows(), inputs);
    addUnseen(inputProfile.unseen(rows.columns(), rows.rows()));
    scoreProfile.count(List.of(new Column.Numbers(theirs)), rows.rows(), scores);
    for (int row = 0; row < rows.rows(); row++) {
      double score = theirs[row];
      if (score >= lowest && score <= highest) {
        scoreUnits += Math.round(score * UNITS);
      } else {
        outside++;
      }
    }
  }

  /** Adds what another part of the interval has. */
  IntervalCounts with(IntervalCounts other) {
    inputs.add(other.inputs);
    scores.add(other.scores);
    addUnseen(other.unseen);
    outside += other.outside;
    scoreUnits += other.scoreUnits;
    return this;
  }

  /** Adds the categories that another version's training had no row of. */
  void addUnseen(IntervalCounts other) {
    addUnseen(other.unseen);
  }

  /** Of an input the first by name are kept: the same in any order, and all rows of each. */
  private void addUnseen(Map<String, ? extends Map<String, Long>> more) {
    more.forEach(
        (input, categories) -> {
          TreeMap<String, Long> mine = unseen.computeIfAbsent(input, name -> new TreeMap<>());
          categories.forEach((category, rows) -> mine.merge(category, rows, Long::sum));
          while (mine.size() > MOST_UNSEEN) {
            mine.pollLastEntry();
          }
        });
  }

  /** The categories that training had no row of, with their rows, by input. */
  Map<String, ? extends Map<String, Long>> unseen() {
    return unseen;
  }

  IntervalState inputs() {
    return inputs;
  }

  long rows() {
    return inputs.rows();
  }

  IntervalState scores() {
    return scores;
  }

  /** The scores that are outside the bounds, or NaN. */
  long outside() {
    return outside;
  }

  /** The mean of the scores within the bounds; NaN when there are none. */
  double meanScore() {
    return rows() == outside ? Double.NaN : scoreUnits / UNITS / (rows() - outside);
  }
}
