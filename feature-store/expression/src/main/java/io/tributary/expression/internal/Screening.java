package io.tributary.expression.internal;

import io.tributary.core.Nearest;
import io.tributary.expression.InvalidExpression;
import io.tributary.expression.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.spark.sql.catalyst.analysis.Parameter;
import org.apache.spark.sql.catalyst.analysis.Star;
import org.apache.spark.sql.catalyst.analysis.UnresolvedAttribute;
import org.apache.spark.sql.catalyst.analysis.UnresolvedFunction;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.LambdaFunction;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.PlanExpression;
import org.apache.spark.sql.catalyst.expressions.UnresolvedWindowExpression;
import org.apache.spark.sql.catalyst.expressions.WindowExpression;
import org.apache.spark.sql.catalyst.trees.Origin;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;

/**
 * What can be said of a parsed expression before Catalyst resolves it: unknown names, functions
 * that are refused, sub-queries, and clocks that hide in literals.
 */
public final class Screening {
  private static final Pattern CLOCK_WORD =
      Pattern.compile("(?is).*['\"]\\s*(now|today|tomorrow|yesterday)\\b.*");

  private final String sql;
  private final Scope scope;
  private final List<String> reasons = new ArrayList<>();
  private boolean usesBroken;

  private Screening(String sql, Scope scope) {
    this.sql = sql;
    this.scope = scope;
  }

  /** Throws with all that is wrong; with nothing where it uses a column that is wrong itself. */
  public static void screen(String sql, Expression parsed, Scope scope) throws InvalidExpression {
    Screening screening = new Screening(sql, scope);
    screening.visit(parsed);
    if (screening.usesBroken || !screening.reasons.isEmpty()) {
      throw new InvalidExpression(screening.reasons);
    }
  }

  /** Where a part of an expression stands; nothing where it is the whole of it. */
  static String place(String sql, Origin origin) {
    int start = Scala.orElse(origin.startIndex(), 0);
    int stop = Scala.orElse(origin.stopIndex(), sql.length() - 1);
    return start <= 0 && stop >= sql.strip().length() - 1 ? "" : place(sql, start);
  }

  /** Where an expression is wrong, in words. */
  static String place(String sql, int index) {
    return " (position " + (index + 1) + " of: " + sql.strip() + ")";
  }

  private void visit(Expression e) {
    if (e instanceof PlanExpression) {
      refuse(e, "sub-queries are refused: an expression sees one row. Use a lookup or a view");
      return;
    }
    if (e instanceof Alias alias) {
      refuse(
          e,
          "\"as "
              + alias.name()
              + "\" is refused: an expression has its name already. Leave it out");
    } else if (e instanceof Parameter) {
      refuse(e, "parameters are refused: write the value");
    } else if (e instanceof Star) {
      refuse(e, "* is refused: name the columns");
    } else if (e instanceof WindowExpression || e instanceof UnresolvedWindowExpression) {
      refuse(
          e,
          "window functions are refused: an expression sees one row. Make it a feature with a window");
      return;
    } else if (e instanceof LambdaFunction) {
      refuse(
          e,
          "functions over lambdas are refused: they have no stable identity. Say it without a lambda");
      return;
    } else if (e instanceof UnresolvedFunction function) {
      if (!visitFunction(function)) {
        return;
      }
    } else if (e instanceof UnresolvedAttribute column) {
      visitColumn(column);
    } else if (e instanceof Literal literal) {
      visitLiteral(literal);
    }
    Scala.children(e).forEach(this::visit);
  }

  private boolean visitFunction(UnresolvedFunction function) {
    String name = String.join(".", Scala.list(function.nameParts())).toLowerCase(Locale.ROOT);
    if (!Functions.isAllowed(name)) {
      reasons.add(Functions.refusal(name) + place(sql, function.origin()));
      return false;
    }
    if (function.isDistinct() || function.filter().isDefined()) {
      refuse(function, "distinct and filter belong to aggregates. Leave them out");
    }
    return true;
  }

  private void visitColumn(UnresolvedAttribute column) {
    List<String> parts = Scala.list(column.nameParts());
    String name = parts.get(0);
    if (scope.broken().contains(Scope.key(name))) {
      usesBroken = true;
      return;
    }
    Optional<StructField> known = scope.find(name);
    if (known.isEmpty()) {
      String refusal = Functions.refusalOfName(name.toLowerCase(Locale.ROOT));
      reasons.add(
          (refusal != null
                  ? refusal
                  : scope.owner()
                      + " has no column \""
                      + name
                      + "\"."
                      + Nearest.hint(name, scope.names()))
              + place(sql, column.origin()));
      return;
    }
    if (parts.size() > 1 && known.get().dataType() instanceof StructType struct) {
      String field = parts.get(1);
      List<String> fields = List.of(struct.fieldNames());
      if (fields.stream().noneMatch(field::equalsIgnoreCase)) {
        reasons.add(
            scope.owner()
                + " column \""
                + known.get().name()
                + "\" has no field \""
                + field
                + "\"."
                + Nearest.hint(field, fields)
                + place(sql, column.origin()));
      }
    }
  }

  /**
   * {@code timestamp'today'} is a plain literal once parsed; only its text still says what it was.
   */
  private void visitLiteral(Literal literal) {
    boolean isTime =
        literal.dataType() instanceof DateType
            || literal.dataType() instanceof TimestampType
            || literal.dataType() instanceof TimestampNTZType;
    if (isTime && CLOCK_WORD.matcher(fragment(literal.origin())).matches()) {
      reasons.add(
          Functions.readsClock(fragment(literal.origin()).strip()) + place(sql, literal.origin()));
    }
  }

  private String fragment(Origin origin) {
    int start = Scala.orElse(origin.startIndex(), 0);
    int stop = Scala.orElse(origin.stopIndex(), sql.length() - 1);
    return sql.substring(Math.max(0, start), Math.min(sql.length(), stop + 1));
  }

  private void refuse(Expression e, String reason) {
    reasons.add(reason + "." + place(sql, e.origin()));
  }
}
