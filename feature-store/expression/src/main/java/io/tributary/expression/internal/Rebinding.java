package io.tributary.expression.internal;

import io.tributary.core.Lazy;
import io.tributary.expression.ResolvedExpression;
import io.tributary.expression.Scope;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Where a step's columns lie in other rows, so that its expressions need not be resolved again. */
final class Rebinding {
  private final StructType rows;
  private final int[] places;

  private Rebinding(StructType rows, int[] places) {
    this.rows = rows;
    this.places = places;
  }

  /**
   * Over rows in which the step's names would mean the same: empty where a column that is read has
   * another type there, or a name would mean something else.
   */
  static Optional<Rebinding> of(Step step, StructType rows) {
    Map<String, Integer> found = new HashMap<>();
    Set<String> twice = new HashSet<>();
    for (int i = 0; i < rows.size(); i++) {
      String name = Scope.key(rows.fields()[i].name());
      if (found.put(name, i) != null) {
        twice.add(name);
      }
    }
    StructField[] input = step.input().fields();
    Set<String> before = new HashSet<>();
    int[] places = new int[input.length];
    Set<String> read = step.withInput(false).columns().stream().collect(Collectors.toSet());
    for (int i = 0; i < input.length; i++) {
      String name = Scope.key(input[i].name());
      before.add(name);
      places[i] = found.getOrDefault(name, -1);
      if (read.contains(input[i].name())
          && (places[i] < 0
              || twice.contains(name)
              || !rows.fields()[places[i]].dataType().equals(input[i].dataType()))) {
        return Optional.empty();
      }
    }
    boolean shadowed =
        step.named().stream()
            .map(text -> Scope.key(text.name()))
            .anyMatch(name -> found.containsKey(name) != before.contains(name));
    return shadowed ? Optional.empty() : Optional.of(new Rebinding(rows, places));
  }

  ResolvedExpression rebind(ResolvedExpression resolved) {
    return new ResolvedExpression(
        resolved.column(),
        Lazy.of(() -> Rewrite.up(resolved.bound().get(), this::rebind)),
        resolved.positions().stream().map(this::place).collect(Collectors.toSet()),
        resolved.columns(),
        resolved.meaning());
  }

  private Expression rebind(Expression e) {
    if (!(e instanceof BoundReference reference)) {
      return e;
    }
    int place = place(reference.ordinal());
    boolean nullable = place < rows.size() ? rows.fields()[place].nullable() : reference.nullable();
    return new BoundReference(place, reference.dataType(), nullable);
  }

  /** Expressions lie behind the columns. */
  private int place(int position) {
    return position < places.length ? places[position] : position - places.length + rows.size();
  }
}
