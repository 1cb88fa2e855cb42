package io.tributary.core.aggregate;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tests the laws of a {@link MergeableAggregate} on values: merging is commutative and associative,
 * changes none of its arguments, and gives results of the declared type.
 */
public final class AggregateLaws {
  private static final int TRIALS = 400;
  private static final int MAX_VALUES = 9;
  private static final Pattern DECIMAL = Pattern.compile("decimal\\((\\d+),\\s*(\\d+)\\)");

  private AggregateLaws() {}

  /** Whether {@link #samples} has values of a type, as Spark writes it. */
  public static boolean accepts(String type) {
    return !samples(type).isEmpty();
  }

  /**
   * The first law that is broken by values of a type, with those values; empty if none is.
   *
   * @param type of the argument as Spark writes it, {@code double}
   */
  public static <S> Optional<String> broken(MergeableAggregate<S> aggregate, String type) {
    return broken(aggregate, aggregate.resultType(type), samples(type));
  }

  /**
   * The same for given values. Those that the aggregate does not accept are left out.
   *
   * @param resultType as declared
   */
  public static <S> Optional<String> broken(
      MergeableAggregate<S> aggregate, String resultType, List<Object> values) {
    List<Object> accepted = new ArrayList<>(values);
    accepted.removeIf(value -> !accepts(aggregate, value));
    if (accepted.isEmpty()) {
      return Optional.of("it accepts none of " + values);
    }
    Random random = new Random(20131031);
    for (int trial = 0; trial < TRIALS; trial++) {
      List<Object> some = new ArrayList<>();
      int count = 1 + random.nextInt(MAX_VALUES);
      for (int i = 0; i < count; i++) {
        some.add(accepted.get(random.nextInt(accepted.size())));
      }
      Optional<String> broken = broken(aggregate, resultType, some, random);
      if (broken.isPresent()) {
        return broken;
      }
    }
    return Optional.empty();
  }

  private static <S> boolean accepts(MergeableAggregate<S> aggregate, Object value) {
    try {
      aggregate.of(value);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static <S> Optional<String> broken(
      MergeableAggregate<S> aggregate, String resultType, List<Object> values, Random random) {
    try {
      List<S> states = new ArrayList<>();
      List<Object> alone = new ArrayList<>();
      for (Object value : values) {
        states.add(aggregate.of(value));
        alone.add(aggregate.result(states.get(states.size() - 1)));
      }
      Object inOrder = aggregate.result(merged(aggregate, states));
      if (inOrder != null && !isOf(inOrder, resultType)) {
        return Optional.of(
            "its result is declared " + resultType + " but is a " + inOrder.getClass().getName());
      }
      List<S> others = new ArrayList<>(states);
      Collections.shuffle(others, random);
      while (others.size() > 1) {
        int at = random.nextInt(others.size() - 1);
        others.set(at, aggregate.merge(others.get(at), others.remove(at + 1)));
      }
      Object grouped = aggregate.result(others.get(0));
      if (!Objects.equals(inOrder, grouped)) {
        return Optional.of(
            "merging is not commutative and associative: "
                + values
                + " give "
                + inOrder
                + " in this order and "
                + grouped
                + " in another one");
      }
      for (int i = 0; i < alone.size(); i++) {
        if (!Objects.equals(alone.get(i), aggregate.result(states.get(i)))) {
          return Optional.of(
              "merging changes its argument: "
                  + values.get(i)
                  + " was "
                  + alone.get(i)
                  + " and is now "
                  + aggregate.result(states.get(i)));
        }
      }
      return Optional.empty();
    } catch (RuntimeException e) {
      return Optional.of("it fails with " + e + " for " + values);
    }
  }

  private static <S> S merged(MergeableAggregate<S> aggregate, List<S> states) {
    S merged = states.get(0);
    for (S state : states.subList(1, states.size())) {
      merged = aggregate.merge(merged, state);
    }
    return merged;
  }

  /** Whether a value is of a result's type. */
  public static boolean isOf(Object value, String type) {
    if (type.startsWith("array<") && type.endsWith(">")) {
      String element = type.substring("array<".length(), type.length() - 1);
      return value instanceof List<?> list
          && list.stream().allMatch(e -> e != null && isOf(e, element));
    }
    return switch (type) {
      case "bigint" -> value instanceof Long;
      case "double" -> value instanceof Double;
      case "boolean" -> value instanceof Boolean;
      case "string" -> value instanceof String;
      default -> false;
    };
  }

  /** Whether a type is allowed for results. */
  public static boolean isResultType(String type) {
    return type.startsWith("array<") && type.endsWith(">")
        ? isResultType(type.substring("array<".length(), type.length() - 1))
            && !type.contains("array<array")
        : List.of("bigint", "double", "boolean", "string").contains(type);
  }

  /** Ordinary and edge-case values of a type, as Spark writes it; empty for an unsupported type. */
  public static List<Object> samples(String type) {
    Matcher decimal = DECIMAL.matcher(type);
    if (decimal.matches()) {
      int scale = Integer.parseInt(decimal.group(2));
      BigDecimal most =
          new BigDecimal("9".repeat(Integer.parseInt(decimal.group(1)))).scaleByPowerOfTen(-scale);
      BigDecimal least = BigDecimal.ONE.scaleByPowerOfTen(-scale);
      return scaled(scale, BigDecimal.ZERO, least, least.negate(), most, most.negate());
    }
    return switch (type) {
      case "boolean" -> List.of(true, false);
      case "tinyint" -> List.of(0L, 1L, -1L, 7L, 127L, -128L);
      case "smallint" -> List.of(0L, 1L, -1L, 7L, 32_767L, -32_768L);
      case "int" -> List.of(0L, 1L, -1L, 7L, 100L, 2_147_483_647L, -2_147_483_648L);
      case "bigint" -> List.of(0L, 1L, -1L, 7L, 100L, Long.MAX_VALUE, Long.MIN_VALUE);
      case "float" ->
          List.of(
              0.0,
              -0.0,
              1.0,
              -1.0,
              0.5,
              (double) 0.1f,
              (double) 0.3f,
              (double) Float.MAX_VALUE,
              (double) -Float.MAX_VALUE,
              (double) Float.MIN_VALUE,
              Double.NaN,
              Double.POSITIVE_INFINITY,
              Double.NEGATIVE_INFINITY);
      case "double" ->
          List.of(
              0.0,
              -0.0,
              1.0,
              -1.0,
              0.1,
              0.2,
              0.3,
              1e16,
              -1e16,
              1e308,
              -1e308,
              1.5e308,
              Double.MIN_VALUE,
              Double.NaN,
              Double.POSITIVE_INFINITY,
              Double.NEGATIVE_INFINITY);
      case "string" ->
          List.of("", "a", "b", "ab", "B", "\u00e4", "\ud834\udd1e", "\uffff", "10", "9");
      default -> List.of();
    };
  }

  private static List<Object> scaled(int scale, BigDecimal... values) {
    List<Object> scaled = new ArrayList<>();
    for (BigDecimal value : values) {
      scaled.add(value.setScale(scale));
    }
    return scaled;
  }
}
