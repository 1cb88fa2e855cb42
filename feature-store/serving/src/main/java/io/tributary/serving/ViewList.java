package io.tributary.serving;

import com.fasterxml.jackson.core.JsonGenerator;
import io.tributary.core.Durations;
import io.tributary.definition.FeatureView;
import io.tributary.online.Publication;
import io.tributary.online.StoredColumn;
import io.tributary.online.StoredFeature;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What is served: each view with what is published of it, and whether the server is ready. */
final class ViewList {
  private final ServedViews views;

  ViewList(ServedViews views) {
    this.views = views;
  }

  Reply all(Call call) {
    List<FeatureView> served = views.views();
    return Reply.json(
        json -> {
          json.writeStartObject();
          json.writeArrayFieldStart("views");
          for (FeatureView view : served) {
            write(json, view, views.store().publication(view.id()), false);
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  Reply one(Call call) {
    Publication published = views.store().inForce(views.find(call.path().get(0)).id());
    FeatureView view =
        views.views().stream()
            .filter(of -> of.id().equals(published.view().id()))
            .findFirst()
            .orElseThrow();
    return Reply.json(json -> write(json, view, Optional.of(published), true));
  }

  private static void write(
      JsonGenerator json, FeatureView view, Optional<Publication> published, boolean columns)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("view", view.id().toString());
    json.writeStringField("description", view.description());
    json.writeArrayFieldStart("entity");
    for (String column : view.entity()) {
      json.writeString(column);
    }
    json.writeEndArray();
    if (published.isPresent()) {
      json.writeNumberField("publication", published.get().sequence());
      json.writeStringField("publishedFor", published.get().instant().toString());
      json.writeNumberField("rows", published.get().rows());
      if (columns) {
        json.writeArrayFieldStart("keys");
        for (StoredColumn key : published.get().view().keys()) {
          column(json, key);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("features");
        for (StoredFeature feature : published.get().view().features()) {
          column(json, feature.column());
        }
        json.writeEndArray();
      }
    }
    json.writeEndObject();
  }

  private static void column(JsonGenerator json, StoredColumn column) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", column.name());
    json.writeStringField("type", column.type());
    json.writeEndObject();
  }

  /** That the process answers, whatever the store does. */
  static Reply health(Call call) {
    return Reply.json(
        json -> {
          json.writeStartObject();
          json.writeStringField("status", "up");
          json.writeEndObject();
        });
  }

  /**
   * Whether each view that is served has a publication, and none is older than the view lets its
   * answers be: 503 with the reasons where not.
   */
  Reply ready(Call call) {
    List<String> reasons =
        views.views().stream().flatMap(view -> reason(view, call.at()).stream()).toList();
    return Reply.json(
        reasons.isEmpty() ? 200 : 503,
        "application/json",
        json -> {
          json.writeStartObject();
          json.writeStringField("status", reasons.isEmpty() ? "ready" : "not ready");
          json.writeArrayFieldStart("reasons");
          for (String reason : reasons) {
            json.writeString(reason);
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  private Optional<String> reason(FeatureView view, Instant now) {
    Publication published;
    try {
      published = views.store().inForce(view.id());
    } catch (RuntimeException e) {
      return Optional.of(Problem.of(e).detail());
    }
    return view.maxStaleness()
        .filter(age -> published.instant().isBefore(now.minus(age)))
        .map(
            age ->
                "%s: its publication is for %s, %s ago; its max-staleness is %s. Run the nights that are missing."
                    .formatted(
                        view.id(),
                        published.instant(),
                        Durations.print(
                            Duration.ofMinutes(
                                Duration.between(published.instant(), now).toMinutes())),
                        Durations.print(age)));
  }
}
