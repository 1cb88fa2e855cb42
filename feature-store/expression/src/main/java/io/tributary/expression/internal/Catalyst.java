package io.tributary.expression.internal;

import io.tributary.expression.InvalidExpression;
import io.tributary.expression.SqlDialect;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.catalyst.QueryPlanningTracker;
import org.apache.spark.sql.catalyst.analysis.Analyzer;
import org.apache.spark.sql.catalyst.analysis.FakeV2SessionCatalog$;
import org.apache.spark.sql.catalyst.analysis.FunctionRegistry$;
import org.apache.spark.sql.catalyst.analysis.TableFunctionRegistry$;
import org.apache.spark.sql.catalyst.analysis.UnresolvedAttribute;
import org.apache.spark.sql.catalyst.catalog.DummyFunctionExpressionBuilder$;
import org.apache.spark.sql.catalyst.catalog.DummyFunctionResourceLoader$;
import org.apache.spark.sql.catalyst.catalog.SessionCatalog;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.ExprId;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.optimizer.ConstantFolding$;
import org.apache.spark.sql.catalyst.optimizer.ReplaceExpressions$;
import org.apache.spark.sql.catalyst.parser.CatalystSqlParser$;
import org.apache.spark.sql.catalyst.plans.logical.LocalRelation;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.connector.catalog.CatalogManager;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import scala.Option;

/**
 * Catalyst's parser and analyser without a session. Every method runs under a {@link SqlDialect}.
 * May be shared by threads.
 */
public final class Catalyst {
  /** Fixed ids: with random ones nothing about a resolved tree would be stable. */
  private static final UUID IDS = new UUID(0, 0);

  private static final ExprId VALUE = new ExprId(1L << 40, IDS);

  private static final Analyzer ANALYZER =
      new Analyzer(
          new CatalogManager(
              FakeV2SessionCatalog$.MODULE$,
              new SessionCatalog(
                  Catalyst::noCatalog,
                  Catalyst::noCatalog,
                  FunctionRegistry$.MODULE$.builtin(),
                  TableFunctionRegistry$.MODULE$.builtin(),
                  null,
                  CatalystSqlParser$.MODULE$,
                  DummyFunctionResourceLoader$.MODULE$,
                  DummyFunctionExpressionBuilder$.MODULE$,
                  10,
                  -1L,
                  "default")));

  private Catalyst() {}

  private static <T> T noCatalog() {
    throw new IllegalStateException("expressions are resolved without a catalog");
  }

  public static Expression parse(String sql) throws InvalidExpression {
    if (sql.isBlank()) {
      throw new InvalidExpression(List.of("the expression is empty. Write one."));
    }
    try {
      return CatalystSqlParser$.MODULE$.parseExpression(sql);
    } catch (Exception e) { // Scala throws the checked AnalysisException undeclared
      throw invalid(sql, e);
    }
  }

  /**
   * Resolves a parsed expression over columns, which get their positions as ids.
   *
   * @return the typed tree, time arithmetic bound, names for other expressions replaced, constants
   *     not yet folded
   */
  public static Expression resolve(
      String sql, Expression parsed, List<StructField> columns, SqlDialect profile)
      throws InvalidExpression {
    Optional<Attribute> column = column(parsed, columns);
    if (column.isPresent()) {
      return column.get();
    }
    try {
      LogicalPlan plan =
          ANALYZER.executeAndCheck(plan(parsed, columns), new QueryPlanningTracker(Option.empty()));
      if (!(plan instanceof Project project) || !(project.child() instanceof LocalRelation)) {
        throw new IllegalArgumentException(
            "it is not an expression over one row. Aggregate in a feature, as in mean(x) over 7d.");
      }
      Purity.requireRepeatable(value(plan));
      Strictness.requireNoHiddenParsing(value(plan));
      Expression resolved = PhysicalTime.bind(value(ReplaceExpressions$.MODULE$.apply(plan)));
      if (profile.division() == io.tributary.expression.Division.NULL_WHERE_ZERO) {
        resolved = NullDivision.bind(resolved);
      }
      Purity.requirePure(resolved);
      return resolved;
    } catch (Exception e) {
      throw invalid(sql, e);
    }
  }

