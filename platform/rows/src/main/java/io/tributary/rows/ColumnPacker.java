package io.tributary.rows;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.execution.vectorized.Dictionary;
import org.apache.spark.sql.execution.vectorized.WritableColumnVector;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Writes columns as {@link UnsafeRow}s, byte for byte as Spark's projections do, column by column.
 * For one thread.
 */
public final class ColumnPacker {
  /** How a type is stored. */
  enum Kind {
    TRUTH,
    BYTE,
    SHORT,
    INT,
    LONG,
    FLOAT,
    DOUBLE,
    DECIMAL,
    TEXT,
    BYTES
  }

  /** Spark does not tell which dictionary a column has. */
  private static final VarHandle DICTIONARY = field();

  private final Kind[] kinds;
  private final DataType[] types;

  /** Whether an integer becomes a long. */
  private final boolean[] widens;

  private final int nullBytes;
  private final int fixedBytes;
  private final UTF8String[][] texts;

  /** Of each column the texts by their numbers in a dictionary, and that dictionary. */
  private final UTF8String[][] known;

  private final Dictionary[] dictionaries;
  private int[] ends = {};

  private ColumnPacker(DataType[] from, DataType[] to) {
    this.types = from;
    this.kinds = Arrays.stream(from).map(ColumnPacker::kind).toArray(Kind[]::new);
    this.widens = new boolean[from.length];
    for (int c = 0; c < from.length; c++) {
      widens[c] = !from[c].equals(to[c]);
    }
    this.nullBytes = UnsafeRow.calculateBitSetWidthInBytes(from.length);
    this.fixedBytes = nullBytes + 8 * from.length;
    this.texts = new UTF8String[from.length][0];
    this.known = new UTF8String[from.length][0];
    this.dictionaries = new Dictionary[from.length];
  }

  private static VarHandle field() {
    try {
      return MethodHandles.privateLookupIn(WritableColumnVector.class, MethodHandles.lookup())
          .findVarHandle(WritableColumnVector.class, "dictionary", Dictionary.class);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Spark's columns have no dictionary", e);
    }
  }

  public static ColumnPacker of(DataType[] types) {
    return new ColumnPacker(types, types);
  }

  /**
   * One that writes columns as other types.
   *
   * @param to the same types, or {@code bigint} for an integer
   */
  public static ColumnPacker of(DataType[] from, DataType[] to) {
    return new ColumnPacker(from, to);
  }

  /** Whether columns of all these types can be written. */
  public static boolean canPack(DataType[] from, DataType[] to) {
    for (int c = 0; c < from.length; c++) {
      Kind kind = kind(from[c]);
      boolean integer = kind == Kind.BYTE || kind == Kind.SHORT || kind == Kind.INT;
      boolean widens = integer && !(from[c] instanceof DateType) && to[c] instanceof LongType;
      if (kind == null || !(from[c].equals(to[c]) || widens)) {
        return false;
      }
    }
    return true;
  }

  /** Null of a type that can't be written. */
  static Kind kind(DataType type) {
    if (type instanceof LongType || type instanceof TimestampType) {
      return Kind.LONG;
    }
    if (type instanceof DoubleType) {
      return Kind.DOUBLE;
    }
    if (type instanceof StringType) {
      return Kind.TEXT;
    }
    if (type instanceof IntegerType || type instanceof DateType) {
      return Kind.INT;
    }
    if (type instanceof BooleanType) {
      return Kind.TRUTH;
    }
    if (type instanceof FloatType) {
      return Kind.FLOAT;
    }
    if (type instanceof ShortType) {
      return Kind.SHORT;
    }
    if (type instanceof ByteType) {
      return Kind.BYTE;
    }
    if (type instanceof BinaryType) {
      return Kind.BYTES;
    }
    return type instanceof DecimalType decimal && decimal.precision() <= Decimal.MAX_LONG_DIGITS()
        ? Kind.DECIMAL
        : null;
  }

  /**
   * Adds to each size the bytes of a row.
   *
   * @param rows which ones, by their numbers
   */
  public void measure(ColumnVector[] columns, int[] rows, int n, int[] sizes) {
    for (int i = 0; i < n; i++) {
      sizes[i] += fixedBytes;
    }
    for (int c = 0; c < kinds.length; c++) {
      if (kinds[c] != Kind.TEXT && kinds[c] != Kind.BYTES) {
        continue;
      }
      if (texts[c].length < n) {
        texts[c] = new UTF8String[n];
      }
      if (columns[c] instanceof WritableColumnVector stored && stored.hasDictionary()) {
        readNumbered(c, stored, rows, n);
      } else {
        read(columns[c], rows, n, texts[c], kinds[c]);
      }
      for (int i = 0; i < n; i++) {
        sizes[i] += texts[c][i] == null ? 0 : words(texts[c][i].numBytes());
      }
    }
  }

  private static void read(ColumnVector column, int[] rows, int n, UTF8String[] texts, Kind kind) {
    for (int i = 0; i < n; i++) {
      texts[i] = text(column, rows[i], kind);
    }
  }

