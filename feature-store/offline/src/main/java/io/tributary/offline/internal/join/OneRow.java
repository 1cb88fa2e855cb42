package io.tributary.offline.internal.join;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.sql.catalyst.InternalRow;

/** An iterator that gives the row that it was given last. */
final class OneRow implements Iterator<InternalRow> {
  private InternalRow row;

  void set(InternalRow row) {
    this.row = row;
  }

  @Override
  public boolean hasNext() {
    return row != null;
  }

  @Override
  public InternalRow next() {
    if (row == null) {
      throw new NoSuchElementException();
    }
    InternalRow given = row;
    row = null;
    return given;
  }
}
