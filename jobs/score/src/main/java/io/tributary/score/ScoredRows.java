package io.tributary.score;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.SeenValue;
import io.tributary.expression.Evaluator;
import io.tributary.expression.ExpressionFailure;
import io.tributary.expression.RowExpressions;
import io.tributary.model.Input;
import io.tributary.model.ScoreColumns;
import io.tributary.model.ScoringBlock;
import io.tributary.model.ScoringModel;
import io.tributary.model.TrainedModel;
import io.tributary.model.Vectorizer.Taken;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.ObjLongConsumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.ProjectingInternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.SpecificInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.types.UTF8String;
import scala.collection.JavaConverters;

/**
 * The rows of a partition with what each version says of them, a block at a time. A row is valid
 * until the next one is requested, and only a flagged one makes objects.
 */
final class ScoredRows implements Iterator<InternalRow> {
  private final Iterator<InternalRow> rows;
  private final RowBuffer block;
  private final List<Version> versions = new ArrayList<>();
  private final ObjLongConsumer<String> tally;
  private final JoinedRow joined = new JoinedRow();
  private int row;
  private int version;
  private boolean counted;

  /**
   * @param models of the plan's parts
   * @param tally gets the counts once all rows are read
   */
  ScoredRows(
      Iterator<InternalRow> rows,
      Scoring.Plan plan,
      List<ScoringModel> models,
      ObjLongConsumer<String> tally) {
    this.rows = rows;
    this.tally = tally;
    for (int i = 0; i < models.size(); i++) {
      versions.add(new Version(i, plan, models.get(i)));
    }
    int most = versions.stream().mapToInt(v -> v.block.most()).min().orElse(TrainedModel.BLOCK);
    this.block = new RowBuffer(plan.rows(), most);
  }

  @Override
  public boolean hasNext() {
    if (row < block.rows() || rows.hasNext()) {
      return true;
    }
    if (!counted) {
      counted = true;
      versions.forEach(v -> v.counts.to(tally));
    }
    return false;
  }

  @Override
  public InternalRow next() {
    if (row == block.rows()) {
      fill();
    }
    UnsafeRow asked = block.at(row);
    InternalRow said = versions.get(version).of(asked, row);
    if (++version == versions.size()) {
      version = 0;
      row++;
    }
    return joined.apply(said, asked);
  }

  private void fill() {
    if (!rows.hasNext()) {
      throw new NoSuchElementException();
    }
    row = 0;
    block.clear();
    versions.forEach(v -> v.block.clear());
    while (!block.full() && rows.hasNext()) {
      UnsafeRow added = block.add(rows.next());
      for (Version v : versions) {
        v.add(added);
      }
    }
    versions.forEach(Version::score);
  }

  /** One version's answers. */
  private static final class Version {
    private static final GenericInternalRow NO_FLAGS =
        new GenericInternalRow(
            ScoreColumns.FLAG_NAMES.stream()
                .map(flag -> new GenericArrayData(new Object[0]))
                .toArray());

    private final int place;
    private final ScoringBlock block;
    private final Counted.Counts counts;
    private final boolean[] categorical;
    private final int[] places;
    private final UTF8String[] names;
    private final PredictionId id;
    private final InputsDigest digest;
    private final Optional<Evaluator> decide;
    private final SpecificInternalRow score;
    private final SpecificInternalRow output;

    /** Of the output's members the one that the model has. */
    private final int member;

    private final boolean summed;
    private final GenericInternalRow inputs;
    private final List<ProjectingInternalRow> kinds = new ArrayList<>();
    private final SpecificInternalRow said;

