package io.tributary.serving;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.RequestLog;
import org.eclipse.jetty.server.Response;

/** A line of JSON for each request, without keys and values of anybody; and its measurements. */
final class AccessLog implements RequestLog {
  private static final JsonFactory JSON = new JsonFactory();
  private static final double NANOS_A_MILLISECOND = 1e6;

  private final PrintStream out;
  private final Measurements measurements;

  AccessLog(PrintStream out, Measurements measurements) {
    this.out = out;
    this.measurements = measurements;
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
      json.writeStringField("method", request.getMethod());
      json.writeStringField("route", route);
      json.writeNumberField("status", response.getStatus());
      json.writeNumberField("ms", Math.round(nanos / NANOS_A_MILLISECOND * 1_000) / 1_000.0);
      json.writeNumberField("bytes", Response.getContentBytesWritten(response));
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    out.println(line);
  }
}
