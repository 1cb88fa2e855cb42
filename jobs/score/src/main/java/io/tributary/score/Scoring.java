package io.tributary.score;

import static org.apache.spark.sql.functions.col;

import io.tributary.analysis.CheckedScores;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.SeenValue;
import io.tributary.expression.Evaluator;
import io.tributary.expression.ExpressionFailure;
import io.tributary.expression.RowExpressions;
import io.tributary.lake.InternalRows;
import io.tributary.model.Input;
import io.tributary.model.InputRows;
import io.tributary.model.ModelBundle;
import io.tributary.model.ModelSignature;
import io.tributary.model.ScoreColumns;
import io.tributary.model.TrainedModel;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Scores frames with a model: each row alone, whatever its partition. A task holds one block of
 * rows at a time; the tasks of an executor share one copy of the model.
 */
final class Scoring {
  /** The score, in [0, 1]. */
  public static final String SCORE = "_score";

  private static final String ENCODED = "_encoded_";

  private Scoring() {}

  /**
   * Adds four columns to the rows: {@link #SCORE}, a double; {@link CheckedScores#DECISION}, a
   * boolean, null without a decision; {@link ScoreColumns#FLAGS}, the inputs that were missing, of
   * a category that no training row had, or clamped; {@link ScoreColumns#INPUTS_DIGEST}.
   *
   * @param bundle of the model; its inputs must be columns of the rows, with the types that they
   *     had in training
   * @param decide over a row of one column, the score
   * @throws PlatformException {@code CONTRACT_BROKEN} if an input is missing or of another type
   */
  public static Dataset<Row> score(
      Dataset<Row> rows, ModelBundle bundle, Optional<RowExpressions> decide) {
    ModelSignature signature = bundle.signature();
    Map<String, String> columns = new TreeMap<>();
    for (StructField field : rows.schema().fields()) {
      columns.put(field.name(), field.dataType().sql().toLowerCase(Locale.ROOT));
    }
    signature.check(columns);
    List<Column> encoded = new ArrayList<>();
    encoded.add(col("*"));
    for (int i = 0; i < signature.inputs().size(); i++) {
      Input input = signature.inputs().get(i);
      encoded.add(
          quoted(input.column()).cast(input.categorical() ? "string" : "double").as(ENCODED + i));
    }
    Dataset<Row> wide = rows.select(encoded.toArray(new Column[0]));
    StructType schema =
        wide.schema()
            .add(SCORE, DataTypes.DoubleType, false)
            .add(CheckedScores.DECISION, DataTypes.BooleanType, true)
            .add(ScoreColumns.FLAGS, flags(), false)
            .add(ScoreColumns.INPUTS_DIGEST, DataTypes.StringType, false);
    Broadcast<ModelBundle> everywhere =
        JavaSparkContext.fromSparkContext(rows.sparkSession().sparkContext()).broadcast(bundle);
    String digest = bundle.digest().hex();
    int first = rows.schema().size();
    List<RowExpressions> decisions = decide.stream().toList();
    Dataset<Row> scored =
        InternalRows.map(
            wide,
            schema,
            partition ->
                new Scored(partition, OpenModels.of(digest, everywhere.value()), first, decisions));
    List<Column> kept = new ArrayList<>();
    for (String name : rows.columns()) {
      kept.add(quoted(name));
    }
    for (String added :
        List.of(SCORE, CheckedScores.DECISION, ScoreColumns.FLAGS, ScoreColumns.INPUTS_DIGEST)) {
      kept.add(col(added));
    }
    return scored.select(kept.toArray(new Column[0]));
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

  /** The rows of a partition, scored a block at a time. */
  private static final class Scored implements Iterator<InternalRow> {
    private final Iterator<InternalRow> rows;
    private final TrainedModel model;
    private final int first;
    private final Optional<Evaluator> decide;
    private final InputRows inputs;
    private final InputsDigest digest;
    private final UTF8String[] names;
    private final List<InternalRow> block = new ArrayList<>();
    private final GenericInternalRow added = new GenericInternalRow(4);
    private final JoinedRow joined = new JoinedRow();
    private double[] scores = {};
    private int next;

    Scored(Iterator<InternalRow> rows, TrainedModel model, int first, List<RowExpressions> decide) {
      this.rows = rows;
      this.model = model;
      this.first = first;
      this.decide = decide.stream().map(RowExpressions::evaluator).findFirst();
      this.inputs = model.rows();
      this.digest = new InputsDigest(model.signature().inputs());
      this.names =
          model.signature().inputs().stream()
              .map(input -> UTF8String.fromString(input.column()))
              .toArray(UTF8String[]::new);
    }

    @Override
    public boolean hasNext() {
      return next < block.size() || rows.hasNext();
    }

    @Override
    public InternalRow next() {
      if (next == block.size()) {
        fill();
      }
      double score = scores[next];
      added.update(0, score);
      added.update(1, decide.map(evaluator -> decision(evaluator, score)).orElse(null));
      added.update(2, flags(next));
      added.update(3, UTF8String.fromString(digest.of(inputs, next)));
      return joined.apply(block.get(next++), added);
    }

    private void fill() {
      if (!rows.hasNext()) {
        throw new NoSuchElementException();
      }
      block.clear();
      inputs.clear();
      next = 0;
      List<Input> signature = model.signature().inputs();
      while (rows.hasNext() && block.size() < TrainedModel.BLOCK) {
        InternalRow row = rows.next().copy();
        block.add(row);
        inputs.append();
        for (int i = 0; i < signature.size(); i++) {
          if (!row.isNullAt(first + i)) {
            if (signature.get(i).categorical()) {
              inputs.text(i, row.getUTF8String(first + i).toString());
            } else {
              inputs.number(i, row.getDouble(first + i));
            }
          }
        }
      }
      scores = model.score(inputs);
    }

    private InternalRow flags(int row) {
      List<UTF8String> missing = new ArrayList<>();
      List<UTF8String> unseen = new ArrayList<>();
      List<UTF8String> clamped = new ArrayList<>();
      for (int i = 0; i < names.length; i++) {
        switch (model.vectorizer().taken(inputs, i, row)) {
          case MISSING -> missing.add(names[i]);
          case UNSEEN -> unseen.add(names[i]);
          case CLAMPED -> clamped.add(names[i]);
          case WHOLE -> {}
        }
      }
      return new GenericInternalRow(
          Stream.of(missing, unseen, clamped)
              .map(flagged -> new GenericArrayData(flagged.toArray()))
              .toArray());
    }

    private Boolean decision(Evaluator evaluator, double score) {
      try {
        InternalRow decided = evaluator.evaluate(new GenericInternalRow(new Object[] {score}));
        return decided.isNullAt(0) ? null : decided.getBoolean(0);
      } catch (ExpressionFailure e) {
        throw new PlatformException(
            ErrorCode.INVALID_VALUE,
            "Cannot decide on score %s: %s. Correct the decision in the scores' definition."
                .formatted(score, SeenValue.of(e.getMessage())),
            e);
      }
    }
  }
}
