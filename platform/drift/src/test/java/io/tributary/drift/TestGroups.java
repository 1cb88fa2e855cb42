package io.tributary.drift;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TestGroups {
  private static List<String> labels(double... values) {
    Column column = new Column.Numbers(values);
    int[] days = new int[values.length];
    InputReference input =
        InputReference.of(
            new InputName("x", "rows"),
            column,
            values.length,
            days,
            InputReference.Range.of(column, values.length, days));
    return Groups.of(input).labels(input);
  }

  @Test
  void tellsYearsApart() {
    assertThat(labels(IntStream.range(0, 200).mapToDouble(k -> 2004 + k / 10).toArray()))
        .startsWith("≤ 2005")
        .contains("2011 to 2013")
        .endsWith("> 2021", "missing")
        .doesNotHaveDuplicates();
  }

  @Test
  void hasAsFewDigitsAsTellSpansApart() {
    assertThat(labels(IntStream.range(0, 1000).mapToDouble(k -> k / 1000.0 / 3).toArray()))
        .startsWith("≤ 0.033", "0.033 to 0.0663")
        .endsWith("> 0.3", "missing");
    assertThat(labels(IntStream.range(0, 1000).mapToDouble(k -> 5000 + k / 1000.0).toArray()))
        .contains("5000.1 to 5000.2")
        .doesNotHaveDuplicates();
  }

  /** Half of the values are 5, and so is a group. */
  @Test
  void namesTheNumberThatAGroupIsOf() {
    double[] half = DoubleStream.generate(() -> 5).limit(500).toArray();
    double[] others = IntStream.range(0, 500).mapToDouble(k -> k / 50.0).toArray();
    assertThat(labels(DoubleStream.concat(Arrays.stream(half), Arrays.stream(others)).toArray()))
        .contains("5")
        .doesNotHaveDuplicates();
    assertThat(labels(half)).containsExactly("any", "missing");
  }
}
