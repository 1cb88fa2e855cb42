package io.tributary.score;

import java.util.Iterator;
import java.util.function.Function;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;

/** Rows with one column appended. A row is valid until the next one is requested. */
final class AddedColumn implements Iterator<InternalRow> {
  private final Iterator<InternalRow> rows;
  private final Function<InternalRow, Object> column;
  private final GenericInternalRow added = new GenericInternalRow(1);
  private final JoinedRow joined = new JoinedRow();

  AddedColumn(Iterator<InternalRow> rows, Function<InternalRow, Object> column) {
    this.rows = rows;
    this.column = column;
  }

  @Override
  public boolean hasNext() {
    return rows.hasNext();
  }

  @Override
  public InternalRow next() {
    InternalRow row = rows.next();
    added.update(0, column.apply(row));
    return joined.apply(row, added);
  }
}
