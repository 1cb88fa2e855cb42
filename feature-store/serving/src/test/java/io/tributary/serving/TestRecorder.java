package io.tributary.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is recorded, lost and told of, whatever the lake does. */
@Timeout(60)
class TestRecorder {
  private static final Duration SOON = Duration.ofMillis(50);

  private final List<Integer> written = new ArrayList<>();
  private final AtomicLong recorded = new AtomicLong();
  private final AtomicLong lost = new AtomicLong();

  /** A number is so many rows. */
  private Recorder<Integer> recorder(Recorder.Table<Integer> table, Duration every) {
    return new Recorder<>(
        "answers",
        table,
        new Recorder.Size<>() {
          @Override
          public int rows(Integer answered) {
            return answered;
          }

          @Override
          public long bytes(Integer answered) {
            return answered;
          }
        },
        new Recorder.Meter() {
          @Override
          public void recorded(long rows) {
            recorded.addAndGet(rows);
          }

          @Override
          public void lost(long rows) {
            lost.addAndGet(rows);
          }
        },
        every);
  }

  private void keep(long number, List<Integer> batch) {
    synchronized (written) {
      written.addAll(batch);
    }
  }

  @Test
  void writesTogetherWhatCameInAWhileAndTheRestAtItsEnd() throws InterruptedException {
    List<Long> numbers = new ArrayList<>();
    Recorder<Integer> recorder =
        recorder(
            (number, batch) -> {
              numbers.add(number);
              keep(number, batch);
            },
            Duration.ofMinutes(1));
    for (int i = 0; i < 100; i++) {
      assertThat(recorder.offer(1)).isTrue();
    }
    assertThat(recorder.trouble()).isEmpty();
    recorder.close();
    assertThat(written).hasSize(100);
    assertThat(numbers).containsExactly(1L);
    assertThat(recorded).hasValue(100);
    assertThat(lost).hasValue(0);
    assertThat(recorder.offer(1)).as("it has ended").isFalse();
    assertThat(lost).hasValue(1);
  }

  @Test
  void doesNotWaitForMoreWhereThereIsMuch() throws InterruptedException {
    try (Recorder<Integer> recorder = recorder(this::keep, Duration.ofMinutes(1))) {
      assertThat(recorder.offer(Limits.RECORDED_TOGETHER)).isTrue();
      Client.eventually(() -> assertThat(recorded).hasValue(Limits.RECORDED_TOGETHER));
    }
  }

  /** A file system that hangs. */
  @Test
  void losesWhatFindsNoRoomAndHoldsUpNobody() throws Exception {
    CountDownLatch hangs = new CountDownLatch(1);
    Recorder<Integer> recorder =
        recorder(
            (number, batch) -> {
              try {
                hangs.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              keep(number, batch);
            },
            SOON);
    int offered = 4 * (Limits.RECORDED_ROWS / 2 + 7_000);
    AtomicInteger taken = new AtomicInteger();
    ExecutorService answering = Executors.newFixedThreadPool(4);
    for (int thread = 0; thread < 4; thread++) {
      answering.execute(
          () ->
              IntStream.range(0, offered / 4)
                  .forEach(i -> taken.addAndGet(recorder.offer(1) ? 1 : 0)));
    }
    answering.shutdown();
    assertThat(answering.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    assertThat(taken.get()).isLessThanOrEqualTo(Limits.RECORDED_ROWS);
    assertThat(lost).hasValue(offered - taken.get());
    assertThat(recorder.trouble().orElseThrow()).contains("were not recorded");
    hangs.countDown();
    Client.eventually(() -> assertThat(recorded).hasValue(taken.get()));
    assertThat(recorder.offer(1)).as("there is room again").isTrue();
    recorder.close();
    assertThat(written).hasSize(taken.get() + 1);
    assertThat(recorded.get() + lost.get()).as("each is one or the other").isEqualTo(offered + 1);
  }

  @Test
  void saysThatAHungLakeIsWaitedForAndEndsAllTheSame() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    Recorder<Integer> recorder =
        recorder(
            (number, batch) -> {
              try {
                never.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            },
            SOON);
    recorder.offer(3);
    Client.eventually(
        () ->
            assertThat(recorder.trouble().orElse(""))
                .contains("the lake does not answer. See to it. 3 of the answers wait, 0 were"));
    recorder.close();
    assertThat(lost).hasValue(3);
  }

  /** A disk that is full, and has room again. */
  @Test
  void triesAgainUntilItCan() throws InterruptedException {
    AtomicBoolean full = new AtomicBoolean(true);
    AtomicInteger tries = new AtomicInteger();
    Recorder<Integer> recorder =
        recorder(
            (number, batch) -> {
              tries.incrementAndGet();
              if (full.get()) {
                throw new PlatformException(ErrorCode.STORAGE, "The disk is full. Make room.");
              }
              keep(number, batch);
            },
            SOON);
    recorder.offer(2);
    Client.eventually(() -> assertThat(tries.get()).isGreaterThan(2));
    recorder.offer(5);
    assertThat(recorder.trouble().orElseThrow())
        .matches(
            "The answers are not recorded since \\S+: The disk is full. Make room. 7 of the answers wait, 0 were lost since the server began.");
    full.set(false);
    Client.eventually(() -> assertThat(recorded).hasValue(7));
    assertThat(recorder.trouble()).isEmpty();
    recorder.close();
    assertThat(written).containsExactly(2, 5);
    assertThat(lost).hasValue(0);
  }

  @Test
  void countsWhatIsLostWhereItEndsBeforeItCan() {
    Recorder<Integer> recorder =
        recorder(
            (number, batch) -> {
              throw new PlatformException(ErrorCode.STORAGE, "The disk is full. Make room.");
            },
            SOON);
    recorder.offer(2);
    recorder.offer(5);
    recorder.close();
    assertThat(recorded).hasValue(0);
    assertThat(lost).hasValue(7);
  }

  /** A number that may have been committed is not given to other rows. */
  @Test
  void aBugLosesOneBatchAlone() throws InterruptedException {
    List<Long> numbers = new ArrayList<>();
    Recorder<Integer> recorder =
        recorder(
            (number, batch) -> {
              numbers.add(number);
              if (batch.contains(3)) {
                throw new IllegalStateException("a bug");
              }
              keep(number, batch);
            },
            SOON);
    recorder.offer(3);
    Client.eventually(() -> assertThat(lost).hasValue(3));
    recorder.offer(4);
    recorder.close();
    assertThat(written).containsExactly(4);
    assertThat(numbers).containsExactly(1L, 2L);
    assertThat(recorder.trouble())
        .isEqualTo(
            Optional.of(
                "3 of the answers were not recorded since the server began. The log says why."));
  }
}
