package io.tributary.source;

import io.tributary.core.RowPlace;
import io.tributary.core.SeenValue;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.TimestampType;

/**
 * The line of a file that a reader is at: where it stands, its values by the contract's columns,
 * and what is wrong with it. Knows of all lines of the file which columns had values of their type.
 * For one thread; the reader fills it again with each line.
 */
public final class Line {
  private static final Object[] NONE = {};

  private final Contract contract;
  private final String path;
  private final long[] typed;
  private final long[] mistyped;
  private final String[] firstMistyped;

  private long number;
  private Object[] values = NONE;
  private List<Reason> problems = List.of();

  /** A line of a file, before the first. */
  public Line(Contract contract, String path) {
    this.contract = contract;
    this.path = path;
    int columns = contract.columns().size();
    this.typed = new long[columns];
    this.mistyped = new long[columns];
    this.firstMistyped = new String[columns];
  }

  /** Where the line begins in the file, from 1, the header included. */
  public long number() {
    return number;
  }

  /** What is wrong with the line; empty for a good one. */
  public List<Reason> problems() {
    return problems;
  }

  /** A good line's values, in a row of its own. */
  public InternalRow values() {
    return new GenericInternalRow(values.length == 0 ? new Object[typed.length] : values);
  }

  /** Begins a line; nothing is wrong with it and all its values are null. */
  public void begin(long at) {
    number = at;
    values = NONE;
    problems = List.of();
  }

  /** A value of the column's type, or null. */
  public void set(int column, Object value) {
    if (values == NONE) {
      values = new Object[typed.length];
    }
    values[column] = value;
    typed[column] += value == null ? 0 : 1;
  }

  /** A value of the column's type, which {@link #values} does not have. */
  public void typed(int column) {
    typed[column]++;
  }

  /** The line has a value that is none of the column's type. */
  public void mistyped(int column, String why) {
    mistyped[column]++;
    if (firstMistyped[column] == null) {
      firstMistyped[column] = new RowPlace(path, number).number() + ": " + SeenValue.of(why);
    }
    problem("type", column, why);
  }

  /** Something is wrong with a column's value. */
  public void problem(String rule, int column, String message) {
    problem(new Reason(rule, contract.columns().apply(column).name(), message));
  }

  /** Something is wrong with the line as a whole. */
  public void problem(String rule, String message) {
    problem(new Reason(rule, "", message));
  }

  private void problem(Reason reason) {
    if (problems.isEmpty()) {
      problems = new ArrayList<>();
    }
    problems.add(reason);
  }

  /**
   * Behind the last line: whether each column that had values had one of its type.
   *
   * @throws io.tributary.core.PlatformException CONTRACT_BROKEN when one had none
   */
  public void checkTypes() {
    List<String> broken = new ArrayList<>();
    boolean times = false;
    for (int i = 0; i < typed.length; i++) {
      if (mistyped[i] > 0 && typed[i] == 0) {
        DataType type = contract.columns().apply(i).dataType();
        times |= type instanceof DateType || type instanceof TimestampType;
        broken.add(
            "column %s is %s in the contract, but none of its %,d values is one (%s)"
                .formatted(
                    contract.columns().apply(i).name(),
                    type.catalogString(),
                    mistyped[i],
                    firstMistyped[i]));
      }
    }
    if (!broken.isEmpty()) {
      throw contract.broken(
          "file " + path,
          String.join("; ", broken)
              + ". Deliver what the contract declares, or correct the source's columns"
              + (times
                  ? ": {type: date, format: dd/MM/yyyy} declares how days are written."
                  : "."));
    }
  }
}
