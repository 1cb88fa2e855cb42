package io.tributary.analysis;

import io.tributary.definition.ViewUse;
import io.tributary.expression.RowExpressions;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.types.StructField;

/**
 * A feature view as a training set joins it, with types that fit.
 *
 * @param keys every entity (or request) column of the view, in its order → the asking row's column
 * @param features those that are taken, in the view's order, as the view names them
 * @param columns the same as the training set names them, {@code carrier_history__late_share_6h}
 * @param onDemand of an on-demand view: over {@link CheckedTrainingSet#asking()}, its taken
 *     features by the training set's names; empty for a view over a source. Use {@link
 *     RowExpressions#over} for rows with more columns
 */
public record CheckedUse(
    ViewUse definition,
    CheckedView view,
    Map<String, String> keys,
    List<StructField> features,
    List<StructField> columns,
    Optional<RowExpressions> onDemand) {
  public CheckedUse {
    keys = Collections.unmodifiableMap(new LinkedHashMap<>(keys));
    features = List.copyOf(features);
    columns = List.copyOf(columns);
  }
}
