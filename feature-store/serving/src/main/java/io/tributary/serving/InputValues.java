package io.tributary.serving;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.model.Input;
import io.tributary.model.ScoringBlock;
import java.nio.charset.StandardCharsets;

/**
 * Values of a model's inputs, from the online store or a request, as scoring takes them: numbers as
 * doubles, categories as texts, each as a column of the input's type would give it.
 */
final class InputValues {
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
    return TypedValues.of(node, input.type())
        .orElseThrow(
            () ->
                new PlatformException(
                    ErrorCode.INVALID_REQUEST,
                    "Cannot read input %s: %s is no %s. Give a value of that type, or null."
                        .formatted(input.column(), Body.shown(node.toString()), input.type())));
  }
}
