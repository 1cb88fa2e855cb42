package io.tributary.expression;

import java.util.List;
import java.util.Set;

/**
 * Columns that row expressions are without any computation.
 *
 * @param columns for each of theirs the one of the input, {@link #FALSE} = false in each row
 * @param filled columns of the input whose nulls would be false
 */
public record Selection(List<Integer> columns, Set<Integer> filled) {
  public static final int FALSE = -1;

  public Selection {
    columns = List.copyOf(columns);
    filled = Set.copyOf(filled);
  }
}
