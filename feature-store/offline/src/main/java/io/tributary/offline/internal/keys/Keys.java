package io.tributary.offline.internal.keys;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.rows.Scala;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.EvalMode;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeRowWriter;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;

/**
 * Key columns of a row, taken as one typed row whose bytes are equal exactly where the keys are:
 * integers by value whatever their width, decimals by value, everything else by its type.
 *
 * @param columns where the key columns are
 * @param from their types
 * @param types what they are compared as
 */
public record Keys(int[] columns, DataType[] from, DataType[] types) implements Serializable {
  /** Keys of rows compared among themselves: as they are. */
  public static Keys of(StructType schema, List<String> names) {
    return of(schema, names, types(schema, names));
  }

  /** Keys compared as given types. */
  public static Keys of(StructType schema, List<String> names, DataType[] types) {
    int[] columns = names.stream().mapToInt(schema::fieldIndex).toArray();
    return new Keys(columns, types(schema, names), types);
  }

  /** Some of the columns. */
  public Keys only(int[] places) {
    if (places.length == columns.length) {
      return this;
    }
    int[] someColumns = new int[places.length];
    DataType[] someFrom = new DataType[places.length];
    DataType[] someTypes = new DataType[places.length];
    for (int i = 0; i < places.length; i++) {
      someColumns[i] = columns[places[i]];
      someFrom[i] = from[places[i]];
      someTypes[i] = types[places[i]];
    }
    return new Keys(someColumns, someFrom, someTypes);
  }

  /** These columns, then others of the same rows. */
  public Keys and(Keys others) {
    int n = columns.length;
    int[] bothColumns = Arrays.copyOf(columns, n + others.columns.length);
    DataType[] bothFrom = Arrays.copyOf(from, bothColumns.length);
    DataType[] bothTypes = Arrays.copyOf(types, bothColumns.length);
    System.arraycopy(others.columns, 0, bothColumns, n, others.columns.length);
    System.arraycopy(others.from, 0, bothFrom, n, others.from.length);
    System.arraycopy(others.types, 0, bothTypes, n, others.types.length);
    return new Keys(bothColumns, bothFrom, bothTypes);
  }

  public static DataType[] types(StructType schema, List<String> names) {
    return names.stream()
        .map(name -> schema.fields()[schema.fieldIndex(name)].dataType())
        .toArray(DataType[]::new);
  }

  /**
   * The types as which keys of both sides compare.
   *
   * @throws PlatformException for floating-point keys and other differences of type
   */
  public static DataType[] common(String view, List<String> names, DataType[] a, DataType[] b) {
    DataType[] common = new DataType[a.length];
    for (int i = 0; i < common.length; i++) {
      common[i] = common(view, names.get(i), a[i], b[i]);
    }
    return common;
  }

  private static DataType common(String view, String name, DataType a, DataType b) {
    if (isFloating(a) || isFloating(b)) {
      throw refused(
          view, name, a, b, "floating-point keys are not compared. Use an integer or a decimal");
    }
    if (isInteger(a) && isInteger(b)) {
      return DataTypes.LongType;
    }
    if (a instanceof DecimalType x && b instanceof DecimalType y) {
      int scale = Math.max(x.scale(), y.scale());
      int precision = scale + Math.max(x.precision() - x.scale(), y.precision() - y.scale());
      if (precision > DecimalType.MAX_PRECISION()) {
        throw refused(view, name, a, b, "no decimal holds the values of both. Cast one");
      }
      return DataTypes.createDecimalType(precision, scale);
    }
    if (a.equals(b)) {
      return a;
    }
    throw refused(view, name, a, b, "keys of different types are not compared. Cast one");
  }

  private static PlatformException refused(
      String view, String name, DataType a, DataType b, String why) {
    return new PlatformException(
        ErrorCode.INVALID_REQUEST,
        "Cannot join view %s by %s: its entity is %s, the rows have %s, and %s."
            .formatted(view, name, b.catalogString(), a.catalogString(), why));
  }

  private static boolean isFloating(DataType type) {
    return type instanceof FloatType || type instanceof DoubleType;
  }

  private static boolean isInteger(DataType type) {
    return type instanceof ByteType
        || type instanceof ShortType
        || type instanceof IntegerType
        || type instanceof LongType;
  }

  /** The schema of {@link Writer#write}'s rows. */
  public StructType schema() {
    StructType schema = new StructType();
    for (int i = 0; i < types.length; i++) {
      schema = schema.add("k" + i, types[i], true);
    }
    return schema;
  }

  /** For one thread. */
  public Writer writer() {
    return new Writer(this);
  }

  /** Takes keys from rows. */
  public static final class Writer {
    private final Keys keys;

    /** Null where code is not worth generating. */
    private final UnsafeProjection projection;

    private final UnsafeRowWriter plain;

    private Writer(Keys keys) {
      this.keys = keys;
      this.projection = keys.arePlain() ? null : keys.projection();
      this.plain = new UnsafeRowWriter(keys.columns.length);
    }

    /** The key, the same object each time; {@link UnsafeRow#anyNull()} where it matches nothing. */
    public UnsafeRow write(InternalRow row) {
      if (projection != null) {
        return projection.apply(row);
      }
      plain.reset();
      plain.zeroOutNullBytes();
      for (int i = 0; i < keys.columns.length; i++) {
        int column = keys.columns[i];
        if (row.isNullAt(column)) {
          plain.setNullAt(i);
        } else if (keys.types[i] instanceof StringType) {
          plain.write(i, row.getUTF8String(column));
        } else {
          plain.write(i, integer(row, column, keys.from[i]));
        }
      }
      return plain.getRow();
    }

    private static long integer(InternalRow row, int column, DataType type) {
      if (type instanceof LongType) {
        return row.getLong(column);
      }
      if (type instanceof IntegerType) {
        return row.getInt(column);
      }
      return type instanceof ShortType ? row.getShort(column) : row.getByte(column);
    }
  }

  /** Whether all are texts, or integers that are compared by value. */
  private boolean arePlain() {
    return IntStream.range(0, columns.length)
        .allMatch(
            i ->
                types[i] instanceof LongType
                    ? isInteger(from[i])
                    : types[i] instanceof StringType && from[i].equals(types[i]));
  }

  private UnsafeProjection projection() {
    List<Expression> expressions = new ArrayList<>();
    for (int i = 0; i < columns.length; i++) {
      Expression column = Scala.column(columns[i], from[i]);
      expressions.add(
          from[i].equals(types[i])
              ? column
              : new Cast(column, types[i], scala.Option.empty(), EvalMode.ANSI()));
    }
    return Scala.projection(expressions);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Keys k
        && Arrays.equals(columns, k.columns)
        && Arrays.equals(from, k.from)
        && Arrays.equals(types, k.types);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(columns) * 31 + Arrays.hashCode(types);
  }

  @Override
  public String toString() {
    return "Keys" + Arrays.toString(columns) + Arrays.toString(types);
  }
}
