package io.tributary.expression;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.Derivation;
import io.tributary.expression.internal.Functions;
import io.tributary.expression.internal.Step;
import java.io.Serializable;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Coalesce;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Named SQL expressions over one row, computed top to bottom: each may use the input's columns and
 * the ones before it (a name that both have means the input's, as in an SQL select list).
 *
 * <p>Spark SQL under one fixed profile, the same in every session and JVM: ANSI on, the zone bound,
 * no sub-queries, aggregates, lambdas, clock or chance, functions of a stated list. A day-time
 * interval added to an instant is physical ({@code ts + interval 24 hours} is 86,400 s later also
 * over a night that changes the clocks) and so is the difference of two instants; years and months,
 * and the day and longer units of {@code timestampadd} and {@code timestampdiff}, are calendar
 * units of the zone.
 *
 * <p>Serializable: texts, types and zone travel and are compiled once in each JVM. May be shared by
 * threads; an {@link Evaluator} may not. A failing row is {@link ExpressionFailure}.
 */
public final class RowExpressions implements Serializable {
  private static final long serialVersionUID = 1L;

  private final List<Step> steps;
  private final String identity;
  private final StructType schema;

  RowExpressions(List<Step> steps, Digest identity) {
    this.steps = List.copyOf(steps);
    this.identity = identity.hex();
    this.schema = last().schema();
  }

  /**
   * Resolves expressions over the columns of {@code input}; a result has one column for each, all
   * nullable.
   *
   * @param zone what local times mean
   * @throws PlatformException INVALID_DEFINITION with all that is wrong, each with its file and
   *     line
   */
  public static RowExpressions compile(List<Derivation> named, StructType input, ZoneId zone) {
    return compile(named, input, zone, Division.FAILS);
  }

  /** The same, with a say in what a division by zero gives. */
  public static RowExpressions compile(
      List<Derivation> named, StructType input, ZoneId zone, Division division) {
    SqlDialect profile = new SqlDialect(zone, division);
    ExpressionResolver resolver =
        new ExpressionResolver(new Scope("the input", input), profile, Map.of());
    List<String> problems = new ArrayList<>();
    for (Derivation d : named) {
      try {
        resolver.add(d.name(), d.expression().sql());
      } catch (InvalidExpression e) {
        problems.add(
            "Cannot check expression "
                + d.name()
                + " ("
                + d.expression().location()
                + "): "
                + e.getMessage());
      }
    }
    if (!problems.isEmpty()) {
      throw new PlatformException(ErrorCode.INVALID_DEFINITION, String.join("\n", problems));
    }
    return resolver.finish(named);
  }

  /** The names of the functions that an expression may call, sorted. */
  public static Set<String> functions() {
    return Functions.allowed();
  }

  /** The columns that a row must have, in order. */
  public StructType input() {
    return steps.get(0).input();
  }

  /** The columns of {@link #input()} that are read, in order: rows need no others. */
  public List<String> columns() {
    return steps.get(0).columns();
  }

  /**
   * Of each named expression the columns of {@link #input()} that it depends on; a field of a
   * struct as {@code column.field}, all in lower case.
   */
  public Map<String, Set<String>> origins() {
    Map<String, Set<String>> origins = null;
    for (Step step : steps) {
      Map<String, Set<String>> before = origins;
      origins = new LinkedHashMap<>();
      for (ResolvedExpression resolved : step.resolved()) {
        Set<String> columns = new TreeSet<>();
        for (String path : resolved.columns()) {
          columns.addAll(before == null ? Set.of(path) : through(before, path));
        }
        origins.put(resolved.column().name(), columns);
      }
      if (step.keepsInput()) {
        for (String name : step.input().fieldNames()) {
          origins.putIfAbsent(
              name, before == null ? Set.of(Scope.key(name)) : through(before, Scope.key(name)));
        }
      }
    }
    return origins;
  }

  private static Set<String> through(Map<String, Set<String>> before, String path) {
    int dot = path.indexOf('.');
    String column = dot < 0 ? path : path.substring(0, dot);
    for (Map.Entry<String, Set<String>> origin : before.entrySet()) {
      if (Scope.key(origin.getKey()).equals(column)) {
        return origin.getValue();
      }
    }
    return Set.of();
  }

  /** The columns of a result, in order. */
  public StructType schema() {
    return schema;
  }

  /**
   * A digest of names and resolved meanings: the same in every JVM; case, spaces, comments and
   * aliases of functions don't count, nor columns that aren't used. Another Spark version is
   * another identity.
   */
  public Digest identity() {
    return Digest.parse(identity);
  }

  /**
   * The same expressions with results that begin with their input's columns (of several steps: with
   * what the last one reads). No expression may have the name of such a column.
   */
  public RowExpressions withInput() {
    Step last = last();
    for (Step.Text text : last.named()) {
      if (Arrays.stream(last.input().fieldNames()).anyMatch(text.name()::equalsIgnoreCase)) {
        throw new PlatformException(
            ErrorCode.BUG,
            "Cannot keep the input beside expression %s: it has a column of that name. Report this as a bug."
                .formatted(text.name()));
      }
    }
    List<Step> kept = new ArrayList<>(steps);
    kept.set(kept.size() - 1, last.withInput(true));
    return new RowExpressions(kept, identity());
  }

  /**
   * The same expressions over the columns of their input that they read and those that are kept;
   * results begin with these alone where they begin with the input's.
   */
  public RowExpressions narrowed(Set<String> kept) {
    Step first = steps.get(0);
    Set<String> read =
        new HashSet<>(first.withInput(steps.size() > 1 && first.keepsInput()).columns());
    StructField[] columns =
        Arrays.stream(input().fields())
            .filter(f -> read.contains(f.name()) || kept.contains(f.name()))
            .toArray(StructField[]::new);
    List<Step> rebound = new ArrayList<>(steps);
    rebound.set(0, first.over(new StructType(columns)));
    return new RowExpressions(rebound, identity());
  }

  /** First these, then {@code next} over their result alone. */
  public RowExpressions then(RowExpressions next) {
    List<Step> both = new ArrayList<>(steps);
    StructType between = schema;
    for (Step step : next.steps) {
      Step rebound = step.over(between);
      both.add(rebound);
      between = rebound.schema();
    }
    return new RowExpressions(both, Digest.of(identity + " then " + next.identity));
  }

  /**
   * The same expressions over rows that hold {@link #columns()} by name, with others beside them or
   * in another order.
   */
  public RowExpressions over(StructType rows) {
    for (String name : columns()) {
      var column = input().fields()[input().fieldIndex(name)];
      boolean same =
          Arrays.stream(rows.fields())
              .anyMatch(
                  f ->
                      f.name().equalsIgnoreCase(column.name())
                          && f.dataType().asNullable().equals(column.dataType().asNullable()));
      if (!same) {
        throw new PlatformException(
            ErrorCode.BUG,
            "Cannot compute expressions over rows %s: they lack column \"%s\" of type %s. Report this as a bug."
                .formatted(rows.catalogString(), column.name(), column.dataType().catalogString()));
      }
    }
    List<Step> rebound = new ArrayList<>(steps);
    rebound.set(0, steps.get(0).over(rows));
    return new RowExpressions(rebound, identity());
  }

  /** The columns of the input that all expressions are as they are; empty where one computes. */
  public Optional<Selection> selection() {
    if (steps.size() > 1) {
      return Optional.empty();
    }
    int inputs = input().size();
    // The input's, then those that may be used by name.
    List<Integer> columns = IntStream.range(0, inputs).boxed().collect(Collectors.toList());
    Set<Integer> filled = new HashSet<>();
    for (ResolvedExpression resolved : last().resolved()) {
      Expression is = resolved.bound().get();
      if (is instanceof Coalesce first
          && first.children().size() == 2
          && first.children().apply(1).equals(Literal.FalseLiteral())
          && first.children().apply(0) instanceof BoundReference column
          && column.ordinal() < inputs) {
        filled.add(column.ordinal());
        is = column;
      }
      if (is instanceof BoundReference column) {
        columns.add(columns.get(column.ordinal()));
      } else if (is.equals(Literal.FalseLiteral())) {
        columns.add(Selection.FALSE);
      } else {
        return Optional.empty();
      }
    }
    return Optional.of(
        new Selection(keepsInput() ? columns : columns.subList(inputs, columns.size()), filled));
  }

  /** Whether a result begins with the columns of {@link #input()}. */
  boolean keepsInput() {
    return steps.size() == 1 && last().keepsInput();
  }

  /** Compiles for the calling thread. */
  public Evaluator evaluator() {
    return new Evaluator(steps);
  }

  private Step last() {
    return steps.get(steps.size() - 1);
  }
}
