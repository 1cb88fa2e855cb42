package io.tributary.serving;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Reads bodies before requests wait for their turn, so that a slow client takes neither a thread
 * nor a turn; of each it holds the bytes alone, and of all together a bounded number.
 */
final class Bodies {
  private final AtomicLong held = new AtomicLong();

  /**
   * What came of a body.
   *
   * @param problem empty where it came whole
   */
  record Read(byte[] bytes, Optional<Problem> problem) {
    private static Read not(Problem problem) {
      return new Read(new byte[0], Optional.of(problem));
    }
  }

  /** Reads a body and then goes on, once; {@link #done} is to follow. */
  void read(Request request, Consumer<Read> next) {
    if (!isJson(request)) {
      next.accept(
          Read.not(
              Problem.ofRequest(
                  415, "The body has to be JSON. Say Content-Type: application/json.")));
    } else if (request.getLength() > Limits.BODY_BYTES) {
      next.accept(Read.not(tooLarge()));
    } else {
      new Reading(request, next).run();
    }
  }

  /** The body of a request is held no more. */
  void done(Read read) {
    held.addAndGet(-read.bytes().length);
  }

  /** One body on its way. */
  private final class Reading implements Runnable {
    private final Request request;
    private final Consumer<Read> next;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean ended;
    private Scheduler.Task late;

    Reading(Request request, Consumer<Read> next) {
      this.request = request;
      this.next = next;
    }

    /** What has not come yet may be late. */
    private synchronized void waitForMore() {
      if (late == null && !ended) {
        late = inTime();
      }
    }

    private Scheduler.Task inTime() {
      return request
          .getComponents()
          .getScheduler()
          .schedule(
              () ->
                  end(
                      Optional.of(
                          Problem.ofRequest(
                              408,
                              "The body did not come within %s seconds."
                                  .formatted(Limits.BODY_WITHIN.toSeconds())))),
              Limits.BODY_WITHIN.toMillis(),
              TimeUnit.MILLISECONDS);
    }

    @Override
    public void run() {
      while (true) {
        Content.Chunk chunk = request.read();
        if (chunk == null) {
          waitForMore();
          request.demand(this);
          return;
        }
        if (Content.Chunk.isFailure(chunk)) {
          end(Optional.of(Problem.ofRequest(400, "The body did not come whole.")));
          return;
        }
        boolean last = chunk.isLast();
        Optional<Problem> problem = add(chunk.getByteBuffer());
        chunk.release();
        if (last || problem.isPresent()) {
          end(problem);
          return;
        }
      }
    }

    private synchronized Optional<Problem> add(ByteBuffer more) {
      if (ended) {
        return Optional.empty();
      }
      int length = more.remaining();
      if (bytes.size() + length > Limits.BODY_BYTES) {
        return Optional.of(tooLarge());
      }
      byte[] copied = new byte[length];
      more.get(copied);
      bytes.writeBytes(copied);
      return held.addAndGet(length) > Limits.BODIES_BYTES
          ? Optional.of(Problem.TOO_MANY)
          : Optional.empty();
    }

    private void end(Optional<Problem> problem) {
      ended(problem).ifPresent(next);
    }

    /** What came of it; empty where that was told before. */
    private synchronized Optional<Read> ended(Optional<Problem> problem) {
      if (ended) {
        return Optional.empty();
      }
      ended = true;
      if (late != null) {
        late.cancel();
      }
      if (problem.isPresent()) {
        held.addAndGet(-bytes.size());
        return Optional.of(Read.not(problem.get()));
      }
      return Optional.of(new Read(bytes.toByteArray(), Optional.empty()));
    }
  }

  private static boolean isJson(Request request) {
    String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
    return type != null && type.split(";", 2)[0].strip().equalsIgnoreCase("application/json");
  }

  private static Problem tooLarge() {
    return Problem.ofRequest(
        413, "The body is longer than %s bytes. Ask in parts.".formatted(Limits.BODY_BYTES));
  }
}
