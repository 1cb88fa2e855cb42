package io.tributary.console.airflow;

import io.tributary.core.Json;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A request.
 *
 * @param doing what it is for, {@code trigger DAG shop.nightly}
 * @param path with its query, from {@code /} on
 * @param body as JSON
 * @param repeatable whether it may be sent twice
 * @param lines where an answer of lines goes, whose body is empty then
 */
record Call(
    String doing,
    String method,
    String path,
    Optional<String> body,
    boolean repeatable,
    Optional<Lines> lines) {
  /** Without the body, which may hold a password. */
  @Override
  public String toString() {
    return method + " " + path;
  }

  static Call get(String doing, String path) {
    return new Call(doing, "GET", path, Optional.empty(), true, Optional.empty());
  }

  /** One whose answer may be large: its lines are given on as they come. */
  static Call lines(String doing, String path, Consumer<String> out) {
    return new Call(doing, "GET", path, Optional.empty(), true, Optional.of(new Lines(out)));
  }

  /** One that is sent again only where it is known that it did not arrive. */
  static Call once(String doing, String method, String path, Object body) {
    return new Call(doing, method, path, Optional.of(Json.write(body)), false, Optional.empty());
  }

  /** One that leads to the same however often it is sent. */
  static Call idempotent(String doing, String method, String path, Object body) {
    return new Call(doing, method, path, Optional.of(Json.write(body)), true, Optional.empty());
  }

  /** A path of segments, each encoded. */
  static String path(String... segments) {
    StringBuilder path = new StringBuilder("/api/v2");
    for (String segment : segments) {
      path.append('/').append(encoded(segment));
    }
    return path.toString();
  }

  /** A query of names and values in turn. */
  static String query(Object... pairs) {
    List<String> query = new ArrayList<>();
    for (int i = 0; i < pairs.length; i += 2) {
      query.add(pairs[i] + "=" + encoded(pairs[i + 1].toString()));
    }
    return "?" + String.join("&", query);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
