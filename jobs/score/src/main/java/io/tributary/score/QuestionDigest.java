package io.tributary.score;

import io.tributary.core.Digest;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
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
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The digest of a query: the SHA-256 over the role as {@code LENGTH:ROLE,}, the as-of as 8 bytes,
 * and the columns that identify a row in the order of their names in lower case. Of each the name
 * as {@code LENGTH:NAME,}, then {@code -} where it is null, {@code n} and a number in decimal
 * notation without trailing zeros as {@code LENGTH:NUMBER,}, {@code t} and the text as {@code
 * LENGTH:TEXT,}, {@code x} and a binary with its length like a text, {@code b} and a boolean as 1
 * byte, {@code d} and the days since 1970, {@code s} and the microseconds since 1970 as 8 bytes. A
 * value in a wider type has the same digest. Not thread-safe.
 */
final class QuestionDigest {
  private final byte[] role;
  private final int asOf;
  private final byte[][] names;
  private final int[] places;
  private final DataType[] types;
  private final MessageDigest sha = Digest.sha256();
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
  private final ByteBuffer number = ByteBuffer.allocate(Long.BYTES);

  /**
   * @param identity names of columns of {@code schema}, of the types of keys
   */
  QuestionDigest(String role, StructType schema, int asOf, List<String> identity) {
    this.role = InputsDigest.text(role);
    this.asOf = asOf;
    List<StructField> fields =
        identity.stream()
            .map(schema::apply)
            .sorted(Comparator.comparing(QuestionDigest::key))
            .toList();
    names = fields.stream().map(f -> InputsDigest.text(key(f))).toArray(byte[][]::new);
    places = fields.stream().mapToInt(f -> schema.fieldIndex(f.name())).toArray();
    types = fields.stream().map(StructField::dataType).toArray(DataType[]::new);
  }

  private static String key(StructField field) {
    return field.name().toLowerCase(Locale.ROOT);
  }

  /** The 32 bytes of a row's digest. */
  byte[] of(InternalRow row) {
    bytes.reset();
    bytes.writeBytes(role);
    write(row.getLong(asOf));
    for (int i = 0; i < places.length; i++) {
      bytes.writeBytes(names[i]);
      if (row.isNullAt(places[i])) {
        bytes.write('-');
      } else {
        value(row, places[i], types[i]);
      }
    }
    return sha.digest(bytes.toByteArray());
  }

  private void value(InternalRow row, int place, DataType type) {
    if (type instanceof StringType) {
      bytes.write('t');
      bytes.writeBytes(InputsDigest.text(row.getUTF8String(place).toString()));
    } else if (type instanceof BooleanType) {
      bytes.write('b');
      bytes.write(row.getBoolean(place) ? 1 : 0);
    } else if (type instanceof BinaryType) {
      bytes.write('x');
      bytes.writeBytes(InputsDigest.text(row.getBinary(place)));
    } else if (type instanceof DateType) {
      bytes.write('d');
      write(row.getInt(place));
    } else if (type instanceof DecimalType d) {
      number(row.getDecimal(place, d.precision(), d.scale()).toJavaBigDecimal());
    } else if (type instanceof LongType) {
      number(BigDecimal.valueOf(row.getLong(place)));
    } else if (type instanceof IntegerType) {
      number(BigDecimal.valueOf(row.getInt(place)));
    } else if (type instanceof ShortType) {
      number(BigDecimal.valueOf(row.getShort(place)));
    } else if (type instanceof ByteType) {
      number(BigDecimal.valueOf(row.getByte(place)));
    } else {
      // The last type that keys may have: an instant.
      bytes.write('s');
      write(row.getLong(place));
    }
  }

  private void number(BigDecimal value) {
    bytes.write('n');
    bytes.writeBytes(
        InputsDigest.text(value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString()));
  }

  private void write(long value) {
    bytes.writeBytes(number.putLong(0, value).array());
  }
}
