package io.tributary.offline.internal.sweep;

import io.tributary.analysis.UserAggregates;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.SeenValue;
import io.tributary.core.aggregate.AggregateLaws;
import io.tributary.core.aggregate.MergeableAggregate;
import io.tributary.definition.Aggregate;
import io.tributary.offline.engine.UserAggregate;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.unsafe.types.UTF8String;

/** A user-defined aggregate, made where it is needed; its values are turned into the engine's. */
final class SparkUserAggregate implements UserAggregate {
  private static final long serialVersionUID = 1L;

  private final String feature;
  private final String name;
  private final double[] parameters;
  private final DataType argument;
  private final String result;

  /** Each thread has an object of its own. */
  private transient ThreadLocal<MergeableAggregate<Object>> aggregate;

  /**
   * @param feature its name with its view's, for messages
   * @param argument type of the values
   * @param result type of the feature
   */
  SparkUserAggregate(String feature, Aggregate aggregate, DataType argument, DataType result) {
    this.feature = feature;
    this.name = aggregate.implementation().orElseThrow();
    this.parameters = aggregate.parameters().stream().mapToDouble(p -> p).toArray();
    this.argument = argument;
    this.result = result.catalogString();
  }

  private MergeableAggregate<Object> aggregate() {
    return own().get();
  }

  private synchronized ThreadLocal<MergeableAggregate<Object>> own() {
    if (aggregate == null) {
      aggregate =
          ThreadLocal.withInitial(
              () ->
                  UserAggregates.make(
                      new Aggregate(
                          Aggregate.Function.CUSTOM,
                          java.util.Arrays.stream(parameters).boxed().toList(),
                          java.util.Optional.of(name))));
    }
    return aggregate;
  }

  @Override
  public Object of(Object value) {
    Object plain = value;
    if (argument instanceof DecimalType decimal) {
      plain = new BigDecimal((BigInteger) value, decimal.scale());
    } else if (argument instanceof BooleanType) {
      plain = (Long) value != 0;
    } else if (value instanceof UTF8String text) {
      plain = text.toString();
    }
    try {
      return aggregate().of(plain);
    } catch (RuntimeException e) {
      throw failed("takes no " + plain + " (" + e + ")", e);
    }
  }

  @Override
  public Object merge(Object a, Object b) {
    try {
      return aggregate().merge(a, b);
    } catch (RuntimeException e) {
      throw failed("can't merge (" + e + ")", e);
    }
  }

  @Override
  public Object result(Object state) {
    Object value;
    try {
      value = aggregate().result(state);
    } catch (RuntimeException e) {
      throw failed("has no result (" + SeenValue.of(e) + ")", e);
    }
    if (value != null && !AggregateLaws.isOf(value, result)) {
      throw failed("gave a " + value.getClass().getName() + " for a " + result, null);
    }
    return value == null ? null : held(value);
  }

  private static Object held(Object value) {
    if (value instanceof String text) {
      return UTF8String.fromString(text);
    }
    if (value instanceof Boolean truth) {
      return truth ? 1L : 0L;
    }
    return value instanceof List<?> list
        ? list.stream().map(SparkUserAggregate::held).toArray()
        : value;
  }

  private PlatformException failed(String why, RuntimeException cause) {
    return new PlatformException(
        ErrorCode.INVALID_VALUE,
        "Cannot compute feature %s: class %s %s. Correct the class, or filter such values out."
            .formatted(feature, name, why),
        cause);
  }
}
