package io.tributary.online;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import io.tributary.core.ErrorCode;
import io.tributary.core.Micros;
import io.tributary.core.PlatformException;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Stored rows as CBOR (RFC 8949): an array of event time, known time and publish instant in
 * microseconds, then the values; of an entity without visible event no values. Doubles keep their
 * bits. A row without a publish instant is true for that of the snapshot that it is read from, so
 * that a row that stays as it was has the same bytes night after night.
 */
public final class RowCodec {
  /** Stands for a row that a former run has and that is no more. */
  public static final byte[] WITHDRAWN = {};

  private static final ObjectMapper CBOR = new ObjectMapper(new CBORFactory());
  private static final int HEAD = 3;
  private static final Set<String> SCALARS =
      Set.of(
          "tinyint",
          "smallint",
          "int",
          "bigint",
          "float",
          "double",
          "boolean",
          "binary",
          "date",
          "timestamp",
          "string");

  private RowCodec() {}

  public static boolean isWithdrawn(byte[] bytes) {
    return bytes.length == 0;
  }

  /** The row's bytes, wherever it is read from; values are as {@link Answer#value} says. */
  public static byte[] encode(StoredRow row) {
    return encode(row, Optional.of(row.publishedFor()));
  }

  /** The row's bytes among those of a snapshot, which tells the instant of those taken at it. */
  public static byte[] encode(StoredRow row, Instant snapshot) {
    return encode(row, Optional.of(row.publishedFor()).filter(at -> !at.equals(snapshot)));
  }

