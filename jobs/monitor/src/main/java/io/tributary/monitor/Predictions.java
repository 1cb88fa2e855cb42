package io.tributary.monitor;

import static io.tributary.monitor.Words.text;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.round;
import static org.apache.spark.sql.functions.sum;

import io.tributary.analysis.CheckedScores;
import io.tributary.model.BinaryMetrics;
import io.tributary.model.ModelMetrics;
import io.tributary.monitor.Matured.Slice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The mean score of an interval's rows and the share of them that was decided, beside the share of
 * true labels among the test rows: of all rows, and of each slice that the model's evaluation
 * names. Shown and not judged: what may be is for bounds to say, and for windows.
 */
final class Predictions {
  /** The item of what is said of all rows. */
  static final String SCORE = "score";

  /** Scores are summed as whole numbers, so that the sum is the same in any order. */
  private static final double UNITS = 1L << 30;

  private Predictions() {}

  /**
   * The verdicts.
   *
   * @param scored rows of one version
   */
  static List<MonitorVerdict> of(Dataset<Row> scored, ModelMetrics metrics) {
    List<Slice> slices = Actuals.slices(metrics);
    List<MonitorVerdict> verdicts = new ArrayList<>();
    Matured.bySlice(scored, slices)
        .where(col(Matured.SCORE).isNotNull().and(col(Matured.SCORE).isNaN().equalTo(false)))
        .groupBy(Matured.OF, Matured.VALUE)
        .agg(
            count(lit(1)),
            sum(round(col(Matured.SCORE).multiply(UNITS)).cast("long")),
            sum(col(CheckedScores.DECISION).cast("int")))
        .orderBy(Matured.OF, Matured.VALUE)
        .collectAsList()
        .forEach(
            row -> {
              Slice slice = new Slice(row.getString(0), row.getString(1));
              boolean all = slice.column().isEmpty();
              String item = all ? SCORE : SCORE + " of " + slice.column() + " " + slice.value();
              BinaryMetrics tested = all ? metrics.test() : tested(metrics, slice);
              double mean = row.getLong(3) / UNITS / row.getLong(2);
              String labels =
                  text(
                      "of the test rows' labels %.4f were true",
                      (double) tested.positives() / tested.rows());
              verdicts.add(
                  shown(item, "mean", mean, text("the mean score is %.4f; %s", mean, labels)));
              Optional.ofNullable((Long) row.get(4))
                  .map(decided -> (double) decided / row.getLong(2))
                  .ifPresent(
                      share ->
                          verdicts.add(
                              shown(
                                  item,
                                  "decided",
                                  share,
                                  text("the decision is positive for %.4f of the rows", share))));
            });
    return verdicts;
  }

  private static BinaryMetrics tested(ModelMetrics metrics, Slice slice) {
    return metrics.slices().get(slice.column()).stream()
        .filter(known -> known.value().equals(slice.value()))
        .findFirst()
        .orElseThrow()
        .metrics();
  }

  private static MonitorVerdict shown(String item, String measure, double value, String detail) {
    return new MonitorVerdict(
        Question.PREDICTIONS, item, measure, value, Double.NaN, false, detail);
  }
}
