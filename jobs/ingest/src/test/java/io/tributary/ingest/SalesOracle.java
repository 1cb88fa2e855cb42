package io.tributary.ingest;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a line of sales says, read by other means than the reader's: a slow and literal one. */
final class SalesOracle {
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("uuuu-MM-dd").withResolverStyle(ResolverStyle.STRICT);

  /** A cell's text, and whether it stood in quotes. */
  record Cell(String text, boolean quoted) {}

  private final ZoneId zone;
  private final Map<Object, List<Object>> originals = new HashMap<>();

  SalesOracle(ZoneId zone) {
    this.zone = zone;
    String text = BadFiles.valid();
    for (List<Cell> record : records(text.substring(text.indexOf('\n') + 1))) {
      originals.put(value(0, record.get(0)), values(record));
    }
  }

  /** The record that begins a text, and nothing else of it; null where it is none. */
  List<Cell> record(String text) {
    List<List<Cell>> records = records(text);
    return records.size() == 1 ? records.get(0) : null;
  }

  /** Whether the values are those that the valid file has under this id. */
  boolean isOriginal(List<Cell> cells) {
    return values(cells).equals(originals.get(value(0, cells.get(0))));
  }

  private List<Object> values(List<Cell> cells) {
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < cells.size(); i++) {
      values.add(value(i, cells.get(i)));
    }
    return values;
  }

  /**
   * A cell's value: Long, String, Double, BigDecimal, LocalDate, Instant, Boolean, or null.
   *
   * @throws RuntimeException when the text is no value of the column
   */
  Object value(int column, Cell cell) {
    if (cell.text().equals("NA") || cell.text().isEmpty() && !(cell.quoted() && column == 1)) {
      return null;
    }
    String text = cell.text().strip();
    return switch (column) {
      case 0 -> new BigDecimal(whole(text)).longValueExact();
      case 1 -> cell.text();
      case 2 -> floating(text);
      case 3 -> decimal(text);
      case 4 -> new BigDecimal(whole(text)).intValueExact();
      case 5 -> LocalDate.parse(text, DAY);
      case 6 -> instant(text);
      default -> truth(text);
    };
  }

  private static String whole(String text) {
    if (!text.matches("[+-]?[0-9]+")) {
      throw new IllegalArgumentException(text + " is no whole number");
    }
    return text;
  }

  private static double floating(String text) {
    return switch (text) {
      case "NaN", "nan" -> Double.NaN;
      case "Infinity", "+Infinity", "Inf", "+Inf", "inf" -> Double.POSITIVE_INFINITY;
      case "-Infinity", "-Inf", "-inf" -> Double.NEGATIVE_INFINITY;
      default -> {
        double nearest = new BigDecimal(text).doubleValue();
        if (Double.isInfinite(nearest)) {
          throw new ArithmeticException(text + " is beyond double");
        }
        yield nearest;
      }
    };
  }

  private static BigDecimal decimal(String text) {
    BigDecimal value = new BigDecimal(text).setScale(2);
    if (value.precision() > 10) {
      throw new ArithmeticException(text + " does not fit");
    }
    return value;
  }

  private Instant instant(String text) {
    String iso = text.replace(' ', 'T').toUpperCase(java.util.Locale.ROOT);
    if (iso.matches("\\d{4}-\\d\\d-\\d\\d")) {
      return LocalDate.parse(iso, DAY).atStartOfDay(zone).toInstant();
    }
    Instant instant;
    try {
      instant =
          OffsetDateTime.parse(iso.replaceFirst("([+-]\\d\\d)(\\d\\d)$", "$1:$2")).toInstant();
    } catch (DateTimeParseException noOffset) {
      instant = LocalDateTime.parse(iso).atZone(zone).toInstant();
    }
    if (!instant.truncatedTo(ChronoUnit.MICROS).equals(instant) || iso.contains(":60")) {
      throw new ArithmeticException(text + " is finer than a microsecond");
    }
    return instant;
  }

  private static boolean truth(String text) {
    return switch (text.toLowerCase(java.util.Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException(text + " is no boolean");
    };
  }

  /** Cuts text into records as RFC 4180 has it; null-free, blank lines left out. */
  private static List<List<Cell>> records(String text) {
    List<List<Cell>> records = new ArrayList<>();
    List<Cell> cells = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    boolean inside = false;
    for (int i = 0; i <= text.length(); i++) {
      char c = i < text.length() ? text.charAt(i) : '\n';
      if (inside) {
        if (c == '"' && i + 1 < text.length() && text.charAt(i + 1) == '"') {
          cell.append('"');
          i++;
        } else if (c == '"') {
          inside = false;
        } else {
          cell.append(c);
        }
      } else if (c == '"' && cell.isEmpty() && !quoted) {
        inside = true;
        quoted = true;
      } else if (c == ',' || c == '\n') {
        if (c == '\n' && !cell.isEmpty() && !quoted && cell.charAt(cell.length() - 1) == '\r') {
          cell.setLength(cell.length() - 1);
        }
        boolean blank = c == '\n' && cells.isEmpty() && cell.isEmpty() && !quoted;
        if (!blank) {
          cells.add(new Cell(cell.toString(), quoted));
        }
        cell.setLength(0);
        quoted = false;
        if (c == '\n' && !cells.isEmpty()) {
          records.add(cells);
          cells = new ArrayList<>();
        }
      } else {
        cell.append(c);
      }
    }
    return records;
  }

  /** The lines of a file as LF cuts them; empty where a byte of one is no UTF-8. */
  static List<String> lines(byte[] plain) {
    List<String> lines = new ArrayList<>();
    int from = 0;
    for (int i = 0; i <= plain.length; i++) {
      if (i == plain.length || plain[i] == '\n') {
        lines.add(text(plain, from, i - from));
        from = i + 1;
      }
    }
    return lines;
  }

  private static String text(byte[] bytes, int from, int length) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, from, length))
          .toString();
    } catch (CharacterCodingException noText) {
      return "\ufffd";
    }
  }
}
