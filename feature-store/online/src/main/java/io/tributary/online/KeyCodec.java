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
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Entity keys as bytes: typed, one column after the other, so that two keys have the same bytes
 * exactly when their columns are equal (integers by value, strings by code point) and bytewise
 * order is a total order. Not for null: a null key matches nothing.
 */
public final class KeyCodec {
  private static final int ESCAPED = 0xff;

  /** Of a decimal, on either side of its point. */
  private static final int MOST_DIGITS = 38;

  private static final int LONGEST_DECIMAL = 100;
  private static final Set<Class<?>> WHOLE =
      Set.of(Byte.class, Short.class, Integer.class, Long.class);

  private KeyCodec() {}

  /**
   * The bytes of a key.
   *
   * @param values one a column, of the column's type, as Java values: Integer/Long, String,
   *     Boolean, LocalDate, Instant, BigDecimal
   * @throws PlatformException INVALID_REQUEST for values of other columns
   */
  public static byte[] encode(List<StoredColumn> columns, List<?> values) {
    requireWidth(columns, values);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < columns.size(); i++) {
      write(out, columns.get(i), values.get(i));
    }
    return out.toByteArray();
  }

  /** Reads the words of a command line as a key of the columns' types. */
  public static List<Object> parse(List<StoredColumn> columns, List<String> words) {
    requireWidth(columns, words);
    List<Object> key = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      key.add(parse(columns.get(i), words.get(i)));
    }
    return key;
  }

  private static void requireWidth(List<StoredColumn> columns, List<?> values) {
    if (values.size() != columns.size()) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot read key %s: the entity has %s columns %s. Give one value for each, in this order."
              .formatted(
                  values, columns.size(), columns.stream().map(StoredColumn::name).toList()));
    }
  }

  private static Object parse(StoredColumn column, String word) {
    try {
      return switch (column.type()) {
        case "tinyint", "smallint", "int", "bigint" -> Long.valueOf(word);
        case "boolean" -> truth(column, word);
        case "date" -> LocalDate.parse(word);
        case "timestamp" -> OffsetDateTime.parse(word).toInstant();
        default -> column.type().startsWith("decimal") ? decimal(column, word) : word;
      };
    } catch (NumberFormatException | DateTimeParseException e) {
      throw new PlatformException(ErrorCode.INVALID_REQUEST, otherType(column, word), e);
    }
  }

  private static Boolean truth(StoredColumn column, String word) {
    if (!word.equalsIgnoreCase("true") && !word.equalsIgnoreCase("false")) {
      throw new PlatformException(ErrorCode.INVALID_REQUEST, otherType(column, word));
    }
    return Boolean.valueOf(word);
  }

  /** A long word is no decimal of a column, and dear to read. */
  private static BigDecimal decimal(StoredColumn column, String word) {
    if (word.length() > LONGEST_DECIMAL) {
      throw new PlatformException(ErrorCode.INVALID_REQUEST, otherType(column, word));
    }
    return new BigDecimal(word);
  }

  private static String otherType(StoredColumn column, Object value) {
    return "Cannot read key column "
        + column.name()
        + ": \""
        + shown(value)
        + "\" is no "
        + column.type()
        + ". Give a value of that type.";
  }

  private static String shown(Object value) {
    String text = value.toString();
    return text.length() <= LONGEST_DECIMAL ? text : text.substring(0, LONGEST_DECIMAL) + "…";
  }

  private static void write(ByteArrayOutputStream out, StoredColumn column, Object value) {
    if (javaTypes(column).stream().noneMatch(type -> type.isInstance(value))) {
      throw new PlatformException(ErrorCode.INVALID_REQUEST, otherType(column, value));
    }
    if (value instanceof Boolean b) {
      out.write(b ? 1 : 0);
    } else if (value instanceof LocalDate d) {
      writeLong(out, d.toEpochDay());
    } else if (value instanceof Instant t) {
      writeLong(out, micros(column, t));
    } else if (value instanceof BigDecimal d) {
      writeText(out, plain(column, d));
    } else if (value instanceof String s) {
      if (!StandardCharsets.UTF_8.newEncoder().canEncode(s)) {
        // Half a character would become a question mark, and the key be another's.
        throw new PlatformException(ErrorCode.INVALID_REQUEST, otherType(column, value));
      }
      writeText(out, s);
    } else {
      writeLong(out, ((Number) value).longValue());
    }
  }

  /** To the microsecond: what is finer would be cut off, and the key be another's. */
  private static long micros(StoredColumn column, Instant value) {
    try {
      long micros = Micros.of(value);
      if (Micros.instant(micros).equals(value)) {
        return micros;
      }
    } catch (ArithmeticException e) {
      throw new PlatformException(ErrorCode.INVALID_REQUEST, otherType(column, value), e);
    }
    throw new PlatformException(ErrorCode.INVALID_REQUEST, otherType(column, value));
  }

  private static String plain(StoredColumn column, BigDecimal value) {
    BigDecimal stripped = value.stripTrailingZeros();
    if (stripped.scale() > MOST_DIGITS || stripped.precision() - stripped.scale() > MOST_DIGITS) {
      throw new PlatformException(ErrorCode.INVALID_REQUEST, otherType(column, value));
    }
    return value.signum() == 0 ? "0" : stripped.toPlainString();
  }

  private static Set<Class<?>> javaTypes(StoredColumn column) {
    return switch (column.type()) {
      case "tinyint", "smallint", "int", "bigint" -> WHOLE;
      case "boolean" -> Set.of(Boolean.class);
      case "date" -> Set.of(LocalDate.class);
      case "timestamp" -> Set.of(Instant.class);
      case "string" -> Set.of(String.class);
      default -> {
        if (column.type().startsWith("decimal")) {
          yield Set.of(BigDecimal.class);
        }
        throw new PlatformException(
            ErrorCode.INVALID_DEFINITION,
            "Cannot store key column %s: a key of type %s can't be compared exactly. Use an integer, a string, a boolean, a date, a timestamp or a decimal."
                .formatted(column.name(), column.type()));
      }
    };
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
