package io.tributary.quality.expectation;

import static io.tributary.quality.expectation.Argument.COLUMN;
import static io.tributary.quality.expectation.Argument.MOSTLY;

import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * A column has one of some types; as Great Expectations takes {@code mostly}, so does this, though
 * all values of a column are of its type.
 *
 * @param types in Spark SQL's DDL, normalised
 */
record ColumnType(String column, List<String> types) implements Rule {
  private static final String IN_LIST = "expect_column_values_to_be_in_type_list";
  private static final Argument<List<String>> TYPE =
      new Argument<>(List.of("type_"), "`type_`", a -> normalised(a, List.of(a.text("type_"))));
  private static final Argument<List<String>> TYPE_LIST =
      new Argument<>(List.of("type_list"), "`type_list`", a -> normalised(a, a.texts("type_list")));

  static final List<ExpectationType> TYPES =
      List.of(type("expect_column_values_to_be_of_type", TYPE), type(IN_LIST, TYPE_LIST));

  ColumnType {
    types = List.copyOf(types);
  }

  private static ExpectationType type(String name, Argument<List<String>> types) {
    return ExpectationType.ofColumns(
        name,
        a -> {
          MOSTLY.of(a);
          return new ColumnType(COLUMN.of(a), types.of(a));
        },
        COLUMN,
        types,
        MOSTLY);
  }

  private static List<String> normalised(Arguments arguments, List<String> names) {
    List<String> types = new ArrayList<>();
    for (String name : names) {
      TypeNames.ddl(name)
          .ifPresentOrElse(
              types::add,
              () -> arguments.problem("has the type " + name + TypeNames.unknown(name)));
    }
    return types;
  }

  @Override
  public List<String> columns() {
    return List.of(column);
  }

  @Override
  public Evaluation over(Sql columns) throws Sql.Unfit {
    String type = columns.type(column).simpleString();
    return new Evaluation.OfColumns(types.contains(type), TextNode.valueOf(type));
  }

  @Override
  public CanonicalForm canonical() {
    return CanonicalForm.of(IN_LIST).column(column).with("type_list", new TreeSet<>(types));
  }
}
