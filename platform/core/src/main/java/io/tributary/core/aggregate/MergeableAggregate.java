package io.tributary.core.aggregate;

/**
 * An aggregate of a project's own, named in a feature by its class: {@code
 * com.acme.Concentration(amount) over 7d}. It has a public constructor without parameters, or with
 * one {@code double} for each parameter that stands behind the expression.
 *
 * <p>Values that are in a window are merged in whatever order and grouping suits, and merged again
 * when others enter or leave; so {@link #merge} must be commutative and associative, to the bit of
 * the result, and change neither of its arguments. {@link AggregateLaws} says where it is not; a
 * project whose aggregate breaks a law is refused. In particular a sum of doubles is not
 * associative: keep an exact one, as {@link io.tributary.core.exact.ExactMoments}.
 *
 * <p>Values are {@link Boolean}, {@link Long} (integers of any width), {@link Double} (float too),
 * {@link java.math.BigDecimal} (with the argument's scale), {@link String}; never null. A window
 * without values is null and asks nothing. Called by several threads, each with an object of its
 * own.
 *
 * @param <S> what is known of some values; as small as can be, for each event of an entity has one
 */
public interface MergeableAggregate<S> {
  /**
   * What {@link #result} gives, as SQL says it: {@code bigint} for a {@link Long}, {@code double},
   * {@code boolean}, {@code string}, or {@code array<…>} of these for a {@link java.util.List}
   * without nulls.
   *
   * @param argumentType as Spark writes it, {@code decimal(10,2)}
   * @throws IllegalArgumentException with what it takes instead, for an argument of another type
   */
  String resultType(String argumentType);

  /**
   * What is known of one value.
   *
   * @throws IllegalArgumentException for a value that it does not take; the join ends with it
   */
  S of(Object value);

  /** What is known of the values of both; a new one, or one of them unchanged. */
  S merge(S a, S b);

  /** The feature's value, or null. */
  Object result(S merged);
}
