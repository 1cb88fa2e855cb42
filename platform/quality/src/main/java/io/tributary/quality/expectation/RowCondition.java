package io.tributary.quality.expectation;

import java.util.List;

/** Which rows an expectation is about: those for which the condition is true, not null. */
public sealed interface RowCondition {
  /** A column against a constant; {@code operator} is one of {@code == != < <= > >=}. */
  record Comparison(String column, String operator, Constant constant) implements RowCondition {}

  /** A column that is, or with {@code negated} is not, one of some constants. */
  record Membership(String column, List<Constant> constants, boolean negated)
      implements RowCondition {
    public Membership {
      constants = List.copyOf(constants);
    }
  }

  /** A column that is, or with {@code negated} is not, null. */
  record Nullity(String column, boolean negated) implements RowCondition {}

  record All(List<RowCondition> conditions) implements RowCondition {
    public All {
      conditions = List.copyOf(conditions);
    }
  }

  record Any(List<RowCondition> conditions) implements RowCondition {
    public Any {
      conditions = List.copyOf(conditions);
    }
  }

  /** A Spark SQL expression over the row's columns, as it was written. */
  record Sql(String expression) implements RowCondition {}
}
