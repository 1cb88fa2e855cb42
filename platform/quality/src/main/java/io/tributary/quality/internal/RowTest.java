package io.tributary.quality.internal;

import io.tributary.quality.Constant;
import io.tributary.quality.Expectation;
import io.tributary.quality.Expectation.Unique.Missing;
import io.tributary.quality.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.types.StringType;

/**
 * A row expectation over the columns of one schema, as Spark SQL.
 *
 * @param considered which rows it is about; null counts as no; empty = all
 * @param met whether a considered row meets it, never null; empty for uniqueness, which no row can
 *     tell alone
 */
record RowTest(Expectation.OfRows expectation, Optional<String> considered, Optional<String> met) {
  static RowTest of(Expectation.OfRows expectation, Sql sql) throws Sql.Unfit {
    List<String> considered = new ArrayList<>();
    if (expectation.terms().condition().isPresent()) {
      considered.add(sql.condition(expectation.terms().condition().get()));
    }
    for (String column : expectation.columns()) {
      sql.type(column);
    }
    Optional<String> met;
    if (expectation instanceof Expectation.Unique unique) {
      if (unique.ignored() == Missing.ANY && unique.columns().size() > 1) {
        unique.columns().forEach(c -> considered.add(Sql.name(c) + " is not null"));
      }
      met = Optional.empty();
    } else {
      String column = Sql.name(expectation.columns().get(0));
      if (!(expectation instanceof Expectation.NotNull
          || expectation instanceof Expectation.Null)) {
        considered.add(column + " is not null");
      }
      met = Optional.of(met(expectation, expectation.columns().get(0), column, sql));
    }
    return new RowTest(
        expectation,
        considered.isEmpty()
            ? Optional.empty()
            : Optional.of("(" + String.join(") and (", considered) + ")"),
        met);
  }

  private static String met(Expectation.OfRows expectation, String name, String column, Sql sql)
      throws Sql.Unfit {
    if (expectation instanceof Expectation.NotNull) {
      return column + " is not null";
    }
    if (expectation instanceof Expectation.Null) {
      return column + " is null";
    }
    if (expectation instanceof Expectation.Between between) {
      return (sql.floating(name) ? "not isnan(" + column + ") and " : "")
          + between(column, between.range(), c -> sql.literal(name, c));
    }
    if (expectation instanceof Expectation.InSet in) {
      return sql.in(name, in.values());
    }
    if (expectation instanceof Expectation.NotInSet notIn) {
      return "not " + sql.in(name, notIn.values());
    }
    if (expectation instanceof Expectation.MatchesRegex matches) {
      return text(name, sql) + " rlike " + Sql.text(matches.regex());
    }
    if (expectation instanceof Expectation.MatchesNoRegex matches) {
      return "not (" + text(name, sql) + " rlike " + Sql.text(matches.regex()) + ")";
    }
    if (expectation instanceof Expectation.LengthBetween length) {
      return between("char_length(" + text(name, sql) + ")", length.range(), Constant::toString);
    }
    throw new IllegalStateException("no SQL for " + expectation.terms().text());
  }

  private interface Literal {
    String of(Constant constant) throws Sql.Unfit;
  }

  private static String between(String value, Range range, Literal literal) throws Sql.Unfit {
    List<String> parts = new ArrayList<>();
    if (range.min().isPresent()) {
      parts.add(value + (range.strictMin() ? " > " : " >= ") + literal.of(range.min().get()));
    }
    if (range.max().isPresent()) {
      parts.add(value + (range.strictMax() ? " < " : " <= ") + literal.of(range.max().get()));
    }
    return String.join(" and ", parts);
  }

  private static String text(String name, Sql sql) throws Sql.Unfit {
    if (!(sql.type(name) instanceof StringType)) {
      throw new Sql.Unfit(
          "column " + name + " is " + sql.type(name).simpleString() + " and no string");
    }
    return Sql.name(name);
  }
}
