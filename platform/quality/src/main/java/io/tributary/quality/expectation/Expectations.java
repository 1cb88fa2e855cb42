package io.tributary.quality.expectation;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The catalogue: every type of expectation that suites may have. */
public final class Expectations {
  /** In the order in which documentation has them. */
  public static final List<ExpectationType> TYPES =
      Stream.of(
              NullValues.TYPES,
              ValueRange.TYPES,
              ValueSet.TYPES,
              RegularExpression.TYPES,
              TextLength.TYPES,
              Uniqueness.TYPES,
              RowCount.TYPES,
              ColumnStatistic.TYPES,
              ColumnPresence.TYPES,
              ColumnType.TYPES)
          .flatMap(List::stream)
          .toList();

  private Expectations() {}

  public static Optional<ExpectationType> find(String name) {
    return TYPES.stream().filter(type -> type.name().equals(name)).findFirst();
  }

  public static List<String> names() {
    return TYPES.stream().map(ExpectationType::name).toList();
  }
}
