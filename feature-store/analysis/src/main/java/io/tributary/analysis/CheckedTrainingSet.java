package io.tributary.analysis;

import io.tributary.core.Digest;
import io.tributary.definition.TrainingSet;
import io.tributary.expression.RowExpressions;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * A training set whose spine, label and features are typed and fit together.
 *
 * @param spine the rows that ask
 * @param asking a row that asks: its source's columns, or those of an entity that asks every so
 *     often; then {@link #AS_OF}. What features and scores may see; the label is not among them
 * @param labelSource where the label is read: by this source's event key, whose columns the spine
 *     has, or over an interval; the spine's own source where the row that asks says it itself
 * @param label over the label source's {@link CheckedSource#schema()}: the label, boolean, number
 *     or text, by its name; then {@link CheckedView#WHERE}, boolean and never null, whether the
 *     outcome is of interest. Of an outcome over an interval its completion
 * @param outcome of a label over an interval: what is computed of an entity's events as the
 *     features of a view are, over windows of the interval's length; the last two of its features
 *     are the label and {@link CheckedView#WHERE}, which may be null
 * @param schema {@code asking}, then the features of all uses in order, then the label
 * @param digest of its meaning: spine, as-of, label, known-until, and the views with their keys,
 *     roles and taken features
 * @param population the same without label and known-until: who asks, when, for which features
 */
public record CheckedTrainingSet(
    TrainingSet definition,
    CheckedSpine spine,
    StructType asking,
    CheckedSource labelSource,
    RowExpressions label,
    Optional<CheckedView> outcome,
    List<CheckedUse> uses,
    StructType schema,
    Digest digest,
    Digest population) {
  /** The instant at which a row asks. */
  public static final String AS_OF = "_as_of";

  public CheckedTrainingSet {
    uses = List.copyOf(uses);
  }

  public String name() {
    return definition.name();
  }

  public DataType labelType() {
    return label.schema().apply(definition.label().name()).dataType();
  }
}
