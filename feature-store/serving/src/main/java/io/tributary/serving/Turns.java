package io.tributary.serving;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Makes answers, some at once, the others one after the other; who has waited for long, or comes
 * where too many wait, is sent away. A turn ends with the answer's making: who reads it slowly has
 * none. Answers are made by the threads that bring requests, while a turn is free: another one
 * would have to be woken for each.
 */
final class Turns {
  private final Semaphore free = new Semaphore(Limits.AT_ONCE);
  private final BlockingQueue<Turn> waiting = new ArrayBlockingQueue<>(Limits.WAITING);

  private record Turn(Supplier<Reply> answer, Consumer<Reply> send, long asked) {
    Reply reply() {
      return System.nanoTime() - asked > Limits.WAIT.toNanos()
          ? Problem.TOO_MANY.reply()
          : answer.get();
    }
  }

  /** Has an answer made when it is its turn, and sends it. */
  void take(Supplier<Reply> answer, Consumer<Reply> send) {
    if (!waiting.offer(new Turn(answer, send, System.nanoTime()))) {
      send.accept(Problem.TOO_MANY.reply());
      return;
    }
    // Who finds no turn leaves its request to those that have one: they look again behind it.
    while (!waiting.isEmpty() && free.tryAcquire()) {
      Turn next = null;
      Reply reply = null;
      try {
        next = waiting.poll();
        reply = next == null ? null : next.reply();
      } finally {
        free.release();
      }
      if (next != null) {
        next.send().accept(reply);
      }
    }
  }
}
