package io.tributary.serving;

import com.fasterxml.jackson.core.JsonGenerator;
import io.tributary.core.Durations;
import io.tributary.core.PlatformException;
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
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final ServedViews views;
  private Instant lookedAt = Instant.EPOCH;
  private List<String> reasons = List.of();

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
   * Whether each view that is served has a publication that can be found in the store now, and none
   * is older than the view lets its answers be: 503 with the reasons where not. The store is looked
   * at once a second at most.
   */
  synchronized Reply ready(Call call) {
    if (!call.at().isBefore(lookedAt.plus(LOOK))) {
      reasons = views.views().stream().flatMap(view -> reason(view, call.at()).stream()).toList();
      lookedAt = call.at();
    }
    List<String> why = reasons;
    return Reply.json(
        why.isEmpty() ? 200 : 503,
        "application/json",
        json -> {
          json.writeStartObject();
          json.writeStringField("status", why.isEmpty() ? "ready" : "not ready");
          json.writeArrayFieldStart("reasons");
          for (String reason : why) {
            json.writeString(reason);
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  private Optional<String> reason(FeatureView view, Instant now) {
    Publication published;
    try {
      published = views.inForce(view.id());
      // That is in memory; the store itself has to be there, too.
      views.store().published(view.id());
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
