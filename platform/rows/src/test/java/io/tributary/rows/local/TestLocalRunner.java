package io.tributary.rows.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Partitions;
import io.tributary.rows.Runner;
import io.tributary.testing.JavaProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TestLocalRunner {
  private static final StructType SCHEMA =
      new StructType()
          .add("n", DataTypes.LongType)
          .add(Runner.HASH, DataTypes.LongType, false)
          .add("text", DataTypes.StringType);

  @TempDir Path folder;

  private record Given(long n, long hash, String text) {}

  /**
   * Hashes of few and of many rows, the least and the greatest among them; long and empty texts.
   */
  private static List<Given> rows(int count) {
    Random random = new Random(7);
    long[] hot = {Long.MIN_VALUE, Long.MAX_VALUE, 0, -1, random.nextLong()};
    List<Given> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long hash = random.nextInt(4) == 0 ? hot[random.nextInt(hot.length)] : random.nextLong();
      int length = random.nextInt(200) == 0 ? 300_000 : random.nextInt(40);
      rows.add(new Given(i, hash, length == 0 ? null : "x".repeat(length)));
    }
    return rows;
  }

  private static Partitions given(LocalRunner runner, List<Given> rows, int partitions) {
    return runner.read(
        partitions,
        (task, partition) -> {
          UnsafeProjection projection = UnsafeProjection.create(SCHEMA);
          return IntStream.range(0, rows.size())
              .filter(i -> i % partitions == partition)
              .mapToObj(
                  i ->
                      (InternalRow)
                          projection.apply(
                              new GenericInternalRow(
                                  new Object[] {
                                    rows.get(i).n(),
                                    rows.get(i).hash(),
                                    UTF8String.fromString(rows.get(i).text())
                                  })))
              .iterator();
        });
  }

  private static List<Given> read(Iterator<InternalRow> rows) {
    List<Given> read = new ArrayList<>();
    rows.forEachRemaining(
        row ->
            read.add(
                new Given(
                    row.getLong(0), row.getLong(1), row.isNullAt(2) ? null : row.getString(2))));
    return read;
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 67000000, 1000000000, 3",
    "2, 64, 67000000, 1000000000, 5",
    "3, 8, 67000000, 0, 1",
    "2, 4, 67000000, 0, 7",
    "2, 16, 67000000, 700000, 4",
    "1, 64, 67000000, 3000000, 4",
    "2, 64, 67000000, 1000000000, 0",
    "1, 1, 1, 1000000000, 3",
    "2, 2, 2, 0, 4",
    "2, 1, 100, 0, 4",
    "2, 8, 300, 700000, 4"
  })
  void bringsRowsOfOneHashTogetherInOrder(
      int threads, int buckets, int sortedAtOnce, long bytes, int partitions) {
    List<Given> rows = partitions == 0 ? List.of() : rows(3_000);
    try (LocalRunner runner = LocalRunner.open(threads, buckets, sortedAtOnce, bytes, folder)) {
      Partitions together = runner.byHash(given(runner, rows, partitions), SCHEMA);

      for (int again = 0; again < 2; again++) {
        List<List<Given>> parts = together.each(TestLocalRunner::read);

        assertThat(parts).hasSize(buckets);
        assertThat(parts.stream().flatMap(List::stream))
            .hasSameElementsAs(rows)
            .hasSize(rows.size());
        Set<Long> seen = new HashSet<>();
        for (List<Given> part : parts) {
          assertThat(part.stream().map(Given::hash)).isSorted();
          Set<Long> own = new HashSet<>(part.stream().map(Given::hash).toList());
          assertThat(Collections.disjoint(own, seen)).isTrue();
          seen.addAll(own);
        }
      }
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void zipsPartitionsOfTheSameHashes() {
    try (LocalRunner runner = LocalRunner.open(2, 16, 0, folder)) {
      Partitions some = runner.byHash(given(runner, rows(500), 3), SCHEMA);
      Partitions others = runner.byHash(given(runner, rows(900), 2), SCHEMA);

      List<Boolean> same =
          some.zip(
                  others,
                  (task, left, right) -> {
                    Set<Long> more = new HashSet<>(read(right).stream().map(Given::hash).toList());
                    boolean all = read(left).stream().map(Given::hash).allMatch(more::contains);
                    return List.<InternalRow>of(new GenericInternalRow(new Object[] {all}))
                        .iterator();
                  })
              .each(part -> part.next().getBoolean(0));

      assertThat(same).hasSize(16).containsOnly(true);
    }
  }

  @Test
  void readsAUnionAndSomePartitionsOfIt() {
    List<Given> rows = rows(50);
    try (LocalRunner runner = LocalRunner.open(2, 4, 1 << 20, folder)) {
      Partitions both =
          given(runner, rows.subList(0, 20), 2).union(given(runner, rows.subList(20, 50), 3));

      assertThat(both.count()).isEqualTo(5);
      assertThat(both.each(TestLocalRunner::read).stream().flatMap(List::stream))
          .containsExactlyInAnyOrderElementsOf(rows);
      assertThat(both.each(new int[] {4, 0}, TestLocalRunner::read).get(0))
          .allSatisfy(row -> assertThat(row.n()).isGreaterThanOrEqualTo(20));
      List<Integer> numbers =
          both.map(
                  (task, part) ->
                      List.<InternalRow>of(new GenericInternalRow(new Object[] {task.partition()}))
                          .iterator())
              .each(part -> part.next().getInt(0));
      assertThat(numbers).containsExactly(0, 1, 2, 3, 4);
    }
  }

  @Test
  void findsTheLeastOfEachValue() {
    Random random = new Random(3);
    StructType schema =
        new StructType()
            .add("key", DataTypes.StringType)
            .add("at", DataTypes.LongType)
            .add("b", DataTypes.DoubleType);
    // Each value twice, in other bits.
    double[] written = {0.0, -0.0, Double.NaN, Double.longBitsToDouble(0xfff8000000000001L)};
    double[] values = {0.0, 0.0, Double.NaN, Double.NaN};
    Map<List<Object>, Long> least = new HashMap<>();
    List<Object[]> rows = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      String key = random.nextInt(10) == 0 ? null : "k" + random.nextInt(300);
      Long at = random.nextInt(20) == 0 ? null : random.nextLong() >> 1;
      int b = random.nextInt(4);
      rows.add(new Object[] {UTF8String.fromString(key), at, written[b]});
      least.merge(
          java.util.Arrays.asList(key, values[b]), at == null ? Long.MAX_VALUE : at, Math::min);
    }
    try (LocalRunner runner = LocalRunner.open(2, 8, 0, folder)) {
      Partitions given =
          runner.read(
              4,
              (task, partition) ->
                  IntStream.range(0, rows.size())
                      .filter(i -> i % 4 == partition)
                      .mapToObj(i -> (InternalRow) new GenericInternalRow(rows.get(i)))
                      .iterator());
      PartitionedRows found = runner.least(new PartitionedRows(given, schema), "at");

      Map<List<Object>, Long> all = new HashMap<>();
      found
          .rows()
          .each(
              part -> {
                Map<List<Object>, Long> of = new HashMap<>();
                part.forEachRemaining(
                    row ->
                        of.put(
                            java.util.Arrays.asList(
                                row.isNullAt(0) ? null : row.getString(0), row.getDouble(2)),
                            row.isNullAt(1) ? Long.MAX_VALUE : row.getLong(1)));
                return of;
              })
          .forEach(of -> of.forEach((k, v) -> assertThat(all.put(k, v)).isNull()));
      assertThat(all).isEqualTo(least);
      assertThat(runner.bounds(new PartitionedRows(given, schema), "at"))
          .hasValueSatisfying(
              bounds ->
                  assertThat(bounds)
                      .containsExactly(
                          rows.stream()
                              .filter(r -> r[1] != null)
                              .mapToLong(r -> (Long) r[1])
                              .min()
                              .getAsLong(),
                          rows.stream()
                              .filter(r -> r[1] != null)
                              .mapToLong(r -> (Long) r[1])
                              .max()
                              .getAsLong()));
    }
  }

  @Test
  void endsWithWhatATaskEndedWithAndCanBeReadAgain() {
    try (LocalRunner runner = LocalRunner.open(2, 4, 1 << 20, folder)) {
      boolean[] fails = {true};
      Partitions rows =
          runner.byHash(
              given(runner, rows(100), 3)
                  .map(
                      (task, part) -> {
                        if (fails[0] && task.partition() == 1) {
                          throw new ArithmeticException("/ by zero");
                        }
                        return part;
                      }),
              SCHEMA);

      assertThatThrownBy(() -> rows.each(TestLocalRunner::read))
          .isInstanceOf(ArithmeticException.class)
          .hasMessage("/ by zero");
      fails[0] = false;
      assertThat(rows.each(TestLocalRunner::read).stream().mapToInt(List::size).sum())
          .isEqualTo(100);
    }
  }

  @Test
  void failsForAllThatWaitedWithoutTryingAgain() throws Exception {
    Semaphore going = new Semaphore(0);
    AtomicInteger tries = new AtomicInteger();
    try (LocalRunner runner = LocalRunner.open(2, 4, 1 << 20, folder)) {
      Partitions rows =
          runner.byHash(
              given(runner, rows(100), 1)
                  .map(
                      (task, part) -> {
                        tries.incrementAndGet();
                        going.acquireUninterruptibly();
                        throw new ArithmeticException("/ by zero");
                      }),
              SCHEMA);
      List<Thread> readers = new ArrayList<>();
      List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
      for (int i = 0; i < 3; i++) {
        Thread reader = new Thread(() -> rows.each(TestLocalRunner::read));
        reader.setUncaughtExceptionHandler((thread, e) -> failures.add(e));
        reader.start();
        readers.add(reader);
      }
      while (readers.stream().filter(r -> r.getState() == Thread.State.BLOCKED).count() < 2) {
        Thread.onSpinWait();
      }
      going.release(readers.size());
      for (Thread reader : readers) {
        reader.join();
      }

      assertThat(tries).hasValue(1);
      assertThat(failures).hasSize(3).hasOnlyElementsOfType(ArithmeticException.class);
    }
  }

  /** What tasks use may be closed once the call has ended. */
  @Test
  void waitsForItsTasksWhereItIsInterrupted() throws Exception {
    try (LocalRunner runner = LocalRunner.open(2, 4, 1 << 20, folder)) {
      CountDownLatch begun = new CountDownLatch(2);
      CountDownLatch ends = new CountDownLatch(1);
      AtomicInteger done = new AtomicInteger();
      AtomicReference<Throwable> failed = new AtomicReference<>();
      Thread caller =
          new Thread(
              () -> {
                try {
                  given(runner, rows(100), 10)
                      .each(
                          some -> {
                            begun.countDown();
                            try {
                              ends.await();
                            } catch (InterruptedException e) {
                              throw new IllegalStateException(e);
                            }
                            return done.incrementAndGet();
                          });
                } catch (PlatformException e) {
                  failed.set(e);
                }
              });
      caller.start();
      begun.await();
      caller.interrupt();
      caller.join(200);
      assertThat(caller.isAlive()).isTrue();
      ends.countDown();
      caller.join();

      assertThat(done).hasValue(2);
      assertThat(failed.get()).hasMessage("Cannot compute rows: interrupted. Run it again.");
    }
  }

  @Test
  void saysWhereRowsHaveNoRoom() throws IOException {
    Path gone = Files.createDirectory(folder.resolve("gone"));
    try (LocalRunner runner = LocalRunner.open(2, 4, 0, gone)) {
      Files.delete(gone);
      assertThatThrownBy(
              () ->
                  runner.byHash(given(runner, rows(3_000), 3), SCHEMA).each(TestLocalRunner::read))
          .isInstanceOf(PlatformException.class)
          .hasMessageStartingWith("Cannot keep rows in " + gone + ": ")
          .hasMessageEndingWith("Make room there, or name another folder by spark.local.dir.");
    }
  }

  @Test
  void endsWhereTheDiskIsFullAndLeavesNothing() throws Exception {
    List<String> limited =
        new ArrayList<>(List.of("bash", "-c", "ulimit -f 256; exec \"$@\"", "-"));
    limited.addAll(
        JavaProcess.of(List.of(), FullDisk.class.getName(), folder.toString()).command());
    Process process = new ProcessBuilder(limited).redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).isEqualTo(ErrorCode.STORAGE.group().exitCode());
    assertThat(printed)
        .contains("Cannot keep rows in " + folder + ": File too large. Make room there");
    assertThat(folder).isEmptyDirectory();
  }

  /** Brings rows together of which none may stay in memory. */
  static final class FullDisk {
    public static void main(String[] folder) {
      try (LocalRunner runner = LocalRunner.open(2, 4, 0, Path.of(folder[0]))) {
        runner.byHash(given(runner, rows(3_000), 3), SCHEMA).each(TestLocalRunner::read);
      } catch (PlatformException e) {
        System.out.println(e.getMessage());
        System.exit(e.group().exitCode());
      }
    }
  }

  @Test
  void countsEachPartitionOnce() {
    try (LocalRunner runner = LocalRunner.open(2, 4, 0, folder)) {
      var tally = runner.tally("rows");
      Partitions counted =
          given(runner, rows(100), 4)
              .map(
                  (task, part) -> {
                    List<Given> all = read(part);
                    tally.put("rows", task.partition(), all.size());
                    return Stream.<InternalRow>of().iterator();
                  });
      counted.each(TestLocalRunner::read);
      counted.each(TestLocalRunner::read);

      assertThat(tally.total("rows")).isEqualTo(100);
    }
  }
}
