package io.tributary.online;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.tributary.core.ErrorCode;
import io.tributary.core.Micros;
import io.tributary.core.PlatformException;
import java.io.EOFException;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** How values of one type are read from CBOR and JSON; what is written says itself what it is. */
final class ValueCodec {
  private static final Map<String, ValueCodec> KNOWN = new ConcurrentHashMap<>();

  private final Reader reader;

  private ValueCodec(Reader reader) {
    this.reader = reader;
  }

  /** Reads the value that begins with the parser's token, which is not null. */
  private interface Reader {
    Object read(JsonParser from) throws IOException;
  }

  /**
   * The codec of a type.
   *
   * @param type as DDL names it
   */
  static ValueCodec of(String type) {
    ValueCodec known = KNOWN.get(type);
    if (known == null) {
      known = new ValueCodec(reader(type));
      KNOWN.put(type, known);
    }
    return known;
  }

  /** Reads the value that begins with the parser's token, and ends with its last one. */
  Object read(JsonParser from) throws IOException {
    return from.currentToken() == JsonToken.VALUE_NULL ? null : reader.read(from);
  }

  /** Whether the array that the parser is in has another item, to which it goes. */
  static boolean hasNext(JsonParser from) throws IOException {
    JsonToken next = from.nextToken();
    if (next == null) {
      throw new EOFException("it ends within an array");
    }
    return next != JsonToken.END_ARRAY;
  }

  private static Reader reader(String type) {
    if (type.startsWith("array<")) {
      ValueCodec element = of(type.substring("array<".length(), type.length() - 1));
      return from -> elements(from, element, type);
    }
    if (type.startsWith("map<")) {
      List<String> parts = RowCodec.parts(type);
      ValueCodec key = of(parts.get(0));
      ValueCodec value = of(parts.get(1));
      return from -> pairs(from, key, value, type);
    }
    if (type.startsWith("struct<")) {
      List<ValueCodec> fields =
          RowCodec.parts(type).stream()
              .map(field -> of(field.substring(field.indexOf(':') + 1)))
              .toList();
      return from -> fields(from, fields, type);
    }
    if (type.startsWith("decimal")) {
      return from -> new BigDecimal(text(from, type));
    }
    return switch (type) {
      case "tinyint", "smallint", "int", "bigint" -> from -> whole(from, type);
      case "float", "double" -> from -> floating(from, type);
      case "boolean" -> from -> truth(from, type);
      case "binary" -> from -> binary(from, type);
      case "date" -> from -> LocalDate.ofEpochDay(whole(from, type));
      case "timestamp" -> from -> Micros.instant(whole(from, type));
      case "string" -> from -> text(from, type);
      default ->
          from -> {
            throw unreadable(from, type);
          };
    };
  }

  private static List<Object> elements(JsonParser from, ValueCodec element, String type)
      throws IOException {
    require(from.isExpectedStartArrayToken(), from, type);
    List<Object> list = new ArrayList<>();
    while (hasNext(from)) {
      list.add(element.read(from));
    }
    return list;
  }

  private static List<Object> fields(JsonParser from, List<ValueCodec> fields, String type)
      throws IOException {
    require(from.isExpectedStartArrayToken(), from, type);
    List<Object> list = new ArrayList<>();
    for (ValueCodec field : fields) {
      require(hasNext(from), from, type);
      list.add(field.read(from));
    }
    require(!hasNext(from), from, type);
    return list;
  }

  private static Map<Object, Object> pairs(
      JsonParser from, ValueCodec key, ValueCodec value, String type) throws IOException {
    require(from.isExpectedStartArrayToken(), from, type);
    Map<Object, Object> map = new LinkedHashMap<>();
    while (hasNext(from)) {
      List<Object> pair = fields(from, List.of(key, value), type);
      map.put(pair.get(0), pair.get(1));
    }
    return map;
  }

  private static long whole(JsonParser from, String type) throws IOException {
    require(
        from.currentToken() == JsonToken.VALUE_NUMBER_INT
            && from.getNumberType() != JsonParser.NumberType.BIG_INTEGER,
        from,
        type);
    return from.getLongValue();
  }

  /** Text in a manifest for what JSON has no number for: NaN and the infinities. */
  private static double floating(JsonParser from, String type) throws IOException {
    if (from.currentToken() == JsonToken.VALUE_STRING) {
      return Double.parseDouble(from.getText());
    }
    require(from.currentToken().isNumeric(), from, type);
    return from.getDoubleValue();
  }

  private static boolean truth(JsonParser from, String type) throws IOException {
    require(from.currentToken().isBoolean(), from, type);
    return from.getBooleanValue();
  }

  private static String text(JsonParser from, String type) throws IOException {
    require(from.currentToken() == JsonToken.VALUE_STRING, from, type);
    return from.getText();
  }

  /** Bytes as they are, or as Base64 in a manifest. */
  private static Bytes binary(JsonParser from, String type) throws IOException {
    JsonToken token = from.currentToken();
    require(
        token == JsonToken.VALUE_EMBEDDED_OBJECT || token == JsonToken.VALUE_STRING, from, type);
    return Bytes.of(from.getBinaryValue());
  }

  private static void require(boolean fits, JsonParser from, String type) {
    if (!fits) {
      throw unreadable(from, type);
    }
  }

  private static PlatformException unreadable(JsonParser from, String type) {
    return new PlatformException(
        ErrorCode.CORRUPT,
        "Cannot read an online value: a %s is stored where the manifest says %s. Publish the view again."
            .formatted(named(from.currentToken()), type));
  }

  private static String named(JsonToken token) {
    return switch (token) {
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "number";
      case VALUE_STRING -> "string";
      case VALUE_TRUE, VALUE_FALSE -> "boolean";
      case VALUE_EMBEDDED_OBJECT -> "binary";
      case START_OBJECT -> "object";
      case VALUE_NULL -> "null";
      default -> "array";
    };
  }

  /** Writes a value as {@link RowCodec#node} has it. */
  static void write(JsonGenerator to, Object value) throws IOException {
    if (value == null) {
      to.writeNull();
    } else if (value instanceof Long || value instanceof Integer) {
      to.writeNumber(((Number) value).longValue());
    } else if (value instanceof Double d) {
      to.writeNumber(d);
    } else if (value instanceof String text) {
      to.writeString(text);
    } else if (value instanceof Boolean truth) {
      to.writeBoolean(truth);
    } else if (value instanceof Instant t) {
      to.writeNumber(Micros.of(t));
    } else if (value instanceof LocalDate d) {
      to.writeNumber(d.toEpochDay());
    } else if (value instanceof BigDecimal d) {
      to.writeString(d.toString());
    } else if (value instanceof Bytes b) {
      to.writeBinary(b.bytes());
    } else if (value instanceof List<?> list) {
      to.writeStartArray(list, list.size());
      for (Object element : list) {
        write(to, element);
      }
      to.writeEndArray();
    } else if (value instanceof Map<?, ?> map) {
      to.writeStartArray(map, map.size());
      for (Map.Entry<?, ?> pair : map.entrySet()) {
        to.writeStartArray(pair, 2);
        write(to, pair.getKey());
        write(to, pair.getValue());
        to.writeEndArray();
      }
      to.writeEndArray();
    } else {
      throw new IllegalArgumentException("no online store holds a " + value.getClass().getName());
    }
  }
}
