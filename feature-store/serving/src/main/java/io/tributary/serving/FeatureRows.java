package io.tributary.serving;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.online.Answer;
import io.tributary.online.KeyCodec;
import io.tributary.online.StoredColumn;
import io.tributary.online.StoredFeature;
import io.tributary.serving.ServedViews.Asked;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Features with all that is known of each value: of many entities across views, or of one. */
final class FeatureRows {
  private final ServedViews views;

  FeatureRows(ServedViews views) {
    this.views = views;
  }

  /** Features of several views for each of several entities, each an object of its columns. */
  Reply ofEntities(Call call) {
    return views.steady(() -> entities(call));
  }

  private Reply entities(Call call) {
    Body body = Body.of(call.body(), Set.of("features", "entities", "at"));
    List<Asked> asked =
        views.asked(
            body.texts("features", "as in [\"view@1\", \"other@2:feature\"]"), call.caller());
    JsonNode entities = body.get("entities", "as in [{\"carrier\": \"UA\"}]");
    if (!entities.isArray() || entities.isEmpty()) {
      throw Body.wrong("\"entities\" is no list of objects, as in [{\"carrier\": \"UA\"}]");
    }
    ServedViews.requireFew(entities.size(), asked);
    Instant at = ServedViews.at(body.text("at"), call.at());
    List<List<List<Answer>>> byView = new ArrayList<>();
    for (Asked of : asked) {
      List<List<Object>> keys = new ArrayList<>();
      for (JsonNode entity : entities) {
        keys.add(key(of, entity));
      }
      byView.add(views.answers(of, keys, at));
    }
    return Reply.json(
        json -> {
          json.writeStartObject();
          json.writeArrayFieldStart("features");
          for (Asked of : asked) {
            for (StoredFeature feature : of.features()) {
              json.writeStartObject();
              json.writeStringField("view", of.view().id().toString());
              json.writeStringField("feature", feature.name());
              json.writeStringField("type", feature.type());
              json.writeEndObject();
            }
          }
          json.writeEndArray();
          json.writeArrayFieldStart("rows");
          for (int row = 0; row < entities.size(); row++) {
            json.writeStartArray();
            for (int v = 0; v < asked.size(); v++) {
              List<Answer> answers = byView.get(v).get(row);
              for (int f = 0; f < answers.size(); f++) {
                write(json, answers.get(f), asked.get(v).features().get(f).type(), false);
              }
            }
            json.writeEndArray();
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  private static List<Object> key(Asked asked, JsonNode entity) {
    List<Object> key = new ArrayList<>();
    for (StoredColumn column : asked.view().keys()) {
      if (!entity.has(column.name())) {
        throw Body.wrong(
            "an entity has no \"%s\", which %s asks for"
                .formatted(column.name(), asked.view().id()));
      }
      key.add(ServedViews.value(entity.get(column.name()), column));
    }
    return key;
  }

  /** All features of one entity, by a path that a person writes. */
  Reply ofKey(Call call) {
    return views.steady(() -> key(call));
  }

  private Reply key(Call call) {
    List<Asked> asked = views.asked(List.of(call.path().get(0)), call.caller());
    Asked of = asked.get(0);
    List<Object> key = KeyCodec.parse(of.view().keys(), call.path().subList(1, call.path().size()));
    Instant at = ServedViews.at(Optional.ofNullable(call.query().get("at")), call.at());
    List<Answer> answers = views.answers(of, List.of(key), at).get(0);
    return Reply.json(
        json -> {
          json.writeStartObject();
          json.writeStringField("view", of.view().id().toString());
          json.writeStringField("at", at.toString());
          json.writeArrayFieldStart("features");
          for (int f = 0; f < answers.size(); f++) {
            write(json, answers.get(f), of.features().get(f).type(), true);
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  private static void write(JsonGenerator json, Answer answer, String type, boolean named)
      throws IOException {
    json.writeStartObject();
    if (named) {
      json.writeStringField("feature", answer.feature());
      json.writeStringField("type", type);
    }
    json.writeFieldName("value");
    JsonValues.write(json, answer.value().orElse(null), type);
    json.writeStringField("status", answer.status().name().toLowerCase(Locale.ROOT));
    if (answer.isDefault()) {
      json.writeBooleanField("default", true);
    }
    write(json, "eventTime", answer.eventTime());
    write(json, "publishedFor", answer.publishedFor());
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, String name, Optional<Instant> instant)
      throws IOException {
    if (instant.isPresent()) {
      json.writeStringField(name, instant.get().toString());
    }
  }
}
