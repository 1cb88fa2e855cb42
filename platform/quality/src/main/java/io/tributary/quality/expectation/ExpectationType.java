package io.tributary.quality.expectation;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * An entry of the catalogue: an expectation as suites write it, and what it becomes.
 *
 * @param name as in {@code expect_column_values_to_not_be_null}
 * @param ofRows whether it is about rows, so that a {@code row_condition} may say which
 */
public record ExpectationType(
    String name, boolean ofRows, List<Argument<?>> arguments, Function<Arguments, Rule> reader) {
  static ExpectationType of(
      String name, Function<Arguments, Rule> reader, Argument<?>... arguments) {
    return new ExpectationType(name, true, List.of(arguments), reader);
  }

  /** One that is about the columns themselves, whatever rows there are. */
  static ExpectationType ofColumns(
      String name, Function<Arguments, Rule> reader, Argument<?>... arguments) {
    return new ExpectationType(name, false, List.of(arguments), reader);
  }

  /** The arguments, with the defaults of those that may be left out, as documentation has them. */
  public String form() {
    return arguments.stream().map(Argument::form).collect(Collectors.joining(", "))
        + (ofRows ? "" : "; no `row_condition`");
  }

  /**
   * Reads one of a suite.
   *
   * @param where it stands, for messages
   * @param problems gets all that is wrong with it; nothing is returned then
   */
  public Optional<Expectation> read(
      int position,
      JsonNode kwargs,
      Severity severity,
      String written,
      String where,
      List<String> problems) {
    int before = problems.size();
    Arguments given = new Arguments(where, kwargs, problems);
    given.allow(arguments.stream().flatMap(argument -> argument.keys().stream()).toList());
    Optional<RowCondition> condition = RowConditions.read(given);
    if (condition.isPresent() && !ofRows) {
      given.problem("is about columns and can't have a row_condition");
    }
    Rule rule = reader.apply(given);
    return problems.size() == before
        ? Optional.of(
            new Expectation(
                position,
                name,
                name + "(" + given.text() + ")",
                condition,
                severity,
                written,
                rule))
        : Optional.empty();
  }
}
