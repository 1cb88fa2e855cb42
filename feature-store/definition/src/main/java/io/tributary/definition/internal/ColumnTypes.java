package io.tributary.definition.internal;

import io.tributary.core.Nearest;
import io.tributary.definition.ColumnType;
import io.tributary.definition.internal.AggregateText.Slice;
import io.tributary.definition.internal.SqlTokens.Token;
import io.tributary.definition.internal.SqlTokens.Unreadable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads types of columns, {@code bigint}, {@code decimal(10, 2)}, {@code array<string>}. */
final class ColumnTypes {
  private static final Map<String, String> SIMPLE = new LinkedHashMap<>();

  static {
    for (String name :
        List.of(
            "boolean",
            "tinyint",
            "smallint",
            "int",
            "bigint",
            "float",
            "double",
            "string",
            "binary",
            "date",
            "timestamp")) {
      SIMPLE.put(name, name);
    }
    SIMPLE.put("bool", "boolean");
    SIMPLE.put("byte", "tinyint");
    SIMPLE.put("short", "smallint");
    SIMPLE.put("integer", "int");
    SIMPLE.put("long", "bigint");
    SIMPLE.put("real", "float");
  }

  static final YamlType<ColumnType> TYPE =
      YamlTypes.scalar(
          "a column's type",
          "string, int, bigint, double, boolean, date, timestamp or decimal(10,2)",
          (value, text) -> {
            try {
              if (value.inFlow() && text.contains("(") && !text.contains(")")) {
                throw new Unreadable(
                    0,
                    "YAML cut the type at a comma, because it stands inside {}. Quote it:"
                        + " \"decimal(10,2)\".");
              }
              return Optional.of(new ColumnType(parse(text.strip())));
            } catch (Unreadable e) {
              e.report(value);
              return Optional.empty();
            }
          });

  private ColumnTypes() {}

  /** Normalised: no blanks, lower case, one name for each type. */
  static String parse(String text) throws Unreadable {
    String lower = text.toLowerCase(Locale.ROOT).strip();
    if (SIMPLE.containsKey(lower)) {
      return SIMPLE.get(lower);
    }
    if (lower.matches("(decimal|numeric|dec)(\\s*\\(.*\\))?")) {
      return decimal(text, lower);
    }
    if (lower.matches("(?s)(array|map|struct)\\s*<.*>")) {
      return nested(text, lower);
    }
    throw new Unreadable(
        0,
        "no column type \""
            + YamlValue.shortened(text)
            + "\"."
            + Nearest.of(lower, SIMPLE.keySet())
                .map(near -> " Did you mean \"" + SIMPLE.get(near) + "\"?")
                .orElse(
                    " Types: boolean, tinyint, smallint, int, bigint, float, double, decimal(p,s),"
                        + " string, binary, date, timestamp, array<...>, map<...>, struct<...>."));
  }

  private static String decimal(String text, String lower) throws Unreadable {
    if (!lower.contains("(")) {
      return "decimal(10,0)";
    }
    String inside = lower.substring(lower.indexOf('(') + 1, lower.length() - 1).replace(" ", "");
    if (inside.matches("\\d{1,2}(,\\d{1,2})?")) {
      String[] parts = inside.split(",", -1);
      int precision = Integer.parseInt(parts[0]);
      int scale = parts.length > 1 ? Integer.parseInt(parts[1]) : 0;
      if (precision >= 1 && precision <= 38 && scale <= precision) {
        return "decimal(" + precision + "," + scale + ")";
      }
    }
    throw new Unreadable(
        0,
        "\""
            + text
            + "\" is no decimal type: 1 to 38 digits, of which at most all are decimals. Write"
            + " decimal(10,2).");
  }

  private static String nested(String text, String lower) throws Unreadable {
    int open = lower.indexOf('<');
    String outer = lower.substring(0, open).strip();
    List<Slice> parts = parts(text.substring(open + 1, text.length() - 1));
    List<String> inner = new ArrayList<>();
    for (Slice part : parts) {
      if (outer.equals("struct")) {
        int colon = part.text().indexOf(':');
        if (colon < 1) {
          throw new Unreadable(
              0, "a field of a struct is written name:type, not \"" + part.text() + "\".");
        }
        inner.add(
            part.text().substring(0, colon).strip()
                + ":"
                + parse(part.text().substring(colon + 1)));
      } else {
        inner.add(parse(part.text()));
      }
    }
    int wanted = outer.equals("array") ? 1 : 2;
    if (!outer.equals("struct") && inner.size() != wanted) {
      throw new Unreadable(
          0,
          outer
              + "<> takes "
              + wanted
              + (wanted == 1 ? " type" : " types")
              + ", not "
              + inner.size()
              + ". Write "
              + (wanted == 1 ? "array<string>." : "map<string,double>."));
    }
    return outer + "<" + String.join(",", inner) + ">";
  }

  private static List<Slice> parts(String text) throws Unreadable {
    List<Slice> parts = new ArrayList<>();
    int angles = 0;
    int start = 0;
    for (Token token : SqlTokens.of(text)) {
      if (token.isSign("<")) {
        angles++;
      } else if (token.isSign(">")) {
        angles--;
      } else if (token.isSign(",") && token.depth() == 0 && angles == 0) {
        parts.add(AggregateText.slice(text, start, token.start()));
        start = token.end();
      }
    }
    parts.add(AggregateText.slice(text, start, text.length()));
    return parts;
  }
}
