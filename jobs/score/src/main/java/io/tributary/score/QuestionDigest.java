package io.tributary.score;

import java.math.BigDecimal;
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
  private final KeyBytes bytes = new KeyBytes();

  /**
   * @param identity names of columns of {@code schema}, of the types of keys
   */
  QuestionDigest(String role, StructType schema, int asOf, List<String> identity) {
    this.role = bytes.clear().text(role).toByteArray();
    this.asOf = asOf;
    List<StructField> fields =
        identity.stream()
            .map(schema::apply)
            .sorted(Comparator.comparing(QuestionDigest::key))
            .toList();
    names =
        fields.stream().map(f -> bytes.clear().text(key(f)).toByteArray()).toArray(byte[][]::new);
    places = fields.stream().mapToInt(f -> schema.fieldIndex(f.name())).toArray();
    types = fields.stream().map(StructField::dataType).toArray(DataType[]::new);
  }

  private static String key(StructField field) {
    return field.name().toLowerCase(Locale.ROOT);
  }

  /** The 32 bytes of a row's digest; the same array each time. */
  byte[] of(InternalRow row) {
    bytes.clear().write(role).write(row.getLong(asOf));
    for (int i = 0; i < places.length; i++) {
      bytes.write(names[i]);
      if (row.isNullAt(places[i])) {
        bytes.write('-');
      } else {
        value(row, places[i], types[i]);
      }
    }
    return bytes.digest();
  }

  private void value(InternalRow row, int place, DataType type) {
    if (type instanceof StringType) {
      bytes.write('t').text(row.getUTF8String(place));
    } else if (type instanceof BooleanType) {
      bytes.write('b').write(row.getBoolean(place) ? 1 : 0);
    } else if (type instanceof BinaryType) {
      bytes.write('x').text(row.getBinary(place));
    } else if (type instanceof DateType) {
      bytes.write('d').write((long) row.getInt(place));
    } else if (type instanceof DecimalType d) {
      BigDecimal value = row.getDecimal(place, d.precision(), d.scale()).toJavaBigDecimal();
      bytes.write('n').text(value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString());
    } else if (type instanceof LongType) {
      bytes.write('n').number(row.getLong(place));
    } else if (type instanceof IntegerType) {
      bytes.write('n').number(row.getInt(place));
    } else if (type instanceof ShortType) {
      bytes.write('n').number(row.getShort(place));
    } else if (type instanceof ByteType) {
      bytes.write('n').number(row.getByte(place));
    } else {
      // The last type that keys may have: an instant.
      bytes.write('s').write(row.getLong(place));
    }
  }
}
