package io.tributary.quality.expectation;

import static io.tributary.quality.expectation.Argument.COLUMN;
import static io.tributary.quality.expectation.Argument.MOSTLY;

import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Values, or combinations of values, that occur once; each of several equal rows breaks it.
 *
 * @param skipped rows that it is not about
 */
public record Uniqueness(List<String> columns, Missing skipped, double mostly) implements Rule {
  private static final String COMPOUND = "expect_compound_columns_to_be_unique";
  private static final Argument<List<String>> COLUMNS =
      new Argument<>(List.of("column_list"), "`column_list`", a -> a.texts("column_list"));
  private static final Argument<Missing> SKIPPED =
      new Argument<>(
          List.of("ignore_row_if"), "`ignore_row_if` = all_values_are_missing", Missing::read);

  static final List<ExpectationType> TYPES =
      List.of(
          ExpectationType.of(
              "expect_column_values_to_be_unique",
              a -> new Uniqueness(List.of(COLUMN.of(a)), Missing.ALL, MOSTLY.of(a)),
              COLUMN,
              MOSTLY),
          ExpectationType.of(
              COMPOUND,
              a -> new Uniqueness(COLUMNS.of(a), SKIPPED.of(a), MOSTLY.of(a)),
              COLUMNS,
              SKIPPED,
              MOSTLY));

  /** Which rows are skipped. */
  public enum Missing {
    /** Rows in which all of the columns are null. */
    ALL("all_values_are_missing"),
    /** Rows in which any of the columns is null. */
    ANY("any_value_is_missing");

    private final String written;

    Missing(String written) {
      this.written = written;
    }

    private static Missing read(Arguments arguments) {
      if (arguments.find("ignore_row_if").isEmpty()) {
        return ALL;
      }
      String text = arguments.text("ignore_row_if");
      for (Missing missing : values()) {
        if (missing.written.equals(text)) {
          return missing;
        }
      }
      arguments.problem(
          "has ignore_row_if="
              + text
              + ": supported are all_values_are_missing and any_value_is_missing");
      return ALL;
    }
  }

  public Uniqueness {
    columns = List.copyOf(columns);
  }

  @Override
  public Evaluation over(Sql schema) throws Sql.Unfit {
    for (String column : columns) {
      schema.type(column);
    }
    return new Evaluation.OfRepeats(
        isSkippedByAny()
            ? Optional.of(
                columns.stream()
                    .map(column -> Sql.name(column) + " is not null")
                    .collect(Collectors.joining(" and ")))
            : Optional.empty(),
        columns,
        mostly);
  }

  /** Of a single column, all and any are one. */
  private boolean isSkippedByAny() {
    return skipped == Missing.ANY && columns.size() > 1;
  }

  @Override
  public CanonicalForm canonical() {
    return CanonicalForm.of(COMPOUND)
        .with("column_list", new TreeSet<>(columns))
        .with("ignore_row_if", (isSkippedByAny() ? Missing.ANY : Missing.ALL).written)
        .mostly(mostly);
  }
}
