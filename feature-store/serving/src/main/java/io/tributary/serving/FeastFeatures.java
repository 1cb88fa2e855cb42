package io.tributary.serving;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;
import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.online.Answer;
import io.tributary.online.StoredColumn;
import io.tributary.serving.ModelInputs.Lookup;
import io.tributary.serving.ServedViews.Asked;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Features as Feast's feature server gives them: entities by column, one result a column, and who
 * asks for several views has them in one answer (protocol of Feast 0.67's {@code POST
 * /get-online-features}). A view is named with or without a version.
 */
final class FeastFeatures {
  /** What Feast says of values without an event. */
  private static final SerializableString NO_EVENT = text(Instant.EPOCH);

  private static final SerializableString PRESENT = new SerializedString("PRESENT");
  private static final SerializableString NULL_VALUE = new SerializedString("NULL_VALUE");
  private static final SerializableString OUTSIDE_MAX_AGE = new SerializedString("OUTSIDE_MAX_AGE");
  private static final SerializableString NOT_FOUND = new SerializedString("NOT_FOUND");

  private static final Set<String> MEMBERS =
      Set.of(
          "features",
          "feature_service",
          "entities",
          "full_feature_names",
          "include_feature_view_version_metadata");

  private final ServedViews views;
  private final ServedModels models;
  private final ModelInputs inputs;

  FeastFeatures(ServedViews views, ServedModels models, ModelInputs inputs) {
    this.views = views;
    this.models = models;
    this.inputs = inputs;
  }

  /** A column that a view asks for: of its entity's, or of what it is computed from. */
  private record Key(Asked asked, StoredColumn column) {}

  /** A column of the answer: a key's, or a feature's. */
  private record Column(String name, List<Cell> cells) {}

  /** Status and event as they are encoded: of a row's cells the event is encoded once. */
  private record Cell(
      Object value, String type, SerializableString status, SerializableString event) {}

  private static SerializableString text(Instant instant) {
    return new SerializedString(instant.toString());
  }

  Reply get(Call call) {
    return views.steady(call, this::answer);
  }

  private Reply answer(Call call) {
    Body body = Body.of(call.body(), MEMBERS);
    if (body.find("feature_service").isPresent()) {
      return ofService(body, call);
    }
    List<Asked> asked =
        views.asked(body.texts("features", "as in [\"view:feature\"]"), call.caller());
    Map<String, JsonNode> entities = entities(body);
    int rows = entities.values().iterator().next().size();
    boolean full = body.isTrue("full_feature_names");
    ServedViews.requireFew(rows, asked);
    Map<String, Key> known = new LinkedHashMap<>();
    asked.forEach(
        of -> of.view().keys().forEach(key -> known.putIfAbsent(key.name(), new Key(of, key))));
    List<Column> columns = new ArrayList<>(keys(known, entities));
    for (Asked of : asked) {
      List<List<Answer>> answers = views.answers(of, keys(of, entities, rows), call.at(), call);
      List<SerializableString> events = events(answers);
      for (int f = 0; f < of.features().size(); f++) {
        String name = of.features().get(f).name();
        columns.add(
            column(full ? of.view().id().name() + "__" + name : name, of, f, answers, events));
      }
    }
    requireDifferent(columns);
    boolean versions = body.isTrue("include_feature_view_version_metadata");
    return Reply.json(json -> write(json, columns, versions ? asked : List.of()));
  }

  /** What a model's version takes, under the names of its inputs. */
  private Reply ofService(Body body, Call call) {
    if (body.find("features").isPresent()) {
      throw Body.wrong("it has both \"features\" and \"feature_service\". Name one of them");
    }
    ServedVersion version = models.find(body.text("feature_service").orElseThrow());
    List<Lookup> lookups = inputs.require(version);
    List<Asked> asked = lookups.stream().map(Lookup::asked).toList();
    views.requireOpen(call.caller(), asked);
    Map<String, JsonNode> entities = entities(body);
    int rows = entities.values().iterator().next().size();
    List<List<List<Answer>>> read =
        inputs.read(
            lookups,
            rows,
            (row, column) -> {
              if (!entities.containsKey(column)) {
                throw Body.wrong(
                    "\"entities\" has no \"%s\", which %s asks for"
                        .formatted(column, version.version().reference()));
              }
              return entities.get(column).get(row);
            },
            call.at(),
            call);
    Map<String, Key> known = new LinkedHashMap<>();
    lookups.forEach(
        of ->
            of.asked()
                .view()
                .keys()
                .forEach(
                    key -> known.putIfAbsent(of.keys().get(key.name()), new Key(of.asked(), key))));
    List<Column> columns = new ArrayList<>(keys(known, entities));
    for (int l = 0; l < lookups.size(); l++) {
      List<SerializableString> events = events(read.get(l));
      for (int f = 0; f < lookups.get(l).inputs().size(); f++) {
        String name = version.input(lookups.get(l).inputs().get(f));
        columns.add(column(name, asked.get(l), f, read.get(l), events));
      }
    }
    boolean versions = body.isTrue("include_feature_view_version_metadata");
    return Reply.json(json -> write(json, columns, versions ? asked : List.of()))
        .with(Map.of(Invocations.VERSION, version.version().reference().toString()));
  }

