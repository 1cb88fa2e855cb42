package io.tributary.source.cell;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.TimeFormat;
import io.tributary.text.EscapingReader;
import java.math.BigDecimal;
import java.time.ZoneId;
import java.util.regex.Pattern;
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
import org.apache.spark.unsafe.types.UTF8String;

/** Reads text as a value of one type, as the engine keeps it; for one thread. */
public abstract class CellParser {
  /** Thrown for a text that is no value of the type, with the reason. */
  public static final class BadCell extends Exception {
    private static final long serialVersionUID = 1L;

    public BadCell(String why) {
      super(why, null, false, false);
    }
  }

  private static final Pattern FLOATING =
      Pattern.compile("[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?");
  private static final Pattern DECIMAL = FLOATING;
  private static final int SHOWN = 60;

  /** The value; blanks around it count only in a string. */
  public abstract Object parse(String text) throws BadCell;

  /** How many local times did not exist or existed twice. */
  public long shiftedTimes() {
    return 0;
  }

  /**
   * A parser of one type.
   *
   * @param zone what local times mean
   * @throws PlatformException INVALID_DEFINITION when text can't hold the type
   */
  public static CellParser of(String source, String column, DataType type, ZoneId zone) {
    if (type instanceof StringType) {
      return new Texts();
    }
    if (type instanceof IntegerType) {
      return new Whole("int", Integer.MIN_VALUE, Integer.MAX_VALUE, n -> (int) n);
    }
    if (type instanceof LongType) {
      return new Whole("bigint", Long.MIN_VALUE, Long.MAX_VALUE, n -> n);
    }
    if (type instanceof ShortType) {
      return new Whole("smallint", Short.MIN_VALUE, Short.MAX_VALUE, n -> (short) n);
    }
    if (type instanceof ByteType) {
      return new Whole("tinyint", Byte.MIN_VALUE, Byte.MAX_VALUE, n -> (byte) n);
    }
    if (type instanceof DoubleType) {
      return new Floating("double", text -> Double.parseDouble(text));
    }
    if (type instanceof FloatType) {
      return new Floating("float", text -> Float.parseFloat(text));
    }
    if (type instanceof BooleanType) {
      return new Truths();
    }
    if (type instanceof DecimalType decimal) {
      return new Decimals(decimal);
    }
    if (type instanceof DateType) {
      return new TimeParser.Days();
    }
    if (type instanceof TimestampType) {
      return new TimeParser.Instants(zone);
    }
    throw new PlatformException(
        ErrorCode.INVALID_DEFINITION,
        "Cannot read source %s: column %s is %s, which no text represents. Declare it as string and derive the rest."
            .formatted(source, column, type.catalogString()));
  }

  /**
   * A parser of days or instants that are written in a format.
   *
   * @param type date or timestamp
   * @param zone what local times mean
   */
  public static CellParser of(TimeFormat format, DataType type, ZoneId zone) {
    return type instanceof DateType
        ? new TimeParser.FormattedDays(format)
        : new TimeParser.FormattedInstants(format, zone);
  }

  /** The text, shortened, in quotes, on one line and without what would move a cursor. */
  public static String shown(String text) {
    boolean whole = text.length() <= SHOWN;
    String printable =
        EscapingReader.printable(
            whole
                ? text
                : text.substring(
                    0,
                    text.offsetByCodePoints(
                        0, Math.min(SHOWN, text.codePointCount(0, text.length())))));
    StringBuilder shown = new StringBuilder("\"");
    printable
        .codePoints()
        .forEach(
            c -> {
              if (c == '\n') {
                shown.append("\\n");
              } else if (Character.isISOControl(c)) {
                shown.append("\\x%02X".formatted(c));
              } else {
                shown.appendCodePoint(c);
              }
            });
    return shown.append(whole ? "\"" : "…\"").toString();
  }

