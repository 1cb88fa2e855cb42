package io.tributary.quality.expectation;

import io.tributary.core.Interval;
import io.tributary.core.Micros;
import io.tributary.core.Nearest;
import io.tributary.core.PlatformException;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.sql.catalyst.analysis.UnresolvedAttribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.parser.CatalystSqlParser$;
import org.apache.spark.sql.catalyst.parser.ParseException;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;
import scala.collection.JavaConverters;

/** Writes Spark SQL over the columns of one schema; what does not fit it is an {@link Unfit}. */
public final class Sql {
  /** A thing in a suite that does not fit the columns it is about. */
  public static final class Unfit extends Exception {
    private static final long serialVersionUID = 1L;

    Unfit(String why) {
      super(why);
    }
  }

  private static final Map<String, String> OPERATORS =
      Map.of("==", "=", "!=", "<>", "<", "<", "<=", "<=", ">", ">", ">=", ">=");

  private final StructType schema;
  private final ZoneId zone;

  public Sql(StructType schema, ZoneId zone) {
    this.schema = schema;
    this.zone = zone;
  }

  /** A column's name as SQL writes it. */
  public static String name(String column) {
    return "`" + column.replace("`", "``") + "`";
  }

  static String text(String value) {
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }

  List<String> names() {
    return List.of(schema.fieldNames());
  }

  /** That a value of a column is not null. */
  Optional<String> present(String column) throws Unfit {
    type(column);
    return Optional.of(name(column) + " is not null");
  }

  /** A column of texts. */
  String ofText(String column) throws Unfit {
    if (!(type(column) instanceof StringType)) {
      throw new Unfit("column " + column + " is " + type(column).simpleString() + " and no string");
    }
    return name(column);
  }

  /** How a bound is written. */
  interface Literal {
    String of(Constant constant) throws Unfit;
  }

  static String between(String value, Range range, Literal literal) throws Unfit {
    List<String> parts = new ArrayList<>();
    if (range.min().isPresent()) {
      parts.add(value + (range.strictMin() ? " > " : " >= ") + literal.of(range.min().get()));
    }
    if (range.max().isPresent()) {
      parts.add(value + (range.strictMax() ? " < " : " <= ") + literal.of(range.max().get()));
    }
    return String.join(" and ", parts);
  }

  DataType type(String column) throws Unfit {
    for (String name : schema.fieldNames()) {
      if (name.equals(column)) {
        return schema.apply(name).dataType();
      }
    }
    throw new Unfit(
        "there is no column \""
            + column
            + "\"."
            + Nearest.hint(column, List.of(schema.fieldNames())));
  }

  boolean floating(String column) throws Unfit {
    DataType type = type(column);
    return type instanceof DoubleType || type instanceof FloatType;
  }

  /** A constant as one of a column's values. */
  String literal(String column, Constant constant) throws Unfit {
    DataType type = type(column);
    if (type instanceof NumericType && constant instanceof Constant.OfNumber number) {
      return number(type, number.value());
    }
    if (type instanceof StringType && constant instanceof Constant.OfText text) {
      return text(text.value());
    }
    if (type instanceof BooleanType && constant instanceof Constant.OfTruth truth) {
      return Boolean.toString(truth.value());
    }
    if (type instanceof DateType && constant instanceof Constant.OfText text) {
      try {
        return "date_from_unix_date(" + LocalDate.parse(text.value()).toEpochDay() + ")";
      } catch (DateTimeParseException e) {
        throw new Unfit(constant + " is no date. Write it as in \"2013-01-31\"");
      }
    }
    if (type instanceof TimestampType && constant instanceof Constant.OfText text) {
      try {
        Instant instant = Interval.instant(text.value(), zone);
        return "timestamp_micros(" + Micros.of(instant) + "L)";
      } catch (PlatformException e) {
        throw new Unfit(constant + " is no instant. Write it as in \"2013-01-31T06:00:00-05:00\"");
      }
    }
    throw new Unfit(
        "column "
            + column
            + " is "
            + type.simpleString()
            + " and can't be compared with "
            + constant);
  }

  private static String number(DataType type, BigDecimal value) {
    if (type instanceof DoubleType) {
      return value + "D";
    }
    if (type instanceof FloatType) {
      return "cast(" + value + "D as float)";
    }
    return value.precision() > 38 || value.scale() > 38 || value.scale() < -38
        ? value + "D"
        : "(" + value.toPlainString() + "BD)";
  }

  String condition(RowCondition condition) throws Unfit {
    if (condition instanceof RowCondition.Comparison c) {
      return name(c.column())
          + " "
          + OPERATORS.get(c.operator())
          + " "
          + literal(c.column(), c.constant());
    }
    if (condition instanceof RowCondition.Membership m) {
      type(m.column());
      return (m.negated() ? "not " : "") + in(m.column(), m.constants());
    }
    if (condition instanceof RowCondition.Nullity n) {
      type(n.column());
      return name(n.column()) + (n.negated() ? " is not null" : " is null");
    }
    if (condition instanceof RowCondition.All all) {
      return joined(all.conditions(), " and ");
    }
    if (condition instanceof RowCondition.Any any) {
      return joined(any.conditions(), " or ");
    }
    return "(" + checked(((RowCondition.Sql) condition).expression()) + ")";
  }

  private String checked(String expression) throws Unfit {
    Expression parsed;
    try {
      parsed = CatalystSqlParser$.MODULE$.parseExpression(expression);
    } catch (Exception e) {
      if (!(e instanceof ParseException)) {
        throw e;
      }
      throw new Unfit("the row_condition is no Spark SQL: " + expression);
    }
    columns(parsed);
    return expression;
  }

  private void columns(Expression parsed) throws Unfit {
    if (parsed instanceof UnresolvedAttribute attribute) {
      type(attribute.nameParts().head());
    }
    for (Expression child : JavaConverters.seqAsJavaList(parsed.children())) {
      columns(child);
    }
  }

  private String joined(List<RowCondition> conditions, String by) throws Unfit {
    List<String> parts = new ArrayList<>();
    for (RowCondition condition : conditions) {
      parts.add("(" + condition(condition) + ")");
    }
    return parts.stream().collect(Collectors.joining(by, "(", ")"));
  }

  /** Whether a column's value, which is not null, is among some. */
  String in(String column, List<Constant> constants) throws Unfit {
    List<String> literals = new ArrayList<>();
    for (Constant constant : constants) {
      literals.add(literal(column, constant));
    }
    return literals.isEmpty()
        ? "false"
        : "(" + name(column) + " in (" + String.join(", ", literals) + "))";
  }
}
