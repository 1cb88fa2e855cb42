package io.tributary.serving;

import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.MimeTypes;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Reads bodies before requests wait for their turn, so that a slow client takes neither a thread
 * nor a turn.
 */
final class Bodies extends Handler.Wrapper {
  private static final String READ = Bodies.class.getName();

  Bodies(Handler next) {
    super(next);
  }

  /**
   * What came of a body.
   *
   * @param problem empty where it came whole
   */
  record Read(byte[] bytes, Optional<Problem> problem) {
    static Read whole(byte[] bytes) {
      return new Read(bytes, Optional.empty());
    }

    static Read not(Problem problem) {
      return new Read(new byte[0], Optional.of(problem));
    }
  }

  /** The body of a request that has come this far. */
  static Read of(Request request) {
    return (Read) request.getAttribute(READ);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (!HttpMethod.POST.is(request.getMethod())) {
      return super.handle(request, response, callback);
    }
    if (!isJson(request)) {
      request.setAttribute(
          READ,
          Read.not(
              Problem.ofRequest(
                  415, "The body has to be JSON. Say Content-Type: application/json.")));
      return super.handle(request, response, callback);
    }
    if (request.getLength() > Limits.BODY_BYTES) {
      request.setAttribute(READ, Read.not(tooLarge()));
      return super.handle(request, response, callback);
    }
    var unused =
        Content.Source.asByteArrayAsync(request, Limits.BODY_BYTES)
            .handle(
                (bytes, failure) -> failure == null ? Read.whole(bytes) : Read.not(unread(failure)))
            .thenAcceptAsync(
                read -> {
                  request.setAttribute(READ, read);
                  goOn(request, response, callback);
                },
                request.getComponents().getExecutor())
            .exceptionally(
                thrown -> {
                  // The server ends, and has no thread for it any more.
                  callback.failed(thrown);
                  return null;
                });
    return true;
  }

  private void goOn(Request request, Response response, Callback callback) {
    try {
      if (!super.handle(request, response, callback)) {
        Response.writeError(request, response, callback, 404);
      }
    } catch (Exception e) {
      Response.writeError(request, response, callback, e);
    }
  }

  private static boolean isJson(Request request) {
    String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
    return type != null
        && MimeTypes.getContentTypeWithoutCharset(type).equalsIgnoreCase("application/json");
  }

  private static Problem unread(Throwable failure) {
    Throwable cause = failure instanceof CompletionException e ? e.getCause() : failure;
    return cause instanceof IllegalStateException || cause instanceof IllegalArgumentException
        ? tooLarge()
        : Problem.ofRequest(400, "The body did not come whole.");
  }

  private static Problem tooLarge() {
    return Problem.ofRequest(
        413, "The body is longer than %s bytes. Ask in parts.".formatted(Limits.BODY_BYTES));
  }
}
