package io.tributary.offline.internal.keys;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.execution.vectorized.OnHeapColumnVector;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;

class TestKeyColumns {
  private static final StructType SCHEMA =
      new StructType().add("name", DataTypes.StringType).add("n", DataTypes.LongType);

  /** Batches of more rows than before and of fewer bytes, and the other way round. */
  @Test
  void writesTheBytesThatKeysHaveRowByRow() {
    Keys keys = Keys.of(SCHEMA, List.of("name", "n"));
    KeyColumns read = new KeyColumns(keys);
    Keys.Writer writer = keys.writer();
    for (int[] batch : new int[][] {{3, 400}, {100, 40}, {101, 30}, {5, 3}, {4_096, 0}, {2, 999}}) {
      int n = batch[0];
      OnHeapColumnVector names = new OnHeapColumnVector(n, DataTypes.StringType);
      OnHeapColumnVector numbers = new OnHeapColumnVector(n, DataTypes.LongType);
      for (int row = 0; row < n; row++) {
        if (row % 7 == 3) {
          names.putNull(row);
        } else {
          names.putByteArray(row, text(batch[1], row).getBytes(StandardCharsets.UTF_8));
        }
        numbers.putLong(row, row * 31L - 5);
      }
      read.read(new ColumnVector[] {names, numbers}, n);
      for (int row = 0; row < n; row++) {
        UnsafeRow expected =
            writer.write(
                new GenericInternalRow(
                    new Object[] {
                      row % 7 == 3 ? null : UTF8String.fromString(text(batch[1], row)),
                      row * 31L - 5
                    }));
        byte[] found = new byte[read.size(row)];
        read.write(row, found, Platform.BYTE_ARRAY_OFFSET);
        assertThat(found).as(Arrays.toString(batch) + " " + row).isEqualTo(expected.getBytes());
        assertThat(read.isNull(row)).isEqualTo(row % 7 == 3);
      }
      names.close();
      numbers.close();
    }
  }

  private static String text(int length, int row) {
    return "x".repeat(length) + row;
  }
}
