package io.tributary.rows.local;

import io.tributary.rows.GatheredColumn;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
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
import org.apache.spark.sql.vectorized.ColumnarArray;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.types.UTF8String;

/** The values of one column of a row group. */
abstract sealed class PlainColumn {
  /** Values that there is room for at first. */
  private static final int FIRST = 1 << 10;

  final PrimitiveType type;
  private final byte whole;
  private final boolean repeats;

  /** Of each entry how much there is of it and of what holds it; where it repeats, from where. */
  private byte[] definitions = new byte[FIRST];

  private byte[] repetitions;
  private int entries;

  /** How many are not null. */
  int values;

  /** Which of its values each row has; empty where each has its own. */
  private Optional<Gathering> gathering = Optional.empty();

  /** Where one of those gathered is null, of each its number here; else empty. */
  private int[] numbers = {};

  private int gathered;

  PlainColumn(ColumnDescriptor stored) {
    this.type = stored.getPrimitiveType();
    this.whole = (byte) stored.getMaxDefinitionLevel();
    this.repeats = stored.getMaxRepetitionLevel() > 0;
    this.repetitions = new byte[repeats ? FIRST : 0];
  }

  static boolean canBe(DataType type) {
    return type instanceof BooleanType
        || type instanceof ByteType
        || type instanceof ShortType
        || type instanceof IntegerType
        || type instanceof LongType
        || type instanceof FloatType
        || type instanceof DoubleType
        || type instanceof DateType
        || type instanceof TimestampType
        || type instanceof StringType
        || type instanceof BinaryType
        || (type instanceof DecimalType decimal
            && decimal.precision() <= Decimal.MAX_LONG_DIGITS());
  }

  /** A column without values. */
  static PlainColumn of(DataType type, ColumnDescriptor stored) {
    if (type instanceof StringType || type instanceof BinaryType) {
      return new Texts(type instanceof BinaryType, stored);
    }
    if (type instanceof BooleanType) {
      return new Truths(stored);
    }
    return new Numbers(type, stored);
  }

  /**
   * Adds an entry, which {@link #take} gives a value where all of it is there.
   *
   * @param repetition 0 for the first of a row
   */
  final void level(int repetition, int definition) {
    if (entries == definitions.length) {
      definitions = Arrays.copyOf(definitions, 2 * entries);
      repetitions = Arrays.copyOf(repetitions, repeats ? 2 * entries : 0);
    }
    if (repeats) {
      repetitions[entries] = (byte) repetition;
    }
    definitions[entries++] = (byte) definition;
  }

  /** How many there are, with values or without. */
  int entries() {
    return entries;
  }

  /** Whether a row may have other than one entry. */
  boolean repeats() {
    return repeats;
  }

  /** The entry behind those of some rows. */
  int end(int from, int rows) {
    if (!repeats) {
      return from + rows;
    }
    int end = from;
    for (int row = 0; row < rows; row++) {
      do {
        end++;
      } while (end < entries && repetitions[end] > 0);
    }
    return end;
  }

  int definition(int entry) {
    return definitions[entry];
  }

  int repetition(int entry) {
    return repetitions[entry];
  }

  /** How many of some entries have no value. */
  int nulls(int from, int to) {
    int count = 0;
    for (int entry = from; entry < to; entry++) {
      count += definitions[entry] < whole ? 1 : 0;
    }
    return count;
  }

  void clear() {
    entries = 0;
    values = 0;
    gathered = 0;
    numbers = new int[0];
  }

  /** Has the rows to come share values; empty = each has its own. */
  void gather(Optional<Gathering> of) {
    gathering = of;
  }

  /** Which of its values each row has; empty where each has its own. */
  Optional<Gathering> gathering() {
    return gathering.map(rows -> numbers.length == 0 ? rows : rows.renumbered(numbers));
  }

  /** Adds the values that rows of a {@link #gathering} share; about how many bytes they take. */
  final int share(ColumnVector from, int n) {
    if (numbers.length == 0 && !from.hasNull()) {
      gathered += n;
      return takeAll(from, n);
    }
    SpecializedGetters row = new ColumnarArray(from, 0, n);
    int bytes = 0;
    if (numbers.length < gathered + n) {
      int known = numbers.length;
      numbers = Arrays.copyOf(numbers, Math.max(gathered + n, 2 * known));
      for (int i = known; i < gathered; i++) {
        numbers[i] = i;
      }
    }
    for (int i = 0; i < n; i++) {
      boolean isNull = from.isNullAt(i);
      numbers[gathered++] = isNull ? GatheredColumn.NONE : values;
      bytes += isNull ? 0 : take(row, i);
    }
    return bytes;
  }

