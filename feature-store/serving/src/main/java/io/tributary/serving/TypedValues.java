package io.tributary.serving;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tributary.online.Bytes;
import io.tributary.online.RowCodec;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Values that requests bring, in the forms in which {@link JsonValues} answers: each is one that a
 * column of its type could hold as it is, or is refused. Nothing is rounded but to the nearest
 * floating-point number.
 */
final class TypedValues {
  private static final Map<String, Integer> BITS =
      Map.of("tinyint", 7, "smallint", 15, "int", 31, "bigint", 63);

  /** Doubles that JSON has no number for, or its readers don't keep. */
  private static final Map<String, Double> AS_TEXT =
      Stream.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -0.0)
          .collect(Collectors.toMap(String::valueOf, Function.identity()));

  private static final Pattern DECIMAL = Pattern.compile("-?[0-9]{1,40}(\\.[0-9]{1,40})?");
  private static final int MICRO = 1_000;

  /** Types whose values are texts in JSON. */
  private static final Set<String> PLAIN = Set.of("string", "timestamp", "date", "binary");

  private TypedValues() {}

  /**
   * A value as the online store has those of its type.
   *
   * @param node not null
   * @param type as DDL names it
   * @return empty where it is none of that type
   */
  static Optional<Object> of(JsonNode node, String type) {
    try {
      return Optional.ofNullable(read(node, type));
    } catch (DateTimeException | IOException e) {
      return Optional.empty();
    }
  }

  /**
   * What a person wrote of a value, as a program would: text as it is, all else without quotes;
   * nothing is null.
   */
  static JsonNode written(String text, String type) {
    if (PLAIN.contains(type)) {
      return TextNode.valueOf(text);
    }
    if (text.isBlank()) {
      return NullNode.getInstance();
    }
    return Router.read(text).orElseGet(() -> TextNode.valueOf(text));
  }

  /** Null where it does not fit. */
  private static Object read(JsonNode node, String type) throws IOException {
    if (BITS.containsKey(type)) {
      boolean fits =
          node.isIntegralNumber() && node.bigIntegerValue().bitLength() <= BITS.get(type);
      return fits ? (Object) node.longValue() : null;
    }
    if (type.startsWith("decimal(")) {
      return decimal(node, type);
    }
    if (type.startsWith("array<")) {
      return node.isArray() ? elements(node, RowCodec.parts(type).get(0)) : null;
    }
    if (type.startsWith("struct<")) {
      return node.isObject() ? fields(node, RowCodec.parts(type)) : null;
    }
    if (type.startsWith("map<")) {
      return map(node, RowCodec.parts(type));
    }
    boolean isText = node.isTextual() && !node.textValue().isEmpty();
    return switch (type) {
      case "string" -> node.isTextual() && isWhole(node.textValue()) ? node.textValue() : null;
      case "boolean" -> node.isBoolean() ? node.booleanValue() : null;
      case "float" -> floating(node, node.floatValue());
      case "double" -> floating(node, node.doubleValue());
      case "timestamp" -> isText ? instant(node.textValue()) : null;
      case "date" -> isText ? day(node.textValue()) : null;
      case "binary" -> node.isTextual() ? Bytes.of(node.binaryValue()) : null;
      default -> null;
    };
  }

  /** Half a character would become a question mark. */
  private static boolean isWhole(String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }

  private static Double floating(JsonNode node, double number) {
    if (node.isTextual()) {
      return AS_TEXT.get(node.textValue());
    }
    return node.isNumber() && Double.isFinite(number) ? number : null;
  }

  private static BigDecimal decimal(JsonNode node, String type) {
    String[] said = type.substring("decimal(".length(), type.length() - 1).split(",", 2);
    int scale = Integer.parseInt(said[1].strip());
    boolean isText = node.isTextual() && DECIMAL.matcher(node.textValue()).matches();
    if (!isText && !EntityKeys.isFinite(node)) {
      return null;
    }
    BigDecimal value = isText ? new BigDecimal(node.textValue()) : node.decimalValue();
    if (value.signum() == 0) {
      return BigDecimal.ZERO.setScale(scale, RoundingMode.UNNECESSARY);
    }
    boolean fits =
        value.stripTrailingZeros().scale() <= scale
            && (long) value.precision() - value.scale()
                <= Integer.parseInt(said[0].strip()) - scale;
    return fits ? value.setScale(scale, RoundingMode.UNNECESSARY) : null;
  }

  /** With its offset: what a local time means is not for a server to guess. */
  private static Instant instant(String text) {
    Instant instant = OffsetDateTime.parse(text).toInstant();
    return ServedViews.isOfFourDigits(instant) && instant.getNano() % MICRO == 0 ? instant : null;
  }

  private static LocalDate day(String text) {
    LocalDate day = LocalDate.parse(text);
    return day.getYear() >= 1 && day.getYear() <= 9_999 ? day : null;
  }

  private static List<Object> elements(JsonNode array, String type) throws IOException {
    List<Object> elements = new ArrayList<>();
    for (JsonNode node : array) {
      if (!add(elements, node, type)) {
        return null;
      }
    }
    return elements;
  }

  private static boolean add(List<Object> values, JsonNode node, String type) throws IOException {
    Object value = node.isNull() ? null : read(node, type);
    values.add(value);
    return value != null || node.isNull();
  }

  private static List<Object> fields(JsonNode object, List<String> fields) throws IOException {
    List<Object> values = new ArrayList<>();
    for (String field : fields) {
      int colon = field.indexOf(':');
      JsonNode node = object.get(field.substring(0, colon));
      if (node == null || !add(values, node, field.substring(colon + 1))) {
        return null;
      }
    }
    return object.size() == fields.size() ? values : null;
  }

  /** An object where keys are texts, a list of {@code key} and {@code value} where they are not. */
  private static Map<Object, Object> map(JsonNode node, List<String> types) throws IOException {
    List<Object> keys = new ArrayList<>();
    List<Object> values = new ArrayList<>();
    if (node.isObject() && types.get(0).equals("string")) {
      for (Map.Entry<String, JsonNode> entry : node.properties()) {
        if (!isWhole(entry.getKey()) || !add(values, entry.getValue(), types.get(1))) {
          return null;
        }
        keys.add(entry.getKey());
      }
    } else if (node.isArray()) {
      for (JsonNode pair : node) {
        List<Object> both = fields(pair, List.of("key:" + types.get(0), "value:" + types.get(1)));
        if (both == null || both.get(0) == null) {
          return null;
        }
        keys.add(both.get(0));
        values.add(both.get(1));
      }
    } else {
      return null;
    }
    Map<Object, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keys.size(); i++) {
      if (map.containsKey(keys.get(i))) {
        return null;
      }
      map.put(keys.get(i), values.get(i));
    }
    return map;
  }
}
