package io.tributary.serving;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Nearest;
import io.tributary.online.Answer;
import io.tributary.online.KeyCodec;
import io.tributary.online.StoredColumn;
import io.tributary.online.StoredFeature;
import io.tributary.serving.ModelInputs.Lookup;
import io.tributary.serving.ServedViews.Asked;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Features with all that is known of each value: of many entities across views, or of one. */
final class FeatureRows {
  private final ServedViews views;
  private final ServedModels models;
  private final ModelInputs inputs;

  FeatureRows(ServedViews views, ServedModels models, ModelInputs inputs) {
    this.views = views;
    this.models = models;
    this.inputs = inputs;
  }

  /** Features of several views for each of several entities, each an object of its columns. */
  Reply ofEntities(Call call) {
    return views.steady(call, this::entities);
  }

  private Reply entities(Call call) {
    Body body = Body.of(call.body(), Set.of("features", "service", "entities", "at"));
    Optional<String> service = body.text("service");
    List<Asked> asked =
        service.isPresent()
            ? List.of()
            : views.asked(
                body.texts("features", "as in [\"view@1\", \"other@2:feature\"]"), call.caller());
    JsonNode entities = body.get("entities", "as in [{\"carrier\": \"UA\"}]");
    if (!entities.isArray() || entities.isEmpty()) {
      throw Body.wrong("\"entities\" is no list of objects, as in [{\"carrier\": \"UA\"}]");
    }
    Instant at = ServedViews.at(body.text("at"), call.at());
    if (service.isPresent()) {
      return ofService(service.get(), body, entities, at, call);
    }
    ServedViews.requireFew(entities.size(), asked);
    List<List<List<Answer>>> byView = new ArrayList<>();
    for (Asked of : asked) {
      List<List<Object>> keys = new ArrayList<>();
      Set<String> needed = Set.copyOf(of.needed());
      for (JsonNode entity : entities) {
        keys.add(key(of, needed, entity));
      }
      byView.add(views.answers(of, keys, at, call));
    }
    return rows(asked, List.of(), entities.size(), byView);
  }

  /** The features that a model's version takes, by the columns of the rows that it scores. */
  private Reply ofService(String service, Body body, JsonNode entities, Instant at, Call call) {
    if (body.find("features").isPresent()) {
      throw Body.wrong("it has both \"features\" and \"service\". Name one of them");
    }
    ServedVersion version = models.find(service);
    List<Lookup> lookups = inputs.require(version);
    List<Asked> asked = lookups.stream().map(Lookup::asked).toList();
    views.requireOpen(call.caller(), asked);
    List<List<List<Answer>>> read =
        inputs.read(
            lookups,
            entities.size(),
            (row, column) -> {
              if (!entities.get(row).has(column)) {
                throw Body.wrong(
                    "an entity has no \"%s\", which %s asks for"
                        .formatted(column, version.version().reference()));
              }
              return entities.get(row).get(column);
            },
            at,
            call);
    List<String> names =
        lookups.stream().flatMap(of -> of.inputs().stream()).map(version::input).toList();
    return rows(asked, names, entities.size(), read)
        .with(Map.of(Invocations.VERSION, version.version().reference().toString()));
  }

  /**
   * @param names of the model's inputs that the features are; none where they are not for a model
   */
  private static Reply rows(
      List<Asked> asked, List<String> names, int rows, List<List<List<Answer>>> byView) {
    return Reply.json(
        json -> {
          json.writeStartObject();
          json.writeArrayFieldStart("features");
          int place = 0;
          for (Asked of : asked) {
            for (StoredFeature feature : of.features()) {
              json.writeStartObject();
              json.writeStringField("view", of.view().id().toString());
              json.writeStringField("feature", feature.name());
              json.writeStringField("type", feature.type());
              if (!names.isEmpty()) {
                json.writeStringField("input", names.get(place++));
              }
              json.writeEndObject();
            }
          }
          json.writeEndArray();
          json.writeArrayFieldStart("rows");
          for (int row = 0; row < rows; row++) {
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

  private static List<Object> key(Asked asked, Set<String> needed, JsonNode entity) {
    return EntityKeys.of(
        asked,
        needed,
        column -> {
          if (!entity.has(column)) {
            throw Body.wrong(
                "an entity has no \"%s\", which %s asks for".formatted(column, asked.view().id()));
          }
          return entity.get(column);
        });
  }

  /** All features of one entity, by a path that a person writes. */
  Reply ofKey(Call call) {
    return views.steady(call, this::key);
  }

  private Reply key(Call call) {
    List<Asked> asked = views.asked(List.of(call.path().get(0)), call.caller());
    Asked of = asked.get(0);
    if (of.computed().isPresent()) {
      throw Body.wrong(
          "%s has no entity, it is computed from %s. Ask by /views/%s?COLUMN=VALUE"
              .formatted(of.view().id(), of.needed(), of.view().id()));
    }
    List<Object> key = KeyCodec.parse(of.view().keys(), call.path().subList(1, call.path().size()));
    Instant at = ServedViews.at(Optional.ofNullable(call.query().get("at")), call.at());
    return named(of, at, views.answers(of, List.of(key), at, call).get(0));
  }

  /**
   * The features of a view on demand that what a person wrote as parameters of a path suffices for.
   */
  Reply ofRequest(Call call) {
    Asked all = views.asked(List.of(call.path().get(0)), call.caller()).get(0);
    OnDemandView computed =
        all.computed()
            .orElseThrow(
                () ->
                    Body.wrong(
                        "%1$s is no view on demand. Ask by a key, as in /views/%1$s/KEY"
                            .formatted(all.view().id())));
    Set<String> given = call.query().keySet();
    List<String> columns = all.view().keys().stream().map(StoredColumn::name).toList();
    for (String column : given) {
      if (!columns.contains(column)) {
        throw Body.wrong(
            "\"%s\" is nothing that %s is computed from.%s It takes %s"
                .formatted(
                    Body.shown(column), all.view().id(), Nearest.hint(column, columns), columns));
      }
    }
    Asked asked =
        all.only(
            all.features().stream()
                .filter(feature -> given.containsAll(computed.needs(Set.of(feature.name()))))
                .toList());
    if (asked.features().isEmpty()) {
      throw Body.wrong(
          "no feature of %s is computed from %s alone. It takes %s"
              .formatted(all.view().id(), given, columns));
    }
    List<Object> row =
        EntityKeys.of(
            asked,
            given,
            column -> TypedValues.written(call.query().get(column), type(asked, column)));
    return named(asked, call.at(), views.answers(asked, List.of(row), call.at(), call).get(0));
  }

  private static String type(Asked asked, String column) {
    return asked.view().keys().stream()
        .filter(key -> key.name().equals(column))
        .findFirst()
        .orElseThrow()
        .type();
  }

  private static Reply named(Asked of, Instant at, List<Answer> answers) {
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
