package io.tributary.serving;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Map;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * An answer: its status, its type and its bytes.
 *
 * @param headers further ones, by name
 */
record Reply(int status, String type, byte[] bytes, Map<String, String> headers) {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER).build();

  Reply(int status, String type, byte[] bytes) {
    this(status, type, bytes, Map.of());
  }

  /** Writes JSON. */
  interface Writer {
    void write(JsonGenerator json) throws IOException;
  }

  /** A JSON document. */
  static Reply json(Writer writer) {
    return json(200, "application/json", writer);
  }

  /** The same with headers. */
  Reply with(Map<String, String> more) {
    return new Reply(status, type, bytes, more);
  }

  /** Sends it. */
  void send(Response response, Callback callback) {
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    if (status == 503) {
      response.getHeaders().put(HttpHeader.RETRY_AFTER, "1");
    }
    headers.forEach((name, value) -> response.getHeaders().put(name, value));
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, bytes.length);
    response.write(true, ByteBuffer.wrap(bytes), callback);
  }

  static Reply json(int status, String type, Writer writer) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(1 << 10);
    try (JsonGenerator json = JSON.createGenerator(out)) {
      writer.write(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Reply(status, type, out.toByteArray());
  }
}