  /** Adds an entry for each row of a plain field; about how many bytes their values take. */
  final int add(ColumnVector from, int n) {
    if (!from.hasNull()) {
      if (entries + n > definitions.length) {
        definitions = Arrays.copyOf(definitions, Math.max(entries + n, 2 * entries));
      }
      Arrays.fill(definitions, entries, entries + n, whole);
      entries += n;
      return takeAll(from, n);
    }
    SpecializedGetters row = new ColumnarArray(from, 0, n);
    int bytes = 0;
    for (int i = 0; i < n; i++) {
      if (from.isNullAt(i)) {
        level(0, 0);
      } else {
        level(0, whole);
        bytes += take(row, i);
      }
    }
    return bytes;
  }

  /** Adds the values of rows, none of them null. */
  int takeAll(ColumnVector from, int n) {
    SpecializedGetters row = new ColumnarArray(from, 0, n);
    int bytes = 0;
    for (int i = 0; i < n; i++) {
      bytes += take(row, i);
    }
    return bytes;
  }

  /** Adds a value, and gives about how many bytes it takes. */
  abstract int take(SpecializedGetters row, int place);

  /** Some of the values behind their levels, as {@code PLAIN} has them. */
  abstract ByteBuffer plain(ByteBuffer levels, int from, int to);

  /** The same of any values, in their order. */
  ByteBuffer plain(ByteBuffer levels, int[] which) {
    ByteBuffer plain = dictionary(which, which.length);
    return ByteBuffer.allocate(levels.remaining() + plain.remaining())
        .put(levels)
        .put(plain)
        .flip();
  }

  /** Some values, as {@code PLAIN} has them. */
  abstract ByteBuffer dictionary(int[] which, int n);

  /** How many bytes values take as {@code PLAIN} has them, at most. */
  abstract long size(int[] which);

  /** Whether a dictionary could be shorter than the values. */
  boolean canRepeat() {
    return true;
  }

  /** What equal values have in common, and hardly any others. */
  abstract long key(int value);

  /** Whether two values of one key are equal. */
  abstract boolean isSame(int value, int other);

  /**
   * Least and greatest of some values. Also of texts of any length and where a number is none: a
   * page without them would count as one of nulls alone.
   *
   * @param which values, each of those that are equal or one of them
   */
  final Statistics<?> statistics(int nulls, int[] which) {
    Statistics<?> statistics = Statistics.createStats(type);
    statistics.incrementNumNulls(nulls);
    if (which.length > 0) {
      bounds(statistics, which);
    }
    return statistics;
  }

  /** Takes the least and the greatest of some values in. */
  abstract void bounds(Statistics<?> statistics, int[] which);

