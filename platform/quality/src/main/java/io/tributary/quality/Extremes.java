package io.tributary.quality;

import io.tributary.quality.expectation.Sql;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * Least and greatest values of columns, all in one scan of their own: Deequ's analyzers for them
 * put texts and numbers into one array, which an ANSI session refuses.
 */
final class Extremes {
  private final List<Column> asked = new ArrayList<>();
  private Row answers;

  /** The place of the answer. */
  int least(String column, Optional<String> where) {
    return ask(functions.min(value(column, where)));
  }

  int greatest(String column, Optional<String> where) {
    return ask(functions.max(value(column, where)));
  }

  private static Column value(String column, Optional<String> where) {
    Column value = functions.col(Sql.name(column)).cast("double");
    return where.map(w -> functions.when(functions.expr(w), value)).orElse(value);
  }

  private int ask(Column extreme) {
    asked.add(extreme);
    return asked.size() - 1;
  }

  void run(Dataset<Row> rows) {
    if (!asked.isEmpty()) {
      answers = rows.select(asked.toArray(Column[]::new)).head();
    }
  }

  /** Empty where there is no value. */
  OptionalDouble value(int place) {
    return answers.isNullAt(place)
        ? OptionalDouble.empty()
        : OptionalDouble.of(answers.getDouble(place));
  }
}