  /**
   * The column that an expression is and nothing else, as the analyser would find it: half of all
   * expressions are one, and the analyser takes milliseconds.
   */
  private static Optional<Attribute> column(Expression parsed, List<StructField> columns) {
    if (!(parsed instanceof UnresolvedAttribute name) || name.nameParts().size() != 1) {
      return Optional.empty();
    }
    List<Attribute> named =
        attributes(columns).stream()
            .filter(a -> a.name().equalsIgnoreCase(name.nameParts().head()))
            .toList();
    return named.size() == 1 ? Optional.of(named.get(0)) : Optional.empty();
  }

  /**
   * Computes what is constant and binds columns to positions of a row. A constant that can't be
   * computed or used is a mistake in the text.
   */
  public static Expression bind(String sql, Expression resolved) throws InvalidExpression {
    Expression folded;
    try {
      folded = value(ConstantFolding$.MODULE$.apply(plan(resolved, List.of())));
    } catch (Exception e) {
      throw new InvalidExpression(List.of("it fails for every row: " + PlainReason.of(e) + "."));
    }
    try {
      Expression bound = bind(folded);
      Constants.requireUsable(bound);
      return bound;
    } catch (Exception e) {
      throw invalid(sql, e);
    }
  }

  private static Expression bind(Expression resolved) {
    return Rewrite.up(
        resolved,
        e ->
            e instanceof AttributeReference a
                ? new BoundReference(Math.toIntExact(a.exprId().id()), a.dataType(), a.nullable())
                : e);
  }

  /** Positions of the columns that a resolved tree uses. */
  public static Set<Integer> positions(Expression resolved) {
    Set<Integer> positions = new TreeSet<>();
    collectPositions(resolved, positions);
    return positions;
  }

  private static void collectPositions(Expression e, Set<Integer> positions) {
    if (e instanceof AttributeReference a) {
      positions.add(Math.toIntExact(a.exprId().id()));
    }
    Scala.children(e).forEach(child -> collectPositions(child, positions));
  }

  private static List<Attribute> attributes(List<StructField> columns) {
    List<Attribute> attributes = new ArrayList<>();
    for (StructField c : columns) {
      ExprId id = new ExprId(attributes.size(), IDS);
      attributes.add(
          new AttributeReference(
              c.name(), c.dataType(), c.nullable(), Metadata.empty(), id, Scala.seq(List.of())));
    }
    return attributes;
  }

  private static LogicalPlan plan(Expression value, List<StructField> columns) {
    NamedExpression named =
        new Alias(
            value, "value", VALUE, Scala.seq(List.of()), Option.empty(), Scala.seq(List.of()));
    return new Project(
        Scala.seq(List.of(named)),
        new LocalRelation(Scala.seq(attributes(columns)), Scala.seq(List.of()), false));
  }

  private static Expression value(LogicalPlan plan) {
    return ((Alias) ((Project) plan).projectList().head()).child();
  }

  private static InvalidExpression invalid(String sql, Exception e) {
    if (e instanceof InvalidExpression invalid) {
      return invalid;
    }
    if (e instanceof IllegalArgumentException && e.getClass() == IllegalArgumentException.class) {
      return new InvalidExpression(List.of(e.getMessage()));
    }
    String place = "";
    if (e instanceof AnalysisException a && a.line().isDefined()) {
      place =
          Screening.place(
              sql, index(sql, Scala.orElse(a.line(), 1), Scala.orElse(a.startPosition(), 0)));
    }
    return new InvalidExpression(List.of(PlainReason.of(e) + "." + place));
  }

  private static int index(String sql, int line, int positionInLine) {
    int start = 0;
    for (int i = 1; i < line; i++) {
      start = sql.indexOf('\n', start) + 1;
    }
    return start + positionInLine;
  }
}
