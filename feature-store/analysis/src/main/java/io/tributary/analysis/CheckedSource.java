package io.tributary.analysis;

import io.tributary.core.Digest;
import io.tributary.definition.Source;
import io.tributary.expression.RowExpressions;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.types.StructType;

/**
 * A source whose columns, times and keys are typed.
 *
 * @param input what its rows are made from. Files: the contract's columns, then a struct column for
 *     each look-up, null where the static source has no such key. A query: {@link #rowSchema()} of
 *     the source that it reads
 * @param schema the columns that other definitions may use: of files the contract's, look-ups and
 *     derived columns; of a query those that it selects
 * @param rows {@code input} → {@code rowSchema}. A row on which it fails, or whose event key, event
 *     time or known time comes out null, is bad input
 * @param filter a query's {@code where} over {@code input}: one boolean column, {@code _where};
 *     only rows for which it is true belong to the query
 * @param order all columns that the source declares itself: what tells apart versions of equal
 *     known time, after event time. First the values in the source's order, then the columns that
 *     event key, times and sequence are made of
 * @param sequence the column of {@code rowSchema()} by which versions of equal known time follow
 *     one another, never null in a row that is not bad input
 * @param digest of its meaning: format and reading options, contract, zone, look-ups, derived
 *     columns, keys, times and sequence; never description, owner, path, tags or expectations
 */
public record CheckedSource(
    Source definition,
    StructType input,
    StructType schema,
    RowExpressions rows,
    Optional<RowExpressions> filter,
    List<String> order,
    Optional<String> sequence,
    Digest digest) {
  /** The instant when the fact happened; not in static sources. */
  public static final String EVENT_TIME = "_event_time";

  /** The first instant at which this version could have been used; not in static sources. */
  public static final String KNOWN_TIME = "_known_time";

  /** Whether the row withdraws its event; never null; not in static sources. */
  public static final String DELETED = "_deleted";

  /** The sequence of a query that takes it from its source. */
  public static final String SEQUENCE = "_sequence";

  public CheckedSource {
    order = List.copyOf(order);
  }

  public String name() {
    return definition.name();
  }

  /**
   * {@link #schema()}, then {@link #EVENT_TIME}, {@link #KNOWN_TIME} and {@link #DELETED} unless
   * the source is static, then {@link #SEQUENCE} in a query that takes its source's.
   */
  public StructType rowSchema() {
    return rows.schema();
  }
}
