package io.tributary.offline.internal.values;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.offline.engine.InputColumn;
import io.tributary.offline.engine.InputType;
import io.tributary.offline.engine.OrderBytes;
import io.tributary.offline.engine.Pairs;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.util.ArrayBasedMapData;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.ArrayType;
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
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.unsafe.types.UTF8String;

/** Spark's values as the engine takes them in and gives them back. */
public final class SparkValues {
  private SparkValues() {}

  public static InputType type(DataType type) {
    if (type instanceof FloatType || type instanceof DoubleType) {
      return InputType.FLOATING;
    }
    if (type instanceof DecimalType decimal) {
      return InputType.decimal(decimal.scale());
    }
    return isLong(type) ? InputType.INTEGER : InputType.object(new Objects(type));
  }

  private static boolean isLong(DataType type) {
    return type instanceof BooleanType
        || type instanceof ByteType
        || type instanceof ShortType
        || type instanceof IntegerType
        || type instanceof LongType
        || type instanceof DateType
        || type instanceof TimestampType;
  }

  /** Copies a value into an input's column. */
  public static void set(
      InputColumn column, int item, SpecializedGetters row, int i, DataType type) {
    if (row.isNullAt(i)) {
      column.setNull(item);
    } else if (isLong(type)) {
      column.setLong(item, longAt(row, i, type));
    } else if (type instanceof DoubleType) {
      column.setDouble(item, row.getDouble(i));
    } else if (type instanceof FloatType) {
      column.setDouble(item, row.getFloat(i));
    } else {
      column.setObject(item, objectAt(row, i, type));
    }
  }

  /** A value of a type whose values are whole numbers. */
  public static long longAt(SpecializedGetters row, int i, DataType type) {
    if (type instanceof LongType || type instanceof TimestampType) {
      return row.getLong(i);
    }
    if (type instanceof IntegerType || type instanceof DateType) {
      return row.getInt(i);
    }
    if (type instanceof BooleanType) {
      return row.getBoolean(i) ? 1 : 0;
    }
    return type instanceof ShortType ? row.getShort(i) : row.getByte(i);
  }

  /** A value of a type that is none of a number, or a decimal; a copy but where it is a text. */
  public static Object heldAt(SpecializedGetters row, int i, DataType type) {
    return type instanceof StringType ? row.getUTF8String(i) : objectAt(row, i, type);
  }

  private static Object objectAt(SpecializedGetters row, int i, DataType type) {
    if (type instanceof DecimalType d) {
      return row.getDecimal(i, d.precision(), d.scale()).toJavaBigDecimal().unscaledValue();
    }
    if (type instanceof StringType) {
      return row.getUTF8String(i).clone();
    }
    Object value = row.get(i, type);
    if (value instanceof InternalRow struct) {
      return struct.copy();
    }
    if (value instanceof ArrayData array) {
      return array.copy();
    }
    return value instanceof org.apache.spark.sql.catalyst.util.MapData map ? map.copy() : value;
  }

  private static Object narrow(long value, DataType type) {
    if (type instanceof BooleanType) {
      return value != 0;
    }
    if (type instanceof IntegerType || type instanceof DateType) {
      return (int) value;
    }
    if (type instanceof ShortType) {
      return (short) value;
    }
    return type instanceof ByteType ? (Object) (byte) value : (Object) value;
  }

  /** A value that the engine made or passed on, as Spark has it. */
  static Object object(Object value, DataType type) {
    if (type instanceof DecimalType d) {
      return Decimal.apply(new BigDecimal((BigInteger) value, d.scale()), d.precision(), d.scale());
    }
    if (value instanceof Object[] elements && type instanceof ArrayType array) {
      return elements(elements, array.elementType());
    }
    if (value instanceof Pairs pairs && type instanceof MapType map) {
      return new ArrayBasedMapData(
          elements(pairs.keys(), map.keyType()), elements(pairs.values(), map.valueType()));
    }
    return value;
  }

  private static GenericArrayData elements(Object[] elements, DataType type) {
    Object[] converted = new Object[elements.length];
    for (int i = 0; i < converted.length; i++) {
      converted[i] = element(elements[i], type);
    }
    return new GenericArrayData(converted);
  }

  private static Object element(Object value, DataType type) {
    if (value instanceof Long number) {
      return narrow(number, type);
    }
    if (value instanceof Double number && type instanceof FloatType) {
      return number.floatValue();
    }
    boolean isMade =
        value instanceof BigInteger || value instanceof Object[] || value instanceof Pairs;
    return isMade ? object(value, type) : value;
  }

  /** Writes a column as bytes in the contract's order of values; maps are left out. */
  public static void order(OrderBytes out, SpecializedGetters row, int i, DataType type) {
    if (type instanceof MapType) {
      return;
    }
    if (row.isNullAt(i)) {
      out.putNull();
    } else if (type instanceof BooleanType) {
      out.putBoolean(row.getBoolean(i));
    } else if (isLong(type)) {
      out.putLong(longAt(row, i, type));
    } else if (type instanceof DoubleType) {
      out.putDouble(row.getDouble(i));
    } else if (type instanceof FloatType) {
      out.putDouble(row.getFloat(i));
    } else if (type instanceof DecimalType) {
      out.putDecimal((BigInteger) objectAt(row, i, type));
    } else if (type instanceof StringType) {
      out.putBytes(row.getUTF8String(i).getBytes());
    } else if (type instanceof BinaryType) {
      out.putBytes(row.getBinary(i));
    } else if (type instanceof ArrayType array) {
      ArrayData elements = row.getArray(i);
      out.begin();
      for (int k = 0; k < elements.numElements(); k++) {
        out.element();
        order(out, elements, k, array.elementType());
      }
      out.end();
    } else if (type instanceof StructType struct) {
      InternalRow fields = row.getStruct(i, struct.size());
      out.begin();
      StructField[] types = struct.fields();
      for (int k = 0; k < types.length; k++) {
        out.element();
        order(out, fields, k, types[k].dataType());
      }
      out.end();
    } else {
      throw new PlatformException(
          ErrorCode.INVALID_DEFINITION,
          "Cannot order values of type %s: the contract has no order for them. Leave the column out, or derive another from it."
              .formatted(type.catalogString()));
    }
  }

  /** The contract's order of objects of one type; as bytes they are rows of one column. */
  private static final class Objects implements InputType.Objects {
    private static final long serialVersionUID = 1L;

    private final DataType type;
    private transient UnsafeProjection projection;

    Objects(DataType type) {
      this.type = type;
    }

    @Override
    public int compare(Object a, Object b) {
      if (a instanceof UTF8String x) {
        return x.compareTo((UTF8String) b);
      }
      return Arrays.compareUnsigned(bytes(a), bytes(b));
    }

    private byte[] bytes(Object value) {
      OrderBytes out = new OrderBytes();
      order(out, new GenericArrayData(new Object[] {value}), 0, type);
      return out.toByteArray();
    }

    @Override
    public byte[] toBytes(Object value) {
      if (projection == null) {
        projection = UnsafeProjection.create(new DataType[] {type});
      }
      return projection.apply(new GenericInternalRow(new Object[] {value})).getBytes();
    }

    @Override
    public Object fromBytes(byte[] bytes) {
      UnsafeRow row = new UnsafeRow(1);
      row.pointTo(bytes, bytes.length);
      return row.get(0, type);
    }
  }
}
