package io.tributary.serving;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.online.KeyCodec;
import io.tributary.online.StoredColumn;
import io.tributary.online.StoredView;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Reads keys of entities from what requests say, in the types of their columns. */
final class EntityKeys {
  private EntityKeys() {}

  /**
   * One entity's key.
   *
   * @param said what a request says of a key column
   */
  static List<Object> of(StoredView view, Function<String, JsonNode> said) {
    List<Object> key = new ArrayList<>();
    for (StoredColumn column : view.keys()) {
      key.add(value(said.apply(column.name()), column));
    }
    return key;
  }

  /** A key's value of a request, in its column's type; null for null, which matches nothing. */
  static Object value(JsonNode node, StoredColumn column) {
    if (node == null || node.isNull()) {
      return null;
    }
    boolean whole = node.isIntegralNumber() && node.canConvertToLong();
    return switch (column.type()) {
      case "tinyint", "smallint", "int", "bigint" -> require(whole, node, column).longValue();
      case "boolean" -> require(node.isBoolean(), node, column).booleanValue();
      case "string" -> require(node.isTextual(), node, column).textValue();
      default ->
          column.type().startsWith("decimal") && isFinite(node)
              ? new BigDecimal(node.asText())
              : KeyCodec.parse(
                      List.of(column), List.of(require(node.isTextual(), node, column).textValue()))
                  .get(0);
    };
  }

  /** Whether it is a number that a double can be near: the parser makes infinities of others. */
  static boolean isFinite(JsonNode node) {
    return node.isNumber() && Double.isFinite(node.doubleValue());
  }

  private static JsonNode require(boolean fits, JsonNode node, StoredColumn column) {
    if (!fits) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot read key column %s: %s is no %s. Give a value of that type."
              .formatted(column.name(), Body.shown(node.toString()), column.type()));
    }
    return node;
  }
}