  private static final class Texts extends CellParser {
    @Override
    public Object parse(String text) {
      return UTF8String.fromString(text);
    }
  }

  private interface Narrowed {
    Object of(long value);
  }

  private static final class Whole extends CellParser {
    private final String type;
    private final long least;
    private final long greatest;
    private final Narrowed narrowed;

    Whole(String type, long least, long greatest, Narrowed narrowed) {
      this.type = type;
      this.least = least;
      this.greatest = greatest;
      this.narrowed = narrowed;
    }

    @Override
    public Object parse(String cell) throws BadCell {
      String text = cell.strip();
      int i = !text.isEmpty() && (text.charAt(0) == '-' || text.charAt(0) == '+') ? 1 : 0;
      if (i == text.length()) {
        throw bad(cell);
      }
      for (int k = i; k < text.length(); k++) {
        if (text.charAt(k) < '0' || text.charAt(k) > '9') {
          throw bad(cell);
        }
      }
      long value;
      try {
        value = Long.parseLong(text);
      } catch (NumberFormatException e) {
        throw new BadCell(shown(cell) + " is beyond " + type);
      }
      if (value < least || value > greatest) {
        throw new BadCell(shown(cell) + " is beyond " + type);
      }
      return narrowed.of(value);
    }

    private BadCell bad(String cell) {
      return new BadCell(shown(cell) + " is no " + type);
    }
  }

  private interface FromText {
    Object of(String text);
  }

  private static final class Floating extends CellParser {
    private final String type;
    private final FromText fromText;
    private final Object greatest;
    private final Object least;

    Floating(String type, FromText fromText) {
      this.type = type;
      this.fromText = fromText;
      this.greatest = fromText.of("Infinity");
      this.least = fromText.of("-Infinity");
    }

    @Override
    public Object parse(String cell) throws BadCell {
      String text = cell.strip();
      if (plain(text) || FLOATING.matcher(text).matches()) {
        Object value = fromText.of(text);
        if (value.equals(greatest) || value.equals(least)) {
          throw new BadCell(shown(cell) + " is beyond " + type);
        }
        return value;
      }
      return switch (text) {
        case "NaN", "nan" -> fromText.of("NaN");
        case "Infinity", "+Infinity", "Inf", "+Inf", "inf" -> fromText.of("Infinity");
        case "-Infinity", "-Inf", "-inf" -> fromText.of("-Infinity");
        default -> throw new BadCell(shown(cell) + " is no " + type);
      };
    }

    /** Digits with at most one point inside, the common case. */
    private static boolean plain(String text) {
      boolean digit = false;
      boolean point = false;
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (c >= '0' && c <= '9') {
          digit = true;
        } else if (c == '.' && !point && digit) {
          point = true;
        } else {
          return false;
        }
      }
      return digit;
    }
  }

  private static final class Truths extends CellParser {
    @Override
    public Object parse(String cell) throws BadCell {
      String text = cell.strip();
      if (text.equalsIgnoreCase("true")) {
        return true;
      }
      if (text.equalsIgnoreCase("false")) {
        return false;
      }
      throw new BadCell(shown(cell) + " is no boolean: write true or false");
    }
  }

  private static final class Decimals extends CellParser {
    private final DecimalType type;

    Decimals(DecimalType type) {
      this.type = type;
    }

    @Override
    public Object parse(String cell) throws BadCell {
      String text = cell.strip();
      if (text.length() > 100 || !DECIMAL.matcher(text).matches()) {
        throw new BadCell(shown(cell) + " is no " + type.catalogString());
      }
      BigDecimal value = new BigDecimal(text).stripTrailingZeros();
      if (value.scale() > type.scale()
          || value.precision() - value.scale() > type.precision() - type.scale()) {
        throw new BadCell(shown(cell) + " does not fit " + type.catalogString());
      }
      return Decimal.apply(value.setScale(type.scale()), type.precision(), type.scale());
    }
  }
}
