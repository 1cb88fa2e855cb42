package io.tributary.serving;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.model.Input;
import io.tributary.model.ScoringBlock;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Values of a model's inputs, from the online store or a request, as scoring takes them: numbers as
 * doubles, categories as texts, each as a column of the input's type would give it.
 */
final class InputValues {
  private static final Map<String, Integer> BITS =
      Map.of("tinyint", 7, "smallint", 15, "int", 31, "bigint", 63);

  /** Doubles that JSON has no number for, as answers write them. */
  private static final Map<String, Double> NOT_IN_JSON =
      Stream.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY)
          .collect(Collectors.toMap(String::valueOf, Function.identity()));

  private static final Pattern DECIMAL = Pattern.compile("-?[0-9]{1,40}(\\.[0-9]{1,40})?");

  private InputValues() {}

  /** Sets an input of a block's last row; null is missing. */
  static void set(ScoringBlock block, int place, Input input, Object value) {
    if (value == null) {
      return;
    }
    if (input.categorical()) {
      byte[] text = value.toString().getBytes(StandardCharsets.UTF_8);
      block.text(place, text, 0, text.length);
    } else {
      block.number(place, number(value));
    }
  }

  private static double number(Object value) {
    return value instanceof Boolean flag ? (flag ? 1 : 0) : ((Number) value).doubleValue();
  }

  /** What a model is given of a value: a Double or a String; null is missing. */
  static Object used(Input input, Object value) {
    return value == null ? null : input.categorical() ? value.toString() : (Object) number(value);
  }

  /**
   * What a request says of an input.
   *
   * @throws PlatformException INVALID_REQUEST where that is no value of its type
   */
  static Object of(JsonNode node, Input input) {
    if (node.isNull()) {
      return null;
    }
    String type = input.type();
    if (BITS.containsKey(type)) {
      require(node.isIntegralNumber() && fits(node.bigIntegerValue(), BITS.get(type)), node, input);
      return node.longValue();
    }
    if (type.startsWith("decimal(")) {
      return decimal(node, input);
    }
    if ((type.equals("double") || type.equals("float"))
        && node.isTextual()
        && NOT_IN_JSON.containsKey(node.textValue())) {
      return NOT_IN_JSON.get(node.textValue());
    }
    return switch (type) {
      case "string" -> require(node.isTextual(), node, input).textValue();
      case "boolean" -> require(node.isBoolean(), node, input).booleanValue();
      case "float" ->
          (double)
              require(node.isNumber() && Float.isFinite(node.floatValue()), node, input)
                  .floatValue();
      default -> require(EntityKeys.isFinite(node), node, input).doubleValue();
    };
  }

  private static boolean fits(BigInteger value, int bits) {
    return value.bitLength() <= bits;
  }

  private static BigDecimal decimal(JsonNode node, Input input) {
    String[] said =
        input.type().substring("decimal(".length(), input.type().length() - 1).split(",", 2);
    int scale = Integer.parseInt(said[1].strip());
    // As answers write it.
    boolean text = node.isTextual() && DECIMAL.matcher(node.textValue()).matches();
    require(text || EntityKeys.isFinite(node), node, input);
    BigDecimal value = text ? new BigDecimal(node.textValue()) : node.decimalValue();
    require(
        value.signum() == 0
            || value.stripTrailingZeros().scale() <= scale
                && (long) value.precision() - value.scale()
                    <= Integer.parseInt(said[0].strip()) - scale,
        node,
        input);
    return value;
  }

  private static JsonNode require(boolean fits, JsonNode node, Input input) {
    if (!fits) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot read input %s: %s is no %s. Give a value of that type, or null."
              .formatted(input.column(), Body.shown(node.toString()), input.type()));
    }
    return node;
  }
}
