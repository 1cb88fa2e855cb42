package io.tributary.console.airflow;

import java.util.concurrent.Flow;
import java.util.function.Consumer;

/**
 * Gives on the lines of an answer as they come, each once: where an answer broke off and is asked
 * for again, what was given on of it before is left out.
 */
final class Lines {
  private final Consumer<String> out;
  private volatile long given;

  Lines(Consumer<String> out) {
    this.out = out;
  }

  /** How many there were. */
  long given() {
    return given;
  }

  /** Reads one answer. */
  Flow.Subscriber<String> answer() {
    return new Flow.Subscriber<>() {
      private long read;

      @Override
      public void onSubscribe(Flow.Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
      }

      @Override
      public void onNext(String line) {
        read++;
        if (read > given) {
          given = read;
          out.accept(line);
        }
      }

      @Override
      public void onError(Throwable error) {
        // Whoever waits for the answer is told.
      }

      @Override
      public void onComplete() {
        // As well.
      }
    };
  }
}
