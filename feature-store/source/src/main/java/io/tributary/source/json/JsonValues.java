package io.tributary.source.json;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.TimeFormat;
import io.tributary.source.Contract;
import io.tributary.source.cell.CellParser;
import io.tributary.source.cell.CellParser.BadCell;
import java.math.BigDecimal;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.ArrayBasedMapData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.unsafe.types.UTF8String;

/** Turns JSON's values into a contract's, as the engine keeps them; for one thread. */
final class JsonValues {
  private final String source;
  private final ZoneId zone;
  private final Value[] columns;
  private final List<CellParser> texts = new ArrayList<>();

  /** A value of one type; null where it is. */
  private interface Value {
    Object of(JsonNode node) throws BadCell;
  }

  private JsonValues(Contract contract, ZoneId zone) {
    this.source = contract.source();
    this.zone = zone;
    this.columns = new Value[contract.columns().size()];
    for (int i = 0; i < columns.length; i++) {
      StructField field = contract.columns().apply(i);
      columns[i] =
          contract.format(i).isPresent()
              ? formatted(contract.format(i).get(), field.dataType())
              : value(field.name(), field.dataType());
    }
  }

  static JsonValues of(Contract contract, ZoneId zone) {
    return new JsonValues(contract, zone);
  }

  /** A column's value. */
  Object value(int column, JsonNode node) throws BadCell {
    return columns[column].of(node);
  }

  long shiftedTimes() {
    return texts.stream().mapToLong(CellParser::shiftedTimes).sum();
  }

  private Value value(String column, DataType type) {
    Value value = present(column, type);
    return node -> node.isNull() ? null : value.of(node);
  }

  private Value formatted(TimeFormat format, DataType type) {
    CellParser parser = CellParser.of(format, type, zone);
    texts.add(parser);
    return node -> node.isNull() ? null : parser.parse(text(node, type));
  }

  private Value present(String column, DataType type) {
    if (type instanceof StringType) {
      return node -> UTF8String.fromString(text(node, type));
    }
    if (type instanceof BooleanType) {
      return node -> {
        if (!node.isBoolean()) {
          throw not(node, type);
        }
        return node.booleanValue();
      };
    }
    if (type instanceof DateType || type instanceof TimestampType) {
      CellParser parser = parser(column, type);
      return node -> parser.parse(text(node, type));
    }
    if (type instanceof DecimalType) {
      CellParser parser = parser(column, type);
      return node -> parser.parse(node.isTextual() ? node.textValue() : number(node, type));
    }
    if (type instanceof DoubleType || type instanceof FloatType) {
      return floating(type);
    }
    if (type instanceof BinaryType) {
      return node -> {
        try {
          return Base64.getDecoder().decode(text(node, type));
        } catch (IllegalArgumentException e) {
          throw not(node, type);
        }
      };
    }
    if (type instanceof ArrayType array) {
      return array(value(column, array.elementType()), type);
    }
    if (type instanceof MapType map && map.keyType() instanceof StringType) {
      return map(value(column, map.valueType()), type);
    }
    if (type instanceof StructType struct) {
      return struct(column, struct);
    }
    if (type instanceof MapType) {
      throw new PlatformException(
          ErrorCode.INVALID_DEFINITION,
          "Cannot read source %s: column %s is %s, but the keys of JSON are strings. Declare it as map<string,…>."
              .formatted(source, column, type.catalogString()));
    }
    CellParser parser = parser(column, type);
    return node -> parser.parse(whole(node, type));
  }

  private CellParser parser(String column, DataType type) {
    CellParser parser = CellParser.of(source, column, type, zone);
    texts.add(parser);
    return parser;
  }

  private static Value floating(DataType type) {
    boolean single = type instanceof FloatType;
    return node -> {
      double value;
      if (node.isTextual()) {
        value =
            switch (node.textValue()) {
              case "NaN" -> Double.NaN;
              case "Infinity" -> Double.POSITIVE_INFINITY;
              case "-Infinity" -> Double.NEGATIVE_INFINITY;
              default -> throw not(node, type);
            };
      } else {
        String number = number(node, type);
        value = single ? Float.parseFloat(number) : Double.parseDouble(number);
        if (Double.isInfinite(value)) {
          throw new BadCell(CellParser.shown(number) + " is beyond " + type.catalogString());
        }
      }
      if (single) {
        return (float) value;
      }
      return value;
    };
  }

  private static Value array(Value element, DataType type) {
    return node -> {
      if (!node.isArray()) {
        throw not(node, type);
      }
      Object[] values = new Object[node.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = element.of(node.get(i));
      }
      return new GenericArrayData(values);
    };
  }

  private static Value map(Value value, DataType type) {
    return node -> {
      if (!node.isObject()) {
        throw not(node, type);
      }
      Object[] keys = new Object[node.size()];
      Object[] values = new Object[keys.length];
      int i = 0;
      for (Iterator<Map.Entry<String, JsonNode>> f = node.fields(); f.hasNext(); i++) {
        Map.Entry<String, JsonNode> entry = f.next();
        keys[i] = UTF8String.fromString(entry.getKey());
        values[i] = value.of(entry.getValue());
      }
      return new ArrayBasedMapData(new GenericArrayData(keys), new GenericArrayData(values));
    };
  }

  private Value struct(String column, StructType type) {
    Map<String, Integer> places = new HashMap<>();
    Value[] fields = new Value[type.size()];
    for (int i = 0; i < fields.length; i++) {
      places.put(type.apply(i).name(), i);
      fields[i] = value(column, type.apply(i).dataType());
    }
    return node -> {
      if (!node.isObject()) {
        throw not(node, type);
      }
      Object[] values = new Object[fields.length];
      for (Iterator<Map.Entry<String, JsonNode>> f = node.fields(); f.hasNext(); ) {
        Map.Entry<String, JsonNode> entry = f.next();
        Integer place = places.get(entry.getKey());
        if (place == null) {
          throw new BadCell(
              "it has the key "
                  + CellParser.shown(entry.getKey())
                  + ", which "
                  + type.catalogString()
                  + " does not");
        }
        values[place] = fields[place].of(entry.getValue());
      }
      return new GenericInternalRow(values);
    };
  }

  private static String text(JsonNode node, DataType type) throws BadCell {
    if (!node.isTextual()) {
      throw not(node, type);
    }
    return node.textValue();
  }

  private static String number(JsonNode node, DataType type) throws BadCell {
    if (!node.isNumber()) {
      throw not(node, type);
    }
    if (node.isDouble() && !Double.isFinite(node.doubleValue())) {
      throw new BadCell("its number is beyond " + type.catalogString());
    }
    return node.isBigDecimal() ? node.decimalValue().toString() : node.asText();
  }

  /** A number without fraction, however it is written: {@code 12}, {@code 12.0}, {@code 1.2e1}. */
  private static String whole(JsonNode node, DataType type) throws BadCell {
    String number = number(node, type);
    if (node.isIntegralNumber()) {
      return number;
    }
    BigDecimal value = node.decimalValue();
    if (Math.abs((long) value.scale()) > 40) {
      throw not(node, type);
    }
    try {
      return value.toBigIntegerExact().toString();
    } catch (ArithmeticException e) {
      throw not(node, type);
    }
  }

  private static BadCell not(JsonNode node, DataType type) {
    String shown =
        node.isTextual() ? CellParser.shown(node.textValue()) : unquoted(node.toString());
    return new BadCell(shown + " is no " + type.catalogString());
  }

  private static String unquoted(String json) {
    String shown = CellParser.shown(json);
    return shown.substring(1, shown.length() - 1);
  }
}
