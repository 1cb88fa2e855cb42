package io.tributary.quality.expectation;

import static io.tributary.quality.expectation.Argument.COLUMN;

import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.List;
import java.util.OptionalInt;

/**
 * The table has a column.
 *
 * @param index its place, from 0
 */
record ColumnPresence(String column, OptionalInt index) implements Rule {
  private static final String EXISTS = "expect_column_to_exist";
  private static final Argument<OptionalInt> INDEX =
      new Argument<>(List.of("column_index"), "`column_index` = any", a -> a.index("column_index"));

  static final List<ExpectationType> TYPES =
      List.of(
          ExpectationType.ofColumns(
              EXISTS, a -> new ColumnPresence(COLUMN.of(a), INDEX.of(a)), COLUMN, INDEX));

  @Override
  public List<String> columns() {
    return List.of(column);
  }

  @Override
  public Evaluation over(Sql columns) {
    int place = columns.names().indexOf(column);
    return new Evaluation.OfColumns(
        place >= 0 && (index.isEmpty() || index.getAsInt() == place),
        place < 0 ? TextNode.valueOf("no such column") : IntNode.valueOf(place));
  }

  @Override
  public CanonicalForm canonical() {
    CanonicalForm form = CanonicalForm.of(EXISTS).column(column);
    return index.isPresent() ? form.with("column_index", index.getAsInt()) : form;
  }
}
