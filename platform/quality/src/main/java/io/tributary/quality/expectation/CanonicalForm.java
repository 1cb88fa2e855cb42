package io.tributary.quality.expectation;

import com.fasterxml.jackson.databind.util.RawValue;
import io.tributary.core.Json;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * What an expectation means, in one spelling: that of Great Expectations 1, without what is left to
 * its default; keys, conditions and members of sets in order, each once.
 */
public final class CanonicalForm {
  private final String type;
  private final Map<String, Object> arguments = new TreeMap<>();

  private CanonicalForm(String type) {
    this.type = type;
  }

  static CanonicalForm of(String type) {
    return new CanonicalForm(type);
  }

  CanonicalForm with(String argument, Object value) {
    arguments.put(argument, value);
    return this;
  }

  CanonicalForm column(String column) {
    return with("column", column);
  }

  CanonicalForm mostly(double mostly) {
    return with("mostly", number(BigDecimal.valueOf(mostly)));
  }

  CanonicalForm values(String argument, List<Constant> values) {
    return with(argument, set(values));
  }

  CanonicalForm range(Range range) {
    bound("min", range.min(), range.strictMin());
    bound("max", range.max(), range.strictMax());
    return this;
  }

  private void bound(String which, Optional<Constant> bound, boolean strict) {
    bound.ifPresent(
        b -> {
          arguments.put(which + "_value", value(b));
          if (strict) {
            arguments.put("strict_" + which, true);
          }
        });
  }

  /** The expectation as JSON. */
  String of(Optional<RowCondition> condition, Severity severity) {
    Map<String, Object> kwargs = new TreeMap<>(arguments);
    condition.ifPresent(c -> condition(c, kwargs));
    Map<String, Object> whole = new TreeMap<>();
    whole.put("type", type);
    whole.put("kwargs", kwargs);
    whole.put("severity", severity);
    return Json.write(whole);
  }

  private static void condition(RowCondition condition, Map<String, Object> kwargs) {
    if (condition instanceof RowCondition.Sql sql) {
      kwargs.put("row_condition", sql.expression().strip());
      kwargs.put("condition_parser", "spark");
      return;
    }
    if (hasSql(condition)) {
      kwargs.put("condition_parser", "spark");
    }
    kwargs.put("row_condition", object(condition));
  }

  private static boolean hasSql(RowCondition condition) {
    return condition instanceof RowCondition.Sql
        || (condition instanceof RowCondition.All all
            && all.conditions().stream().anyMatch(CanonicalForm::hasSql))
        || (condition instanceof RowCondition.Any any
            && any.conditions().stream().anyMatch(CanonicalForm::hasSql));
  }

  private static Map<String, Object> object(RowCondition condition) {
    Map<String, Object> object = new TreeMap<>();
    if (condition instanceof RowCondition.Comparison comparison) {
      object.put("type", "comparison");
      object.put("column", Map.of("name", comparison.column()));
      object.put("operator", comparison.operator());
      object.put("parameter", value(comparison.constant()));
    } else if (condition instanceof RowCondition.Membership membership) {
      object.put("type", "comparison");
      object.put("column", Map.of("name", membership.column()));
      object.put("operator", membership.negated() ? "NOT_IN" : "IN");
      object.put("parameter", set(membership.constants()));
    } else if (condition instanceof RowCondition.Nullity nullity) {
      object.put("type", "nullity");
      object.put("column", Map.of("name", nullity.column()));
      object.put("is_null", !nullity.negated());
    } else if (condition instanceof RowCondition.All all) {
      object.put("type", "and");
      object.put("conditions", parts(all.conditions()));
    } else if (condition instanceof RowCondition.Any any) {
      object.put("type", "or");
      object.put("conditions", parts(any.conditions()));
    } else {
      object.put("type", "pass_through");
      object.put("pass_through_filter", ((RowCondition.Sql) condition).expression().strip());
    }
    return object;
  }

  private static RawValue parts(List<RowCondition> conditions) {
    return list(distinct(conditions, c -> Json.write(object(c))));
  }

  private static RawValue set(List<Constant> constants) {
    return list(distinct(constants, c -> Json.write(value(c))));
  }

  private static RawValue list(TreeSet<String> elements) {
    return new RawValue("[" + String.join(",", elements) + "]");
  }

  private static <T> TreeSet<String> distinct(List<T> values, Function<T, String> text) {
    TreeSet<String> texts = new TreeSet<>();
    values.forEach(v -> texts.add(text.apply(v)));
    return texts;
  }

  private static Object value(Constant constant) {
    if (constant instanceof Constant.OfNumber number) {
      return number(number.value());
    }
    return constant instanceof Constant.OfText text
        ? text.value()
        : (Object) ((Constant.OfTruth) constant).value();
  }

  /** 1, 1.0 and 1e0 are one number. */
  private static BigDecimal number(BigDecimal value) {
    BigDecimal plain = value.stripTrailingZeros();
    return plain.scale() < 0 && plain.scale() > -40 ? plain.setScale(0) : plain;
  }
}
