package io.tributary.train.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.definition.SplitBucket;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;

class TestKeyDealer {
  private static int bucket(DataType type, Object value) {
    InternalRow row = new GenericInternalRow(new Object[] {"beside the key", value});
    return new KeyDealer(List.of(type), "salt").bucket(row, 1);
  }

  private static int text(String value) {
    return new SplitBucket("salt").add(value).bucket();
  }

  @Test
  void dealsByWhatValuesAreAndNotByTheirTypes() {
    assertThat(bucket(DataTypes.StringType, UTF8String.fromString("12"))).isEqualTo(text("12"));
    assertThat(bucket(DataTypes.ByteType, (byte) 12)).isEqualTo(text("12"));
    assertThat(bucket(DataTypes.ShortType, (short) 12)).isEqualTo(text("12"));
    assertThat(bucket(DataTypes.IntegerType, 12)).isEqualTo(text("12"));
    assertThat(bucket(DataTypes.LongType, 12L)).isEqualTo(text("12"));
    assertThat(bucket(DataTypes.TimestampType, 12L)).isEqualTo(text("12"));
    assertThat(bucket(DataTypes.BooleanType, true)).isEqualTo(text("true"));
    assertThat(bucket(DataTypes.BinaryType, new byte[] {'1', '2'})).isEqualTo(text("12"));
    LocalDate day = LocalDate.of(2013, 1, 31);
    assertThat(bucket(DataTypes.DateType, (int) day.toEpochDay())).isEqualTo(text("2013-01-31"));
  }

  @Test
  void writesDecimalsWithoutNeedlessZeros() {
    DataType two = DataTypes.createDecimalType(10, 2);
    DataType four = DataTypes.createDecimalType(10, 4);
    Decimal half = Decimal.apply(new BigDecimal("-0.50"), 10, 2);
    assertThat(bucket(two, half)).isEqualTo(text("-0.5"));
    assertThat(bucket(four, Decimal.apply(new BigDecimal("-0.5000"), 10, 4)))
        .isEqualTo(text("-0.5"));
  }

  @Test
  void takesANullAsAValueOfItsOwn() {
    assertThat(bucket(DataTypes.StringType, null))
        .isEqualTo(new SplitBucket("salt").addNull().bucket())
        .isNotEqualTo(text(""));
  }

  @Test
  void dealsAllRowsWithoutAKeyAlike() {
    assertThat(new KeyDealer(List.of(), "salt").bucket(new GenericInternalRow(0), 0)).isZero();
  }
}
