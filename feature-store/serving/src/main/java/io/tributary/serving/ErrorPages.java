package io.tributary.serving;

import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** Errors that the HTTP server itself finds, in the form of all others. */
final class ErrorPages extends ErrorHandler {
  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    Integer status = (Integer) request.getAttribute(ERROR_STATUS);
    problem(status == null ? response.getStatus() : status).reply().send(response, callback);
    return true;
  }

  @Override
  public ByteBuffer badMessageError(int status, String reason, HttpFields.Mutable fields) {
    fields.put(HttpHeader.CONTENT_TYPE, Problem.TYPE);
    return ByteBuffer.wrap(problem(status).reply().bytes());
  }

  private static Problem problem(int status) {
    return switch (status) {
      case 431 ->
          Problem.ofRequest(
              431, "The headers are longer than %s bytes.".formatted(Limits.HEADER_BYTES));
      case 503 ->
          new Problem(503, "SERVER", "Cannot answer: the server is about to end. Ask another one.");
      case 500 ->
          new Problem(500, "BUG", "Cannot answer: the server has a bug. Its log says more.");
      default ->
          Problem.ofRequest(
              status,
              "The request is no HTTP that this server reads. Ask by POST /features for a key that a path can't have.");
    };
  }
}