  private static byte[] encode(StoredRow row, Optional<Instant> publishedFor) {
    ArrayNode array = CBOR.createArrayNode();
    array.add(row.eventTime().map(Micros::of).orElse(null));
    array.add(row.knownTime().map(Micros::of).orElse(null));
    array.add(publishedFor.map(Micros::of).orElse(null));
    row.values().forEach(v -> array.add(node(v)));
    try {
      return CBOR.writeValueAsBytes(array);
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.BUG,
          "Cannot write an online row: " + e.getMessage() + ". Report this as a bug.",
          e);
    }
  }

  /**
   * Reads a row of the given features.
   *
   * @param snapshot the instant of the snapshot that it is read from
   */
  public static StoredRow decode(byte[] bytes, List<StoredFeature> features, Instant snapshot) {
    JsonNode array;
    try {
      array = CBOR.readTree(bytes);
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.CORRUPT,
          "Cannot read an online row: " + e.getMessage() + ". Publish the view again.",
          e);
    }
    boolean isAbsent = array.size() == HEAD;
    if (!array.isArray() || (!isAbsent && array.size() != HEAD + features.size())) {
      throw new PlatformException(
          ErrorCode.CORRUPT,
          "Cannot read an online row: it has %s items in place of %s. Publish the view again."
              .formatted(array.size(), HEAD + features.size()));
    }
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < (isAbsent ? 0 : features.size()); i++) {
      values.add(value(array.get(HEAD + i), features.get(i).type()));
    }
    return new StoredRow(
        instant(array.get(0)),
        instant(array.get(1)),
        instant(array.get(2)).orElse(snapshot),
        values);
  }

  /**
   * A value as a JSON node: instants as microseconds, dates as days since 1970, maps as arrays of
   * keys with their values, structs as the list of their fields.
   */
  public static JsonNode node(Object value) {
    if (value == null) {
      return CBOR.nullNode();
    }
    if (value instanceof Instant t) {
      return CBOR.getNodeFactory().numberNode(Micros.of(t));
    }
    if (value instanceof LocalDate d) {
      return CBOR.getNodeFactory().numberNode(d.toEpochDay());
    }
    if (value instanceof BigDecimal d) {
      return CBOR.getNodeFactory().textNode(d.toString());
    }
    if (value instanceof Bytes b) {
      return CBOR.getNodeFactory().binaryNode(b.bytes());
    }
    if (value instanceof List<?> list) {
      ArrayNode array = CBOR.createArrayNode();
      list.forEach(v -> array.add(node(v)));
      return array;
    }
    if (value instanceof Map<?, ?> map) {
      ArrayNode pairs = CBOR.createArrayNode();
      map.forEach((k, v) -> pairs.add(CBOR.createArrayNode().add(node(k)).add(node(v))));
      return pairs;
    }
    return CBOR.valueToTree(value);
  }

  /** The value of a node that {@link #node} made, in the type that the DDL names. */
  public static Object value(JsonNode node, String type) {
    if (node == null || node.isNull() || node.isMissingNode()) {
      return null;
    }
    if (type.startsWith("array<")) {
      String element = type.substring("array<".length(), type.length() - 1);
      List<Object> list = new ArrayList<>();
      require(node.isArray(), node, type).forEach(n -> list.add(value(n, element)));
      return list;
    }
    if (type.startsWith("map<")) {
      List<String> parts = parts(type);
      String key = parts.get(0);
      String element = parts.get(1);
      Map<Object, Object> map = new LinkedHashMap<>();
      require(node.isArray(), node, type)
          .forEach(pair -> map.put(value(pair.get(0), key), value(pair.get(1), element)));
      return map;
    }
    if (type.startsWith("decimal")) {
      return new BigDecimal(require(node.isTextual(), node, type).textValue());
    }
    if (type.startsWith("struct<")) {
      List<String> fields = parts(type);
      require(node.isArray() && node.size() == fields.size(), node, type);
      List<Object> list = new ArrayList<>();
      for (int i = 0; i < fields.size(); i++) {
        String field = fields.get(i);
        list.add(value(node.get(i), field.substring(field.indexOf(':') + 1)));
      }
      return list;
    }
    return switch (type) {
      case "tinyint", "smallint", "int", "bigint" -> whole(node, type);
      case "float", "double" -> floating(node, type);
      case "boolean" -> require(node.isBoolean(), node, type).booleanValue();
      case "binary" -> binary(node);
      case "date" -> LocalDate.ofEpochDay(whole(node, type));
      case "timestamp" -> Micros.instant(whole(node, type));
      case "string" -> require(node.isTextual(), node, type).textValue();
      default -> throw unreadable(node, type);
    };
  }

  private static long whole(JsonNode node, String type) {
    return require(node.isIntegralNumber() && node.canConvertToLong(), node, type).longValue();
  }

  /** Text in a manifest for what JSON has no number for: NaN and the infinities. */
  private static double floating(JsonNode node, String type) {
    return node.isTextual()
        ? Double.parseDouble(node.textValue())
        : require(node.isNumber(), node, type).doubleValue();
  }

  private static JsonNode require(boolean fits, JsonNode node, String type) {
    if (!fits) {
      throw unreadable(node, type);
    }
    return node;
  }

  private static PlatformException unreadable(JsonNode node, String type) {
    return new PlatformException(
        ErrorCode.CORRUPT,
        "Cannot read an online value: a %s is stored where the manifest says %s. Publish the view again."
            .formatted(node.getNodeType().name().toLowerCase(Locale.ROOT), type));
  }

  /** Whether values of a type, as DDL names it, can be read. */
  public static boolean reads(String type) {
    if (type.startsWith("array<")) {
      return reads(type.substring("array<".length(), type.length() - 1));
    }
    if (type.startsWith("map<")) {
      return parts(type).stream().allMatch(RowCodec::reads);
    }
    if (type.startsWith("struct<")) {
      return parts(type).stream().allMatch(field -> reads(field.substring(field.indexOf(':') + 1)));
    }
    return type.startsWith("decimal(") || SCALARS.contains(type);
  }

  /** Bytes as they are, or as Base64 in a manifest. */
  private static Bytes binary(JsonNode node) {
    try {
      return Bytes.of(require(node.isBinary() || node.isTextual(), node, "binary").binaryValue());
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.CORRUPT,
          "Cannot read an online value of bytes: " + e.getMessage() + ". Publish the view again.",
          e);
    }
  }

  /** What stands between the commas of an array's, a map's or a struct's type, as DDL names it. */
  public static List<String> parts(String type) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int start = type.indexOf('<') + 1;
    for (int i = start; i < type.length() - 1; i++) {
      char c = type.charAt(i);
      if (c == '<' || c == '(') {
        depth++;
      } else if (c == '>' || c == ')') {
        depth--;
      } else if (c == ',' && depth == 0) {
        parts.add(type.substring(start, i));
        start = i + 1;
      }
    }
    parts.add(type.substring(start, type.length() - 1));
    return parts;
  }

  private static Optional<Instant> instant(JsonNode node) {
    if (node.isNull()) {
      return Optional.empty();
    }
    BigInteger micros = node.bigIntegerValue();
    return Optional.of(Micros.instant(micros.longValueExact()));
  }
}
