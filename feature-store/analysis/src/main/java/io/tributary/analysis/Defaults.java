package io.tributary.analysis;

import io.tributary.definition.FeatureView;
import io.tributary.expression.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The values that replace a feature's null, read as the feature's type. */
final class Defaults {
  private final Analysis analysis;
  private final String thing;
  private final FeatureView view;

  Defaults(Analysis analysis, String thing, FeatureView view) {
    this.analysis = analysis;
    this.thing = thing;
    this.view = view;
  }

  /** In the order of the features; empty where one is wrong. */
  Optional<Map<String, Object>> check(StructType features) {
    Map<String, Object> values = new LinkedHashMap<>();
    boolean good = true;
    for (StructField feature : features.fields()) {
      String text = view.defaults().get(feature.name());
      if (text == null) {
        continue;
      }
      Optional<Object> value = value(text, feature.dataType());
      if (value.isPresent()) {
        values.put(feature.name(), value.get());
      } else {
        good = false;
        analysis.problem(
            thing,
            view.location(),
            "the default \""
                + text
                + "\" of feature \""
                + feature.name()
                + "\" is no "
                + Types.name(feature.dataType())
                + ". Write one.");
      }
    }
    return good ? Optional.of(values) : Optional.empty();
  }

  private Optional<Object> value(String text, DataType type) {
    if (Types.isString(type)) {
      return Optional.of(text);
    }
    if (type instanceof BinaryType || !Types.isNumeric(type) && !Types.isKey(type)) {
      return Optional.empty();
    }
    return Types.read(text, type, view.zone()).map(value -> plain(value, type));
  }

  private static Object plain(Object value, DataType type) {
    if (Types.isInstant(type)) {
      return Instant.EPOCH.plus((Long) value, ChronoUnit.MICROS);
    }
    if (Types.isDay(type)) {
      return LocalDate.ofEpochDay((Integer) value);
    }
    return value instanceof Decimal decimal ? decimal.toJavaBigDecimal() : value;
  }
}
