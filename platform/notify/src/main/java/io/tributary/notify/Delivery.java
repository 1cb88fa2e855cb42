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

/**
 * Brings notices to their receivers: each at least once, in order, under an id by which a receiver
 * tells a repetition. All receivers are served at once; one that is away is tried again, at growing
 * intervals, until its time is over, and keeps no other and no night waiting. What could not be
 * delivered is still owed.
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
   * @param why the last of these was not delivered
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
          + why.map(w -> ", " + owed + " not yet: " + w).orElse("");
    }
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
    ExecutorService threads = Executors.newFixedThreadPool(byReceiver.size());
    try {
      List<Future<Result>> serving =
          byReceiver.entrySet().stream()
              .map(e -> threads.submit(() -> serve(outbox, e.getKey(), e.getValue())))
              .toList();
      List<Result> results = new ArrayList<>();
      for (Future<Result> result : serving) {
        results.add(result.get());
      }
      return results;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof PlatformException p ? p : new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    } finally {
      threads.shutdownNow();
    }
  }

  private Result serve(Outbox outbox, Receiver receiver, List<Owed> owed) {
    Channel channel = Channel.to(receiver, attempt);
    long end = System.nanoTime() + within.toNanos();
    int delivered = 0;
    Optional<String> why = Optional.empty();
    for (Owed each : owed) {
      try {
        send(channel, each.notice(), Duration.ofNanos(end - System.nanoTime()));
        outbox.delivered(each);
        delivered++;
      } catch (Undelivered e) {
        why = Optional.of(e.getMessage());
        if (e.mayPass()) {
          // Those behind would fare no better.
          break;
        }
      }
    }
    return new Result(receiver.name(), receiver.place(), delivered, owed.size() - delivered, why);
  }

  private void send(Channel channel, Notice notice, Duration left) {
    if (left.isNegative() || left.isZero()) {
      throw Undelivered.away("its time was over", null);
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
