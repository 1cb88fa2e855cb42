package io.tributary.rows.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.column.values.rle.RunLengthBitPackingHybridDecoder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestRunLengths {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 8, 9, 17, 31})
  void areDecodedByParquet(int width) throws IOException {
    Random random = new Random(width);
    RunLengths runs = new RunLengths(500);
    for (int n = 0; n <= 500; n++) {
      int[] numbers = new int[n];
      for (int i = 0; i < n; i++) {
        boolean goesOn = i > 0 && random.nextInt(8) < n % 8;
        numbers[i] = goesOn ? numbers[i - 1] : random.nextInt() >>> (Integer.SIZE - width);
        runs.add(numbers[i]);
      }

      assertThat(decoded(runs.encode(width), width, n)).isEqualTo(numbers);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8, 100_000})
  void oneNumberIsOneRun(int times) throws IOException {
    ByteBuffer encoded = new RunLengths(0).same(1, times, 1);

    assertThat(encoded.remaining()).isLessThan(5);
    assertThat(decoded(encoded, 1, times)).hasSize(times).containsOnly(1);
  }

  private static int[] decoded(ByteBuffer encoded, int width, int n) throws IOException {
    var decoder = new RunLengthBitPackingHybridDecoder(width, ByteBufferInputStream.wrap(encoded));
    int[] numbers = new int[n];
    for (int i = 0; i < n; i++) {
      numbers[i] = decoder.readInt();
    }
    return numbers;
  }
}
