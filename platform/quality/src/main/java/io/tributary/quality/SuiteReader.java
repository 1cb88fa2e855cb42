package io.tributary.quality;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.core.ErrorCode;
import io.tributary.core.Nearest;
import io.tributary.core.PlatformException;
import io.tributary.quality.expectation.Expectation;
import io.tributary.quality.expectation.ExpectationType;
import io.tributary.quality.expectation.Expectations;
import io.tributary.quality.expectation.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Reads a suite's JSON and gathers all that is wrong with it. */
final class SuiteReader {
  private static final JsonMapper STRICT =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final Set<String> SUITE_KEYS =
      Set.of(
          "name",
          "expectation_suite_name",
          "expectations",
          "meta",
          "id",
          "notes",
          "ge_cloud_id",
          "data_asset_type",
          "evaluation_parameters",
          "suite_parameters");

  private static final Set<String> EXPECTATION_KEYS =
      Set.of(
          "type",
          "expectation_type",
          "kwargs",
          "meta",
          "id",
          "notes",
          "description",
          "severity",
          "rendered_content",
          "ge_cloud_id",
          "expectation_context",
          "success_on_last_run");

  private final String origin;
  private final List<String> problems = new ArrayList<>();

  SuiteReader(String origin) {
    this.origin = origin;
  }

  Suite read(String json) {
    JsonNode root;
    try {
      root = STRICT.readTree(json);
    } catch (JsonProcessingException e) {
      throw refused(
          e.getOriginalMessage()
              + (e.getLocation() == null ? "" : " (line " + e.getLocation().getLineNr() + ")"));
    }
    if (!(root instanceof ObjectNode suite)) {
      throw refused("it is no JSON object");
    }
    keys(suite, SUITE_KEYS, "");
    for (String parameters : List.of("evaluation_parameters", "suite_parameters")) {
      if (suite.path(parameters).size() > 0) {
        problems.add(parameters + " are not supported: write the values where they are used");
      }
    }
    JsonNode name = suite.path(suite.has("name") ? "name" : "expectation_suite_name");
    if (!name.isTextual() || name.textValue().isBlank()) {
      problems.add("it has no \"name\"");
    }
    List<Expectation> expectations = new ArrayList<>();
    if (suite.path("expectations") instanceof ArrayNode list) {
      for (int i = 0; i < list.size(); i++) {
        expectation(list.get(i), i + 1).ifPresent(expectations::add);
      }
    } else {
      problems.add("it has no list \"expectations\"");
    }
    if (!problems.isEmpty()) {
      throw refused(String.join("; ", problems));
    }
    return new Suite(name.textValue(), expectations);
  }

  private Optional<Expectation> expectation(JsonNode node, int position) {
    String where = "expectation " + position;
    if (!(node instanceof ObjectNode object)) {
      problems.add(where + " is no JSON object");
      return Optional.empty();
    }
    keys(object, EXPECTATION_KEYS, where + " has ");
    JsonNode type = object.path(object.has("type") ? "type" : "expectation_type");
    if (!type.isTextual()) {
      problems.add(where + " has no \"type\"");
      return Optional.empty();
    }
    where += " (" + type.textValue() + ")";
    Optional<ExpectationType> known = Expectations.find(type.textValue());
    if (known.isEmpty()) {
      problems.add(
          where
              + " is not known"
              + Nearest.of(type.textValue(), Expectations.names())
                  .map(n -> " (is " + n + " meant?)")
                  .orElse("; known are " + String.join(", ", Expectations.names())));
      return Optional.empty();
    }
    JsonNode given = object.path("kwargs");
    if (!given.isMissingNode() && !given.isObject()) {
      problems.add(where + " has kwargs that are no JSON object");
      return Optional.empty();
    }
    return known
        .get()
        .read(
            position,
            given,
            severity(object.path("severity"), where),
            written(type, given, object.path("severity")),
            where,
            problems);
  }

  private static String written(JsonNode type, JsonNode kwargs, JsonNode severity) {
    ObjectNode written = STRICT.createObjectNode().set("type", type);
    if (kwargs.isObject()) {
      written.set("kwargs", kwargs);
    }
    if (severity.isTextual()) {
      written.set("severity", severity);
    }
    return written.toString();
  }

  private Severity severity(JsonNode node, String where) {
    if (node.isMissingNode() || node.isNull()) {
      return Severity.CRITICAL;
    }
    for (Severity severity : Severity.values()) {
      if (severity.toString().equals(node.asText().toLowerCase(Locale.ROOT))) {
        return severity;
      }
    }
    problems.add(where + " has severity " + node + ": it is critical, warning or info");
    return Severity.CRITICAL;
  }

  private void keys(ObjectNode object, Set<String> known, String prefix) {
    object
        .fields()
        .forEachRemaining(
            field -> {
              if (!known.contains(field.getKey()) && !field.getValue().isNull()) {
                problems.add(
                    prefix
                        + "unknown key \""
                        + field.getKey()
                        + "\"."
                        + Nearest.hint(field.getKey(), known));
              }
            });
  }

  private PlatformException refused(String why) {
    return new PlatformException(
        ErrorCode.INVALID_DEFINITION,
        "Cannot read suite " + origin + ": " + why + ". Correct the suite.");
  }
}
