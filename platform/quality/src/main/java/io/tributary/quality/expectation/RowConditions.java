package io.tributary.quality.expectation;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads {@code row_condition}: an object of Great Expectations 1, a text {@code col("a") > 3} with
 * the parser {@code great_expectations}, or Spark SQL with the parser {@code spark}.
 */
final class RowConditions {
  private static final Set<String> OPERATORS = Set.of("==", "!=", "<", "<=", ">", ">=");
  private static final Pattern COMPARISON =
      Pattern.compile(
          "\\s*col\\(\\s*[\"']([^\"']+)[\"']\\s*\\)\\s*(==|!=|<=|>=|<|>)\\s*(?:\"([^\"]*)\"|'([^']*)'|([-+]?\\d+(?:\\.\\d+)?))\\s*");
  private static final Pattern NULLITY =
      Pattern.compile(
          "\\s*col\\(\\s*[\"']([^\"']+)[\"']\\s*\\)\\.(notnull|isnull)\\(\\)\\s*",
          Pattern.CASE_INSENSITIVE);

  private RowConditions() {}

  static Optional<RowCondition> read(Arguments arguments) {
    Optional<JsonNode> condition = arguments.find("row_condition");
    if (condition.isEmpty()) {
      return Optional.empty();
    }
    if (condition.get().isObject()) {
      return object(condition.get(), arguments);
    }
    String text = arguments.text("row_condition");
    String parser = arguments.find("condition_parser").map(JsonNode::asText).orElse("");
    switch (parser) {
      case "spark":
        return Optional.of(new RowCondition.Sql(text));
      case "great_expectations", "great_expectations__experimental__":
        return text(text, arguments);
      default:
        arguments.problem(
            "has a row_condition with condition_parser \""
                + parser
                + "\": supported are great_expectations and spark");
        return Optional.empty();
    }
  }

  private static Optional<RowCondition> text(String text, Arguments arguments) {
    Matcher comparison = COMPARISON.matcher(text);
    if (comparison.matches()) {
      String quoted = comparison.group(3) == null ? comparison.group(4) : comparison.group(3);
      Constant constant =
          quoted == null
              ? new Constant.OfNumber(new BigDecimal(comparison.group(5)))
              : new Constant.OfText(quoted);
      return Optional.of(
          new RowCondition.Comparison(comparison.group(1), comparison.group(2), constant));
    }
    Matcher nullity = NULLITY.matcher(text);
    if (nullity.matches()) {
      return Optional.of(
          new RowCondition.Nullity(nullity.group(1), nullity.group(2).equalsIgnoreCase("notnull")));
    }
    arguments.problem(
        "has a row_condition that is not understood: "
            + text
            + ". Write col(\"name\") and one of == != < <= > >= with a value, or col(\"name\").notnull(); or Spark SQL with condition_parser spark");
    return Optional.empty();
  }

  private static Optional<RowCondition> object(JsonNode node, Arguments arguments) {
    switch (node.path("type").asText()) {
      case "comparison":
        return comparison(node, arguments);
      case "nullity":
        if (column(node).isPresent() && node.path("is_null").isBoolean()) {
          return Optional.of(
              new RowCondition.Nullity(column(node).get(), !node.path("is_null").booleanValue()));
        }
        break;
      case "and", "or":
        List<RowCondition> parts = new ArrayList<>();
        node.path("conditions").forEach(c -> object(c, arguments).ifPresent(parts::add));
        if (parts.size() == node.path("conditions").size() && !parts.isEmpty()) {
          return Optional.of(
              node.path("type").asText().equals("and")
                  ? new RowCondition.All(parts)
                  : new RowCondition.Any(parts));
        }
        break;
      case "pass_through":
        if (arguments.find("condition_parser").map(JsonNode::asText).orElse("").equals("spark")) {
          return Optional.of(new RowCondition.Sql(node.path("pass_through_filter").asText()));
        }
        break;
      default:
    }
    arguments.problem("has a row_condition that is not understood: " + node);
    return Optional.empty();
  }

  private static Optional<RowCondition> comparison(JsonNode node, Arguments arguments) {
    String operator = node.path("operator").asText();
    JsonNode parameter = node.path("parameter");
    if (column(node).isPresent()) {
      if (OPERATORS.contains(operator) && parameter.isValueNode() && !parameter.isNull()) {
        return arguments
            .constant(parameter, "row_condition")
            .map(c -> new RowCondition.Comparison(column(node).get(), operator, c));
      }
      if (Set.of("IN", "NOT_IN").contains(operator) && parameter.isArray()) {
        return Optional.of(
            new RowCondition.Membership(
                column(node).get(),
                arguments.constants(parameter, "row_condition"),
                operator.equals("NOT_IN")));
      }
    }
    arguments.problem("has a row_condition that is not understood: " + node);
    return Optional.empty();
  }

  private static Optional<String> column(JsonNode node) {
    JsonNode name = node.path("column").path("name");
    return name.isTextual() ? Optional.of(name.textValue()) : Optional.empty();
  }
}
