package io.tributary.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.features.KeyOrder.Encoded;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestKeyOrder {
  private static final int THREADS = 3;

  @TempDir Path folder;

  private static Encoded random(Random random) {
    byte[] key = new byte[1 + random.nextInt(9)];
    byte[] row = new byte[random.nextInt(random.nextInt(500) == 0 ? 200_000 : 200)];
    random.nextBytes(key);
    random.nextBytes(row);
    return new Encoded(key, row);
  }

  private static String text(Encoded row) {
    return HexFormat.of().formatHex(row.key()) + "=" + HexFormat.of().formatHex(row.row());
  }

  private int ordered(long bytes, int rows) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try (KeyOrder order = new KeyOrder(bytes, THREADS, folder)) {
      List<Future<List<Encoded>>> added = new ArrayList<>();
      for (int t = 0; t < 2 * THREADS; t++) {
        Random random = new Random(t);
        added.add(
            threads.submit(
                () -> {
                  List<Encoded> all = new ArrayList<>();
                  KeyOrder.Part part = order.part();
                  for (int i = 0; i < rows; i++) {
                    Encoded row = random(random);
                    part.add(row);
                    all.add(row);
                  }
                  part.end();
                  return all;
                }));
      }
      List<Encoded> expected = new ArrayList<>();
      for (Future<List<Encoded>> part : added) {
        expected.addAll(part.get());
      }
      List<Encoded> found = new ArrayList<>();
      for (int again = 0; again < 2; again++) {
        found.clear();
        order.sorted().forEachRemaining(found::add);
      }
      for (int i = 1; i < found.size(); i++) {
        assertThat(Arrays.compareUnsigned(found.get(i - 1).key(), found.get(i).key()))
            .isNotPositive();
      }
      assertThat(found.stream().map(TestKeyOrder::text).sorted())
          .isEqualTo(expected.stream().map(TestKeyOrder::text).sorted().toList());
      return order.spilled();
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void whatFitsStaysInMemory() throws Exception {
    assertThat(ordered(64 << 20, 2_000)).isZero();
  }

  @Test
  void whatDoesNotFitLiesInAfileThatHasNoName() throws Exception {
    assertThat(ordered(200_000, 2_000)).isBetween(50, 200);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void noRowsAreInOrder() throws Exception {
    assertThat(ordered(1_000, 0)).isZero();
  }

  @Test
  void aFolderThatCannotBeWrittenIsNamed() {
    Path gone = folder.resolve("gone");
    try (KeyOrder order = new KeyOrder(0, 1, gone)) {
      KeyOrder.Part part = order.part();
      assertThatThrownBy(() -> part.add(random(new Random(1))))
          .isInstanceOf(PlatformException.class)
          .hasMessageContaining("Cannot keep rows in " + gone)
          .extracting(e -> ((PlatformException) e).code())
          .isEqualTo(ErrorCode.STORAGE);
    }
  }
}
