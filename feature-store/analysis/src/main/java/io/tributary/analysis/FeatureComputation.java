package io.tributary.analysis;

import io.tributary.definition.Feature;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.types.DataType;

/**
 * How a feature is computed from the columns of {@link CheckedView#arguments()}.
 *
 * @param argument the column that is aggregated, or of a look-up taken as it is; booleans that are
 *     summed or averaged are 0 and 1 already. Empty for {@code count(*)} and {@code
 *     time_since_last()}
 * @param filter the boolean column, never null, of events that the feature sees; on top of the
 *     view's own
 * @param dimension the column that the aggregate is split by
 * @param type the feature's: {@code count}, {@code count_distinct}, {@code approx_count_distinct}
 *     bigint; {@code sum} bigint, double or decimal(38,s); {@code mean}, {@code var_*}, {@code
 *     stddev_*}, {@code percentile} double; {@code time_since_last} double, in seconds; {@code
 *     last_k}, {@code first_k} an array; {@code histogram} a map from the argument's to bigint;
 *     else the argument's. Split by a dimension, a map from the dimension's to that
 * @param values the source's columns whose values the feature's are made of, without those that
 *     only filters read; a field of a struct as {@code column.field}
 */
public record FeatureComputation(
    Feature feature,
    Optional<String> argument,
    Optional<String> filter,
    Optional<String> dimension,
    DataType type,
    Set<String> values) {
  public FeatureComputation {
    values = Collections.unmodifiableSet(new TreeSet<>(values));
  }
}