  private static ByteBuffer bytes(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Whole numbers, days, instants and decimals of up to 18 digits; floating ones by their bits. */
  private static final class Numbers extends PlainColumn {
    private static final LogicalTypeAnnotation MICROS =
        LogicalTypeAnnotation.timestampType(true, LogicalTypeAnnotation.TimeUnit.MICROS);

    private final DataType of;
    private final boolean wide;
    private long[] words = new long[FIRST];

    Numbers(DataType of, ColumnDescriptor stored) {
      super(stored);
      this.of = of;
      this.wide =
          switch (type.getPrimitiveTypeName()) {
            case INT64, DOUBLE -> true;
            case INT32, FLOAT -> false;
            default -> throw new IllegalArgumentException("numbers as " + type);
          };
      if (of instanceof TimestampType && !type.getLogicalTypeAnnotation().equals(MICROS)) {
        throw new IllegalArgumentException("microseconds as " + type);
      }
    }

    @Override
    int take(SpecializedGetters row, int place) {
      if (values == words.length) {
        words = Arrays.copyOf(words, 2 * values);
      }
      words[values++] = word(row, place);
      return 8;
    }

    @Override
    int takeAll(ColumnVector from, int n) {
      boolean isDouble = of instanceof DoubleType;
      if (!isDouble && !(of instanceof LongType) && !(of instanceof TimestampType)) {
        return super.takeAll(from, n);
      }
      if (values + n > words.length) {
        words = Arrays.copyOf(words, Math.max(values + n, 2 * words.length));
      }
      if (isDouble) {
        double[] doubles = from.getDoubles(0, n);
        for (int i = 0; i < n; i++) {
          words[values + i] = Double.doubleToRawLongBits(doubles[i]);
        }
      } else {
        System.arraycopy(from.getLongs(0, n), 0, words, values, n);
      }
      values += n;
      return 8 * n;
    }

    private long word(SpecializedGetters row, int place) {
      if (of instanceof DoubleType) {
        return Double.doubleToRawLongBits(row.getDouble(place));
      }
      if (of instanceof FloatType) {
        return Float.floatToRawIntBits(row.getFloat(place));
      }
      if (of instanceof LongType || of instanceof TimestampType) {
        return row.getLong(place);
      }
      if (of instanceof IntegerType || of instanceof DateType) {
        return row.getInt(place);
      }
      if (of instanceof ShortType) {
        return row.getShort(place);
      }
      if (of instanceof ByteType) {
        return row.getByte(place);
      }
      DecimalType decimal = (DecimalType) of;
      return row.getDecimal(place, decimal.precision(), decimal.scale()).toUnscaledLong();
    }

    @Override
    ByteBuffer plain(ByteBuffer levels, int from, int to) {
      int begin = levels.remaining();
      ByteBuffer page = bytes(begin + (to - from) * (wide ? 8 : 4)).put(levels);
      if (wide) {
        page.asLongBuffer().put(words, from, to - from);
      } else {
        for (int i = from; i < to; i++) {
          page.putInt((int) words[i]);
        }
      }
      return page.rewind();
    }

    @Override
    long size(int[] which) {
      return 8L * which.length;
    }

    private void put(ByteBuffer page, long word) {
      if (wide) {
        page.putLong(word);
      } else {
        page.putInt((int) word);
      }
    }

    @Override
    ByteBuffer dictionary(int[] which, int n) {
      ByteBuffer page = bytes(n * (wide ? 8 : 4));
      for (int i = 0; i < n; i++) {
        put(page, words[which[i]]);
      }
      return page.flip();
    }

    @Override
    long key(int value) {
      return words[value];
    }

    @Override
    boolean isSame(int value, int other) {
      return true;
    }

    @Override
    void bounds(Statistics<?> statistics, int[] which) {
      int least = which[0];
      int greatest = least;
      long low = place(words[least]);
      long high = low;
      for (int i : which) {
        long place = place(words[i]);
        if (place < low) {
          low = place;
          least = i;
        } else if (place > high) {
          high = place;
          greatest = i;
        }
      }
      take(statistics, words[least]);
      take(statistics, words[greatest]);
    }

    /** Ascends as the values do; what is no number is beyond all numbers. */
    private long place(long word) {
      if (of instanceof DoubleType) {
        long bits = Double.doubleToLongBits(Double.longBitsToDouble(word));
        return bits ^ bits >> 63 & Long.MAX_VALUE;
      }
      if (of instanceof FloatType) {
        int bits = Float.floatToIntBits(Float.intBitsToFloat((int) word));
        return bits ^ bits >> 31 & Integer.MAX_VALUE;
      }
      return word;
    }

    private void take(Statistics<?> statistics, long word) {
      switch (type.getPrimitiveTypeName()) {
        case DOUBLE -> statistics.updateStats(Double.longBitsToDouble(word));
        case FLOAT -> statistics.updateStats(Float.intBitsToFloat((int) word));
        case INT64 -> statistics.updateStats(word);
        default -> statistics.updateStats((int) word);
      }
    }
  }

  /** A bit a value. */
  private static final class Truths extends PlainColumn {
    private boolean[] truths = new boolean[FIRST];

    Truths(ColumnDescriptor stored) {
      super(stored);
    }

    @Override
    int take(SpecializedGetters row, int place) {
      if (values == truths.length) {
        truths = Arrays.copyOf(truths, 2 * values);
      }
      truths[values++] = row.getBoolean(place);
      return 1;
    }

    @Override
    ByteBuffer plain(ByteBuffer levels, int from, int to) {
      return plain(levels, DistinctValues.range(from, to));
    }

    @Override
    ByteBuffer plain(ByteBuffer levels, int[] which) {
      byte[] bits = new byte[(which.length + 7) / 8];
      for (int i = 0; i < which.length; i++) {
        bits[i >> 3] |= (byte) ((truths[which[i]] ? 1 : 0) << (i & 7));
      }
      return bytes(levels.remaining() + bits.length).put(levels).put(bits).flip();
    }

    @Override
    long size(int[] which) {
      return which.length;
    }

    /** Bits are shorter than numbers in a dictionary. */
    @Override
    boolean canRepeat() {
      return false;
    }

    @Override
    ByteBuffer dictionary(int[] which, int n) {
      throw new IllegalStateException("no dictionary of truths");
    }

    @Override
    long key(int value) {
      return truths[value] ? 1 : 0;
    }

    @Override
    boolean isSame(int value, int other) {
      return true;
    }

    @Override
    void bounds(Statistics<?> statistics, int[] which) {
      for (int i : which) {
        statistics.updateStats(truths[i]);
      }
    }
  }

  /** Texts and bytes. */
  private static final class Texts extends PlainColumn {
    private final boolean binary;
    private int[] ends = new int[FIRST];
    private byte[] bytes = new byte[1 << 12];

    Texts(boolean binary, ColumnDescriptor stored) {
      super(stored);
      this.binary = binary;
    }

    private int begin(int value) {
      return value == 0 ? 0 : ends[value - 1];
    }

    private int length(int value) {
      return ends[value] - begin(value);
    }

    @Override
    int take(SpecializedGetters row, int place) {
      UTF8String text =
          binary ? UTF8String.fromBytes(row.getBinary(place)) : row.getUTF8String(place);
      if (values == ends.length) {
        ends = Arrays.copyOf(ends, 2 * values);
      }
      int length = text.numBytes();
      int at = begin(values);
      if (at + length > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(at + length, 2 * bytes.length));
      }
      text.writeToMemory(bytes, Platform.BYTE_ARRAY_OFFSET + at);
      ends[values++] = at + length;
      return 8 + length;
    }

    @Override
    void clear() {
      super.clear();
      if (bytes.length > 1 << 22) {
        bytes = new byte[1 << 12];
      }
    }

    @Override
    ByteBuffer plain(ByteBuffer levels, int from, int to) {
      int size = 4 * (to - from) + begin(to) - begin(from);
      ByteBuffer page = PlainColumn.bytes(levels.remaining() + size).put(levels);
      for (int i = from; i < to; i++) {
        page.putInt(length(i)).put(bytes, begin(i), length(i));
      }
      return page.flip();
    }

    @Override
    ByteBuffer dictionary(int[] which, int n) {
      int size = 0;
      for (int i = 0; i < n; i++) {
        size += 4 + length(which[i]);
      }
      ByteBuffer page = PlainColumn.bytes(size);
      for (int i = 0; i < n; i++) {
        page.putInt(length(which[i])).put(bytes, begin(which[i]), length(which[i]));
      }
      return page.flip();
    }

    @Override
    long size(int[] which) {
      return Arrays.stream(which).mapToLong(value -> 4L + length(value)).sum();
    }

    @Override
    long key(int value) {
      int end = ends[value];
      int at = begin(value);
      long key = (long) end - at;
      for (; at + Long.BYTES <= end; at += Long.BYTES) {
        key ^= Platform.getLong(bytes, (long) Platform.BYTE_ARRAY_OFFSET + at);
        key = Long.rotateRight(key * 0x9e3779b97f4a7c15L, 32);
      }
      for (; at < end; at++) {
        key = 31 * key + bytes[at];
      }
      return key;
    }

    @Override
    boolean isSame(int value, int other) {
      return Arrays.equals(bytes, begin(value), ends[value], bytes, begin(other), ends[other]);
    }

    @Override
    void bounds(Statistics<?> statistics, int[] which) {
      int least = which[0];
      int greatest = least;
      for (int i : which) {
        least = compare(i, least) < 0 ? i : least;
        greatest = compare(i, greatest) > 0 ? i : greatest;
      }
      take(statistics, least);
      take(statistics, greatest);
    }

    private int compare(int value, int other) {
      return Arrays.compareUnsigned(
          bytes, begin(value), ends[value], bytes, begin(other), ends[other]);
    }

    private void take(Statistics<?> statistics, int value) {
      statistics.updateStats(
          Binary.fromConstantByteArray(Arrays.copyOfRange(bytes, begin(value), ends[value])));
    }
  }
}
