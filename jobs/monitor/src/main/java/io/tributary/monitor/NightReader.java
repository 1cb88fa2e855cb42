package io.tributary.monitor;

import io.tributary.definition.Monitor;
import io.tributary.model.InputRows;
import io.tributary.model.ModelBundle;
import io.tributary.model.TrainedModel;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Counts the scored rows of a night in the bins of a model's profile, block by block on the
 * executors.
 */
final class NightReader {
  private final ModelBundle bundle;
  private final Monitor monitor;

  NightReader(ModelBundle bundle, Monitor monitor) {
    this.bundle = bundle;
    this.monitor = monitor;
  }

  /** Rows of a score set: {@code score}, and the struct {@code inputs} with the model's inputs. */
  NightCounts count(Dataset<Row> scored) {
    ModelBundle judge = bundle;
    double lowest = monitor.lowest();
    double highest = monitor.highest();
    NightCounts night = NightCounts.none(bundle.profile());
    for (NightCounts part :
        scored
            .select("score", "inputs")
            .toJavaRDD()
            .mapPartitions(rows -> List.of(count(judge, rows, lowest, highest)).iterator())
            .collect()) {
      night = night.plus(part);
    }
    return night;
  }

  private static NightCounts count(
      ModelBundle bundle, Iterator<Row> rows, double lowest, double highest) {
    NightCounts counts = NightCounts.none(bundle.profile());
    InputRows block = new InputRows(bundle.signature().inputs(), TrainedModel.BLOCK);
    double[] scores = new double[TrainedModel.BLOCK];
    while (rows.hasNext()) {
      block.clear();
      int n = 0;
      while (n < scores.length && rows.hasNext()) {
        Row row = rows.next();
        scores[n++] = row.isNullAt(0) ? Double.NaN : row.getDouble(0);
        Row inputs = row.getStruct(1);
        block.append();
        for (int i = 0; i < bundle.signature().inputs().size(); i++) {
          block.value(i, inputs.getAs(bundle.signature().inputs().get(i).column()));
        }
      }
      counts =
          counts.plus(
              NightCounts.of(
                  bundle.profile(),
                  bundle.signature(),
                  block,
                  Arrays.copyOf(scores, n),
                  lowest,
                  highest));
    }
    return counts;
  }
}
