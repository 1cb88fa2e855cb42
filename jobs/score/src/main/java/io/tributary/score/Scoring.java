package io.tributary.score;

import static org.apache.spark.sql.functions.col;

import io.tributary.analysis.CheckedScores;
import io.tributary.expression.RowExpressions;
import io.tributary.lake.InternalRows;
import io.tributary.model.Input;
import io.tributary.model.ScoreColumns;
import io.tributary.model.StoredModel;
import io.tributary.rows.Tally;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Scores frames with several versions of a model in one pass: each row alone, whatever its
 * partition. A task holds one block of rows at a time; the tasks of an executor share one copy of
 * each model.
 */
final class Scoring {
  private static final StructType OUTPUT =
      new StructType()
          .add(ScoreColumns.PROBABILITY, DataTypes.DoubleType)
          .add(ScoreColumns.NUMBER, DataTypes.DoubleType)
          .add(
              "classes",
              DataTypes.createArrayType(
                  new StructType()
                      .add("class", DataTypes.StringType)
                      .add("probability", DataTypes.DoubleType)));

  private Scoring() {}

  /**
   * What a task knows of a scorer.
   *
   * @param decide one, or none without a decision
   * @param places the column of each input among those of the rows, a double or a text
   * @param numbers the columns of the rows' numeric inputs, that of {@link Plan#missing} for those
   *     that this model has not
   * @param categories the same of categories
   */
  record Part(
      String role,
      String asks,
      String model,
      long number,
      String artefact,
      List<RowExpressions> decide,
      int[] places,
      int[] numbers,
      int[] categories)
      implements Serializable {}

  /**
   * What tasks know.
   *
   * @param rows the columns that a row asked with, the inputs of all versions, and nothing
   * @param said the columns that each version's answer has
   */
  record Plan(StructType rows, StructType said, Predictions ids, List<Part> parts)
      implements Serializable {}

  /**
   * A row for each of the rows and each scorer, in its order: the columns that the row asked with;
   * {@link ScoreColumns#PREDICTION}, {@link ScoreColumns#ROLE}, {@link ScoreColumns#OUTPUT}, {@link
   * CheckedScores#DECISION}, {@link ScoreColumns#FLAGS}, {@link ScoreColumns#MODEL}, {@link
   * ScoreColumns#MODEL_VERSION}, {@link ScoreColumns#ARTEFACT}, {@link ScoreColumns#INPUTS_DIGEST},
   * {@link ScoreColumns#INPUTS}.
   *
   * @param rows with the inputs of all scorers
   * @param asking the columns that rows asked with
   * @param tally counts as {@link Counted} reads
   */
  static Dataset<Row> score(
      Dataset<Row> rows, List<String> asking, Predictions ids, List<Scorer> scorers, Tally tally) {
    Map<String, Integer> numbers = new LinkedHashMap<>();
    Map<String, Integer> categories = new LinkedHashMap<>();
    List<Column> columns = new ArrayList<>();
    asking.forEach(name -> columns.add(quoted(name)));
    for (Scorer scorer : scorers) {
      scorer.require(rows.schema());
      for (Input input : scorer.model().signature().inputs()) {
        (input.categorical() ? categories : numbers)
            .computeIfAbsent(
                input.column(),
                name -> {
                  DataType type = input.categorical() ? DataTypes.StringType : DataTypes.DoubleType;
                  if (asking.contains(name) && rows.schema().apply(name).dataType().equals(type)) {
                    return asking.indexOf(name);
                  }
                  columns.add(quoted(name).cast(type).as("_input_" + columns.size()));
                  return columns.size() - 1;
                });
      }
    }
    int missing = columns.size();
    columns.add(functions.lit(null).as("_missing"));
    List<Part> parts = new ArrayList<>();
    for (Scorer scorer : scorers) {
      List<Input> inputs = scorer.model().signature().inputs();
      parts.add(
          new Part(
              scorer.role(),
              scorer.asks(),
              scorer.version().model(),
              scorer.version().number(),
              scorer.version().artefact().digest().hex(),
              scorer.decide().stream().toList(),
              inputs.stream()
                  .mapToInt(i -> (i.categorical() ? categories : numbers).get(i.column()))
                  .toArray(),
              own(numbers, inputs, false, missing),
              own(categories, inputs, true, missing)));
    }
    StructType said =
        new StructType()
            .add(ScoreColumns.PREDICTION, DataTypes.StringType, false)
            .add(ScoreColumns.ROLE, DataTypes.StringType, false)
            .add(ScoreColumns.OUTPUT, OUTPUT, false)
            .add(CheckedScores.DECISION, DataTypes.BooleanType)
            .add(ScoreColumns.FLAGS, flags(), false)
            .add(ScoreColumns.MODEL, DataTypes.StringType, false)
            .add(ScoreColumns.MODEL_VERSION, DataTypes.LongType, false)
            .add(ScoreColumns.ARTEFACT, DataTypes.StringType, false)
            .add(ScoreColumns.INPUTS_DIGEST, DataTypes.StringType, false)
            .add(ScoreColumns.INPUTS, inputs(numbers, categories), false);
    Dataset<Row> wide = rows.select(columns.toArray(Column[]::new));
    Plan plan = new Plan(wide.schema(), said, ids, parts);
    Broadcast<List<StoredModel>> everywhere =
        JavaSparkContext.fromSparkContext(rows.sparkSession().sparkContext())
            .broadcast(scorers.stream().map(Scorer::model).toList());
    StructType schema = said;
    for (var field : wide.schema().fields()) {
      schema = schema.add(field);
    }
    Dataset<Row> scored =
        InternalRows.mapWithIndex(
            wide,
            schema,
            (partition, part) ->
                new ScoredRows(
                    part,
                    plan,
                    OpenModels.of(plan.parts(), everywhere),
                    (name, count) -> tally.put(name, partition, count)));
    List<String> kept = new ArrayList<>(asking);
    kept.addAll(List.of(said.fieldNames()));
    return scored.select(kept.stream().map(Scoring::quoted).toArray(Column[]::new));
  }

  private static int[] own(
      Map<String, Integer> places, List<Input> inputs, boolean categorical, int missing) {
    List<String> own =
        inputs.stream().filter(i -> i.categorical() == categorical).map(Input::column).toList();
    return places.entrySet().stream()
        .mapToInt(place -> own.contains(place.getKey()) ? place.getValue() : missing)
        .toArray();
  }

  /**
   * The inputs in fields by the kind of each: one whose type differs between versions of the model
   * has the same field.
   */
  private static StructType inputs(Map<String, Integer> numbers, Map<String, Integer> categories) {
    StructType kinds = new StructType();
    if (!numbers.isEmpty()) {
      kinds = kinds.add(ScoreColumns.NUMBERS, fields(numbers, DataTypes.DoubleType), false);
    }
    return categories.isEmpty()
        ? kinds
        : kinds.add(ScoreColumns.CATEGORIES, fields(categories, DataTypes.StringType), false);
  }

  static StructType fields(Map<String, Integer> names, DataType type) {
    StructType fields = new StructType();
    for (String name : names.keySet()) {
      fields = fields.add(name, type);
    }
    return fields;
  }

  private static StructType flags() {
    StructType flags = new StructType();
    for (String flag : ScoreColumns.FLAG_NAMES) {
      flags = flags.add(flag, DataTypes.createArrayType(DataTypes.StringType, false), false);
    }
    return flags;
  }

  static Column quoted(String column) {
    return col("`" + column.replace("`", "``") + "`");
  }
}
