package io.tributary.serving;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.ErrorCode;
import io.tributary.core.Nearest;
import io.tributary.core.PlatformException;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Project;
import io.tributary.definition.ViewId;
import io.tributary.online.Answer;
import io.tributary.online.KeyCodec;
import io.tributary.online.OnlineStore;
import io.tributary.online.StoredColumn;
import io.tributary.online.StoredFeature;
import io.tributary.online.StoredView;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The views of a project that are served, and what the online store answers of them. */
final class ServedViews {
  private final Project project;
  private final OnlineStore store;

  ServedViews(Project project, OnlineStore store) {
    this.project = project;
    this.store = store;
  }

  OnlineStore store() {
    return store;
  }

  /** Those that the project publishes, in name order. */
  List<FeatureView> views() {
    return project.views().values().stream()
        .filter(view -> view.online() && !view.isOnDemand())
        .sorted(Comparator.comparing(FeatureView::id))
        .toList();
  }

  /**
   * A view as it is published.
   *
   * @param reference {@code carrier_history@1}, or without a version the highest one
   */
  StoredView find(String reference) {
    ViewId id = id(reference);
    FeatureView view = project.views().get(id);
    if (view != null && view.isOnDemand()) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot read features of %s: it is computed on demand from what a request brings %s, and nothing of it is stored. Leave it out."
              .formatted(id, view.request().keySet()));
    }
    if (view == null || !view.online()) {
      throw unknown(reference);
    }
    return store.inForce(id).view();
  }

  private ViewId id(String reference) {
    if (reference.contains("@")) {
      try {
        return ViewId.parse(reference);
      } catch (PlatformException e) {
        throw new PlatformException(ErrorCode.INVALID_REQUEST, e.getMessage(), e);
      }
    }
    return project.views().keySet().stream()
        .filter(id -> id.name().equals(reference))
        .max(Comparator.naturalOrder())
        .orElseThrow(() -> unknown(reference));
  }

  private PlatformException unknown(String reference) {
    List<String> known = views().stream().map(view -> view.id().toString()).toList();
    return new PlatformException(
        ErrorCode.NOT_FOUND,
        "Cannot read features of \"%s\": the project publishes no such view.%s Ask for one of %s."
            .formatted(reference, Nearest.hint(reference, known), known));
  }

  /**
   * Features of one view that are asked for.
   *
   * @param features those of the view, by its columns
   */
  record Asked(StoredView view, List<StoredFeature> features) {}

  /**
   * What references name, by view, in the order in which they are named.
   *
   * @param references {@code view:feature}, or {@code view} for all that it has
   */
  List<Asked> asked(List<String> references) {
    Map<ViewId, StoredView> views = new LinkedHashMap<>();
    Map<ViewId, List<StoredFeature>> features = new LinkedHashMap<>();
    for (String reference : references) {
      int colon = reference.indexOf(':');
      StoredView view = find(colon < 0 ? reference : reference.substring(0, colon));
      views.putIfAbsent(view.id(), view);
      List<StoredFeature> of = features.computeIfAbsent(view.id(), id -> new ArrayList<>());
      List<StoredFeature> named =
          colon < 0 ? view.features() : List.of(feature(view, reference.substring(colon + 1)));
      named.stream().filter(feature -> !of.contains(feature)).forEach(of::add);
    }
    return views.values().stream()
        .map(view -> new Asked(view, List.copyOf(features.get(view.id()))))
        .toList();
  }

  private static StoredFeature feature(StoredView view, String name) {
    List<String> known = view.features().stream().map(StoredFeature::name).toList();
    int at = known.indexOf(name);
    if (at < 0) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot read feature \"%s\" of %s: it has none of that name.%s It has %s."
              .formatted(name, view.id(), Nearest.hint(name, known), known));
    }
    return view.features().get(at);
  }

  /**
   * The store's answers of several keys: of each one a feature that is asked for.
   *
   * @param keys by row, one value a column of the entity, as {@link #value} reads them
   */
  List<List<Answer>> answers(Asked asked, List<List<Object>> keys, Instant at) {
    List<String> all = asked.view().features().stream().map(StoredFeature::name).toList();
    int[] places = asked.features().stream().mapToInt(f -> all.indexOf(f.name())).toArray();
    List<List<Answer>> rows = new ArrayList<>();
    for (List<Answer> row : store.readAll(asked.view().id(), keys, at)) {
      List<Answer> answers = new ArrayList<>();
      for (int i = 0; i < places.length; i++) {
        answers.add(of(row, places[i], asked.features().get(i)));
      }
      rows.add(answers);
    }
    return rows;
  }

  /** A publication may have come meanwhile, with its features elsewhere. */
  private static Answer of(List<Answer> row, int place, StoredFeature feature) {
    if (place < row.size() && row.get(place).feature().equals(feature.name())) {
      return row.get(place);
    }
    return row.stream()
        .filter(answer -> answer.feature().equals(feature.name()))
        .findFirst()
        .orElseThrow(
            () ->
                new PlatformException(
                    ErrorCode.CONFLICT,
                    "Cannot read feature %s: its view was published without it a moment ago. Ask again."
                        .formatted(feature.name())));
  }

  /** A key's value of a request, in its column's type; null for null, which matches nothing. */
  static Object value(JsonNode node, StoredColumn column) {
    if (node == null || node.isNull()) {
      return null;
    }
    boolean whole = node.isIntegralNumber() && node.canConvertToLong();
    return switch (column.type()) {
      case "tinyint", "smallint", "int", "bigint" -> require(whole, node, column).longValue();
      case "boolean" -> require(node.isBoolean(), node, column).booleanValue();
      case "string" -> require(node.isTextual(), node, column).textValue();
      default ->
          column.type().startsWith("decimal") && node.isNumber()
              ? new BigDecimal(node.asText())
              : KeyCodec.parse(
                      List.of(column), List.of(require(node.isTextual(), node, column).textValue()))
                  .get(0);
    };
  }

  private static JsonNode require(boolean fits, JsonNode node, StoredColumn column) {
    if (!fits) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot read key column %s: %s is no %s. Give a value of that type."
              .formatted(column.name(), shown(node), column.type()));
    }
    return node;
  }

  private static String shown(JsonNode node) {
    String text = node.toString();
    return text.length() <= 60 ? text : text.substring(0, 60) + "…";
  }

  /** The instant of a question, of which a request may name another one than now. */
  static Instant at(Optional<String> written, Instant now) {
    try {
      return written.map(text -> java.time.OffsetDateTime.parse(text).toInstant()).orElse(now);
    } catch (java.time.format.DateTimeParseException e) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot read \"at\": \"%s\" is no instant. Write it as in 2013-12-30T05:00:00Z."
              .formatted(written.orElseThrow()),
          e);
    }
  }
}
