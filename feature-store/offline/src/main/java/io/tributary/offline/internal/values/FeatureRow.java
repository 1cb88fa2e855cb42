package io.tributary.offline.internal.values;

import io.tributary.offline.engine.FeatureValues;
import io.tributary.offline.engine.Pairs;
import java.util.Arrays;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.MapData;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.unsafe.types.CalendarInterval;
import org.apache.spark.unsafe.types.UTF8String;

/** The features that the engine has read, as one of Spark's rows; it changes with them. */
public final class FeatureRow extends InternalRow {
  private final FeatureValues values;
  private final DataType[] types;
  private final boolean[] seconds;

  /**
   * @param seconds which features are microseconds that become seconds
   */
  public FeatureRow(FeatureValues values, DataType[] types, boolean[] seconds) {
    this.values = values;
    this.types = types;
    this.seconds = seconds;
  }

  @Override
  public int numFields() {
    return types.length;
  }

  @Override
  public boolean isNullAt(int i) {
    return values.isNull(i);
  }

  @Override
  public boolean getBoolean(int i) {
    return values.longAt(i) != 0;
  }

  @Override
  public byte getByte(int i) {
    return (byte) values.longAt(i);
  }

  @Override
  public short getShort(int i) {
    return (short) values.longAt(i);
  }

  @Override
  public int getInt(int i) {
    return values.objectAt(i) instanceof Integer number ? number : (int) values.longAt(i);
  }

  @Override
  public long getLong(int i) {
    return values.objectAt(i) instanceof Long number ? number : values.longAt(i);
  }

  @Override
  public float getFloat(int i) {
    return (float) values.doubleAt(i);
  }

  @Override
  public double getDouble(int i) {
    return seconds[i] ? values.longAt(i) / 1e6 : values.doubleAt(i);
  }

  @Override
  public Decimal getDecimal(int i, int precision, int scale) {
    return (Decimal) object(i);
  }

  @Override
  public UTF8String getUTF8String(int i) {
    return (UTF8String) values.objectAt(i);
  }

  @Override
  public byte[] getBinary(int i) {
    return (byte[]) values.objectAt(i);
  }

  @Override
  public CalendarInterval getInterval(int i) {
    return (CalendarInterval) values.objectAt(i);
  }

  @Override
  public InternalRow getStruct(int i, int fields) {
    return (InternalRow) object(i);
  }

  @Override
  public ArrayData getArray(int i) {
    return (ArrayData) object(i);
  }

  @Override
  public MapData getMap(int i) {
    return (MapData) object(i);
  }

  private Object object(int i) {
    Object value = values.objectAt(i);
    if (seconds[i] && value instanceof Pairs pairs) {
      Object[] each =
          Arrays.stream(pairs.values()).map(micros -> (Object) ((Long) micros / 1e6)).toArray();
      value = new Pairs(pairs.keys(), each);
    }
    return SparkValues.object(value, types[i]);
  }

  @Override
  public Object get(int i, DataType type) {
    if (isNullAt(i)) {
      return null;
    }
    if (type instanceof DoubleType) {
      return getDouble(i);
    }
    if (type instanceof LongType || type instanceof TimestampType) {
      return getLong(i);
    }
    if (type instanceof IntegerType || type instanceof DateType) {
      return getInt(i);
    }
    if (type instanceof BooleanType) {
      return getBoolean(i);
    }
    if (type instanceof FloatType) {
      return getFloat(i);
    }
    if (type instanceof ShortType) {
      return getShort(i);
    }
    return type instanceof ByteType ? (Object) getByte(i) : object(i);
  }

  @Override
  public InternalRow copy() {
    Object[] copies = new Object[types.length];
    for (int i = 0; i < copies.length; i++) {
      copies[i] = InternalRow.copyValue(get(i, types[i]));
    }
    return new GenericInternalRow(copies);
  }

  @Override
  public void setNullAt(int i) {
    throw new UnsupportedOperationException("features are read, not set");
  }

  @Override
  public void update(int i, Object value) {
    throw new UnsupportedOperationException("features are read, not set");
  }
}
