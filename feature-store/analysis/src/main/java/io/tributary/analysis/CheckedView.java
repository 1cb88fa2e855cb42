package io.tributary.analysis;

import io.tributary.core.Digest;
import io.tributary.definition.Derivation;
import io.tributary.definition.FeatureView;
import io.tributary.definition.SqlText;
import io.tributary.definition.ViewId;
import io.tributary.expression.RowExpressions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.types.StructType;

/**
 * A feature view whose expressions are typed and compiled.
 *
 * @param source what it is computed from; empty for an on-demand view
 * @param input the source's {@link CheckedSource#schema()}, or the request's columns
 * @param arguments over {@code input}: {@link #WHERE} if the view has a filter, then one column for
 *     each different argument or filter of a feature, named by {@code computations}. Use {@link
 *     RowExpressions#over} for rows with more columns
 * @param computations of the features, in the order of the file, without derived ones
 * @param completion over the computed features, in the order of {@code computations}: all features
 *     of {@code schema}. A division by zero in a derived feature is null
 * @param defaults by feature, what replaces a null: Boolean, Byte, Short, Integer, Long, Float,
 *     Double, BigDecimal, String, LocalDate or Instant. Replaced last: derived features are
 *     computed from what was null before
 * @param schema the features, derived ones last, all nullable
 * @param order the columns that decide between events of equal event and known time: first the
 *     declared tie-break columns, then the source's values in its order, up to the last one that
 *     the view depends on (those after it can't change a feature, so a column that is added at the
 *     contract's end changes no view), then those columns that event key, times and sequence are
 *     made of which the view depends on, if these can differ there; then before them all values
 * @param reads the columns that the source declares itself on which the view depends, its entity
 *     too: versions of an event that differ in others make no difference to it
 * @param digest of its meaning: entity, resolved expressions, windows, TTL, filters, order, how its
 *     snapshots are served, and the source's name, key and times; not the source's other columns,
 *     and never description, owner, tags, status, comments or the order of keys
 * @param snapshotDigest the same of what its snapshots hold: without defaults, accuracy, publish
 *     delay and max-staleness
 */
public record CheckedView(
    FeatureView definition,
    Optional<CheckedSource> source,
    StructType input,
    RowExpressions arguments,
    List<FeatureComputation> computations,
    RowExpressions completion,
    Map<String, Object> defaults,
    StructType schema,
    List<String> order,
    Set<String> reads,
    Digest digest,
    Digest snapshotDigest) {
  /** The boolean column, never null, of events that the view sees. */
  public static final String WHERE = "_where";

  public CheckedView {
    computations = List.copyOf(computations);
    defaults = Collections.unmodifiableMap(new LinkedHashMap<>(defaults));
    order = List.copyOf(order);
    reads = Set.copyOf(reads);
  }

  public ViewId id() {
    return definition.id();
  }

  /** Whether {@link #arguments()} has the column {@link #WHERE}. */
  public boolean hasFilter() {
    return definition.where().isPresent();
  }

  /**
   * Of an on-demand view: over {@code input}, a request's columns, all features of {@code schema}.
   */
  public RowExpressions onDemand() {
    List<Derivation> features = new ArrayList<>();
    for (FeatureComputation c : computations) {
      String column = c.argument().orElseThrow();
      features.add(
          new Derivation(
              c.feature().name(), new SqlText("`" + column + "`", definition.location())));
    }
    RowExpressions named = RowExpressions.compile(features, arguments.schema(), definition.zone());
    return arguments.then(named).then(completion);
  }
}
