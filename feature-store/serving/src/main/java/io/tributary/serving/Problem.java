package io.tributary.serving;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An error as clients read it (RFC 9457): {@code status}, {@code title}, {@code detail} with the
 * words that the command line has, and {@code code}, one of {@link ErrorCode}'s.
 *
 * @param headers what is said beside it: of a token that was missing or not enough what it has to
 *     be (RFC 6750), of what is gone where to ask instead (RFC 8288)
 */
record Problem(int status, String code, String detail, Map<String, String> headers) {
  static final String TYPE = "application/problem+json";

  static final Problem TOO_MANY =
      new Problem(
          503,
          ErrorCode.SERVER.name(),
          "Cannot answer: too many requests at once. Ask again in a second.");

  private static final int FRAMES = 12;
  private static final Logger LOG = LoggerFactory.getLogger(Problem.class);

  Problem(int status, String code, String detail) {
    this(status, code, detail, Map.of());
  }

  /**
   * A request without a token that is good.
   *
   * @param error what is wrong with the one that was shown, as the challenge says it; else empty
   */
  static Problem unauthorized(String detail, String error) {
    return challenging(401, detail, error);
  }

  /** One whose token does not open what it asks for. */
  static Problem forbidden(String detail, String role) {
    return challenging(403, detail, "error=\"insufficient_scope\", scope=\"%s\"".formatted(role));
  }

  private static Problem challenging(int status, String detail, String error) {
    return new Problem(
        status,
        ErrorCode.REFUSED.name(),
        detail,
        Map.of(
            HttpHeader.WWW_AUTHENTICATE.asString(),
            "Bearer realm=\"tributary\"" + (error.isEmpty() ? "" : ", " + error)));
  }

  /**
   * A view that was served once.
   *
   * @param successor the path of the one that took its place
   */
  static Problem gone(String detail, String successor) {
    return new Problem(
        410,
        ErrorCode.NOT_FOUND.name(),
        detail,
        Map.of("Link", "<%s>; rel=\"successor-version\"".formatted(successor)));
  }

  /** A request that HTTP itself, or its form, makes wrong. */
  static Problem ofRequest(int status, String detail) {
    return new Problem(status, ErrorCode.INVALID_REQUEST.name(), detail);
  }

  /** What became of a request; what only its keepers may see is logged instead. */
  static Problem of(Throwable thrown) {
    if (thrown instanceof Refused refused) {
      return refused.problem();
    }
    if (thrown instanceof PlatformException e && e.code() != ErrorCode.BUG) {
      if (status(e.code()) >= 500) {
        LOG.warn("{}", e.getMessage());
      }
      return new Problem(status(e.code()), e.code().name(), e.getMessage());
    }
    // Its message may have values of somebody.
    LOG.error("A request failed by a bug: {} at {}", thrown.getClass(), where(thrown));
    return new Problem(
        500, ErrorCode.BUG.name(), "Cannot answer: the server has a bug. Its log says more.");
  }

  private static String where(Throwable thrown) {
    return Arrays.stream(thrown.getStackTrace())
        .limit(FRAMES)
        .map(StackTraceElement::toString)
        .collect(Collectors.joining(", "));
  }

  private static int status(ErrorCode code) {
    return switch (code) {
      case INVALID_REQUEST, INVALID_VALUE -> 400;
      case NOT_FOUND -> 404;
      // What is published was written by a newer build than this server's.
      case REFUSED, STORAGE, CONFLICT, SERVER, NOT_DELIVERED, MEMORY, KILLED -> 503;
      case INVALID_DEFINITION,
          CONTRACT_BROKEN,
          EXPECTATIONS_FAILED,
          UNREADABLE_FILE,
          CORRUPT,
          BUG ->
          500;
    };
  }

  Reply reply() {
    return Reply.json(
            status,
            TYPE,
            json -> {
              json.writeStartObject();
              json.writeNumberField("status", status);
              json.writeStringField("title", title());
              json.writeStringField("detail", detail);
              json.writeStringField("code", code);
              json.writeEndObject();
            })
        .with(headers);
  }

  private String title() {
    return HttpStatus.getMessage(status);
  }
}