    Version(int place, Scoring.Plan plan, ScoringModel model) {
      this.place = place;
      Scoring.Part part = plan.parts().get(place);
      List<Input> signature = model.signature().inputs();
      block = model.block();
      counts = new Counted.Counts(place);
      places = part.places();
      categorical = new boolean[places.length];
      for (int i = 0; i < places.length; i++) {
        categorical[i] = signature.get(i).categorical();
      }
      names =
          signature.stream()
              .map(input -> UTF8String.fromString(input.column()))
              .toArray(UTF8String[]::new);
      id = plan.ids().id(part.asks(), plan.rows());
      digest = new InputsDigest(signature, places);
      decide = part.decide().stream().map(RowExpressions::evaluator).findFirst();
      score = new SpecificInternalRow(new StructType().add("score", DataTypes.DoubleType));
      said = new SpecificInternalRow(plan.said());
      output =
          new SpecificInternalRow((StructType) plan.said().apply(ScoreColumns.OUTPUT).dataType());
      for (int other = 0; other < output.numFields(); other++) {
        output.setNullAt(other);
      }
      member =
          ((StructType) plan.said().apply(ScoreColumns.OUTPUT).dataType())
              .fieldIndex(model.output());
      summed = model.output().equals(ScoreColumns.PROBABILITY);
      StructType fields = (StructType) plan.said().apply(ScoreColumns.INPUTS).dataType();
      for (var kind : fields.fields()) {
        int[] from = kind.name().equals(ScoreColumns.NUMBERS) ? part.numbers() : part.categories();
        kinds.add(
            ProjectingInternalRow.apply(
                (StructType) kind.dataType(),
                JavaConverters.<Object>asScalaBuffer(
                        new ArrayList<>(Arrays.stream(from).boxed().toList()))
                    .toIndexedSeq()));
      }
      inputs = new GenericInternalRow(kinds.toArray());
      said.update(1, UTF8String.fromString(part.role()));
      said.update(2, output);
      said.update(5, UTF8String.fromString(part.model()));
      said.setLong(6, part.number());
      said.update(7, UTF8String.fromString(part.artefact()));
      said.update(9, inputs);
    }

    void add(UnsafeRow row) {
      block.append();
      for (int i = 0; i < places.length; i++) {
        if (!row.isNullAt(places[i])) {
          if (categorical[i]) {
            UTF8String text = row.getUTF8String(places[i]);
            int from = (int) (text.getBaseOffset() - Platform.BYTE_ARRAY_OFFSET);
            block.text(i, (byte[]) text.getBaseObject(), from, from + text.numBytes());
          } else {
            block.number(i, row.getDouble(places[i]));
          }
        }
      }
    }

    void score() {
      try {
        block.score();
      } catch (PlatformException e) {
        throw Scorer.Failed.at(place, e);
      }
    }

    InternalRow of(UnsafeRow asked, int row) {
      double answer = block.score(row);
      output.setDouble(member, answer);
      said.update(0, id.of(asked));
      decide(answer);
      boolean flagged = block.flagged(row);
      said.update(4, flagged ? flags(row) : NO_FLAGS);
      said.update(8, digest.of(asked));
      kinds.forEach(kind -> kind.project(asked));
      counts.add(summed ? answer : 0, !said.isNullAt(3) && said.getBoolean(3));
      return said;
    }

    private void decide(double answer) {
      said.setNullAt(3);
      if (decide.isPresent()) {
        score.setDouble(0, answer);
        try {
          UnsafeRow decided = decide.get().evaluate(score);
          if (!decided.isNullAt(0)) {
            said.setBoolean(3, decided.getBoolean(0));
          }
        } catch (ExpressionFailure e) {
          throw Scorer.Failed.at(
              place,
              new PlatformException(
                  ErrorCode.INVALID_VALUE,
                  "Cannot decide on score %s: %s. Correct the decision in the scores' definition."
                      .formatted(answer, SeenValue.of(e.getMessage())),
                  e));
        }
      }
    }

    private InternalRow flags(int row) {
      Object[] flags = NO_FLAGS.values().clone();
      for (Taken how : List.of(Taken.MISSING, Taken.UNSEEN, Taken.CLAMPED)) {
        List<UTF8String> flagged = new ArrayList<>();
        for (int i = 0; i < names.length; i++) {
          if (block.taken(i, row) == how) {
            flagged.add(names[i]);
          }
        }
        if (!flagged.isEmpty()) {
          int flag = how.ordinal() - 1;
          flags[flag] = new GenericArrayData(flagged.toArray());
          counts.flagged(flag);
        }
      }
      return new GenericInternalRow(flags);
    }
  }
}
