package io.tributary.score;

import io.tributary.events.facts.ScoringFacts;
import io.tributary.model.ScoreColumns;
import io.tributary.registry.TrainedElsewhere.Problem;
import io.tributary.rows.Tally;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ObjLongConsumer;

/** What tasks count of the rows that a version scored, and what it comes to. */
final class Counted {
  /**
   * Probabilities are added as whole numbers, so that their sum has no order; those of 500 billion
   * rows have room. Other scores have no bounds, and no mean.
   */
  private static final double UNIT = 1L << 24;

  private Counted() {}

  /** The counts of one partition. Not thread-safe. */
  static final class Counts {
    private final int place;
    private final long[] flagged = new long[ScoreColumns.FLAG_NAMES.size()];
    private long rows;
    private long decided;
    private long sum;

    /**
     * @param place the scorer's
     */
    Counts(int place) {
      this.place = place;
    }

    void add(double score, boolean decision) {
      rows++;
      decided += decision ? 1 : 0;
      sum += Math.round(score * UNIT);
    }

    void flagged(int flag) {
      flagged[flag]++;
    }

    void to(ObjLongConsumer<String> tally) {
      tally.accept("rows " + place, rows);
      tally.accept("decided " + place, decided);
      tally.accept("sum " + place, sum);
      for (int flag = 0; flag < flagged.length; flag++) {
        tally.accept(ScoreColumns.FLAG_NAMES.get(flag) + " " + place, flagged[flag]);
      }
    }
  }

  /** What the scorer at a place said. */
  static ScoringFacts.Said of(Scorer scorer, int place, Tally tally) {
    Map<String, Long> flagged = new TreeMap<>();
    for (String flag : ScoreColumns.FLAG_NAMES) {
      flagged.put(flag, tally.total(flag + " " + place));
    }
    return new ScoringFacts.Said(
        scorer.role(),
        scorer.version().reference().toString(),
        scorer.version().artefact().digest(),
        tally.total("rows " + place),
        scorer.decide().map(decide -> tally.total("decided " + place)),
        scorer.version().problem() == Problem.BINARY ? mean(place, tally) : Optional.empty(),
        flagged);
  }

  /** The mean of its probabilities, to six digits; empty without rows. */
  static Optional<Double> mean(int place, Tally tally) {
    long rows = tally.total("rows " + place);
    return rows == 0
        ? Optional.empty()
        : Optional.of(Math.round(tally.total("sum " + place) / UNIT / rows * 1e6) / 1e6);
  }
}
