package io.tributary.notify;

import dev.failsafe.Failsafe;
import dev.failsafe.RetryPolicy;
import io.tributary.core.PlatformException;
import io.tributary.definition.Project;
import io.tributary.definition.Receiver;
import io.tributary.notify.Outbox.Owed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Brings notices to their receivers: each at least once, in order, under an id by which a receiver
 * tells a repetition. All receivers are served at once; one that is away is tried again, at growing
 * intervals, until its time is over, and keeps no other and no night waiting. What could not be
 * delivered is still owed. In a lake on a local disk one process at a time serves a receiver.
 *
 * @param attempt how long one attempt may take
 * @param within how long attempts at one receiver may go on
 * @param first how long it waits before the second attempt; each wait is twice the one before, half
 *     of it by chance
 */
public record Delivery(Duration attempt, Duration within, Duration first) {
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

  /** After a night's work, which must not wait for long. */
  public static Delivery ofNight() {
    return new Delivery(Duration.ofSeconds(10), Duration.ofSeconds(20), Duration.ofSeconds(1));
  }

  /** After a command of a person, who waits for it to end. */
  public static Delivery ofCommand() {
    return new Delivery(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofMillis(500));
  }

  /** Where delivering is all the work. */
  public static Delivery patient() {
    return new Delivery(Duration.ofSeconds(15), Duration.ofMinutes(2), Duration.ofSeconds(1));
  }

  /**
   * What became of what one receiver was owed.
   *
   * @param receiver its name
   * @param delivered how many notices it has got
   * @param owed how many it has not
   * @param why the last of these was not delivered, or not to all of its addresses
   */
  public record Result(
      String receiver, String place, int delivered, int owed, Optional<String> why) {
    /** As a line for people. */
    @Override
    public String toString() {
      return receiver
          + " ("
          + place
          + "): "
          + delivered
          + (delivered == 1 ? " notice" : " notices")
          + " delivered"
          + (owed > 0 ? ", " + owed + " not yet" : "")
          + why.map(w -> ": " + w).orElse("");
    }
  }

  /**
   * Delivers what receivers are owed, at the end of work that judged nothing and may have changed
   * the registry: nothing is read or delivered where nobody is told of that.
   *
   * @return what became of it in lines for people, those with {@code WARN} about what is left
   */
  public List<String> afterChange(Outbox outbox, Project project) {
    return project.receivers().stream().allMatch(receiver -> receiver.changes().isEmpty())
        ? List.of()
        : after(
            "notices are not delivered yet",
            () -> {
              outbox.noteChanges(project);
              return List.of();
            },
            outbox,
            project);
  }

  /**
   * Notes and then delivers what receivers are owed, at the end of work, which does not fail by it.
   * What can't be noted keeps nothing back that is.
   *
   * @param undone what to say where one of both fails
   * @param noting gives lines for people
   * @return these, and what became of deliveries, those with {@code WARN} about what is left
   */
  public List<String> after(
      String undone, Supplier<List<String>> noting, Outbox outbox, Project project) {
    List<String> lines = new ArrayList<>();
    for (Supplier<List<String>> step :
        List.<Supplier<List<String>>>of(noting, () -> lines(deliver(outbox, project)))) {
      try {
        lines.addAll(step.get());
      } catch (RuntimeException e) {
        // Work that is done must not fail by it, whatever it is.
        lines.add("WARN " + undone + ", and the next run goes on: " + e.getMessage());
      }
    }
    return lines;
  }

  /** What became of deliveries, in lines for people. */
  private static List<String> lines(List<Result> results) {
    List<String> lines = new ArrayList<>();
    for (Result result : results) {
      lines.add((result.why().isPresent() ? "WARN notify " : "Notified ") + result);
    }
    if (results.stream().anyMatch(result -> result.owed() > 0)) {
      lines.add("Nothing is lost: the next run tries again, and so does tributary notify.");
    }
    return lines;
  }

  /**
   * Delivers what receivers are owed.
   *
   * @return a result for each that was owed something
   */
  public List<Result> deliver(Outbox outbox, Project project) {
    Map<Receiver, List<Owed>> byReceiver = new LinkedHashMap<>();
    outbox
        .owed(project)
        .forEach(
            owed -> byReceiver.computeIfAbsent(owed.receiver(), r -> new ArrayList<>()).add(owed));
    if (byReceiver.isEmpty()) {
      return List.of();
    }
    // Daemons: an attempt that can't be interrupted must not keep the process from ending.
    ExecutorService threads =
        Executors.newFixedThreadPool(
            byReceiver.size(),
            work -> {
              Thread thread = new Thread(work, "delivery");
              thread.setDaemon(true);
              return thread;
            });
    long end = System.nanoTime() + within.plus(attempt).toNanos();
    try {
      Map<Serving, Future<?>> servings = new LinkedHashMap<>();
      byReceiver.forEach(
          (receiver, owed) -> {
            Serving serving = new Serving(outbox, receiver, owed);
            servings.put(serving, threads.submit(serving));
          });
      List<Result> results = new ArrayList<>();
      for (Map.Entry<Serving, Future<?>> serving : servings.entrySet()) {
        try {
          serving.getValue().get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
          serving.getKey().why = Optional.of("it was still at it when the time was over");
        }
        results.add(serving.getKey().result());
      }
      return results;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException r ? r : new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    } finally {
      threads.shutdownNow();
    }
  }

  /** One receiver and what it is owed. */
  private final class Serving implements Runnable {
    private final Outbox outbox;
    private final Receiver receiver;
    private final List<Owed> owed;
    private volatile int delivered;
    private volatile Optional<String> why = Optional.empty();

    Serving(Outbox outbox, Receiver receiver, List<Owed> owed) {
      this.outbox = outbox;
      this.receiver = receiver;
      this.owed = owed;
    }

    Result result() {
      int done = delivered;
      return new Result(receiver.name(), receiver.place(), done, owed.size() - done, why);
    }

    @Override
    public void run() {
      Optional<Outbox.Turn> turn = outbox.turn(receiver);
      if (turn.isEmpty()) {
        why = Optional.of("another process is delivering them");
        return;
      }
      try (Outbox.Turn mine = turn.get()) {
        serve(mine);
      }
    }

    private void serve(Outbox.Turn turn) {
      Channel channel = Channel.to(receiver, attempt);
      long end = System.nanoTime() + within.toNanos();
      for (Owed each : owed) {
        try {
          if (turn.isOwed(each)) {
            send(channel, each.notice(), Duration.ofNanos(end - System.nanoTime()));
          }
        } catch (Undelivered e) {
          why = Optional.of(e.getMessage());
          if (!e.partly()) {
            if (e.ofAll()) {
              return;
            }
            continue;
          }
        }
        try {
          outbox.delivered(each);
        } catch (PlatformException e) {
          why = Optional.of("it has one that will be sent again: " + e.getMessage());
          return;
        }
        delivered++;
      }
    }
  }

  private void send(Channel channel, Dispatch notice, Duration left) {
    if (left.isNegative() || left.isZero()) {
      throw Undelivered.away("its time was over", null);
    }
    if (left.compareTo(first) <= 0) {
      // No time for a second attempt, which a policy must have.
      channel.send(notice);
      return;
    }
    RetryPolicy<Object> again =
        RetryPolicy.builder()
            .handleIf(thrown -> thrown instanceof Undelivered u && u.mayPass())
            .withBackoff(first, LONGEST_WAIT)
            .withJitter(0.5)
            .withMaxRetries(-1)
            .withMaxDuration(left)
            .build();
    Failsafe.with(again).run(() -> channel.send(notice));
  }
}
