package io.tributary.serving;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.RequestLog;
import org.eclipse.jetty.server.Response;

/**
 * A line of JSON for each request, without keys and values of anybody; and its measurements. One
 * thread writes, so that who reads the lines slowly holds up no answer: lines that no longer find
 * room are lost, and counted.
 */
final class AccessLog implements RequestLog, AutoCloseable {
  private static final JsonFactory JSON = new JsonFactory();
  private static final double NANOS_A_MILLISECOND = 1e6;

  private final PrintStream out;
  private final Measurements measurements;
  private final BlockingQueue<String> lines = new ArrayBlockingQueue<>(Limits.LOG_LINES);
  private final Thread writer = new Thread(this::write, "access-log");
  private volatile boolean ends;

  AccessLog(PrintStream out, Measurements measurements) {
    this.out = out;
    this.measurements = measurements;
    writer.setDaemon(true);
    writer.start();
  }

  private void write() {
    try {
      while (true) {
        String line = ends ? lines.poll() : lines.poll(100, TimeUnit.MILLISECONDS);
        if (line != null) {
          out.println(line);
        } else if (ends) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Writes what waits, for a moment. */
  @Override
  public void close() {
    ends = true;
    try {
      writer.join(Limits.LOG_WITHIN.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void log(Request request, Response response) {
    Object taken = request.getAttribute(Router.TAKEN);
    String route = taken == null ? "none" : taken.toString();
    long nanos = System.nanoTime() - request.getBeginNanoTime();
    measurements.answered(route, response.getStatus(), nanos);
    StringWriter line = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(line)) {
      json.writeStartObject();
      json.writeStringField("at", Instant.now().toString());
      json.writeStringField("client", Request.getRemoteAddr(request));
      if (request.getAttribute(Router.CALLER) instanceof Caller caller
          && caller.token().isPresent()) {
        json.writeStringField("principal", caller.token().get().principal().name());
      }
      json.writeStringField("method", request.getMethod());
      json.writeStringField("route", route);
      json.writeNumberField("status", response.getStatus());
      json.writeNumberField("ms", Math.round(nanos / NANOS_A_MILLISECOND * 1_000) / 1_000.0);
      json.writeNumberField("bytes", Response.getContentBytesWritten(response));
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (!lines.offer(line.toString())) {
      measurements.lostLine();
    }
  }
}
