package io.tributary.train.internal;

import io.tributary.definition.SplitBucket;
import java.time.LocalDate;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.TimestampType;

/** Assigns the key of a row to a bucket. Not thread-safe. */
final class KeyDealer {
  private final List<DataType> types;
  private final SplitBucket hash;

  KeyDealer(List<DataType> types, String salt) {
    this.types = types;
    this.hash = new SplitBucket(salt);
  }

  /**
   * The bucket of the key whose columns begin at {@code from}; 0 for a key without columns. A null
   * is a value like any other here.
   */
  int bucket(InternalRow row, int from) {
    if (types.isEmpty()) {
      return 0;
    }
    for (int i = 0; i < types.size(); i++) {
      add(row, from + i, types.get(i));
    }
    return hash.bucket();
  }

  private void add(InternalRow row, int at, DataType type) {
    if (row.isNullAt(at)) {
      hash.addNull();
    } else if (type instanceof StringType) {
      hash.add(row.getUTF8String(at).getBytes());
    } else if (type instanceof BinaryType) {
      hash.add(row.getBinary(at));
    } else {
      hash.add(text(row, at, type));
    }
  }

  private static String text(InternalRow row, int at, DataType type) {
    if (type instanceof LongType || type instanceof TimestampType) {
      return Long.toString(row.getLong(at));
    } else if (type instanceof IntegerType) {
      return Integer.toString(row.getInt(at));
    } else if (type instanceof ShortType) {
      return Integer.toString(row.getShort(at));
    } else if (type instanceof ByteType) {
      return Integer.toString(row.getByte(at));
    } else if (type instanceof BooleanType) {
      return Boolean.toString(row.getBoolean(at));
    } else if (type instanceof DateType) {
      return LocalDate.ofEpochDay(row.getInt(at)).toString();
    } else if (type instanceof DecimalType decimal) {
      return row.getDecimal(at, decimal.precision(), decimal.scale())
          .toJavaBigDecimal()
          .stripTrailingZeros()
          .toPlainString();
    }
    throw new IllegalStateException("no key can be " + type);
  }
}
