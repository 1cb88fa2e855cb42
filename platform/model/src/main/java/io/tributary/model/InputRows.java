package io.tributary.model;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.drift.Column;
import io.tributary.drift.ValueBins;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Rows of a model's raw inputs, held by column: 8 bytes for a number, 4 bytes for a category and
 * each distinct text once. Filled a row at a time: {@link #append()}, then the values; a value that
 * is not set is missing. Not safe for threads while it is filled.
 */
public final class InputRows implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The code of a missing category. */
  static final int MISSING = ValueBins.MISSING;

  /** The code of a category that no training row had, in rows whose codes are a vectorizer's. */
  static final int UNSEEN = MISSING - 1;

  private final boolean[] categorical;
  private final double[][] numbers;
  private final int[][] codes;
  private final List<List<String>> texts;
  private final List<Map<String, Integer>> codeOf;
  private final boolean coded;
  private int capacity;
  private int rows;

  /** Empty rows for these inputs, with room for so many; they grow when there are more. */
  public InputRows(List<Input> inputs, int capacity) {
    this(inputs, capacity, false);
  }

  private InputRows(List<Input> inputs, int capacity, boolean coded) {
    this.coded = coded;
    this.capacity = Math.max(capacity, 16);
    categorical = new boolean[inputs.size()];
    numbers = new double[inputs.size()][];
    codes = new int[inputs.size()][];
    texts = new ArrayList<>();
    codeOf = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      categorical[i] = inputs.get(i).categorical();
      if (categorical[i]) {
        codes[i] = new int[this.capacity];
      } else {
        numbers[i] = new double[this.capacity];
      }
      texts.add(new ArrayList<>());
      codeOf.add(new HashMap<>());
    }
  }

  /** The same for rows whose categories are given by their place among those of training. */
  static InputRows coded(List<Input> inputs, int capacity) {
    return new InputRows(inputs, capacity, true);
  }

  /** Whether categories are those of training by their place, and not by their text. */
  boolean coded() {
    return coded;
  }

  public int inputs() {
    return categorical.length;
  }

  public int rows() {
    return rows;
  }

  /** Begins a new row, all of whose values are missing. */
  public void append() {
    if (rows == capacity) {
      grow(rows + 1);
    }
    for (int i = 0; i < categorical.length; i++) {
      if (categorical[i]) {
        codes[i][rows] = MISSING;
      } else {
        numbers[i][rows] = Double.NaN;
      }
    }
    rows++;
  }

  /** Sets a numeric input of the last row; NaN and infinities are missing. */
  public void number(int input, double value) {
    numbers[input][rows - 1] = Double.isInfinite(value) ? Double.NaN : value;
  }

  /** Sets a categorical input of the last row. */
  public void text(int input, String value) {
    codes[input][rows - 1] = code(input, value);
  }

  /** The same by its place among those of training, or {@link #UNSEEN}. */
  void code(int input, int code) {
    codes[input][rows - 1] = code;
  }

  /**
   * Sets an input of the last row from a boxed value as Spark gives it: a number, a boolean, a text
   * or null.
   *
   * @throws PlatformException {@code BUG} for anything else
   */
  public void value(int input, Object value) {
    if (value == null) {
      return;
    }
    if (categorical[input]
        && (value instanceof String || value instanceof Boolean || isWhole(value))) {
      text(input, value.toString());
    } else if (!categorical[input] && value instanceof Number number) {
      number(input, number.doubleValue());
    } else if (!categorical[input] && value instanceof Boolean flag) {
      number(input, flag ? 1 : 0);
    } else {
      throw new PlatformException(
          ErrorCode.BUG,
          "Cannot take %s as input number %s: it is no value of its type. Report this as a bug."
              .formatted(value.getClass().getSimpleName(), input));
    }
  }

  /** Appends all rows of another one for the same inputs. */
  public void appendAll(InputRows other) {
    if (!Arrays.equals(categorical, other.categorical)) {
      throw new IllegalArgumentException("rows of other inputs");
    }
    if (rows + other.rows > capacity) {
      grow(rows + other.rows);
    }
    for (int i = 0; i < categorical.length; i++) {
      if (categorical[i]) {
        int[] mine = new int[other.texts.get(i).size()];
        for (int code = 0; code < mine.length; code++) {
          mine[code] = code(i, other.texts.get(i).get(code));
        }
        for (int row = 0; row < other.rows; row++) {
          int code = other.codes[i][row];
          codes[i][rows + row] = code == MISSING ? MISSING : mine[code];
        }
      } else {
        System.arraycopy(other.numbers[i], 0, numbers[i], rows, other.rows);
      }
    }
    rows += other.rows;
  }

  /** The inputs' columns, which share their arrays with these rows; the first rows alone count. */
  public List<Column> columns() {
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < categorical.length; i++) {
      columns.add(
          categorical[i]
              ? new Column.Categories(codes[i], texts.get(i))
              : new Column.Numbers(numbers[i]));
    }
    return columns;
  }

  /** Forgets all rows and keeps the room. */
  public void clear() {
    rows = 0;
    for (int i = 0; i < categorical.length; i++) {
      texts.get(i).clear();
      codeOf.get(i).clear();
    }
  }

  /** A number, NaN where it is missing. */
  public double numberAt(int input, int row) {
    return numbers[input][row];
  }

  /** A category's text, empty where it is missing. */
  public Optional<String> textAt(int input, int row) {
    int code = codes[input][row];
    return code == MISSING ? Optional.empty() : Optional.of(texts.get(input).get(code));
  }

  /**
   * The distinct texts of a categorical input, by code, in the order in which they were first seen.
   */
  List<String> texts(int input) {
    return texts.get(input);
  }

  /** The numbers of an input; only the first {@link #rows()} count. */
  double[] numbers(int input) {
    return numbers[input];
  }

  int[] codes(int input) {
    return codes[input];
  }

  boolean categorical(int input) {
    return categorical[input];
  }

  boolean isMissing(int input, int row) {
    return categorical[input] ? codes[input][row] == MISSING : Double.isNaN(numbers[input][row]);
  }

  /** The memory that its columns take, in bytes, without the texts. */
  public long bytes() {
    long width = 0;
    for (boolean category : categorical) {
      width += category ? 4 : 8;
    }
    return width * capacity;
  }

  private int code(int input, String text) {
    Map<String, Integer> known = codeOf.get(input);
    Integer code = known.get(text);
    if (code == null) {
      code = known.size();
      known.put(text, code);
      texts.get(input).add(text);
    }
    return code;
  }

  private void grow(int needed) {
    long wanted = Math.max(needed, capacity + (capacity >> 1));
    capacity = (int) Math.min(wanted, Integer.MAX_VALUE - 8);
    for (int i = 0; i < categorical.length; i++) {
      if (categorical[i]) {
        codes[i] = Arrays.copyOf(codes[i], capacity);
      } else {
        numbers[i] = Arrays.copyOf(numbers[i], capacity);
      }
    }
  }

  private static boolean isWhole(Object value) {
    return value instanceof Integer
        || value instanceof Long
        || value instanceof Short
        || value instanceof Byte;
  }
}
