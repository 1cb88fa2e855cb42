package io.tributary.core.aggregate;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.exact.ExactSum;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class TestAggregateLaws {
  /** An aggregate of functions. */
  private record Made<S>(
      String resultType,
      Function<Object, S> single,
      BinaryOperator<S> merging,
      Function<S, Object> last)
      implements MergeableAggregate<S> {
    @Override
    public String resultType(String argumentType) {
      return resultType;
    }

    @Override
    public S of(Object value) {
      return single.apply(value);
    }

    @Override
    public S merge(S a, S b) {
      return merging.apply(a, b);
    }

    @Override
    public Object result(S merged) {
      return last.apply(merged);
    }
  }

  @Test
  void greatestKeepsThemForEachType() {
    for (String type : List.of("double", "bigint", "string", "boolean", "decimal(10,2)", "int")) {
      MergeableAggregate<String> greatest =
          new Made<>("string", Object::toString, (a, b) -> a.compareTo(b) > 0 ? a : b, s -> s);
      assertThat(AggregateLaws.broken(greatest, type)).as(type).isEmpty();
    }
  }

  @Test
  void exactSumKeepsThem() {
    MergeableAggregate<List<Double>> exact =
        new Made<>(
            "double",
            v -> List.of((Double) v),
            (a, b) -> {
              List<Double> both = new ArrayList<>(a);
              both.addAll(b);
              return both;
            },
            values -> {
              ExactSum sum = new ExactSum();
              values.forEach(sum::add);
              return sum.sum();
            });
    assertThat(AggregateLaws.broken(exact, "double")).isEmpty();
  }

  @Test
  void naiveSumOfDoublesIsNotAssociative() {
    MergeableAggregate<Double> naive =
        new Made<>("double", v -> (Double) v, (a, b) -> a + b, s -> s);
    assertThat(AggregateLaws.broken(naive, "double").orElseThrow())
        .startsWith("merging is not commutative and associative: [");
  }

  @Test
  void firstOfTwoIsNotCommutative() {
    MergeableAggregate<Object> first = new Made<>("bigint", v -> v, (a, b) -> a, s -> s);
    assertThat(AggregateLaws.broken(first, "bigint").orElseThrow())
        .startsWith("merging is not commutative and associative: [");
  }

  @Test
  void mergeThatChangesItsArgumentIsSeen() {
    MergeableAggregate<long[]> changing =
        new Made<>(
            "bigint",
            v -> new long[] {(Long) v},
            (a, b) -> {
              a[0] = Math.max(a[0], b[0]);
              return a;
            },
            s -> s[0]);
    assertThat(AggregateLaws.broken(changing, "bigint").orElseThrow())
        .startsWith("merging changes its argument: ");
  }

  @Test
  void checkedSumOfLongsFailsWhereAnotherOrderDoesNot() {
    MergeableAggregate<Long> checked = new Made<>("bigint", v -> (Long) v, Math::addExact, s -> s);
    assertThat(AggregateLaws.broken(checked, "bigint").orElseThrow())
        .startsWith("it fails with java.lang.ArithmeticException: long overflow for [");
  }

  @Test
  void resultOfAnotherTypeIsSeen() {
    MergeableAggregate<Object> wrong = new Made<>("double", v -> v, (a, b) -> a, s -> 1);
    assertThat(AggregateLaws.broken(wrong, "boolean"))
        .contains("its result is declared double but is a java.lang.Integer");
  }

  @Test
  void valuesThatAreNotTakenAreLeftOut() {
    MergeableAggregate<Double> finite =
        new Made<>(
            "double",
            v -> {
              if (!Double.isFinite((Double) v)) {
                throw new IllegalArgumentException("not finite");
              }
              return (Double) v;
            },
            Math::max,
            s -> s);
    assertThat(AggregateLaws.broken(finite, "double")).isEmpty();
    assertThat(AggregateLaws.broken(finite, "double", List.of(Double.NaN)))
        .contains("it accepts none of [NaN]");
  }
}
