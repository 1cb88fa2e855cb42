package io.tributary.offline.internal;

import io.tributary.core.ErrorCode;
import io.tributary.core.Iterators;
import io.tributary.core.PlatformException;
import io.tributary.expression.CheckedSource;
import io.tributary.expression.Evaluator;
import io.tributary.expression.ExpressionFailure;
import io.tributary.expression.RowExpressions;
import java.io.Serializable;
import java.util.Iterator;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.StructType;

/**
 * The rows of a query source: its columns and times, computed from the rows of the source that it
 * reads. A version that the query's filter leaves out takes its event out of the query, as a
 * tombstone does: what it corrects must not live on. A row without the times that rule 3 asks for
 * is an error, for a query has no quarantine.
 */
final class QueryRows implements Serializable {
  private static final long serialVersionUID = 1L;

  private final String what;

  /** Null = the query takes all rows. */
  private final RowExpressions filter;

  private final RowExpressions rows;
  private final boolean keyed;
  private final int event;
  private final int known;
  private final int deleted;
  private final int[] eventKey;

  private QueryRows(CheckedSource source, StructType base) {
    this.what = "source " + source.name();
    this.filter = source.filter().map(f -> f.over(base)).orElse(null);
    this.rows = source.rows().over(base);
    boolean timed = !source.definition().isStatic();
    StructType schema = source.rowSchema();
    this.keyed = timed && !source.definition().eventKey().isEmpty();
    this.eventKey = source.definition().eventKey().stream().mapToInt(schema::fieldIndex).toArray();
    this.event = timed ? schema.fieldIndex(CheckedSource.EVENT_TIME) : -1;
    this.known = timed ? schema.fieldIndex(CheckedSource.KNOWN_TIME) : -1;
    this.deleted = timed ? schema.fieldIndex(CheckedSource.DELETED) : -1;
  }

  static SourceRows of(CheckedSource source, SourceRows base) {
    QueryRows query = new QueryRows(source, base.schema());
    return new SourceRows(base.rows().mapPartitions(query::select), source.rowSchema());
  }

  private Iterator<InternalRow> select(Iterator<InternalRow> base) {
    Evaluator keeps = filter == null ? null : filter.evaluator();
    Evaluator select = rows.evaluator();
    return Iterators.mapSome(
        base,
        row -> {
          boolean kept = keeps == null || isTrue(keeps.evaluate(row, "read", what));
          if (!kept && !keyed) {
            return null;
          }
          return kept ? checked(select.evaluate(row, "read", what)) : leftOut(select, row);
        });
  }

  private static boolean isTrue(InternalRow condition) {
    return !condition.isNullAt(0) && condition.getBoolean(0);
  }

  private UnsafeRow checked(UnsafeRow row) {
    Optional<String> lacks = lacks(row);
    if (lacks.isPresent()) {
      throw new PlatformException(
          ErrorCode.INVALID_VALUE,
          "Cannot read "
              + what
              + ": a row has no "
              + lacks.get()
              + ". Filter such rows out of the query, or give them one.");
    }
    return row;
  }

  /** What a row must have and does not. */
  private Optional<String> lacks(UnsafeRow row) {
    for (int column : eventKey) {
      if (row.isNullAt(column)) {
        return Optional.of("complete event key");
      }
    }
    if (known < 0) {
      return Optional.empty();
    }
    if (row.isNullAt(known)) {
      return Optional.of("known time");
    }
    return row.isNullAt(event) && !row.getBoolean(deleted)
        ? Optional.of("event time")
        : Optional.empty();
  }

  /**
   * The tombstone that a left-out version is; null where it can't be told of which event, or when.
   */
  private UnsafeRow leftOut(Evaluator select, InternalRow row) {
    try {
      UnsafeRow selected = select.evaluate(row);
      selected.setBoolean(deleted, true);
      return lacks(selected).isEmpty() ? selected : null;
    } catch (ExpressionFailure e) {
      return null;
    }
  }
}
