package io.tributary.expression;

import io.tributary.core.ErrorCode;
import io.tributary.core.Iterators;
import io.tributary.core.PlatformException;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * What row expressions do to the rows of one partition. Travels to where the rows are; compiles
 * when applied. The row that an iterator gives is valid until the next one is asked for.
 */
public interface RowFunction extends Serializable {
  /**
   * The column that {@link #keepingFailures} adds: {@code array<struct<expression: string, reason:
   * string>>}, null for a row on which all succeeded.
   */
  String FAILURES = "_failures";

  /** The columns of the rows that come out. */
  StructType schema();

  /** Must be called by the thread that reads the iterator. */
  Iterator<InternalRow> apply(Iterator<InternalRow> rows);

  /**
   * The result of expressions for each row.
   *
   * @param what is computed, for messages: {@code view carrier_history@1}
   * @throws PlatformException INVALID_VALUE while reading, at the first row on which one fails
   */
  static RowFunction of(RowExpressions expressions, String what) {
    return new RowFunction() {
      private static final long serialVersionUID = 1L;

      @Override
      public StructType schema() {
        return expressions.schema();
      }

      @Override
      public Iterator<InternalRow> apply(Iterator<InternalRow> rows) {
        Evaluator evaluator = expressions.evaluator();
        return Iterators.map(rows, row -> evaluator.evaluate(row, "compute", what));
      }
    };
  }

  /**
   * The result of expressions for each row, and beside it {@link #FAILURES}. Where one fails, the
   * computed columns are null; the input's are kept if the expressions keep them.
   */
  static RowFunction keepingFailures(RowExpressions expressions) {
    StructType failures =
        new StructType()
            .add("expression", DataTypes.StringType)
            .add("reason", DataTypes.StringType);
    StructType schema = expressions.schema().add(FAILURES, DataTypes.createArrayType(failures));
    int computed =
        expressions.schema().size() - (expressions.keepsInput() ? expressions.input().size() : 0);
    return new RowFunction() {
      private static final long serialVersionUID = 1L;

      @Override
      public StructType schema() {
        return schema;
      }

      @Override
      public Iterator<InternalRow> apply(Iterator<InternalRow> rows) {
        Evaluator evaluator = expressions.evaluator();
        GenericInternalRow nothing = new GenericInternalRow(computed);
        GenericInternalRow none = new GenericInternalRow(1);
        JoinedRow failed = new JoinedRow();
        JoinedRow result = new JoinedRow();
        return Iterators.map(
            rows,
            row -> {
              try {
                return result.apply(evaluator.evaluate(row), none);
              } catch (ExpressionFailure e) {
                InternalRow kept = expressions.keepsInput() ? failed.apply(row, nothing) : nothing;
                return result.apply(kept, failures(evaluator.failures(row)));
              }
            });
      }
    };
  }

  /**
   * The rows for which a condition is true.
   *
   * @param condition one boolean column
   * @param what is filtered, for messages
   * @throws PlatformException INVALID_VALUE while reading, at the first row on which it fails
   */
  static RowFunction filter(RowExpressions condition, String what) {
    StructField[] columns = condition.schema().fields();
    if (columns.length != 1 || !Types.isBoolean(columns[0].dataType())) {
      throw new PlatformException(
          ErrorCode.BUG,
          "Cannot filter %s: a condition is one boolean column, not %s. Report this as a bug."
              .formatted(what, condition.schema().catalogString()));
    }
    return new RowFunction() {
      private static final long serialVersionUID = 1L;

      @Override
      public StructType schema() {
        return condition.input();
      }

      @Override
      public Iterator<InternalRow> apply(Iterator<InternalRow> rows) {
        Evaluator evaluator = condition.evaluator();
        return Iterators.mapSome(
            rows,
            row -> {
              InternalRow holds = evaluator.evaluate(row, "compute", what);
              return !holds.isNullAt(0) && holds.getBoolean(0) ? row : null;
            });
      }
    };
  }

  private static InternalRow failures(List<ExpressionFailure> failures) {
    Object[] reasons =
        failures.stream()
            .map(
                f ->
                    (Object)
                        new GenericInternalRow(
                            new Object[] {
                              UTF8String.fromString(f.expression()),
                              UTF8String.fromString(f.reason())
                            }))
            .toArray();
    return new GenericInternalRow(new Object[] {new GenericArrayData(reasons)});
  }
}
