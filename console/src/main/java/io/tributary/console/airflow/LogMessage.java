package io.tributary.console.airflow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tributary.core.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A message of a task's log: text, or an event with fields.
 *
 * @param json as the server gave it
 */
public record LogMessage(JsonNode json) {
  /** What each message says again of its task, or of the code that wrote it. */
  private static final Set<String> ELSEWHERE =
      Set.of(
          "timestamp",
          "event",
          "level",
          "logger",
          "filename",
          "lineno",
          "ti_id",
          "task_id",
          "dag_id",
          "run_id",
          "map_index",
          "try_number",
          "error_detail");

  /** Marks by which Airflow's pages fold a log. */
  private static final Set<String> FOLDS = Set.of("::group::", "::endgroup::");

  private String event() {
    return json.isTextual() ? json.asText() : json.path("event").asText();
  }

  private boolean isFold() {
    return FOLDS.stream().anyMatch(event()::startsWith);
  }

  private boolean isError() {
    String level = json.path("level").asText();
    return level.equals("error") || level.equals("critical");
  }

  /**
   * As lines of text: what a task wrote as it wrote it, fields of other events as {@code
   * name=value}, an exception with its places. Marks that fold are left out.
   */
  public List<String> lines() {
    if (isFold()) {
      return List.of();
    }
    StringBuilder text = new StringBuilder(event());
    json.fields()
        .forEachRemaining(
            field -> {
              if (!ELSEWHERE.contains(field.getKey()) && !field.getValue().isNull()) {
                text.append(' ')
                    .append(field.getKey())
                    .append('=')
                    .append(
                        field.getValue().isTextual()
                            ? field.getValue().asText()
                            : field.getValue().toString());
              }
            });
    List<String> lines = new ArrayList<>(text.toString().lines().toList());
    for (JsonNode exception : json.path("error_detail")) {
      for (JsonNode frame : exception.path("frames")) {
        lines.add(
            "  at %s:%d %s"
                .formatted(
                    frame.path("filename").asText(),
                    frame.path("lineno").asInt(),
                    frame.path("name").asText()));
      }
      lines.addAll(thrown(exception).lines().toList());
    }
    return lines;
  }

  private static String thrown(JsonNode exception) {
    return exception.path("exc_type").asText() + ": " + exception.path("exc_value").asText();
  }

  /** One as a line of JSON; what is none is text. */
  static LogMessage parse(String line) {
    try {
      return new LogMessage(Json.mapper().readTree(line));
    } catch (JsonProcessingException e) {
      return new LogMessage(TextNode.valueOf(line));
    }
  }

  /** Why a task failed, of its log: the last error, else the last line that it wrote. */
  static final class Reason implements Consumer<LogMessage> {
    private Optional<String> error = Optional.empty();
    private Optional<String> last = Optional.empty();

    @Override
    public void accept(LogMessage message) {
      String said = message.said();
      if (message.isError()) {
        error = Optional.of(said);
      }
      if (!message.isFold() && !said.isBlank()) {
        last = Optional.of(said);
      }
    }

    Optional<String> told() {
      return error.or(() -> last);
    }
  }

  private String said() {
    JsonNode thrown = json.path("error_detail").path(0).path("exc_value");
    return (thrown.isTextual() && !thrown.asText().isBlank() ? thrown.asText() : event())
        .lines()
        .reduce((first, second) -> second)
        .orElse("");
  }
}
