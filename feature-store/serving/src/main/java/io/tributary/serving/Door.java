package io.tributary.serving;

import io.tributary.core.ErrorCode;
import io.tributary.serving.access.Access;
import java.util.Locale;
import java.util.Set;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;

/**
 * Lets requests in: with a token, once one was made for the project; else those of this machine, of
 * which a browser's must not come from a page of somebody else's (DNS rebinding); else all, where
 * the server was told so.
 */
final class Door {
  private static final String BEARER = "bearer ";
  private static final Set<String> OWN = Set.of("localhost", "127.0.0.1", "[::1]");

  private final Access access;
  private final boolean loopback;
  private final String host;

  /**
   * A door of a server.
   *
   * @param loopback whether it is for its own machine alone while no token is asked for
   * @param host where it listens, as a URI has it
   */
  Door(Access access, boolean loopback, String host) {
    this.access = access;
    this.loopback = loopback;
    this.host = host;
  }

  /**
   * Who asks; the log of requests is told, too.
   *
   * @throws Refused where they may not
   */
  Caller admit(Request request, Permission needed) {
    Caller caller;
    try {
      caller = caller(request);
    } catch (Access.NoToken e) {
      e.token().ifPresent(token -> request.setAttribute(Router.CALLER, Caller.of(token)));
      if (needed == Permission.NONE) {
        return Caller.STRANGER;
      }
      throw new Refused(
          Problem.unauthorized(
              "The token is not good: %s.".formatted(e.getMessage()),
              "error=\"invalid_token\", error_description=\"%s\"".formatted(e.getMessage())));
    }
    request.setAttribute(Router.CALLER, caller);
    if (!caller.may(needed)) {
      throw new Refused(refusal(caller, needed));
    }
    return caller;
  }

  private Problem refusal(Caller caller, Permission needed) {
    if (!access.isKnown()) {
      return new Problem(
          503,
          ErrorCode.STORAGE.name(),
          "Cannot answer: it is not known who may ask. GET /ready says why.");
    }
    if (caller.token().isEmpty()) {
      return Problem.unauthorized(
          "A token is asked for. Send it as Authorization: Bearer TOKEN; whoever keeps the project makes one by tributary token create.",
          "");
    }
    String role = needed.name().toLowerCase(Locale.ROOT);
    return Problem.forbidden(
        "Token %s has no role %s. Ask with one that has, or have one made: tributary token create."
            .formatted(caller.token().get().name(), role),
        role);
  }

  private Caller caller(Request request) throws Access.NoToken {
    if (access.isAsked()) {
      if (request.getHeaders().getFields(HttpHeader.AUTHORIZATION).size() > 1) {
        // A proxy may have looked at another one.
        throw new Refused(Problem.ofRequest(400, "A request has one Authorization header."));
      }
      String shown = request.getHeaders().get(HttpHeader.AUTHORIZATION);
      if (shown == null) {
        return Caller.STRANGER;
      }
      return Caller.of(
          access.require(
              shown.regionMatches(true, 0, BEARER, 0, BEARER.length())
                  ? shown.substring(BEARER.length()).strip()
                  : ""));
    }
    if (!access.isKnown()) {
      return Caller.STRANGER;
    }
    if (!loopback) {
      return Caller.ANYBODY;
    }
    requireOwnName(request);
    return Caller.LOCAL;
  }

  private void requireOwnName(Request request) {
    String named = request.getHttpURI().getHost();
    int port = request.getHttpURI().getPort();
    int own = Request.getLocalPort(request);
    int standard = request.isSecure() ? 443 : 80;
    if (named == null
        || !(OWN.contains(named.toLowerCase(Locale.ROOT)) || named.equalsIgnoreCase(host))
        || (port < 0 ? standard : port) != own) {
      throw new Refused(
          Problem.ofRequest(
              421,
              "This server is asked as localhost:%s by programs of its machine, and by no other name. For others make tokens: tributary token create."
                  .formatted(own)));
    }
  }
}
