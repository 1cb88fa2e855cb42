package io.tributary.lake;

import java.util.Map;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.StringType;

/** Which types of a table's columns can be widened to which. */
public final class LosslessCast {
  /** The decimal digits of the integral types. */
  private static final Map<DataType, Integer> DIGITS =
      Map.of(
          DataTypes.ByteType,
          3,
          DataTypes.ShortType,
          5,
          DataTypes.IntegerType,
          10,
          DataTypes.LongType,
          19);

  private LosslessCast() {}

  /** Whether each value of {@code from} is a value of {@code to}; true for equal types. */
  public static boolean allows(DataType from, DataType to) {
    if (from.catalogString().equals(to.catalogString())
        || from instanceof StringType && to instanceof StringType) {
      return true;
    }
    Integer digits = DIGITS.get(from);
    if (digits == null) {
      return from instanceof FloatType && to instanceof DoubleType
          || from instanceof DecimalType d && to instanceof DecimalType wide && wide.isWiderThan(d);
    }
    if (to instanceof DecimalType d) {
      return d.precision() - d.scale() >= digits;
    }
    return to instanceof DoubleType ? digits <= 10 : DIGITS.getOrDefault(to, 0) >= digits;
  }
}
