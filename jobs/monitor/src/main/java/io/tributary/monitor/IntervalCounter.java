package io.tributary.monitor;

import static org.apache.spark.sql.functions.col;

import io.tributary.definition.Monitor;
import io.tributary.model.Input;
import io.tributary.model.InputRows;
import io.tributary.model.ModelBundle;
import io.tributary.model.ScoreColumns;
import io.tributary.model.TrainedModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Counts the scored rows of an interval in the bins of a model's profile, block by block on the
 * executors.
 */
final class IntervalCounter {
  /** Numbers that a processor's cache has room for. */
  private static final int NUMBERS = 1 << 18;

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
          .queryExecution()
          .toRdd()
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
      ModelBundle bundle, Iterator<InternalRow> rows, double lowest, double highest) {
    IntervalCounts counts = new IntervalCounts(bundle.inputs(), bundle.scores());
    List<Input> inputs = bundle.signature().inputs();
    boolean[] categorical = new boolean[inputs.size()];
    for (int i = 0; i < categorical.length; i++) {
      categorical[i] = inputs.get(i).categorical();
    }
    int most = Math.max(64, Math.min(TrainedModel.BLOCK, NUMBERS / inputs.size()));
    InputRows block = new InputRows(inputs, most);
    Map<UTF8String, String> texts = new HashMap<>();
    double[] scores = new double[most];
    while (rows.hasNext()) {
      block.clear();
      texts.clear();
      int n = 0;
      while (n < scores.length && rows.hasNext()) {
        InternalRow row = rows.next();
        scores[n++] = row.isNullAt(0) ? Double.NaN : row.getDouble(0);
        block.append();
        for (int i = 0; i < categorical.length; i++) {
          if (row.isNullAt(1 + i)) {
            continue;
          }
          if (categorical[i]) {
            block.text(i, text(row.getUTF8String(1 + i), texts));
          } else {
            block.number(i, row.getDouble(1 + i));
          }
        }
      }
      counts.count(bundle.inputs(), bundle.scores(), block, scores, lowest, highest);
    }
    return counts;
  }

  /** One text for all that are equal. */
  private static String text(UTF8String read, Map<UTF8String, String> known) {
    String text = known.get(read);
    if (text == null) {
      text = read.toString();
      known.put(UTF8String.fromString(text), text);
    }
    return text;
  }
}
