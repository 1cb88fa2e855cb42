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
 */
public record ExpectationType(
    String name, List<Argument<?>> arguments, Function<Arguments, Rule> reader) {
  static ExpectationType of(
      String name, Function<Arguments, Rule> reader, Argument<?>... arguments) {
    return new ExpectationType(name, List.of(arguments), reader);
  }

  /** The arguments, with the defaults of those that may be left out, as documentation has them. */
  public String form() {
    return arguments.stream().map(Argument::form).collect(Collectors.joining(", "));
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