  /** The same where each text has a number: it is read once of a dictionary. */
  private void readNumbered(int c, WritableColumnVector column, int[] rows, int n) {
    Dictionary dictionary = dictionary(column);
    if (dictionary != dictionaries[c]) {
      dictionaries[c] = dictionary;
      Arrays.fill(known[c], null);
    }
    WritableColumnVector numbers = column.getDictionaryIds();
    for (int i = 0; i < n; i++) {
      if (column.isNullAt(rows[i])) {
        texts[c][i] = null;
        continue;
      }
      int number = numbers.getDictId(rows[i]);
      if (number >= known[c].length) {
        known[c] = Arrays.copyOf(known[c], Math.max(2 * known[c].length, number + 1));
      }
      if (known[c][number] == null) {
        known[c][number] = text(column, rows[i], kinds[c]);
      }
      texts[c][i] = known[c][number];
    }
  }

  private static Dictionary dictionary(WritableColumnVector column) {
    return (Dictionary) DICTIONARY.get(column);
  }

  private static UTF8String text(ColumnVector column, int row, Kind kind) {
    if (column.isNullAt(row)) {
      return null;
    }
    return kind == Kind.TEXT
        ? column.getUTF8String(row)
        : UTF8String.fromBytes(column.getBinary(row));
  }

  private static int words(int bytes) {
    return (bytes + 7) & ~7;
  }

  /**
   * Writes rows that have been measured.
   *
   * @param bases the objects in which they lie
   * @param offsets where they begin there
   */
  public void write(ColumnVector[] columns, int[] rows, int n, Object[] bases, long[] offsets) {
    if (ends.length < n) {
      ends = new int[n];
    }
    Arrays.fill(ends, 0, n, fixedBytes);
    for (int i = 0; i < n; i++) {
      for (int word = 0; word < nullBytes; word += 8) {
        Platform.putLong(bases[i], offsets[i] + word, 0);
      }
    }
    for (int c = 0; c < kinds.length; c++) {
      write(c, columns[c], rows, n, bases, offsets);
      if (columns[c].hasNull()) {
        setNulls(c, columns[c], rows, n, bases, offsets);
      }
    }
  }

  private void setNulls(
      int c, ColumnVector column, int[] rows, int n, Object[] bases, long[] offsets) {
    long word = (c >> 6) * 8L;
    for (int i = 0; i < n; i++) {
      if (column.isNullAt(rows[i])) {
        long at = offsets[i] + word;
        Platform.putLong(bases[i], at, Platform.getLong(bases[i], at) | 1L << c);
        Platform.putLong(bases[i], offsets[i] + nullBytes + 8L * c, 0);
      }
    }
  }

  private void write(
      int c, ColumnVector column, int[] rows, int n, Object[] bases, long[] offsets) {
    long place = nullBytes + 8L * c;
    if (kinds[c] == Kind.TEXT || kinds[c] == Kind.BYTES) {
      for (int i = 0; i < n; i++) {
        if (texts[c][i] != null) {
          write(texts[c][i], i, place, bases[i], offsets[i]);
        }
      }
    } else if (kinds[c] == Kind.LONG && !column.hasNull()) {
      for (int i = 0; i < n; i++) {
        Platform.putLong(bases[i], offsets[i] + place, column.getLong(rows[i]));
      }
    } else if (kinds[c] == Kind.DOUBLE && !column.hasNull()) {
      for (int i = 0; i < n; i++) {
        Platform.putDouble(bases[i], offsets[i] + place, column.getDouble(rows[i]));
      }
    } else {
      for (int i = 0; i < n; i++) {
        if (!column.isNullAt(rows[i])) {
          write(c, column, rows[i], bases[i], offsets[i] + place);
        }
      }
    }
  }

  private void write(UTF8String text, int i, long place, Object base, long offset) {
    int bytes = text.numBytes();
    int end = ends[i];
    if (bytes > 0) {
      Platform.putLong(base, offset + end + words(bytes) - 8, 0);
      text.writeToMemory(base, offset + end);
    }
    Platform.putLong(base, offset + place, (long) end << 32 | bytes);
    ends[i] = end + words(bytes);
  }

  private void write(int c, ColumnVector column, int row, Object base, long at) {
    Kind kind = kinds[c];
    Platform.putLong(base, at, 0);
    if (widens[c]) {
      long value =
          switch (kind) {
            case INT -> column.getInt(row);
            case SHORT -> column.getShort(row);
            default -> column.getByte(row);
          };
      Platform.putLong(base, at, value);
      return;
    }
    switch (kind) {
      case LONG -> Platform.putLong(base, at, column.getLong(row));
      case DOUBLE -> Platform.putDouble(base, at, column.getDouble(row));
      case INT -> Platform.putInt(base, at, column.getInt(row));
      case TRUTH -> Platform.putBoolean(base, at, column.getBoolean(row));
      case FLOAT -> Platform.putFloat(base, at, column.getFloat(row));
      case SHORT -> Platform.putShort(base, at, column.getShort(row));
      case BYTE -> Platform.putByte(base, at, column.getByte(row));
      default -> {
        DecimalType type = (DecimalType) types[c];
        Decimal value = column.getDecimal(row, type.precision(), type.scale());
        Platform.putLong(base, at, value.toUnscaledLong());
      }
    }
  }
}
