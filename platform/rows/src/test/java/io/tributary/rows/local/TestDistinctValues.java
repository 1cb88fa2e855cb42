package io.tributary.rows.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;

final class TestDistinctValues {
  private final DistinctValues distinct = new DistinctValues();

  @Test
  void areNumberedByWhereTheyFirstCome() {
    Random random = new Random(7);
    for (int different : new int[] {1, 3, 900, 5_000}) {
      check(
          DataTypes.DoubleType, PrimitiveTypeName.DOUBLE, i -> (double) random.nextInt(different));
      check(DataTypes.LongType, PrimitiveTypeName.INT64, i -> random.nextInt(different) * 7_919L);
      check(
          DataTypes.StringType,
          PrimitiveTypeName.BINARY,
          i ->
              UTF8String.fromString(
                  "of any length".repeat(random.nextInt(different) % 40) + i % 7));
    }
  }

  @Test
  void ofOneKeyAreSeveral() {
    check(
        DataTypes.StringType,
        PrimitiveTypeName.BINARY,
        i -> UTF8String.fromString(i % 3 == 0 ? "Aa" : "BB"));
  }

  @Test
  void areFoundAlsoWhereTheyAreSorted() {
    check(DataTypes.LongType, PrimitiveTypeName.INT64, i -> i / 16L);
  }

  @Test
  void areNotCountedWhereTheyAreTooMany() {
    assertThat(distinct.count(column(DataTypes.LongType, PrimitiveTypeName.INT64, i -> (long) i)))
        .isZero();
    // Of few values all are looked at.
    assertThat(distinct.count(column(DataTypes.LongType, PrimitiveTypeName.INT64, 7, i -> i / 4L)))
        .isZero();
    assertThat(distinct.count(column(DataTypes.LongType, PrimitiveTypeName.INT64, 8, i -> i / 4L)))
        .isEqualTo(2);
    // Half of them are zero.
    assertThat(distinct.count(column(DataTypes.LongType, PrimitiveTypeName.INT64, i -> i % 2L * i)))
        .isZero();
  }

  private void check(DataType type, PrimitiveTypeName stored, IntFunction<Object> value) {
    List<Object> values = new ArrayList<>();
    PlainColumn column =
        column(
            type,
            stored,
            i -> {
              values.add(value.apply(i));
              return values.get(i);
            });
    List<Object> expected = new ArrayList<>(new LinkedHashSet<>(values));

    int count = distinct.count(column);

    assertThat(Arrays.stream(distinct.firsts(), 0, count).mapToObj(values::get).toList())
        .isEqualTo(expected);
    assertThat(
            IntStream.range(0, values.size())
                .mapToObj(i -> expected.get(distinct.numbers()[i]))
                .toList())
        .isEqualTo(values);
    assertThat(Arrays.stream(distinct.among(100, 300)).mapToObj(values::get))
        .containsExactlyElementsOf(new LinkedHashSet<>(values.subList(100, 300)));
    assertThat(distinct.among(100, 100)).isEmpty();
  }

  private static PlainColumn column(
      DataType type, PrimitiveTypeName stored, IntFunction<Object> value) {
    return column(type, stored, 40_000, value);
  }

  private static PlainColumn column(
      DataType type, PrimitiveTypeName stored, int n, IntFunction<Object> value) {
    PrimitiveType primitive = Types.optional(stored).named("c");
    PlainColumn column =
        PlainColumn.of(type, new ColumnDescriptor(new String[] {"c"}, primitive, 0, 1));
    for (int i = 0; i < n; i++) {
      column.take(new GenericInternalRow(new Object[] {value.apply(i)}), 0);
    }
    return column;
  }
}
