package io.tributary.serving;

import com.fasterxml.jackson.core.JsonGenerator;
import io.tributary.core.PlatformException;
import io.tributary.definition.FeatureView;
import io.tributary.online.Publication;
import io.tributary.online.StoredColumn;
import io.tributary.online.StoredFeature;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** What is served: each view with what is published of it. */
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
            write(json, view, published(view), false);
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  private Optional<Publication> published(FeatureView view) {
    try {
      return Optional.of(views.inForce(view.id()));
    } catch (PlatformException e) {
      // Not published, or not to be read: readiness says why.
      return Optional.empty();
    }
  }

  Reply one(Call call) {
    Publication published = views.find(call.path().get(0));
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
}
