package io.tributary.serving;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Makes answers, some at once, the others one after the other; who has waited for long, or comes
 * where too many wait, is sent away. A turn ends with the answer's making: who reads it slowly has
 * none.
 */
final class Turns implements AutoCloseable {
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          Limits.AT_ONCE,
          Limits.AT_ONCE,
          1,
          TimeUnit.MINUTES,
          new ArrayBlockingQueue<>(Limits.WAITING),
          work -> {
            Thread thread = new Thread(work, "answer");
            thread.setDaemon(true);
            return thread;
          });

  /** Has an answer made when it is its turn, and sends it. */
  void take(Supplier<Reply> answer, Consumer<Reply> send) {
    long asked = System.nanoTime();
    try {
      threads.execute(
          () ->
              send.accept(
                  System.nanoTime() - asked > Limits.WAIT.toNanos()
                      ? Problem.TOO_MANY.reply()
                      : answer.get()));
    } catch (RejectedExecutionException e) {
      send.accept(Problem.TOO_MANY.reply());
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
