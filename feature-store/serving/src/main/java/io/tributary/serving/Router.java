package io.tributary.serving;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;

/** Finds who answers a request, and writes what was answered, or what was wrong. */
final class Router extends Handler.Abstract {
  /** The attribute with the template of the route that a request took. */
  static final String TAKEN = Router.class.getName() + ".taken";

  /** The attribute with who asks, also where they may not. */
  static final String CALLER = Router.class.getName() + ".caller";

  private static final ObjectMapper JSON = mapper();

  private final List<Route> routes;
  private final Turns turns;
  private final Door door;
  private final BooleanSupplier ends;
  private final Bodies bodies = new Bodies();
  private final AtomicLong requests = new AtomicLong();

  /**
   * A router to endpoints.
   *
   * @param ends whether the server is about to end, so that clients should connect elsewhere
   */
  Router(List<Route> routes, Turns turns, Door door, BooleanSupplier ends) {
    this.ends = ends;
    this.routes = List.copyOf(routes);
    this.door = door;
    this.turns = turns;
  }

  private static ObjectMapper mapper() {
    ObjectMapper mapper =
        JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();
    mapper
        .getFactory()
        .setStreamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(Limits.JSON_DEPTH)
                .maxNumberLength(100)
                .maxStringLength(Limits.TEXT)
                .build());
    return mapper;
  }

  /** A text as JSON, as a body is read; empty where it is none. */
  static Optional<JsonNode> read(String text) {
    try {
      return Optional.of(JSON.readTree(text));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  private static List<String> path(Request request) {
    String decoded = request.getHttpURI().getDecodedPath();
    return Route.segments(decoded == null ? "/" : decoded);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    Consumer<Reply> send = reply -> reply.send(response, callback);
    Consumer<Reply> refuse =
        reply -> {
          if (!hasNoBody(request)) {
            // The rest of its body is not read, so no other request can come this way.
            close(response);
          }
          send.accept(reply);
        };
    if (ends.getAsBoolean()) {
      close(response);
    }
    try {
      answer(request, response, send, refuse);
    } catch (RuntimeException e) {
      refuse.accept(Problem.of(e).reply());
    }
    return true;
  }

  private static void close(Response response) {
    response.getHeaders().put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE);
  }

  private static boolean hasNoBody(Request request) {
    return HttpMethod.GET.is(request.getMethod()) || HttpMethod.HEAD.is(request.getMethod());
  }

  /**
   * @param refuse sends an answer to a request whose body was not read to its end
   */
  private void answer(
      Request request, Response response, Consumer<Reply> send, Consumer<Reply> refuse) {
    String raw = request.getHttpURI().getPath();
    if (raw != null && raw.contains(";")) {
      // What follows would be cut off, and the answer be another key's.
      refuse.accept(
          Problem.ofRequest(400, "A path has no \";\". Ask by POST /features for such a key.")
              .reply());
      return;
    }
    List<String> path = path(request);
    List<Route> found = routes.stream().filter(route -> route.variables(path).isPresent()).toList();
    if (found.isEmpty()) {
      refuse.accept(
          Problem.ofRequest(
                  404, "There is nothing under this path. GET /openapi.json says what there is.")
              .reply());
      return;
    }
    request.setAttribute(TAKEN, found.get(0).template());
    String method = HttpMethod.HEAD.is(request.getMethod()) ? "GET" : request.getMethod();
    Optional<Route> taken = found.stream().filter(of -> of.method().equals(method)).findFirst();
    if (taken.isEmpty()) {
      response.getHeaders().put(HttpHeader.ALLOW, allowed(found));
      refuse.accept(
          Problem.ofRequest(405, "This path is asked by %s.".formatted(allowed(found))).reply());
      return;
    }
    Route route = taken.get();
    Caller caller = door.admit(request, route.needs());
    List<String> variables = route.variables(path).orElseThrow();
    Map<String, String> query = query(request, route);
    if (method.equals("POST")) {
      bodies.read(
          request,
          read ->
              turns.take(
                  () ->
                      read.problem()
                          .map(Problem::reply)
                          .orElseGet(
                              () -> posted(route, asked(variables, query, caller), read.bytes())),
                  reply -> {
                    bodies.done(read);
                    (read.problem().isPresent() ? refuse : send).accept(reply);
                  }));
    } else if (route.urgent()) {
      send.accept(answered(route, asked(variables, query, caller)));
    } else {
      turns.take(() -> answered(route, asked(variables, query, caller)), send);
    }
  }

  private static String allowed(List<Route> routes) {
    return String.join(", ", routes.stream().map(Route::method).distinct().toList());
  }

  /** Parameters, each there once, and none that means nothing. */
  private static Map<String, String> query(Request request, Route route) {
    Map<String, String> query = new HashMap<>();
    for (Fields.Field field : Request.extractQueryParameters(request)) {
      if (!route.takes(field.getName()) || field.getValues().size() > 1) {
        throw Body.wrong(
            "the path's parameters are %s, each once, and \"%s\" is not"
                .formatted(route.parameters(), Body.shown(field.getName())));
      }
      query.put(field.getName(), field.getValue());
    }
    return query;
  }

  private Call asked(List<String> variables, Map<String, String> query, Caller caller) {
    return new Call(
        variables,
        query,
        MissingNode.getInstance(),
        requests.incrementAndGet(),
        // As records have it, so that what had expired then had expired.
        Instant.now().truncatedTo(ChronoUnit.MICROS),
        caller,
        new ArrayList<>());
  }

  private static Reply posted(Route route, Call call, byte[] bytes) {
    JsonNode body;
    try {
      body = JSON.readTree(bytes);
    } catch (JsonProcessingException e) {
      return Problem.ofRequest(400, "The body is no JSON: %s".formatted(where(e))).reply();
    } catch (IOException e) {
      return Problem.of(e).reply();
    }
    return answered(route, call.with(body));
  }

  /** Without what stands there: that may be a value of a person's. */
  private static String where(JsonProcessingException e) {
    return e.getLocation() == null
        ? "it is too deep or too long."
        : "line %s, column %s."
            .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
  }

  private static Reply answered(Route route, Call call) {
    try {
      return route.endpoint().apply(call);
    } catch (RuntimeException | StackOverflowError | LinkageError e) {
      return Problem.of(e).reply();
    }
  }
}
