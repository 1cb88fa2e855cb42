package io.tributary.serving;

import com.fasterxml.jackson.core.JsonGenerator;
import io.tributary.online.Bytes;
import io.tributary.online.RowCodec;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Values of features as JSON: whole numbers and floating ones as numbers, of which {@code NaN} and
 * the infinities are texts; decimals as texts, so that nobody rounds them; instants and dates in
 * ISO 8601; bytes in Base64; structs as objects; maps as objects by the text of their keys, those
 * whose keys have no text of their own as lists of {@code key} and {@code value}.
 */
final class JsonValues {
  private JsonValues() {}

  /**
   * Writes a value.
   *
   * @param type as DDL names it
   */
  static void write(JsonGenerator json, Object value, String type) throws IOException {
    if (value == null) {
      json.writeNull();
    } else if (value instanceof Double d && !Double.isFinite(d)) {
      json.writeString(d.toString());
    } else if (value instanceof Double d) {
      json.writeNumber(d);
    } else if (value instanceof Long n) {
      json.writeNumber(n);
    } else if (value instanceof Boolean b) {
      json.writeBoolean(b);
    } else if (value instanceof BigDecimal d) {
      json.writeString(d.toPlainString());
    } else if (value instanceof Bytes b) {
      json.writeBinary(b.bytes());
    } else if (value instanceof List<?> list) {
      if (type.startsWith("struct<")) {
        writeStruct(json, list, type);
      } else {
        String element = RowCodec.parts(type).get(0);
        json.writeStartArray();
        for (Object of : list) {
          write(json, of, element);
        }
        json.writeEndArray();
      }
    } else if (value instanceof Map<?, ?> map) {
      writeMap(json, map, RowCodec.parts(type));
    } else {
      json.writeString(value.toString());
    }
  }

  private static void writeMap(JsonGenerator json, Map<?, ?> map, List<String> types)
      throws IOException {
    // Two of these could have the same text.
    boolean pairs = types.get(0).equals("binary") || types.get(0).contains("<");
    if (pairs) {
      json.writeStartArray();
    } else {
      json.writeStartObject();
    }
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (pairs) {
        json.writeStartObject();
        json.writeFieldName("key");
        write(json, entry.getKey(), types.get(0));
        json.writeFieldName("value");
      } else {
        json.writeFieldName(String.valueOf(entry.getKey()));
      }
      write(json, entry.getValue(), types.get(1));
      if (pairs) {
        json.writeEndObject();
      }
    }
    if (pairs) {
      json.writeEndArray();
    } else {
      json.writeEndObject();
    }
  }

  private static void writeStruct(JsonGenerator json, List<?> values, String type)
      throws IOException {
    Iterator<?> of = values.iterator();
    json.writeStartObject();
    for (String field : RowCodec.parts(type)) {
      int colon = field.indexOf(':');
      json.writeFieldName(field.substring(0, colon));
      write(json, of.next(), field.substring(colon + 1));
    }
    json.writeEndObject();
  }
}
