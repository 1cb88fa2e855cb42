package io.tributary.source.rows;

import io.tributary.analysis.CheckedSource;
import io.tributary.core.ErrorCode;
import io.tributary.core.Iterators;
import io.tributary.core.Lazy;
import io.tributary.core.PlatformException;
import io.tributary.core.RowPlace;
import io.tributary.core.SeenValue;
import io.tributary.expression.Evaluator;
import io.tributary.expression.ExpressionFailure;
import io.tributary.expression.RowExpressions;
import io.tributary.expression.Selection;
import io.tributary.rows.ColumnRows;
import io.tributary.rows.Tally;
import io.tributary.rows.local.ParquetRows;
import io.tributary.source.Reason;
import java.io.Serializable;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/**
 * Rows of a contract as its validated table has them, of those of one partition. Travels.
 *
 * @param derived what a row of the contract becomes
 * @param never columns that are never null in a usable row
 * @param sequence the column of the sequence; -1 = none
 * @param event the column of the event time, which only a tombstone may lack; -1 = none
 * @param deleted the column that says which row is one
 * @param described columns that tell people which row it is, before they are derived from
 * @param paths of files that Spark reads itself what people call them, by path
 */
record UsableRows(
    String source,
    RowExpressions derived,
    int[] never,
    int sequence,
    int event,
    int deleted,
    int[] described,
    boolean leavesOut,
    Map<String, String> paths,
    Tally tally)
    implements Serializable {
  static UsableRows of(
      SourceRules rules,
      StructType given,
      boolean leavesOut,
      Map<String, String> paths,
      Tally tally) {
    RowExpressions derived = rules.source().rows().over(given);
    StructType schema = derived.schema();
    List<String> key = rules.source().definition().eventKey();
    Stream<String> times =
        rules.isStatic()
            ? Stream.of()
            : Stream.concat(
                Stream.of(CheckedSource.KNOWN_TIME), rules.source().sequence().stream());
    List<String> columns = List.of(given.fieldNames());
    return new UsableRows(
        rules.name(),
        derived,
        Stream.concat(key.stream(), times).mapToInt(schema::fieldIndex).toArray(),
        rules.source().sequence().map(schema::fieldIndex).orElse(-1),
        rules.isStatic() ? -1 : schema.fieldIndex(CheckedSource.EVENT_TIME),
        rules.isStatic() ? -1 : schema.fieldIndex(CheckedSource.DELETED),
        Stream.concat(Stream.of("_file", "_line", ParquetRows.ROW_INDEX), key.stream())
            .filter(columns::contains)
            .mapToInt(given::fieldIndex)
            .toArray(),
        leavesOut,
        paths,
        tally);
  }

  /** The rows of partitions that are read from one file each. */
  Iterator<InternalRow> rows(int partition, String file, Iterator<InternalRow> rows) {
    return usable(partition, rows, row -> where(row, file));
  }

  Iterator<InternalRow> rows(int partition, Iterator<InternalRow> rows) {
    return usable(partition, rows, row -> where(row, ""));
  }

  private Iterator<InternalRow> usable(
      int partition, Iterator<InternalRow> rows, Function<InternalRow, String> where) {
    Iterator<InternalRow> each = each(partition, rows, where);
    if (!(rows instanceof ColumnRows given)) {
      return each;
    }
    return derived
        .selection()
        .<Iterator<InternalRow>>map(
            selection -> ColumnRows.of(each, () -> columns(given, selection), given::pass))
        .orElse(each);
  }

  /** Rows that need no computation, as long as all of them are usable. */
  private Optional<ColumnarBatch> columns(ColumnRows given, Selection selection) {
    return given
        .columns()
        .filter(batch -> selection.filled().stream().noneMatch(c -> batch.column(c).hasNull()))
        .map(batch -> ColumnRows.some(batch, selection.columns()))
        .filter(this::areUsable);
  }

  /** Whether that is seen without a look at each row. */
  private boolean areUsable(ColumnarBatch rows) {
    return (event < 0 || !rows.column(event).hasNull())
        && Arrays.stream(never).noneMatch(column -> rows.column(column).hasNull());
  }

  private Iterator<InternalRow> each(
      int partition, Iterator<InternalRow> rows, Function<InternalRow, String> where) {
    Lazy<Evaluator> evaluator = Lazy.of(derived::evaluator);
    long[] count = new long[1];
    return Iterators.atEnd(
        Iterators.mapSome(
            rows,
            row -> {
              String why;
              try {
                UnsafeRow usable = evaluator.get().evaluate(row);
                if (isUsable(usable)) {
                  return usable;
                }
                why = missing(usable);
              } catch (ExpressionFailure e) {
                why = e.expression() + " " + e.reason();
              }
              if (!leavesOut) {
                throw unusable(source, where.apply(row), why);
              }
              count[0]++;
              return null;
            }),
        () -> tally.put(source, partition, count[0]));
  }

  private boolean isUsable(UnsafeRow row) {
    boolean usable = event < 0 || !row.isNullAt(event) || row.getBoolean(deleted);
    for (int column : never) {
      usable &= !row.isNullAt(column);
    }
    return usable;
  }

  private String missing(UnsafeRow row) {
    int missing = Arrays.stream(never).filter(row::isNullAt).findFirst().orElse(event);
    String column = derived.schema().fields()[missing].name();
    return switch (column) {
      case CheckedSource.EVENT_TIME -> "the event time is null";
      case CheckedSource.KNOWN_TIME -> "the known time is null";
      default -> (missing == sequence ? "its sequence " : "its event key ") + column + " is null";
    };
  }

  private String where(InternalRow row, String of) {
    List<String> where = new ArrayList<>();
    String file = of;
    for (int column : described) {
      StructField field = derived.input().fields()[column];
      Object value = row.isNullAt(column) ? null : row.get(column, field.dataType());
      if (field.name().equals("_file")) {
        String named = String.valueOf(value);
        file = paths.isEmpty() ? named : paths.getOrDefault(URI.create(named).getPath(), named);
      } else if (field.name().equals("_line")) {
        where.add(new RowPlace(file, (Long) value).toString());
      } else if (field.name().equals(ParquetRows.ROW_INDEX)) {
        where.add(new RowPlace(file, (Long) value + 1).toString());
      } else {
        where.add(field.name() + " " + value);
      }
    }
    return String.join(", ", where);
  }

  /** What a malformed line of a file is. */
  static PlatformException malformed(String source, RowPlace place, Reason reason) {
    return unusable(
        source,
        place.toString(),
        (reason.column() + " " + SeenValue.of(reason.message())).stripLeading());
  }

  private static PlatformException unusable(String source, String where, String why) {
    return new PlatformException(
        ErrorCode.INVALID_VALUE,
        "Cannot use a row of source %s (%s): %s. Correct it, or add --leave-out-invalid to go on without such rows."
            .formatted(source, where, why));
  }
}