  private static Map<String, JsonNode> entities(Body body) {
    String what = "as in {\"carrier\": [\"UA\", \"DL\"]}";
    JsonNode node = body.get("entities", what);
    Map<String, JsonNode> entities = new LinkedHashMap<>();
    node.fields().forEachRemaining(entry -> entities.put(entry.getKey(), entry.getValue()));
    Set<Integer> sizes = new HashSet<>();
    entities.values().forEach(values -> sizes.add(values.isArray() ? values.size() : -1));
    if (sizes.size() != 1 || sizes.contains(-1)) {
      throw Body.wrong("\"entities\" holds no lists of equally many values, " + what);
    }
    return entities;
  }

  private static List<List<Object>> keys(Asked asked, Map<String, JsonNode> entities, int rows) {
    List<List<Object>> keys = new ArrayList<>();
    Set<String> needed = Set.copyOf(asked.needed());
    for (int row = 0; row < rows; row++) {
      int at = row;
      keys.add(
          EntityKeys.of(
              asked,
              needed,
              column -> {
                JsonNode values = entities.get(column);
                if (values == null) {
                  throw Body.wrong(
                      "\"entities\" has no \"%s\", which %s asks for"
                          .formatted(column, asked.view().id()));
                }
                return values.get(at);
              }));
    }
    return keys;
  }

  private static List<Column> keys(Map<String, Key> known, Map<String, JsonNode> entities) {
    List<Column> columns = new ArrayList<>();
    entities.forEach(
        (name, values) -> {
          Key key = known.get(name);
          if (key == null) {
            throw Body.wrong(
                "\"entities\" has \"%s\", which no view asks for".formatted(Body.shown(name)));
          }
          List<Cell> cells = new ArrayList<>();
          values.forEach(
              value ->
                  cells.add(
                      new Cell(
                          EntityKeys.value(key.asked(), value, key.column()),
                          key.column().type(),
                          PRESENT,
                          NO_EVENT)));
          columns.add(new Column(name, cells));
        });
    return columns;
  }

  /** The event behind each row: the answers of a row have the same. */
  private static List<SerializableString> events(List<List<Answer>> rows) {
    return rows.stream()
        .map(row -> row.get(0).eventTime().map(FeastFeatures::text).orElse(NO_EVENT))
        .toList();
  }

  private static Column column(
      String name,
      Asked of,
      int feature,
      List<List<Answer>> rows,
      List<SerializableString> events) {
    String type = of.features().get(feature).type();
    List<Cell> cells = new ArrayList<>(rows.size());
    for (int row = 0; row < rows.size(); row++) {
      Answer answer = rows.get(row).get(feature);
      cells.add(new Cell(answer.value().orElse(null), type, status(answer), events.get(row)));
    }
    return new Column(name, cells);
  }

  private static SerializableString status(Answer answer) {
    return switch (answer.status()) {
      case PRESENT -> PRESENT;
      case NULL -> answer.isDefault() ? PRESENT : NULL_VALUE;
      case EXPIRED -> OUTSIDE_MAX_AGE;
      case ABSENT -> NOT_FOUND;
    };
  }

  private static void requireDifferent(List<Column> columns) {
    Set<String> names = new HashSet<>();
    for (Column column : columns) {
      if (!names.add(column.name())) {
        throw Body.wrong(
            "two columns of the answer are named \"%s\". Say \"full_feature_names\": true, or ask for one version of a view at a time"
                .formatted(column.name()));
      }
    }
  }

  private static void write(JsonGenerator json, List<Column> columns, List<Asked> versions)
      throws IOException {
    json.writeStartObject();
    json.writeObjectFieldStart("metadata");
    json.writeArrayFieldStart("feature_names");
    for (Column column : columns) {
      json.writeString(column.name());
    }
    json.writeEndArray();
    if (!versions.isEmpty()) {
      json.writeArrayFieldStart("feature_view_metadata");
      for (Asked of : versions) {
        json.writeStartObject();
        json.writeStringField("name", of.view().id().name());
        json.writeNumberField("version", of.view().id().version());
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    json.writeEndObject();
    json.writeArrayFieldStart("results");
    for (Column column : columns) {
      json.writeStartObject();
      json.writeArrayFieldStart("values");
      for (Cell cell : column.cells()) {
        JsonValues.write(json, cell.value(), cell.type());
      }
      json.writeEndArray();
      json.writeArrayFieldStart("statuses");
      for (Cell cell : column.cells()) {
        json.writeString(cell.status());
      }
      json.writeEndArray();
      json.writeArrayFieldStart("event_timestamps");
      for (Cell cell : column.cells()) {
        json.writeString(cell.event());
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
