package io.tributary.expression;

import io.tributary.core.Digest;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.types.StructField;

/**
 * A named expression, typed and ready to compile.
 *
 * @param column its name and type; always nullable, so that no table's schema hangs on an
 *     optimisation
 * @param bound over positions: the input's columns, then the named expressions before it; made on
 *     first use
 * @param positions the positions that it uses itself
 * @param columns the input's columns that it depends on, also through expressions before it; a
 *     field of a struct as {@code column.field}
 * @param meaning its resolved meaning as text
 */
public record ResolvedExpression(
    StructField column,
    Supplier<Expression> bound,
    Set<Integer> positions,
    Set<String> columns,
    String meaning) {
  public ResolvedExpression {
    positions = Set.copyOf(positions);
    columns = java.util.Collections.unmodifiableSet(new java.util.TreeSet<>(columns));
  }

  /** The same under another name. */
  public ResolvedExpression named(String name) {
    StructField renamed =
        new StructField(name, column.dataType(), column.nullable(), column.metadata());
    return new ResolvedExpression(renamed, bound, positions, columns, meaning);
  }

  /** Of its resolved meaning. */
  public Digest identity() {
    return Digest.of(meaning);
  }
}
