package io.tributary.monitor;

import static org.apache.spark.sql.functions.col;

import io.tributary.model.ScoreColumns;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/**
 * How well the scores of one model version rank matured labels. Counts of rows up to a score and of
 * rows above it add up, so that memory holds no more than the counts of a part.
 *
 * @param positives rows whose label is true
 * @param negatives rows whose label is false
 * @param ordered twice the number of pairs of a positive and a negative row whose scores are in the
 *     right order, plus the number of ties
 */
record Matured(long positives, long negatives, long ordered) implements Serializable {
  static final String SCORE = "_score";
  static final String LABEL = "_label";

  private static final Matured NONE = new Matured(0, 0, 0);

  /** The model version that scored rows, by name, number and artefact. */
  record Scorer(String model, long number, String artefact) implements Serializable {
    static Scorer of(Row row) {
      return new Scorer(row.getString(0), row.getLong(1), row.getString(2));
    }
  }

  /** The counts of one scorer in one part of the rows. */
  record Part(Scorer scorer, Matured counts) implements Serializable {}

  /**
   * Counts rows by the version that scored them, on the executors.
   *
   * @param rows model, number, artefact, {@link #SCORE}, {@link #LABEL}, none of them null
   */
  static Map<Scorer, Matured> count(Dataset<Row> rows) {
    Dataset<Row> kept = rows.persist(StorageLevel.MEMORY_AND_DISK());
    try {
      Column[] order = {
        col(ScoreColumns.MODEL),
        col(ScoreColumns.MODEL_VERSION),
        col(ScoreColumns.ARTEFACT),
        col(SCORE)
      };
      Map<Scorer, Matured> counted = new LinkedHashMap<>();
      for (Part part :
          kept.repartitionByRange(order)
              .sortWithinPartitions(order)
              .toJavaRDD()
              .mapPartitions(Matured::parts)
              .collect()) {
        counted.merge(part.scorer(), part.counts(), Matured::then);
      }
      return counted;
    } finally {
      kept.unpersist(false);
    }
  }

  /** The counts of each scorer among rows in order. */
  static Iterator<Part> parts(Iterator<Row> rows) {
    List<Part> parts = new ArrayList<>();
    Scorer scorer = null;
    Matured before = NONE;
    Matured equal = NONE;
    double score = Double.NaN;
    while (rows.hasNext()) {
      Row row = rows.next();
      Scorer now = Scorer.of(row);
      if (!now.equals(scorer)) {
        if (scorer != null) {
          parts.add(new Part(scorer, before.then(equal)));
        }
        scorer = now;
        before = NONE;
        equal = NONE;
      } else if (row.getDouble(3) != score) {
        before = before.then(equal);
        equal = NONE;
      }
      score = row.getDouble(3);
      equal = equal.tied(row.getBoolean(4));
    }
    if (scorer != null) {
      parts.add(new Part(scorer, before.then(equal)));
    }
    return parts.iterator();
  }

  /** With one more row of the one score that all these rows have. */
  private Matured tied(boolean label) {
    return label
        ? new Matured(positives + 1, negatives, ordered + negatives)
        : new Matured(positives, negatives + 1, ordered + positives);
  }

  /** The counts of these rows and of rows with higher scores. */
  Matured then(Matured higher) {
    return new Matured(
        positives + higher.positives,
        negatives + higher.negatives,
        Math.addExact(
            Math.addExact(ordered, higher.ordered),
            Math.multiplyExact(2 * negatives, higher.positives)));
  }

  long rows() {
    return positives + negatives;
  }

  /** The area under the receiver operating characteristic, exact; empty if all labels are equal. */
  Optional<Double> auc() {
    return positives == 0 || negatives == 0
        ? Optional.empty()
        : Optional.of(ordered / 2.0 / ((double) positives * negatives));
  }
}
