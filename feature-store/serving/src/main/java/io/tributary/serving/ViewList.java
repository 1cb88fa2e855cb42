package io.tributary.serving;

import com.fasterxml.jackson.core.JsonGenerator;
import io.tributary.core.PlatformException;
import io.tributary.definition.ColumnType;
import io.tributary.definition.FeatureView;
import io.tributary.online.Publication;
import io.tributary.online.StoredColumn;
import io.tributary.online.StoredFeature;
import io.tributary.online.StoredView;
import io.tributary.serving.ServedViews.Asked;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is served: each view with what is published of it, or what it is computed from. */
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
            write(json, view, published(view), Optional.empty());
          }
          for (FeatureView view : views.onDemand().views()) {
            write(json, view, Optional.empty(), Optional.empty());
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
    Asked asked = views.find(call.path().get(0));
    FeatureView view = views.definition(asked.view().id());
    return Reply.json(json -> write(json, view, asked.published(), Optional.of(asked.view())));
  }

  /**
   * @param columns its columns, where they are to be told
   */
  private static void write(
      JsonGenerator json,
      FeatureView view,
      Optional<Publication> published,
      Optional<StoredView> columns)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("view", view.id().toString());
    json.writeStringField("description", view.description());
    json.writeArrayFieldStart("entity");
    for (String column : view.entity()) {
      json.writeString(column);
    }
    json.writeEndArray();
    if (view.isOnDemand()) {
      json.writeArrayFieldStart("request");
      for (Map.Entry<String, ColumnType> column : view.request().entrySet()) {
        column(json, new StoredColumn(column.getKey(), column.getValue().ddl()));
      }
      json.writeEndArray();
    }
    if (published.isPresent()) {
      json.writeNumberField("publication", published.get().sequence());
      json.writeStringField("publishedFor", published.get().instant().toString());
      json.writeNumberField("rows", published.get().rows());
    }
    if (columns.isPresent()) {
      if (!view.isOnDemand()) {
        json.writeArrayFieldStart("keys");
        for (StoredColumn key : columns.get().keys()) {
          column(json, key);
        }
        json.writeEndArray();
      }
      json.writeArrayFieldStart("features");
      for (StoredFeature feature : columns.get().features()) {
        column(json, feature.column());
      }
      json.writeEndArray();
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
