package io.tributary.score;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;

final class TestQuestionDigest {
  private static String of(DataType type, Object value) {
    StructType schema = new StructType().add("_as_of", DataTypes.TimestampType).add("id", type);
    byte[] digest =
        new QuestionDigest("champion", schema, 0, List.of("id"))
            .of(new GenericInternalRow(new Object[] {7L, value}));
    return HexFormat.of().formatHex(digest);
  }

  private static Decimal decimal(String value, int precision, int scale) {
    return Decimal.apply(new BigDecimal(value), precision, scale);
  }

  @Test
  void isAsWritten() throws Exception {
    byte[] text =
        ("8:champion,\0\0\0\0\0\0\0\u00072:id,n2:42,").getBytes(StandardCharsets.ISO_8859_1);
    assertThat(of(DataTypes.IntegerType, 42))
        .isEqualTo(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text)));
  }

  @Test
  void isTheSameInAWiderType() {
    String one = of(DataTypes.IntegerType, 100);
    assertThat(of(DataTypes.ByteType, (byte) 100)).isEqualTo(one);
    assertThat(of(DataTypes.ShortType, (short) 100)).isEqualTo(one);
    assertThat(of(DataTypes.LongType, 100L)).isEqualTo(one);
    assertThat(of(DataTypes.createDecimalType(12, 2), decimal("100.00", 12, 2))).isEqualTo(one);
    assertThat(of(DataTypes.createDecimalType(5, 2), decimal("0.00", 5, 2)))
        .isEqualTo(of(DataTypes.LongType, 0L));
  }

  @Test
  void isAnotherOfAnotherKindOfValue() {
    assertThat(
            List.of(
                of(DataTypes.IntegerType, 1),
                of(DataTypes.StringType, UTF8String.fromString("1")),
                of(DataTypes.BinaryType, new byte[] {'1'}),
                of(DataTypes.BooleanType, true),
                of(DataTypes.DateType, 1),
                of(DataTypes.TimestampType, 1L),
                of(DataTypes.createDecimalType(5, 2), decimal("1.01", 5, 2)),
                of(DataTypes.StringType, null)))
        .doesNotHaveDuplicates();
  }

  @Test
  void isAnotherOfOtherBytesThoughTheyAreNoText() {
    assertThat(of(DataTypes.StringType, UTF8String.fromBytes(new byte[] {'a', (byte) 0xfe})))
        .isNotEqualTo(
            of(DataTypes.StringType, UTF8String.fromBytes(new byte[] {'a', (byte) 0xff})));
  }

  @Test
  void doesNotDependOnTheOrderOrCaseOfColumns() {
    StructType one =
        new StructType()
            .add("_as_of", DataTypes.TimestampType)
            .add("line", DataTypes.IntegerType)
            .add("Order", DataTypes.StringType);
    StructType other =
        new StructType()
            .add("order", DataTypes.StringType)
            .add("Line", DataTypes.LongType)
            .add("_as_of", DataTypes.TimestampType);
    UTF8String order = UTF8String.fromString("o");
    assertThat(
            new QuestionDigest("champion", one, 0, List.of("Order", "line"))
                .of(new GenericInternalRow(new Object[] {7L, 3, order})))
        .isEqualTo(
            new QuestionDigest("champion", other, 2, List.of("Line", "order"))
                .of(new GenericInternalRow(new Object[] {order, 3L, 7L})));
  }
}
