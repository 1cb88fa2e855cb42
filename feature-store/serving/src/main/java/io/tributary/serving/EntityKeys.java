package io.tributary.serving;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.online.KeyCodec;
import io.tributary.online.StoredColumn;
import io.tributary.serving.ServedViews.Asked;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Reads keys of entities, and what features on demand are computed from, from what requests say, in
 * the types of their columns.
 */
final class EntityKeys {
  private EntityKeys() {}

  /**
   * One entity's key, or one value a column of a request: null for those that are not needed.
   *
   * @param said what a request says of a column
   * @param needed which columns have to be said
   */
  static List<Object> of(Asked asked, Set<String> needed, Function<String, JsonNode> said) {
    List<Object> key = new ArrayList<>();
    for (StoredColumn column : asked.view().keys()) {
      key.add(
          needed.contains(column.name()) ? value(asked, said.apply(column.name()), column) : null);
    }
    return key;
  }

  /** A value of a request, in its column's type; null for null, which as a key matches nothing. */
  static Object value(Asked asked, JsonNode node, StoredColumn column) {
    if (node.isNull()) {
      return null;
    }
    return asked.computed().isEmpty()
        ? key(node, column)
        : TypedValues.of(node, column.type())
            .orElseThrow(
                () ->
                    new PlatformException(
                        ErrorCode.INVALID_REQUEST,
                        "Cannot read %s of what %s is computed from: %s is no %s. Give a value of that type%s, or null."
                            .formatted(
                                column.name(),
                                asked.view().id(),
                                Body.shown(node.toString()),
                                column.type(),
                                hint(column))));
  }

  private static String hint(StoredColumn column) {
    return column.type().equals("timestamp")
        ? " with its offset, as in 2013-12-30T05:00:00Z"
        : column.type().equals("date") ? ", as in 2013-12-30" : "";
  }

  private static Object key(JsonNode node, StoredColumn column) {
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
