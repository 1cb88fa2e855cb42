package io.tributary.console.airflow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a server answered.
 *
 * @param type its media type, empty where none is said
 */
record Answer(String server, Call call, int status, String type, String body) {
  /** What the body says. */
  JsonNode json() {
    return parsed().orElseThrow(this::noAirflow);
  }

  /** That whoever gave it is none. */
  PlatformException noAirflow() {
    return new PlatformException(
        ErrorCode.INVALID_REQUEST,
        "Cannot %s: %s is not an Airflow, or something stands before it: it answered %d with %s. Correct the address: TRIBUTARY_AIRFLOW_URL, or \"airflow\" in tributary.yaml."
            .formatted(call.doing(), server, status, type.isEmpty() ? "no JSON" : type));
  }

  private Optional<JsonNode> parsed() {
    if (!type.contains("json")) {
      return Optional.empty();
    }
    try {
      return Optional.of(Json.mapper().readTree(body)).filter(JsonNode::isObject);
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  <T> T as(Class<T> record) {
    return as(json(), record);
  }

  /** The elements of a list in it. */
  <T> List<T> list(String name, Class<T> record) {
    List<T> elements = new ArrayList<>();
    for (JsonNode element : json().path(name)) {
      elements.add(as(element, record));
    }
    return elements;
  }

  private <T> T as(JsonNode node, Class<T> record) {
    try {
      return Json.mapper().treeToValue(node, record);
    } catch (JsonProcessingException e) {
      throw new PlatformException(
          ErrorCode.SERVER,
          "Cannot %s: the answer of Airflow %s is of no form that is known (%s). See whether its version is one that docs/airflow.md names."
              .formatted(call.doing(), server, e.getOriginalMessage()),
          e);
    }
  }

  /** What went wrong, in one line. */
  String detail() {
    JsonNode detail =
        parsed()
            .map(
                json -> {
                  JsonNode said = json.path("detail");
                  return said.isMissingNode() ? json.path("error") : said;
                })
            .orElse(Json.mapper().missingNode());
    if (detail.isTextual()) {
      return detail.asText();
    }
    if (detail.isArray()) {
      List<String> problems = new ArrayList<>();
      for (JsonNode problem : detail) {
        List<String> place = new ArrayList<>();
        problem.path("loc").forEach(part -> place.add(part.asText()));
        problems.add(String.join(".", place) + ": " + problem.path("msg").asText());
      }
      return String.join("; ", problems);
    }
    return detail.path("reason").asText(detail.isMissingNode() ? type : detail.toString());
  }

  /** The error that it is. */
  PlatformException error() {
    String cannot = "Cannot " + call.doing() + ": ";
    if (status / 100 == 3) {
      return new PlatformException(
          ErrorCode.INVALID_REQUEST,
          cannot
              + "%s redirects with %d, and nothing is sent elsewhere than asked. Name the address that it leads to."
                  .formatted(server, status));
    }
    String said = "Airflow %s answered %d: %s".formatted(server, status, ended(detail()));
    return switch (status) {
      case 403 ->
          new PlatformException(
              ErrorCode.REFUSED, cannot + said + " Ask whoever administers it for the permission.");
      case 404 ->
          new PlatformException(
              ErrorCode.NOT_FOUND, cannot + said + " See tributary airflow status.");
      case 409 ->
          new PlatformException(
              ErrorCode.REFUSED, cannot + said + " See tributary airflow status.");
      default -> {
        if (status / 100 == 4) {
          json();
          yield new PlatformException(
              ErrorCode.INVALID_REQUEST, cannot + said + " Correct the request.");
        }
        yield new PlatformException(
            ErrorCode.SERVER, cannot + said + " See the log of its api-server.");
      }
    };
  }

  private static String ended(String text) {
    return text.endsWith(".") ? text : text + ".";
  }
}
