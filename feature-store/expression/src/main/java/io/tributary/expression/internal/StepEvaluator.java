package io.tributary.expression.internal;

import io.tributary.expression.ExpressionFailure;
import io.tributary.expression.ResolvedExpression;
import io.tributary.expression.SqlDialect;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.MutableProjection;
import org.apache.spark.sql.catalyst.expressions.SpecificInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.expressions.aggregate.NoOp$;
import org.apache.spark.sql.catalyst.expressions.codegen.GenerateMutableProjection;
import org.apache.spark.sql.catalyst.expressions.codegen.GenerateUnsafeProjection;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;

/**
 * One step, compiled for one thread. Expressions that others use are computed first, level by
 * level, into a row beside the input; the last level goes straight into the result.
 */
public final class StepEvaluator {
  private final List<ResolvedExpression> named;
  private final SqlDialect profile;
  private final SpecificInternalRow values;
  private final JoinedRow row = new JoinedRow();
  private final List<MutableProjection> levels;
  private final UnsafeProjection result;
  private final int inputs;
  private final boolean keepsInput;
  private List<MutableProjection> single = List.of();

  public StepEvaluator(Step step) {
    named = step.resolved();
    profile = step.profile();
    inputs = step.input().size();
    keepsInput = step.keepsInput();
    List<DataType> types = named.stream().map(r -> r.column().dataType()).toList();
    values = new SpecificInternalRow(Scala.seq(types));
    int[] level = levels(named, inputs);
    int last = named.isEmpty() ? 0 : java.util.Arrays.stream(level).max().getAsInt();
    List<Expression> output = new ArrayList<>();
    if (step.keepsInput()) {
      StructField[] fields = step.input().fields();
      for (int i = 0; i < fields.length; i++) {
        output.add(new BoundReference(i, fields[i].dataType(), fields[i].nullable()));
      }
    }
    for (int i = 0; i < named.size(); i++) {
      output.add(level[i] == last ? own(i) : new BoundReference(inputs + i, types.get(i), true));
    }
    levels = new ArrayList<>();
    result =
        profile.under(
            () -> {
              for (int l = 0; l < last; l++) {
                levels.add(projection(at(level, l)));
              }
              return GenerateUnsafeProjection.generate(Scala.seq(output), true);
            });
  }

  /** An expression of this thread's: some hold what they compute with, such as maps. */
  private Expression own(int i) {
    return (Expression) named.get(i).bound().get().clone();
  }

  /** The result for a row; the same object each time, valid until the next call. */
  public UnsafeRow evaluate(InternalRow input) throws ExpressionFailure {
    row.apply(input, values);
    try {
      for (MutableProjection level : levels) {
        level.apply(row);
      }
      return result.apply(row);
    } catch (RuntimeException e) {
      List<ExpressionFailure> failures = failures(input);
      if (failures.isEmpty()) {
        throw e;
      }
      throw failures.get(0);
    }
  }

  /** Each expression that fails on the row by itself, not for want of another one. */
  public List<ExpressionFailure> failures(InternalRow input) {
    if (single.isEmpty()) {
      single = profile.under(this::oneByOne);
    }
    row.apply(input, values);
    List<ExpressionFailure> failures = new ArrayList<>();
    Set<Integer> failed = new HashSet<>();
    for (int i = 0; i < single.size(); i++) {
      if (!Collections.disjoint(named.get(i).positions(), failed)) {
        failed.add(inputs + i);
        continue;
      }
      try {
        single.get(i).apply(row);
      } catch (RuntimeException e) {
        failed.add(inputs + i);
        failures.add(new ExpressionFailure(named.get(i).column().name(), PlainReason.of(e)));
      }
    }
    return failures;
  }

  /**
   * What can be computed of a row: null where an expression fails, or uses one that does.
   *
   * @param lacking places of the input that could not be computed themselves, with the reasons;
   *     then those of the result
   * @return a row of the result's columns, valid until the next call
   */
  public InternalRow partially(InternalRow input, Map<Integer, String> lacking) {
    if (single.isEmpty()) {
      single = profile.under(this::oneByOne);
    }
    row.apply(input, values);
    Map<Integer, String> failed = new TreeMap<>(lacking);
    for (int i = 0; i < single.size(); i++) {
      Optional<String> reason =
          named.get(i).positions().stream()
              .sorted()
              .filter(failed::containsKey)
              .findFirst()
              .map(failed::get);
      if (reason.isEmpty()) {
        try {
          single.get(i).apply(row);
        } catch (RuntimeException e) {
          reason = Optional.of(PlainReason.of(e));
        }
      }
      if (reason.isPresent()) {
        failed.put(inputs + i, reason.get());
        values.setNullAt(i);
      }
    }
    lacking.clear();
    int before = keepsInput ? 0 : inputs;
    failed.forEach(
        (place, reason) -> {
          if (place >= before) {
            lacking.put(place - before, reason);
          }
        });
    return keepsInput ? row : values;
  }

  private List<MutableProjection> oneByOne() {
    List<MutableProjection> projections = new ArrayList<>();
    for (int i = 0; i < named.size(); i++) {
      List<Expression> alone = new ArrayList<>(Collections.nCopies(named.size(), NoOp$.MODULE$));
      alone.set(i, own(i));
      projections.add(projection(alone));
    }
    return projections;
  }

  private MutableProjection projection(List<Expression> expressions) {
    return GenerateMutableProjection.generate(Scala.seq(expressions), true).target(values);
  }

  private List<Expression> at(int[] level, int wanted) {
    List<Expression> expressions = new ArrayList<>();
    for (int i = 0; i < level.length; i++) {
      expressions.add(level[i] == wanted ? own(i) : NoOp$.MODULE$);
    }
    return expressions;
  }

  /** 0 for those over the input alone, else one more than the greatest that they use. */
  private static int[] levels(List<ResolvedExpression> named, int inputs) {
    int[] level = new int[named.size()];
    for (int i = 0; i < level.length; i++) {
      for (int position : named.get(i).positions()) {
        if (position >= inputs) {
          level[i] = Math.max(level[i], level[position - inputs] + 1);
        }
      }
    }
    return level;
  }
}
