package io.tributary.serving;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Who answers which requests.
 *
 * @param template {@code /views/{view}}; a last variable that ends with {@code …} stands for one
 *     segment and more
 * @param parameters that may follow the path; {@link #ANY} stands for whatever the endpoint knows
 * @param urgent whether it is answered however many requests wait
 * @param needs what it asks of whoever asks it
 */
record Route(
    String method,
    String template,
    Set<String> parameters,
    boolean urgent,
    Permission needs,
    Function<Call, Reply> endpoint) {
  /** Parameters whose names the endpoint checks. */
  static final String ANY = "…";

  private static final String REST = "…}";

  static Route get(String template, Function<Call, Reply> endpoint) {
    return new Route("GET", template, Set.of(), false, Permission.READ, endpoint);
  }

  static Route post(String template, Function<Call, Reply> endpoint) {
    return new Route("POST", template, Set.of(), false, Permission.READ, endpoint);
  }

  Route with(String parameter) {
    return new Route(method, template, Set.of(parameter), urgent, needs, endpoint);
  }

  boolean takes(String parameter) {
    return parameters.contains(parameter) || parameters.contains(ANY);
  }

  Route urgently() {
    return new Route(method, template, parameters, true, needs, endpoint);
  }

  Route needing(Permission other) {
    return new Route(method, template, parameters, urgent, other, endpoint);
  }

  /** What the variables stand for in a path; empty where it is another's. */
  Optional<List<String>> variables(List<String> path) {
    List<String> expected = segments(template);
    boolean rest = template.endsWith(REST);
    if (rest ? path.size() < expected.size() : path.size() != expected.size()) {
      return Optional.empty();
    }
    List<String> found = new ArrayList<>();
    for (int i = 0; i < path.size(); i++) {
      String of = expected.get(Math.min(i, expected.size() - 1));
      if (of.startsWith("{")) {
        found.add(path.get(i));
      } else if (!of.equals(path.get(i))) {
        return Optional.empty();
      }
    }
    return Optional.of(found);
  }

  static List<String> segments(String path) {
    return Arrays.asList((path.isEmpty() ? "/" : path).substring(1).split("/", -1));
  }
}
