package io.tributary.quality.expectation;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Nearest;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** An expectation's {@code kwargs}, read one by one; what is wrong goes to the suite's problems. */
final class Arguments {
  /** Of every expectation; the last four only shape Great Expectations' own report. */
  private static final Set<String> SHARED =
      Set.of(
          "row_condition",
          "condition_parser",
          "batch_id",
          "result_format",
          "include_config",
          "catch_exceptions");

  private final String where;
  private final JsonNode kwargs;
  private final List<String> problems;

  Arguments(String where, JsonNode kwargs, List<String> problems) {
    this.where = where;
    this.kwargs = kwargs;
    this.problems = problems;
  }

  void allow(Collection<String> own) {
    Set<String> known = new TreeSet<>(own);
    known.addAll(SHARED);
    kwargs
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!known.contains(name)) {
                problem("has unknown argument \"" + name + "\"." + hint(name, known));
              } else if (kwargs.get(name).has("$PARAMETER")) {
                problem("has a parameter for " + name + ": write the value itself");
              }
            });
  }

  private static String hint(String name, Set<String> known) {
    String nearest = Nearest.hint(name, known);
    return nearest.isEmpty() ? " It takes " + String.join(", ", known) : nearest;
  }

  void problem(String text) {
    problems.add(where + " " + text);
  }

  /** The arguments that matter, for people: {@code column=month, min_value=1}. */
  String text() {
    List<String> parts = new ArrayList<>();
    kwargs
        .fields()
        .forEachRemaining(
            f -> {
              if (!f.getValue().isNull()
                  && (!SHARED.contains(f.getKey()) || f.getKey().equals("row_condition"))) {
                parts.add(
                    f.getKey()
                        + "="
                        + (f.getValue().isTextual()
                            ? f.getValue().textValue()
                            : f.getValue().toString()));
              }
            });
    return String.join(", ", parts);
  }

  Optional<JsonNode> find(String name) {
    JsonNode node = kwargs.path(name);
    return node.isMissingNode() || node.isNull() ? Optional.empty() : Optional.of(node);
  }

  String text(String name) {
    Optional<JsonNode> node = find(name);
    if (node.isEmpty() || !node.get().isTextual() || node.get().textValue().isEmpty()) {
      problem("needs " + name + ", a text" + node.map(n -> ", not " + n).orElse(""));
      return "";
    }
    return node.get().textValue();
  }

  List<String> texts(String name) {
    Optional<JsonNode> node = find(name).filter(JsonNode::isArray).filter(n -> n.size() > 0);
    List<String> texts = new ArrayList<>();
    if (node.isEmpty()) {
      problem("needs " + name + ", a list of texts");
      return List.of("");
    }
    for (JsonNode element : node.get()) {
      if (!element.isTextual() || element.textValue().isEmpty()) {
        problem("has " + element + " in " + name + ": each is a text");
      } else {
        texts.add(element.textValue());
      }
    }
    return texts;
  }

  String regex() {
    String regex = text("regex");
    try {
      Pattern.compile(regex);
    } catch (PatternSyntaxException e) {
      problem(
          "has a regex that Java's dialect, which Spark uses, does not know: "
              + e.getDescription()
              + " in \""
              + regex
              + "\"");
    }
    return regex;
  }

  double mostly() {
    Optional<JsonNode> node = find("mostly");
    if (node.isEmpty()) {
      return 1;
    }
    double share = node.get().asDouble(-1);
    if (!node.get().isNumber() || !(share >= 0 && share <= 1)) {
      problem("has mostly=" + node.get() + ": it is a share from 0 to 1");
      return 1;
    }
    return share;
  }

  boolean flag(String name) {
    Optional<JsonNode> node = find(name);
    if (node.isPresent() && !node.get().isBoolean()) {
      problem("has " + name + "=" + node.get() + ": it is true or false");
    }
    return node.isPresent() && node.get().asBoolean();
  }

  OptionalInt index(String name) {
    Optional<JsonNode> node = find(name);
    if (node.isEmpty()) {
      return OptionalInt.empty();
    }
    if (!node.get().canConvertToInt() || !node.get().isIntegralNumber() || node.get().asInt() < 0) {
      problem("has " + name + "=" + node.get() + ": it is a count from 0");
      return OptionalInt.empty();
    }
    return OptionalInt.of(node.get().asInt());
  }

  List<Constant> constants(String name) {
    Optional<JsonNode> node = find(name);
    if (node.isEmpty() || !node.get().isArray()) {
      problem("needs " + name + ", a list of values");
      return List.of();
    }
    return constants(node.get(), name);
  }

  /** The elements of a list; nulls are left out, as nulls are never looked at. */
  List<Constant> constants(JsonNode list, String name) {
    List<Constant> constants = new ArrayList<>();
    for (JsonNode element : list) {
      if (!element.isNull()) {
        constant(element, name).ifPresent(constants::add);
      }
    }
    return constants;
  }

  Optional<Constant> constant(JsonNode node, String name) {
    if (node.isNumber()) {
      BigDecimal value = node.decimalValue();
      return Optional.of(new Constant.OfNumber(value));
    }
    if (node.isTextual()) {
      return Optional.of(new Constant.OfText(node.textValue()));
    }
    if (node.isBoolean()) {
      return Optional.of(new Constant.OfTruth(node.booleanValue()));
    }
    problem("has " + node + " in " + name + ": a value is a number, a text, true or false");
    return Optional.empty();
  }

  /** {@code min_value} and {@code max_value} with {@code strict_min} and {@code strict_max}. */
  Range range() {
    Optional<Constant> min = find("min_value").flatMap(n -> constant(n, "min_value"));
    Optional<Constant> max = find("max_value").flatMap(n -> constant(n, "max_value"));
    if (find("min_value").isEmpty() && find("max_value").isEmpty()) {
      problem("has neither min_value nor max_value");
    }
    if (min.isPresent() && max.isPresent()) {
      if (min.get() instanceof Constant.OfNumber a && max.get() instanceof Constant.OfNumber b) {
        if (a.value().compareTo(b.value()) > 0) {
          problem("has min_value " + a + " above max_value " + b);
        }
      } else if (min.get().getClass() != max.get().getClass()) {
        problem("has min_value " + min.get() + " and max_value " + max.get() + " of two kinds");
      }
    }
    return new Range(min, max, flag("strict_min"), flag("strict_max"));
  }

  Range numbers() {
    Range range = range();
    for (Optional<Constant> bound : List.of(range.min(), range.max())) {
      if (bound.isPresent() && !(bound.get() instanceof Constant.OfNumber)) {
        problem("has the bound " + bound.get() + ": it is a number");
      }
    }
    return range;
  }

  /** {@code value} alone, as a range. */
  Range exactly() {
    Optional<Constant> value = find("value").flatMap(n -> constant(n, "value"));
    if (value.isEmpty() || !(value.get() instanceof Constant.OfNumber)) {
      problem("needs value, a number");
    }
    return new Range(value, value, false, false);
  }
}
