package io.tributary.core;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/**
 * The columns from which a column is directly computed.
 *
 * @param values the columns whose values enter it
 * @param conditions the columns that select which of them count: filters, join keys, times
 * @param tags given by its definition
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ColumnOrigin(
    Set<ColumnReference> values, Set<ColumnReference> conditions, Set<String> tags) {
  public ColumnOrigin {
    values = sorted(values);
    Set<ColumnReference> others = new TreeSet<>(sorted(conditions));
    others.removeAll(values);
    conditions = Collections.unmodifiableSet(others);
    tags = sorted(tags);
  }

  /** The origin of a column without tags of its own. */
  public static ColumnOrigin of(Set<ColumnReference> values, Set<ColumnReference> conditions) {
    return new ColumnOrigin(values, conditions, Set.of());
  }

  private static <T extends Comparable<T>> Set<T> sorted(Set<T> set) {
    return set == null ? Set.of() : Collections.unmodifiableSet(new TreeSet<>(set));
  }
}
