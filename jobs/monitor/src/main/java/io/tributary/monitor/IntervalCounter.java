package io.tributary.monitor;

import static org.apache.spark.sql.functions.col;

import io.tributary.definition.Monitor;
import io.tributary.model.Input;
import io.tributary.model.InputRows;
import io.tributary.model.ModelBundle;
import io.tributary.model.ScoreColumns;
import io.tributary.model.TrainedModel;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Counts the scored rows of an interval in the bins of a model's profile, block by block on the
 * executors.
 */
final class IntervalCounter {
  private final ModelBundle bundle;
  private final Monitor monitor;

  IntervalCounter(ModelBundle bundle, Monitor monitor) {
    this.bundle = bundle;
    this.monitor = monitor;
  }

  /** Counts rows of a score set that the model scored. */
  IntervalCounts count(Dataset<Row> scored) {
    // One copy for each executor, whose tasks share what it was opened to.
    Broadcast<ModelBundle> everywhere =
        JavaSparkContext.fromSparkContext(scored.sparkSession().sparkContext()).broadcast(bundle);
    double lowest = monitor.lowest();
    double highest = monitor.highest();
    List<Column> columns = new ArrayList<>();
    columns.add(col(ScoreColumns.OUTPUT).getField(ScoreColumns.PROBABILITY));
    for (Input input : bundle.signature().inputs()) {
      columns.add(
          col(ScoreColumns.INPUTS)
              .getField(input.categorical() ? ScoreColumns.CATEGORIES : ScoreColumns.NUMBERS)
              .getField(input.column()));
    }
    try {
      return scored
          .select(columns.toArray(Column[]::new))
          .toJavaRDD()
          .mapPartitions(
              rows -> List.of(count(everywhere.value(), rows, lowest, highest)).iterator())
          .treeAggregate(
              new IntervalCounts(bundle.inputs(), bundle.scores()),
              IntervalCounts::with,
              IntervalCounts::with);
    } finally {
      everywhere.destroy();
    }
  }

  private static IntervalCounts count(
      ModelBundle bundle, Iterator<Row> rows, double lowest, double highest) {
    IntervalCounts counts = new IntervalCounts(bundle.inputs(), bundle.scores());
    InputRows block = new InputRows(bundle.signature().inputs(), TrainedModel.BLOCK);
    double[] scores = new double[TrainedModel.BLOCK];
    while (rows.hasNext()) {
      block.clear();
      int n = 0;
      while (n < scores.length && rows.hasNext()) {
        Row row = rows.next();
        scores[n++] = row.isNullAt(0) ? Double.NaN : row.getDouble(0);
        block.append();
        for (int i = 0; i < block.inputs(); i++) {
          block.value(i, row.get(1 + i));
        }
      }
      counts.count(bundle.inputs(), bundle.scores(), block, scores, lowest, highest);
    }
    return counts;
  }
}
