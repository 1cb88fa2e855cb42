package io.tributary.serving;

import io.tributary.core.PlatformException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was answered, on its way to a table in the lake: a bounded queue, and one thread that writes
 * what has come in a while together. Whoever answers waits for nothing, whatever the lake does:
 * what finds no room is lost, and counted. What can't be written is tried again until it can, or
 * the server ends. Safe for threads.
 *
 * @param <T> what was answered to one request, which may be several rows
 */
final class Recorder<T> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);

  /** Writes in one commit, once per number. */
  interface Table<T> {
    void append(long number, List<T> answered);
  }

  /** How many rows, and of what size in memory, one thing is that was answered. */
  interface Size<T> {
    int rows(T answered);

    long bytes(T answered);
  }

  /** What of a recorder is measured. */
  interface Meter {
    void recorded(long rows);

    void lost(long rows);
  }

  /**
   * A server that is always asked writes less often than one that is asked now and then: each
   * writing is a file, and one of the log.
   */
  private static final int APART = 6;

  private final String what;
  private final Table<T> table;
  private final Size<T> size;
  private final Meter meter;
  private final Duration every;
  private final BlockingQueue<T> queue = new LinkedBlockingQueue<>();
  private final AtomicLong rows = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong lost = new AtomicLong();
  private final Thread writer;
  private volatile Optional<Trouble> trouble = Optional.empty();
  private volatile Optional<Instant> writes = Optional.empty();
  private volatile long endsBy;
  private volatile boolean ends;

  private record Trouble(Instant since, String why) {}

  /**
   * A recorder that has begun.
   *
   * @param what it records, for people: {@code predictions}
   * @param every after which time what has come is written, if nothing was for six times as long; a
   *     writing that takes twice as long is told of
   */
  Recorder(String what, Table<T> table, Size<T> size, Meter meter, Duration every) {
    this.what = what;
    this.table = table;
    this.size = size;
    this.meter = meter;
    this.every = every;
    writer = new Thread(this::write, "record-" + what);
    writer.setDaemon(true);
    writer.start();
  }

  /** Takes what was answered; false where there is no room. */
  boolean offer(T answered) {
    int count = size.rows(answered);
    long weight = size.bytes(answered);
    boolean fits =
        rows.addAndGet(count) <= Limits.RECORDED_ROWS
            & bytes.addAndGet(weight) <= Limits.RECORDED_BYTES;
    if (!fits || ends) {
      rows.addAndGet(-count);
      bytes.addAndGet(-weight);
      loses(count);
      return false;
    }
    queue.add(answered);
    return true;
  }

  private void loses(long count) {
    if (lost.getAndAdd(count) == 0) {
      LOG.warn(
          "The first {} of the {} are lost, as there is no room for them, or no time", count, what);
    }
    meter.lost(count);
  }

  private void write() {
    try {
      List<T> batch = batch(System.nanoTime());
      for (long number = 1; !batch.isEmpty(); number++) {
        write(number, batch);
        batch = batch(System.nanoTime() + (APART - 1) * every.toNanos());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * What has come in a while, or before there was much; nothing once the server ends.
   *
   * @param notBefore when the while may begin, in nanoseconds
   */
  private List<T> batch(long notBefore) throws InterruptedException {
    List<T> batch = new ArrayList<>();
    long first = 0;
    int count = 0;
    while (count < Limits.RECORDED_TOGETHER) {
      T next = ends ? queue.poll() : queue.poll(100, TimeUnit.MILLISECONDS);
      if (next != null) {
        first = batch.isEmpty() ? Math.max(System.nanoTime(), notBefore) : first;
        batch.add(next);
        count += size.rows(next);
      } else if (ends) {
        break;
      }
      if (!batch.isEmpty() && !ends && System.nanoTime() - first > every.toNanos()) {
        break;
      }
    }
    return batch;
  }

  /** Writes a batch, however long that takes, unless the server ends or it is a bug. */
  private void write(long number, List<T> batch) throws InterruptedException {
    long count = 0;
    long weight = 0;
    for (T of : batch) {
      count += size.rows(of);
      weight += size.bytes(of);
    }
    boolean waits = true;
    while (waits) {
      writes = Optional.of(Instant.now());
      try {
        table.append(number, batch);
        meter.recorded(count);
        recovered();
        waits = false;
      } catch (PlatformException e) {
        failed(e);
        waits = !ends || System.nanoTime() - endsBy < 0;
        if (waits) {
          TimeUnit.MILLISECONDS.sleep(Math.min(every.toMillis(), 1_000));
        } else {
          loses(count);
        }
      } catch (RuntimeException | Error e) {
        // It would be the same the next time, and what comes behind it is lost meanwhile.
        LOG.error("{} of the {} can't be recorded", count, what, e);
        loses(count);
        waits = false;
      } finally {
        writes = Optional.empty();
      }
    }
    rows.addAndGet(-count);
    bytes.addAndGet(-weight);
  }

  private void failed(PlatformException why) {
    if (trouble.isEmpty()) {
      LOG.warn("The {} wait to be recorded, and are lost when too many wait", what, why);
    }
    trouble =
        Optional.of(
            new Trouble(
                trouble
                    .map(Trouble::since)
                    .orElseGet(() -> Instant.now().truncatedTo(ChronoUnit.SECONDS)),
                why.getMessage()));
  }

  private void recovered() {
    if (trouble.isPresent()) {
      LOG.info("The {} are recorded again", what);
      trouble = Optional.empty();
    }
  }

  /** What can't be recorded now, and what was lost; empty where all is well. */
  Optional<String> trouble() {
    Optional<Trouble> of = trouble;
    Optional<Instant> since = writes;
    String waits =
        "%,d of the %s wait, %,d were lost since the server began."
            .formatted(rows.get(), what, lost.get());
    if (of.isPresent()) {
      return Optional.of(
          "The %s are not recorded since %s: %s %s"
              .formatted(what, of.get().since(), of.get().why(), waits));
    }
    if (since.isPresent() && since.get().isBefore(Instant.now().minus(every.multipliedBy(2)))) {
      return Optional.of(
          "The %s are not recorded since %s: the lake does not answer. See to it. %s"
              .formatted(what, since.get().truncatedTo(ChronoUnit.SECONDS), waits));
    }
    return lost.get() > 0
        ? Optional.of(
            "%,d of the %s were not recorded since the server began. The log says why."
                .formatted(lost.get(), what))
        : Optional.empty();
  }

  /** Takes no more, and begins to write what waits. */
  void end() {
    if (!ends) {
      endsBy = System.nanoTime() + Limits.RECORDED_WITHIN.toNanos();
      ends = true;
    }
  }

  /** Takes no more, and writes what waits, for a moment. */
  @Override
  public void close() {
    end();
    try {
      writer.join(Math.max(1, (endsBy - System.nanoTime()) / 1_000_000 + 1_000));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (rows.get() > 0) {
      LOG.warn("{} of the {} were not recorded: the server ended before", rows.get(), what);
      loses(rows.getAndSet(0));
    } else if (lost.get() > 0) {
      LOG.warn("{} of the {} were not recorded", lost.get(), what);
    }
  }
}
