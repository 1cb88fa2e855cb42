package io.tributary.online;

import io.tributary.core.ErrorCode;
import io.tributary.core.Micros;
import io.tributary.core.PlatformException;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;

/**
 * Entity keys as bytes: typed, one column after the other, so that two keys have the same bytes
 * exactly when their columns are equal (integers by value, strings by code point) and bytewise
 * order is a total order. Not for null: a null key matches nothing.
 */
public final class KeyCodec {
  private static final int ESCAPED = 0xff;

  private KeyCodec() {}

  /**
   * The bytes of a key whose values are of the fields' types, as Java values: Integer/Long, String,
   * Boolean, LocalDate, Instant…
   */
  public static byte[] encode(List<Field> fields, List<?> values) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < fields.size(); i++) {
      write(out, fields.get(i), values.get(i));
    }
    return out.toByteArray();
  }

  /** Reads the words of a command line as a key of the fields' types. */
  public static List<Object> parse(List<Field> fields, List<String> words) {
    if (words.size() != fields.size()) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot read key "
              + words
              + ": the entity has "
              + fields.size()
              + " columns "
              + fields.stream().map(Field::name).toList()
              + ". Give one value for each, in this order.");
    }
    List<Object> key = new java.util.ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      key.add(parse(fields.get(i), words.get(i)));
    }
    return key;
  }

  private static Object parse(Field field, String word) {
    try {
      return switch (field.type()) {
        case "tinyint", "smallint", "int", "bigint" -> Long.valueOf(word);
        case "boolean" -> Boolean.valueOf(word);
        case "date" -> LocalDate.parse(word);
        case "timestamp" -> java.time.OffsetDateTime.parse(word).toInstant();
        default -> field.type().startsWith("decimal") ? new BigDecimal(word) : word;
      };
    } catch (NumberFormatException | java.time.format.DateTimeParseException e) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot read key column "
              + field.name()
              + ": \""
              + word
              + "\" is no "
              + field.type()
              + ". Give a value of that type.",
          e);
    }
  }

  private static void write(ByteArrayOutputStream out, Field field, Object value) {
    if (value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte) {
      writeLong(out, ((Number) value).longValue());
    } else if (value instanceof Boolean b) {
      out.write(b ? 1 : 0);
    } else if (value instanceof LocalDate d) {
      writeLong(out, d.toEpochDay());
    } else if (value instanceof Instant t) {
      writeLong(out, Micros.of(t));
    } else if (value instanceof BigDecimal d) {
      writeText(out, d.signum() == 0 ? "0" : d.stripTrailingZeros().toPlainString());
    } else if (value instanceof String s) {
      writeText(out, s);
    } else {
      throw new PlatformException(
          ErrorCode.INVALID_DEFINITION,
          "Cannot store key column "
              + field.name()
              + ": a key of type "
              + field.type()
              + " can't be compared exactly. Use an integer, a"
              + " string, a boolean, a date, a timestamp or a decimal.");
    }
  }

  private static void writeLong(ByteArrayOutputStream out, long value) {
    out.writeBytes(ByteBuffer.allocate(Long.BYTES).putLong(value ^ Long.MIN_VALUE).array());
  }

  /**
   * A zero byte inside is written as 00 ff and the end as 00 00, so that no text is a prefix of
   * another with a column behind it.
   */
  private static void writeText(ByteArrayOutputStream out, String text) {
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      out.write(b);
      if (b == 0) {
        out.write(ESCAPED);
      }
    }
    out.write(0);
    out.write(0);
  }
}
