package io.tributary.core.aggregate;

/**
 * A user-defined aggregate, named in a feature by its class: {@code com.acme.Concentration(amount)
 * over 7d}. It has a public constructor without parameters, or with one {@code double} for each
 * parameter after the expression.
 *
 * <p>The values in a window are merged in any order and grouping, and merged again when others
 * enter or leave; so {@link #merge} must be commutative and associative, to the bit of the result,
 * and change neither of its arguments. {@link AggregateLaws} tests it; a project whose aggregate
 * breaks a law is refused. In particular a sum of doubles is not associative: keep an exact one, as
 * {@link io.tributary.core.exact.ExactMoments}.
 *
 * <p>Values are {@link Boolean}, {@link Long} (integers of any width), {@link Double} (float too),
 * {@link java.math.BigDecimal} (with the argument's scale), {@link String}; never null. A window
 * without values is null, without a call. Called by several threads, each with an object of its
 * own.
 *
 * @param <S> the state of some values; as small as possible, as each event of an entity has one
 */
public interface MergeableAggregate<S> {
  /**
   * The SQL type of {@link #result}: {@code bigint} for a {@link Long}, {@code double}, {@code
   * boolean}, {@code string}, or {@code array<…>} of these for a {@link java.util.List} without
   * nulls.
   *
   * @param argumentType as Spark writes it, {@code decimal(10,2)}
   * @throws IllegalArgumentException with the types that it accepts, for an argument of another
   *     type
   */
  String resultType(String argumentType);

  /**
   * The state of one value.
   *
   * @throws IllegalArgumentException for a value that it does not accept; it ends the join
   */
  S of(Object value);

  /** The state of the values of both; a new one, or one of them unchanged. */
  S merge(S a, S b);

  /** The feature's value, or null. */
  Object result(S merged);
}
