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
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
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

  private static final ObjectMapper JSON = mapper();

  private final List<Route> routes;

  Router(List<Route> routes) {
    this.routes = List.copyOf(routes);
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
                .maxStringLength(Limits.BODY_BYTES)
                .build());
    return mapper;
  }

  /** The route of a request, whatever its method. */
  static Optional<Route> of(List<Route> routes, Request request) {
    List<String> path = path(request);
    return routes.stream().filter(route -> route.variables(path).isPresent()).findFirst();
  }

  private static List<String> path(Request request) {
    return Route.segments(request.getHttpURI().getDecodedPath());
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    if (request.getHttpURI().getPath().contains(";")) {
      // What follows would be cut off, and the answer be another key's.
      return send(
          Problem.ofRequest(400, "A path has no \";\". Ask by POST /features for such a key."),
          response,
          callback);
    }
    List<String> path = path(request);
    List<Route> found = routes.stream().filter(route -> route.variables(path).isPresent()).toList();
    if (found.isEmpty()) {
      return send(
          Problem.ofRequest(
              404, "There is nothing under this path. GET /openapi.json says what there is."),
          response,
          callback);
    }
    request.setAttribute(TAKEN, found.get(0).template());
    String method = HttpMethod.HEAD.is(request.getMethod()) ? "GET" : request.getMethod();
    Optional<Route> route = found.stream().filter(of -> of.method().equals(method)).findFirst();
    if (route.isEmpty()) {
      String allowed = String.join(", ", found.stream().map(Route::method).distinct().toList());
      response.getHeaders().put(HttpHeader.ALLOW, allowed);
      return send(
          Problem.ofRequest(405, "This path is asked by %s.".formatted(allowed)),
          response,
          callback);
    }
    List<String> variables = route.get().variables(path).orElseThrow();
    Map<String, String> query = query(request);
    if (method.equals("GET")) {
      return send(
          answered(route.get(), new Call(variables, query, MissingNode.getInstance(), now())),
          response,
          callback);
    }
    Bodies.Read read = Bodies.of(request);
    return send(
        read.problem()
            .map(Problem::reply)
            .orElseGet(() -> posted(route.get(), variables, query, read.bytes())),
        response,
        callback);
  }

  private static Instant now() {
    return Instant.now();
  }

  private static Map<String, String> query(Request request) {
    Map<String, String> query = new HashMap<>();
    for (Fields.Field field : Request.extractQueryParameters(request)) {
      query.put(field.getName(), field.getValue());
    }
    return query;
  }

  private static Reply posted(
      Route route, List<String> variables, Map<String, String> query, byte[] bytes) {
    JsonNode body;
    try {
      body = JSON.readTree(bytes);
    } catch (JsonProcessingException e) {
      return Problem.ofRequest(400, "The body is no JSON: %s".formatted(where(e))).reply();
    } catch (IOException e) {
      return Problem.of(e).reply();
    }
    return answered(route, new Call(variables, query, body, now()));
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
    } catch (RuntimeException | StackOverflowError e) {
      return Problem.of(e).reply();
    }
  }

  private static boolean send(Problem problem, Response response, Callback callback) {
    return send(problem.reply(), response, callback);
  }

  private static boolean send(Reply reply, Response response, Callback callback) {
    response.setStatus(reply.status());
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, reply.type());
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    if (reply.status() == 503) {
      response.getHeaders().put(HttpHeader.RETRY_AFTER, "1");
    }
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, reply.bytes().length);
    response.write(true, ByteBuffer.wrap(reply.bytes()), callback);
    return true;
  }
}
