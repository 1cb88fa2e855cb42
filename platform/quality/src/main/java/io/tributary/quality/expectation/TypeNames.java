package io.tributary.quality.expectation;

import io.tributary.core.Nearest;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Spark's types by the names that suites give them: {@code IntegerType}, {@code integer}. */
final class TypeNames {
  private static final Pattern DECIMAL =
      Pattern.compile("(?:decimaltype|decimal)\\(\\s*(\\d+)\\s*,\\s*(\\d+)\\s*\\)");
  private static final Map<String, String> DDL = new TreeMap<>();

  static {
    name("boolean", "BooleanType", "bool");
    name("tinyint", "ByteType", "byte");
    name("smallint", "ShortType", "short");
    name("int", "IntegerType", "integer");
    name("bigint", "LongType", "long");
    name("float", "FloatType", "real");
    name("double", "DoubleType");
    name("string", "StringType");
    name("binary", "BinaryType");
    name("date", "DateType");
    name("timestamp", "TimestampType");
  }

  private TypeNames() {}

  private static void name(String ddl, String... aliases) {
    DDL.put(ddl, ddl);
    for (String alias : aliases) {
      DDL.put(alias.toLowerCase(Locale.ROOT), ddl);
    }
  }

  static Optional<String> ddl(String name) {
    String lower = name.toLowerCase(Locale.ROOT).replaceAll("\\(\\)$", "");
    var decimal = DECIMAL.matcher(lower);
    if (decimal.matches()) {
      return Optional.of("decimal(" + decimal.group(1) + "," + decimal.group(2) + ")");
    }
    return Optional.ofNullable(DDL.get(lower));
  }

  static String unknown(String name) {
    String hint = Nearest.hint(name, DDL.keySet());
    return ", which is not known." + (hint.isEmpty() ? " Known are " + DDL.keySet() : hint);
  }
}
