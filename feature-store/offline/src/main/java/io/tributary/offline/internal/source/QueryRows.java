package io.tributary.offline.internal.source;

import io.tributary.analysis.CheckedSource;
import io.tributary.core.ErrorCode;
import io.tributary.core.Iterators;
import io.tributary.core.PlatformException;
import io.tributary.core.SeenValue;
import io.tributary.definition.Derivation;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.expression.Evaluator;
import io.tributary.expression.ExpressionFailure;
import io.tributary.expression.RowExpressions;
import io.tributary.offline.internal.values.RowText;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Scala;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The rows of a query source: its columns and times, computed from the rows of the source that it
 * reads. A version that the query's filter leaves out takes its event out of the query, as a
 * tombstone does: what it corrects must not live on. Of a tombstone and of such a version only
 * event key and known time matter, and what ranks it among versions of equal known time; only these
 * must be computable. A row without the times of rule 3, or without its sequence, is an error, for
 * a query has no quarantine.
 */
final class QueryRows implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final String SEQUENCE = "sequence";

  private final String what;

  /** The file and line that define the query. */
  private final String where;

  /** Null = the query takes all rows. */
  private final RowExpressions filter;

  private final RowExpressions rows;
  private final StructType base;
  private final boolean keyed;
  private final int event;
  private final int known;
  private final int deleted;
  private final int[] eventKey;

  /** -1 = its versions have none. */
  private final int sequence;

  /** What must be computable of tombstones too, by its column, as people call it. */
  private final LinkedHashMap<Integer, String> needed = new LinkedHashMap<>();

  /** Columns of the base that its rows bring along behind their own. */
  private final StructType kept;

  private final int[] keptFrom;

  private QueryRows(CheckedSource source, StructType base, Set<String> ranking, List<String> kept) {
    this.keptFrom = kept.stream().mapToInt(base::fieldIndex).toArray();
    this.kept =
        new StructType(
            Arrays.stream(keptFrom).mapToObj(i -> base.fields()[i]).toArray(StructField[]::new));
    this.what = "source " + source.name();
    this.where = source.definition().location().toString();
    this.filter = source.filter().map(f -> f.over(base)).orElse(null);
    this.rows = source.rows().over(base);
    this.base = base;
    boolean timed = !source.definition().isStatic();
    StructType schema = source.rowSchema();
    this.keyed = timed && !source.definition().eventKey().isEmpty();
    this.eventKey = source.definition().eventKey().stream().mapToInt(schema::fieldIndex).toArray();
    this.event = timed ? schema.fieldIndex(CheckedSource.EVENT_TIME) : -1;
    this.known = timed ? schema.fieldIndex(CheckedSource.KNOWN_TIME) : -1;
    this.deleted = timed ? schema.fieldIndex(CheckedSource.DELETED) : -1;
    this.sequence = source.sequence().map(schema::fieldIndex).orElse(-1);
    Arrays.stream(eventKey).forEach(i -> needed.put(i, "event key"));
    needed.putIfAbsent(known, "known time");
    if (sequence >= 0) {
      needed.putIfAbsent(sequence, SEQUENCE);
    }
    ranking.forEach(
        c -> needed.putIfAbsent(schema.fieldIndex(c), "column \"" + c + "\", which breaks ties,"));
  }

  /**
   * The columns of what a query reads that decide those of its columns which must be computable for
   * tombstones too.
   *
   * @param ranking columns of the query, beside event key, known time and sequence
   */
  static Set<String> below(CheckedSource source, SourceInput.Query query, Set<String> ranking) {
    Source definition = source.definition();
    Set<String> own = new HashSet<>(ranking);
    own.addAll(definition.eventKey());
    definition.sequence().ifPresent(own::add);
    definition
        .knownTime()
        .ifPresent(
            known ->
                own.addAll(
                    RowExpressions.compile(
                            List.of(new Derivation("known", known)),
                            source.schema(),
                            definition.zone())
                        .columns()));
    List<Derivation> columns =
        query.columns().stream().filter(column -> own.contains(column.name())).toList();
    return columns.isEmpty()
        ? Set.of()
        : Set.copyOf(RowExpressions.compile(columns, source.input(), definition.zone()).columns());
  }

  /**
   * A query's rows.
   *
   * @param ranking columns of it that must be computable for tombstones too, beside event key,
   *     known time and sequence
   * @param kept columns of the rows that they are computed from; they come last
   */
  static PartitionedRows of(
      CheckedSource source, PartitionedRows base, Set<String> ranking, List<String> kept) {
    QueryRows query = new QueryRows(source, base.schema(), ranking, kept);
    StructType schema = source.rowSchema();
    for (StructField field : query.kept.fields()) {
      schema = schema.add(field);
    }
    return base.map(schema, (task, rows) -> query.select(rows));
  }

  private Iterator<InternalRow> select(Iterator<InternalRow> base) {
    Evaluator keeps = filter == null ? null : filter.evaluator();
    Evaluator select = rows.evaluator();
    UnsafeProjection whole = UnsafeProjection.create(rows.schema());
    UnaryOperator<InternalRow> along = along();
    JoinedRow joined = new JoinedRow();
    return Iterators.mapSome(
        base,
        row -> {
          UnsafeRow own =
              keyed
                  ? version(keeps, select, whole, row)
                  : keeps == null || isTrue(keeps.evaluate(row, "read", what))
                      ? checked(select.evaluate(row, "read", what))
                      : null;
          return own == null || keptFrom.length == 0 ? own : joined.apply(own, along.apply(row));
        });
  }

  private UnaryOperator<InternalRow> along() {
    List<Expression> columns = new ArrayList<>();
    for (int i = 0; i < keptFrom.length; i++) {
      columns.add(Scala.column(keptFrom[i], kept.fields()[i].dataType()));
    }
    return Scala.projection(columns)::apply;
  }

  private static boolean isTrue(InternalRow condition) {
    return !condition.isNullAt(0) && condition.getBoolean(0);
  }

  private UnsafeRow checked(UnsafeRow row) {
    Optional<String> lacks = lacks(row);
    if (lacks.isPresent()) {
      throw new PlatformException(
          ErrorCode.INVALID_VALUE,
          "Cannot read %s: a row has no %s%s"
              .formatted(
                  what,
                  lacks.get(),
                  lacks.get().equals(SEQUENCE)
                      ? ". Give it one: versions of its event would follow in no order."
                      : ". Filter such rows out of the query, or give them one."));
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
    if (row.isNullAt(event) && !row.getBoolean(deleted)) {
      return Optional.of("event time");
    }
    return sequence >= 0 && row.isNullAt(sequence) ? Optional.of(SEQUENCE) : Optional.empty();
  }

  /** A version of an event; null where its event or its known time can't be computed. */
  private UnsafeRow version(
      Evaluator keeps, Evaluator select, UnsafeProjection whole, InternalRow row) {
    try {
      boolean selected = keeps == null || isTrue(keeps.evaluate(row));
      UnsafeRow own = select.evaluate(row);
      return selected ? checked(own) : withdrawn(own);
    } catch (ExpressionFailure failure) {
      Evaluator.Part part = select.partially(row);
      boolean leftOut = isLeftOut(keeps, row);
      if (!leftOut && !isTombstone(part)) {
        throw unreadable(failure, ". Correct the expression, or filter such rows out.");
      }
      requireNeeded(part, select, row);
      UnsafeRow own = whole.apply(part.row());
      return leftOut ? withdrawn(own) : checked(own);
    }
  }

  private static boolean isLeftOut(Evaluator keeps, InternalRow row) {
    try {
      return keeps != null && !isTrue(keeps.evaluate(row));
    } catch (ExpressionFailure e) {
      return false;
    }
  }

  private boolean isTombstone(Evaluator.Part part) {
    return !part.row().isNullAt(deleted) && part.row().getBoolean(deleted);
  }

  private void requireNeeded(Evaluator.Part part, Evaluator select, InternalRow row) {
    for (Map.Entry<Integer, String> column : needed.entrySet()) {
      if (!part.failed().containsKey(column.getKey())) {
        continue;
      }
      List<ExpressionFailure> failures = select.failures(row);
      String name = rows.schema().fields()[column.getKey()].name();
      throw unreadable(
          failures.stream()
              .filter(f -> f.expression().equals(name))
              .findFirst()
              .orElse(failures.get(0)),
          " in the row "
              + SeenValue.of(RowText.of(row, base))
              + ", which is left out or withdrawn. Correct the expression: "
              + column.getValue()
              + " is needed of such rows too, for they take earlier versions of their events away.");
    }
  }

  private PlatformException unreadable(ExpressionFailure failure, String rest) {
    return new PlatformException(
        ErrorCode.INVALID_VALUE,
        "Cannot read %s (%s): %s: %s%s"
            .formatted(what, where, failure.expression(), SeenValue.of(failure.reason()), rest),
        failure);
  }

  /** The tombstone that a left-out version is. */
  private UnsafeRow withdrawn(UnsafeRow own) {
    own.setBoolean(deleted, true);
    Optional<String> lacks = lacks(own);
    return lacks.isEmpty() || lacks.get().equals(SEQUENCE) ? checked(own) : null;
  }
}
