package io.tributary.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.events.internal.Entry;
import io.tributary.events.internal.EventReader;
import io.tributary.testing.JavaProcess;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ITEventLogWriters {
  private static final int NEVER = Integer.MAX_VALUE;

  @TempDir Path lake;

  private String log() {
    return lake.resolve("platform/runs").toString();
  }

  @Test
  void writesEveryEventOfManyThreadsOnce() throws Exception {
    List<String> expected = new ArrayList<>();
    inThreads(
        6,
        thread -> {
          EventLog log = EventLog.open(log(), 7);
          for (int i = 0; i < 10; i++) {
            log.append(List.of(event(thread + "-" + i)));
          }
          return 0;
        });
    for (int thread = 0; thread < 6; thread++) {
      for (int i = 0; i < 10; i++) {
        expected.add(thread + "-" + i);
      }
    }

    assertThat(storedIds()).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void letsOneThreadWinEachRound() throws Exception {
    int rounds = 8;
    int threads = 4;
    CyclicBarrier start = new CyclicBarrier(threads);
    List<Integer> wins =
        inThreads(
            threads,
            thread -> {
              EventLog log = EventLog.open(log());
              int won = 0;
              for (int round = 0; round < rounds; round++) {
                start.await();
                try {
                  log.decide("slot", round, List.of(event(thread + "-" + round)));
                  won++;
                } catch (PlatformException e) {
                  assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT);
                }
              }
              return won;
            });

    assertThat(wins.stream().mapToInt(Integer::intValue).sum()).isEqualTo(rounds);
    History history = EventLog.open(log()).read();
    assertThat(history.generation("slot")).isEqualTo(rounds);
    assertThat(storedIds()).hasSize(rounds);
  }

  @Test
  void keepsEveryAcknowledgedEventOfProcessesOfWhichSomeAreKilled() throws Exception {
    int count = 12;
    List<String> acknowledged = writers("append", count, List.of(NEVER, NEVER, 4, 7));

    List<String> stored = storedIds();
    assertThat(stored).doesNotHaveDuplicates();
    for (String id : acknowledged) {
      assertThat(stored).contains(id, id + "b");
    }
    assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(2 * count + 4 + 7);
    assertThat(EventLog.open(log()).read().events()).hasSameSizeAs(stored);
  }

  @Test
  void letsOneProcessWinEachRoundThoughSomeAreKilled() throws Exception {
    int rounds = 20;
    List<String> acknowledged = writers("decide", rounds, List.of(NEVER, NEVER, 2, 2));

    History history = EventLog.open(log()).read();
    assertThat(history.generation("slot")).isEqualTo(rounds);
    List<String> winners = new ArrayList<>();
    for (int round = 1; round <= rounds; round++) {
      assertThat(history.decision("slot", round)).hasSize(1);
      winners.add(history.decision("slot", round).get(0).id());
      assertThat(winners.get(round - 1)).endsWith("-" + (round - 1));
    }
    assertThat(winners).containsAll(acknowledged);
    assertThat(storedIds()).containsExactlyElementsOf(winners);
  }

  /**
   * Runs a process for each limit, all at once, and kills it after that many lines.
   *
   * @return what was acknowledged
   */
  private List<String> writers(String what, int count, List<Integer> limits) throws Exception {
    List<ProcessBuilder> writers = new ArrayList<>();
    for (int i = 0; i < limits.size(); i++) {
      writers.add(
          JavaProcess.of(
              List.of("-Xmx256m"),
              WriterProcess.class.getName(),
              what,
              log(),
              "p" + i,
              "" + count));
    }
    return JavaProcess.race(writers, limits).stream()
        .flatMap(List::stream)
        .filter(line -> line.startsWith("done "))
        .map(line -> line.substring("done ".length()))
        .toList();
  }

  private List<String> storedIds() {
    return new EventReader(LakePath.parse(log()))
        .newest().entries().stream().map(Entry::event).map(Event::id).toList();
  }

  private static Event event(String id) {
    return new Event(
        id, Instant.parse("2026-01-01T00:00:00Z"), "ran", "s", Principal.osUser("a"), "", "{}");
  }

  private interface Work<T> {
    T run(int thread) throws Exception;
  }

  private static <T> List<T> inThreads(int count, Work<T> work) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(count);
    try {
      List<Future<T>> futures = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int thread = i;
        futures.add(threads.submit(() -> work.run(thread)));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(future.get());
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }
}
