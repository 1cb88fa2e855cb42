package io.tributary.ingest.ledger;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sequence;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The places of released rows as a frame, to distinguish rows of other frames by. */
public final class ReleasedRows {
  private static final StructType RANGES =
      new StructType()
          .add("_released_delivery", DataTypes.LongType)
          .add("_released_file", DataTypes.StringType)
          .add("_first", DataTypes.LongType)
          .add("_last", DataTypes.LongType);

  private final SparkSession spark;
  private final List<Row> ranges = new ArrayList<>();

  public ReleasedRows(SparkSession spark, Collection<Release> releases) {
    this.spark = spark;
    for (Release release : releases) {
      for (Release.Rows rows : release.rows()) {
        for (LineSet.Range range : rows.lines().ranges()) {
          ranges.add(RowFactory.create(rows.delivery(), rows.file(), range.first(), range.last()));
        }
      }
    }
  }

  /** Those rows, with {@link DeliveryFiles#META}, that are released. */
  public Dataset<Row> only(Dataset<Row> rows) {
    return ranges.isEmpty() ? rows.where(lit(false)) : joined(rows, places(), "left_semi");
  }

  /** The others. */
  public Dataset<Row> without(Dataset<Row> rows) {
    return ranges.isEmpty() ? rows : joined(rows, places(), "left_anti");
  }

  private Dataset<Row> places() {
    return spark
        .createDataFrame(ranges, RANGES)
        .select(
            col("_released_delivery"),
            col("_released_file"),
            explode(sequence(col("_first"), col("_last"))).as("_released_line"));
  }

  private static Dataset<Row> joined(Dataset<Row> rows, Dataset<Row> places, String kind) {
    Column same =
        col("_delivery")
            .equalTo(col("_released_delivery"))
            .and(col("_file").equalTo(col("_released_file")))
            .and(col("_line").equalTo(col("_released_line")));
    return rows.join(places, same, kind);
  }
}
