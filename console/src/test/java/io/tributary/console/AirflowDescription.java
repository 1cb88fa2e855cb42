package io.tributary.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import io.tributary.core.Json;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/** The description that a running Airflow gives of its interface (OpenAPI). */
record AirflowDescription(JsonNode openapi) {
  private JsonNode schema(String name) {
    JsonNode schema = openapi.path("components").path("schemas").path(name);
    assertThat(schema.isObject()).as("schema " + name).isTrue();
    return schema;
  }

  /** What a name or a choice of schemas stands for. */
  private JsonNode resolved(JsonNode schema) {
    String reference = schema.path("$ref").asText();
    return reference.isEmpty()
        ? schema
        : resolved(schema(reference.substring(reference.lastIndexOf('/') + 1)));
  }

  private boolean isNullable(JsonNode schema) {
    return StreamSupport.stream(schema.path("anyOf").spliterator(), false)
        .anyMatch(choice -> choice.path("type").asText().equals("null"));
  }

  private static List<String> texts(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).map(JsonNode::asText).toList();
  }

  /** Holds that a request is one that is described. */
  void requireKnown(FaultyProxy.Request request) {
    JsonNode operation = operation(request);
    List<String> parameters =
        StreamSupport.stream(operation.path("parameters").spliterator(), false)
            .filter(parameter -> parameter.path("in").asText().equals("query"))
            .map(parameter -> parameter.path("name").asText())
            .toList();
    if (request.query() != null) {
      for (String pair : request.query().split("&", -1)) {
        assertThat(parameters).as(request.toString()).contains(pair.split("=", 2)[0]);
      }
    }
    JsonNode described =
        resolved(
            operation.path("requestBody").path("content").path("application/json").path("schema"));
    if (request.body().isEmpty() || described.isMissingNode()) {
      return;
    }
    JsonNode body = Json.read(request.body(), JsonNode.class);
    body.fieldNames()
        .forEachRemaining(
            field -> {
              JsonNode property = described.path("properties").path(field);
              assertThat(property.isMissingNode()).as(request + ": " + field).isFalse();
              JsonNode choices = resolved(property).path("enum");
              if (!choices.isMissingNode()) {
                assertThat(texts(choices)).as(field).contains(body.path(field).asText());
              }
            });
    texts(described.path("required"))
        .forEach(field -> assertThat(body.has(field)).as(request + " lacks " + field).isTrue());
  }

  private JsonNode operation(FaultyProxy.Request request) {
    Optional<JsonNode> found = Optional.empty();
    var paths = openapi.path("paths").fields();
    while (paths.hasNext()) {
      var path = paths.next();
      String pattern =
          Arrays.stream(path.getKey().split("(?<=})|(?=\\{)", -1))
              .map(part -> part.startsWith("{") ? "[^/]+" : Pattern.quote(part))
              .reduce("", String::concat);
      JsonNode operation =
          path.getValue().path(request.method().toLowerCase(java.util.Locale.ROOT));
      // A path that is written out goes before one with a variable in its place.
      if (request.path().matches(pattern)
          && !operation.isMissingNode()
          && (found.isEmpty() || !path.getKey().contains("{"))) {
        found = Optional.of(operation);
      }
    }
    assertThat(found).as("described: " + request).isPresent();
    return found.get();
  }

  /** Holds that each component of a record is there, and always where it must be. */
  void requireGives(String schema, Class<? extends Record> record) {
    JsonNode described = schema(schema);
    for (RecordComponent component : record.getRecordComponents()) {
      String name = new SnakeCaseStrategy().translate(component.getName());
      JsonNode property = described.path("properties").path(name);
      assertThat(property.isMissingNode()).as(schema + "." + name).isFalse();
      if (component.getType() != Optional.class && component.getType() != java.util.Map.class) {
        assertThat(texts(described.path("required"))).as(schema).contains(name);
        assertThat(isNullable(property)).as(schema + "." + name + " may be null").isFalse();
      }
    }
  }

  /** Holds that a schema has properties. */
  void requireHas(String schema, String... properties) {
    for (String property : properties) {
      assertThat(schema(schema).path("properties").has(property))
          .as(schema + "." + property)
          .isTrue();
    }
  }

  /** The values of an enumeration. */
  List<String> values(String schema) {
    return texts(schema(schema).path("enum"));
  }
}
