package io.tributary.quality.internal;

import com.fasterxml.jackson.databind.util.RawValue;
import io.tributary.core.Json;
import io.tributary.quality.Constant;
import io.tributary.quality.Expectation;
import io.tributary.quality.Expectation.Unique.Missing;
import io.tributary.quality.Range;
import io.tributary.quality.RowCondition;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * What expectations mean, as JSON in one spelling: that of Great Expectations 1, without what is
 * left to its default; keys, expectations and members of sets in order, each once.
 */
public final class SuiteMeaning {
  private final Map<String, Object> arguments = new TreeMap<>();

  private SuiteMeaning() {}

  /** A list as suites have it. */
  public static String of(List<Expectation> expectations) {
    return Json.write(list(distinct(expectations, SuiteMeaning::of)));
  }

  private static String of(Expectation expectation) {
    SuiteMeaning meaning = new SuiteMeaning();
    String type = meaning.type(expectation);
    if (expectation instanceof Expectation.OfRows ofRows) {
      meaning.arguments.put("mostly", number(BigDecimal.valueOf(ofRows.mostly())));
    }
    expectation.terms().condition().ifPresent(meaning::condition);
    Map<String, Object> whole = new TreeMap<>();
    whole.put("type", "expect_" + type);
    whole.put("kwargs", meaning.arguments);
    whole.put("severity", expectation.terms().severity());
    return Json.write(whole);
  }

  /** Puts down the arguments of its own. */
  private String type(Expectation expectation) {
    if (expectation instanceof Expectation.Unique unique) {
      arguments.put("column_list", new TreeSet<>(unique.columns()));
      arguments.put(
          "ignore_row_if",
          unique.ignored() == Missing.ALL || unique.columns().size() == 1
              ? "all_values_are_missing"
              : "any_value_is_missing");
      return "compound_columns_to_be_unique";
    }
    if (expectation instanceof Expectation.RowCountBetween count) {
      range(count.range());
      return "table_row_count_to_be_between";
    }
    arguments.put("column", expectation.columns().get(0));
    if (expectation instanceof Expectation.NotNull) {
      return "column_values_to_not_be_null";
    }
    if (expectation instanceof Expectation.Null) {
      return "column_values_to_be_null";
    }
    if (expectation instanceof Expectation.Between between) {
      range(between.range());
      return "column_values_to_be_between";
    }
    if (expectation instanceof Expectation.InSet in) {
      arguments.put("value_set", set(in.values()));
      return "column_values_to_be_in_set";
    }
    if (expectation instanceof Expectation.NotInSet notIn) {
      arguments.put("value_set", set(notIn.values()));
      return "column_values_to_not_be_in_set";
    }
    if (expectation instanceof Expectation.MatchesRegex matches) {
      arguments.put("regex", matches.regex());
      return "column_values_to_match_regex";
    }
    if (expectation instanceof Expectation.MatchesNoRegex matches) {
      arguments.put("regex", matches.regex());
      return "column_values_to_not_match_regex";
    }
    if (expectation instanceof Expectation.LengthBetween length) {
      range(length.range());
      return "column_value_lengths_to_be_between";
    }
    if (expectation instanceof Expectation.StatisticBetween statistic) {
      range(statistic.range());
      return "column_%s_to_be_between".formatted(statistic.statistic().metric());
    }
    if (expectation instanceof Expectation.ColumnExists exists) {
      exists.index().ifPresent(i -> arguments.put("column_index", i));
      return "column_to_exist";
    }
    Expectation.ColumnHasType hasType = (Expectation.ColumnHasType) expectation;
    arguments.put("type_list", new TreeSet<>(hasType.types()));
    return "column_values_to_be_in_type_list";
  }

  private void range(Range range) {
    bound("min", range.min(), range.strictMin());
    bound("max", range.max(), range.strictMax());
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

  private void condition(RowCondition condition) {
    if (condition instanceof RowCondition.Sql sql) {
      arguments.put("row_condition", sql.expression().strip());
      arguments.put("condition_parser", "spark");
      return;
    }
    if (hasSql(condition)) {
      arguments.put("condition_parser", "spark");
    }
    arguments.put("row_condition", object(condition));
  }

  private static boolean hasSql(RowCondition condition) {
    return condition instanceof RowCondition.Sql
        || (condition instanceof RowCondition.All all
            && all.conditions().stream().anyMatch(SuiteMeaning::hasSql))
        || (condition instanceof RowCondition.Any any
            && any.conditions().stream().anyMatch(SuiteMeaning::hasSql));
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
