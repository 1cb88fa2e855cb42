package io.tributary.lake.internal;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.MapData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
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
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;

/**
 * The sum of the digests of a frame's rows, as {@link io.tributary.lake.ContentDigest} defines it.
 */
public final class RowDigests {
  private static final BigInteger MODULUS = BigInteger.ONE.shiftLeft(256);

  private RowDigests() {}

  /**
   * The number of rows and the sum of their digests.
   *
   * @param total below 2^256
   */
  public record Sum(long rows, BigInteger total) implements Serializable {
    Sum plus(Sum other) {
      return new Sum(rows + other.rows, total.add(other.total).mod(MODULUS));
    }
  }

  public static Sum sum(Dataset<Row> frame) {
    StructType schema = frame.schema();
    head(schema);
    JavaRDD<InternalRow> rows = frame.queryExecution().toRdd().toJavaRDD();
    List<Sum> parts = rows.mapPartitions(part -> List.of(sum(schema, part)).iterator()).collect();
    return parts.stream().reduce(new Sum(0, BigInteger.ZERO), Sum::plus);
  }

  private static Sum sum(StructType schema, Iterator<InternalRow> rows) {
    MessageDigest sha = Digest.sha256();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    DataOutputStream out = new DataOutputStream(bytes);
    // 256 bits in 32-bit words, lowest first, so that carries can wait.
    long[] words = new long[8];
    long count = 0;
    try {
      while (rows.hasNext()) {
        bytes.reset();
        fields(out, schema, rows.next());
        sha.update(bytes.toByteArray());
        add(words, sha.digest());
        count++;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    BigInteger total = BigInteger.ZERO;
    for (int i = 7; i >= 0; i--) {
      total = total.shiftLeft(32).add(BigInteger.valueOf(words[i]));
    }
    return new Sum(count, total.mod(MODULUS));
  }

  private static void add(long[] words, byte[] digest) {
    long carry = 0;
    for (int i = 0; i < 8; i++) {
      int at = 28 - 4 * i;
      long word =
          (digest[at] & 0xffL) << 24
              | (digest[at + 1] & 0xffL) << 16
              | (digest[at + 2] & 0xffL) << 8
              | digest[at + 3] & 0xffL;
      long sum = words[i] + word + carry;
      words[i] = sum & 0xffffffffL;
      carry = sum >>> 32;
    }
  }

  /** The columns' names and types; a type without an encoding is refused. */
  public static String head(StructType schema) {
    StringBuilder text = new StringBuilder();
    type(text, schema);
    return text.toString();
  }

  private static void type(StringBuilder text, DataType type) {
    if (type instanceof StructType s) {
      text.append("struct<");
      for (StructField f : s.fields()) {
        text.append(f.name().length()).append('"').append(f.name()).append("\":");
        type(text, f.dataType());
        text.append(',');
      }
      text.append('>');
    } else if (type instanceof ArrayType a) {
      text.append("array<");
      type(text, a.elementType());
      text.append('>');
    } else if (type instanceof MapType m) {
      text.append("map<");
      type(text, m.keyType());
      text.append(',');
      type(text, m.valueType());
      text.append('>');
    } else if (type instanceof BooleanType
        || type instanceof ByteType
        || type instanceof ShortType
        || type instanceof IntegerType
        || type instanceof LongType
        || type instanceof FloatType
        || type instanceof DoubleType
        || type instanceof DecimalType
        || type instanceof DateType
        || type instanceof TimestampType
        || type instanceof TimestampNTZType
        || type instanceof StringType
        || type instanceof BinaryType) {
      text.append(type.catalogString());
    } else {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot digest a frame: it has a column of type %s. Leave that column out."
              .formatted(type.catalogString()));
    }
  }

  private static void fields(DataOutputStream out, StructType schema, InternalRow row)
      throws IOException {
    StructField[] fields = schema.fields();
    for (int i = 0; i < fields.length; i++) {
      value(out, fields[i].dataType(), row, i);
    }
  }

  /** Writes one value as {@link io.tributary.lake.ContentDigest} specifies. */
  public static void value(DataOutputStream out, DataType type, SpecializedGetters from, int i)
      throws IOException {
    if (from.isNullAt(i)) {
      out.writeByte(0);
      return;
    }
    out.writeByte(1);
    if (type instanceof StringType) {
      bytes(out, from.getUTF8String(i).getBytes());
    } else if (type instanceof LongType
        || type instanceof TimestampType
        || type instanceof TimestampNTZType) {
      out.writeLong(from.getLong(i));
    } else if (type instanceof IntegerType || type instanceof DateType) {
      out.writeLong(from.getInt(i));
    } else if (type instanceof DoubleType) {
      out.writeLong(Double.doubleToLongBits(from.getDouble(i)));
    } else if (type instanceof FloatType) {
      out.writeLong(Double.doubleToLongBits(from.getFloat(i)));
    } else if (type instanceof BooleanType) {
      out.writeBoolean(from.getBoolean(i));
    } else if (type instanceof ShortType) {
      out.writeLong(from.getShort(i));
    } else if (type instanceof ByteType) {
      out.writeLong(from.getByte(i));
    } else if (type instanceof DecimalType d) {
      bytes(
          out,
          from.getDecimal(i, d.precision(), d.scale())
              .toJavaBigDecimal()
              .unscaledValue()
              .toString()
              .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    } else if (type instanceof BinaryType) {
      bytes(out, from.getBinary(i));
    } else if (type instanceof StructType s) {
      fields(out, s, from.getStruct(i, s.size()));
    } else if (type instanceof ArrayType a) {
      ArrayData array = from.getArray(i);
      out.writeInt(array.numElements());
      for (int k = 0; k < array.numElements(); k++) {
        value(out, a.elementType(), array, k);
      }
    } else {
      map(out, (MapType) type, from.getMap(i));
    }
  }

  private static void map(DataOutputStream out, MapType type, MapData map) throws IOException {
    Map<byte[], byte[]> entries = new TreeMap<>(Arrays::compareUnsigned);
    for (int k = 0; k < map.numElements(); k++) {
      ByteArrayOutputStream key = new ByteArrayOutputStream();
      value(new DataOutputStream(key), type.keyType(), map.keyArray(), k);
      ByteArrayOutputStream entry = new ByteArrayOutputStream();
      value(new DataOutputStream(entry), type.valueType(), map.valueArray(), k);
      entries.put(key.toByteArray(), entry.toByteArray());
    }
    out.writeInt(entries.size());
    for (Map.Entry<byte[], byte[]> entry : entries.entrySet()) {
      out.write(entry.getKey());
      out.write(entry.getValue());
    }
  }

  private static void bytes(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }
}
