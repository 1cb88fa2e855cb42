package io.tributary.bench;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.struct;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.SpecificInternalRow;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * What scoring costs without Tributary: Spark reads a Delta table, a bare loop takes each row
 * through the network, and Spark writes a Delta table of the rows, what the network was given, and
 * the score. And what it costs to read such a table.
 */
public final class PlainScore {
  private PlainScore() {}

  /** A layer's weights by input. */
  record Layer(float[][] weights, float[] bias) implements Serializable {}

  /**
   * A network of layers that all but the last cut off at zero.
   *
   * @param columns the inputs, as expressions
   */
  record Model(List<String> columns, double[] centre, double[] scale, List<Layer> layers)
      implements Serializable {}

  /** Usage: {@code PlainScore score MODEL TABLE OUT}, {@code PlainScore read TABLE COLUMN…}. */
  public static void main(String[] arguments) throws IOException {
    try (SparkSession spark =
        SparkSession.builder()
            .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
            .config(
                "spark.sql.catalog.spark_catalog",
                "org.apache.spark.sql.delta.catalog.DeltaCatalog")
            .getOrCreate()) {
      if (arguments[0].equals("score")) {
        Model model = new ObjectMapper().readValue(new File(arguments[1]), Model.class);
        scored(spark.read().format("delta").load(arguments[2]), model)
            .write()
            .format("delta")
            .save(arguments[3]);
      } else {
        spark
            .read()
            .format("delta")
            .load(arguments[1])
            .select(Arrays.stream(arguments).skip(2).map(name -> col(name)).toArray(Column[]::new))
            .write()
            .format("noop")
            .mode("overwrite")
            .save();
      }
    }
  }

  private static Dataset<Row> scored(Dataset<Row> rows, Model model) {
    List<String> names =
        model.columns().stream().map(column -> column.replaceAll("\\W+", "_")).toList();
    Column[] inputs =
        IntStream.range(0, names.size())
            .mapToObj(i -> expr(model.columns().get(i)).as(names.get(i)))
            .toArray(Column[]::new);
    Dataset<Row> asked =
        rows.select(
            Stream.concat(Stream.of(inputs), Stream.of(col("id"), col("t")))
                .toArray(Column[]::new));
    StructType score = new StructType().add("score", "double", false);
    StructType schema = score;
    for (StructField field : asked.schema().fields()) {
      schema = schema.add(field);
    }
    return rows.sparkSession()
        .internalCreateDataFrame(
            asked
                .queryExecution()
                .toRdd()
                .toJavaRDD()
                .mapPartitions(part -> scores(part, model, new SpecificInternalRow(score)))
                .rdd(),
            schema,
            false)
        .withColumn("inputs", struct(names.stream().map(n -> col(n)).toArray(Column[]::new)));
  }

  private static Iterator<InternalRow> scores(
      Iterator<InternalRow> rows, Model model, InternalRow score) {
    int width = model.columns().size();
    float[] vector = new float[width];
    float[][] outputs =
        model.layers().stream().map(layer -> new float[layer.bias.length]).toArray(float[][]::new);
    JoinedRow joined = new JoinedRow();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public InternalRow next() {
        InternalRow row = rows.next();
        for (int i = 0; i < width; i++) {
          vector[i] = (float) ((row.getDouble(i) - model.centre[i]) * model.scale[i]);
        }
        float[] from = vector;
        for (int k = 0; k < outputs.length; k++) {
          pass(model.layers.get(k), from, outputs[k]);
          from = outputs[k];
          for (int j = 0; j < from.length && k < outputs.length - 1; j++) {
            from[j] = Math.max(from[j], 0f);
          }
        }
        score.setDouble(0, (float) (1 / (1 + StrictMath.exp(-from[0]))));
        return joined.apply(score, row);
      }
    };
  }

  private static void pass(Layer layer, float[] from, float[] to) {
    System.arraycopy(layer.bias, 0, to, 0, to.length);
    for (int i = 0; i < from.length; i++) {
      float x = from[i];
      float[] weights = layer.weights[i];
      for (int j = 0; j < to.length; j++) {
        to[j] += x * weights[j];
      }
    }
  }
}
