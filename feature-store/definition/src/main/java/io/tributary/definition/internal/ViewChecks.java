package io.tributary.definition.internal;

import io.tributary.definition.Accuracy;
import io.tributary.definition.ColumnType;
import io.tributary.definition.Feature;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Source;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/** What must hold between the keys of a feature view, and between it and its source. */
final class ViewChecks {
  private static final List<Key<?>> NOT_ON_DEMAND =
      List.of(
          ViewForm.SOURCE,
          ViewForm.WHERE,
          ViewForm.TTL,
          ViewForm.TIE_BREAK,
          ViewForm.ON_AMBIGUITY,
          ViewForm.KNOWLEDGE_TIME,
          ViewForm.ACCURACY,
          ViewForm.PUBLISH_DELAY,
          ViewForm.MAX_STALENESS,
          ViewForm.ONLINE);

  private ViewChecks() {}

  static void checkOnDemand(Fields f) {
    if (f.has(ViewForm.ENTITY)) {
      f.problem(ViewForm.ENTITY, "\"entity\" and \"request\" exclude each other. Keep one.");
    }
    for (Key<?> key : NOT_ON_DEMAND) {
      if (f.has(key)) {
        f.problem(
            key,
            "an on-demand view has no \""
                + key.name()
                + "\": it is computed from what the request brings. Leave it out.");
      }
    }
    if (f.or(ViewForm.REQUEST, Map.of("", new ColumnType(""))).isEmpty()) {
      f.problem(ViewForm.REQUEST, "\"request\" names no column. Write one.");
    }
    f.or(ViewForm.FEATURES, Map.of())
        .forEach(
            (name, made) -> {
              if (made.stream().anyMatch(Feature.Windowed.class::isInstance)) {
                f.problemAt(
                    featureLine(f, name),
                    "feature \""
                        + name
                        + "\" has a window, and an on-demand view sees only its request. Put it"
                        + " into a view with \"entity\" and \"source\".");
              }
            });
  }

  static void checkEntity(Fields f, List<Feature> features) {
    if (f.lacks(ViewForm.ENTITY) && f.lacks(ViewForm.REQUEST)) {
      f.problem(
          ViewForm.VIEW,
          "neither \"entity\" nor \"request\" says whose features these are. Write \"entity\" (and"
              + " \"source\"), or \"request\" for an on-demand view.");
    } else if (f.find(ViewForm.ENTITY).filter(List::isEmpty).isPresent()) {
      f.problem(ViewForm.ENTITY, "\"entity\" names no column. Write at least one.");
    }
    if (f.has(ViewForm.ENTITY) && f.lacks(ViewForm.SOURCE)) {
      f.problem(ViewForm.ENTITY, "missing \"source\". Write it: " + ViewForm.SOURCE.doc());
    }
    boolean lookups = features.stream().anyMatch(Feature.Lookup.class::isInstance);
    if (f.has(ViewForm.TTL) && !lookups && !features.isEmpty()) {
      f.problem(
          ViewForm.TTL,
          "no feature of the view is a look-up, so \"ttl\" decides nothing: windows say how far back"
              + " they reach. Leave it out.");
    }
    f.find(ViewForm.TTL)
        .filter(Duration::isZero)
        .ifPresent(
            zero ->
                f.problem(
                    ViewForm.TTL,
                    "\"ttl\" is zero: nothing would ever be found. Write a longer one."));
    if (f.or(ViewForm.ACCURACY, Accuracy.EXACT) == Accuracy.EXACT) {
      for (Key<?> key : List.of(ViewForm.PUBLISH_DELAY, ViewForm.MAX_STALENESS)) {
        if (f.has(key)) {
          f.problem(
              key,
              "\""
                  + key.name()
                  + "\" is of snapshots, and the view is exact. Write \"accuracy: snapshot\" or leave"
                  + " it out.");
        }
      }
    }
  }

  static void uniqueNames(Fields f) {
    Map<String, String> seen = new HashMap<>();
    f.or(ViewForm.ENTITY, List.of()).forEach(column -> seen.put(column, "a column of \"entity\""));
    f.or(ViewForm.FEATURES, Map.of())
        .forEach(
            (name, made) -> {
              for (Feature feature : made) {
                String first =
                    seen.putIfAbsent(feature.name(), "feature \"" + name + "\" in \"features\"");
                if (first != null) {
                  twice(f, featureLine(f, name), feature.name(), first);
                }
              }
            });
    f.or(ViewForm.DERIVED, Map.of())
        .keySet()
        .forEach(
            name -> {
              String first = seen.putIfAbsent(name, "feature \"" + name + "\" in \"derived\"");
              if (first != null) {
                twice(f, lineOf(f, ViewForm.DERIVED, name), name, first);
              }
            });
  }

  private static void twice(Fields f, int line, String name, String first) {
    f.problemAt(
        line, "the feature name \"" + name + "\" is already taken by " + first + ". Rename one.");
  }

  private static int featureLine(Fields f, String name) {
    return lineOf(f, ViewForm.FEATURES, name);
  }

  private static int lineOf(Fields f, Key<?> key, String name) {
    return f.value(key).map(Value::entries).orElse(List.of()).stream()
        .filter(e -> e.key().equals(name))
        .findFirst()
        .map(Value.Entry::line)
        .orElse(f.line(key));
  }

  static void checkDefaults(Fields f, FeatureView view) {
    for (Value.Entry entry : f.value(ViewForm.DEFAULT).map(Value::entries).orElse(List.of())) {
      if (!view.featureNames().contains(entry.key())) {
        f.problemAt(
            entry.line(),
            Links.unknown(
                "the view has no feature \"" + entry.key() + "\"",
                entry.key(),
                view.featureNames()));
      }
    }
  }

  static void checkSource(Fields f, String name, FeatureView view) {
    Value at = f.value(ViewForm.SOURCE).orElseThrow();
    at.origin()
        .links()
        .<Source>refer(
            Kind.SOURCE,
            name,
            at,
            source -> {
              columns(f, ViewForm.ENTITY, view.entity(), source);
              columns(f, ViewForm.TIE_BREAK, view.tieBreak(), source);
              if (source.isStatic()) {
                checkStatic(f, view, source);
              }
            });
  }

  private static void columns(Fields f, Key<?> key, List<String> names, Source source) {
    List<Value> items = f.value(key).map(Value::items).orElse(List.of());
    for (int i = 0; i < names.size(); i++) {
      Links.column(source, names.get(i), items.get(i));
    }
  }

  private static void checkStatic(Fields f, FeatureView view, Source source) {
    if (source.eventKey().isEmpty()) {
      f.problem(
          ViewForm.SOURCE,
          "source \""
              + source.name()
              + "\" is static and is looked up by its key, which it has not. Write its"
              + " \"event-key\".");
    } else if (!new HashSet<>(view.entity()).equals(new HashSet<>(source.eventKey()))) {
      f.problem(
          ViewForm.ENTITY,
          "source \""
              + source.name()
              + "\" is static and has the key "
              + source.eventKey()
              + ", so the entity is "
              + source.eventKey()
              + ". Write that.");
    }
    f.or(ViewForm.FEATURES, Map.of())
        .forEach(
            (name, made) -> {
              if (made.stream().anyMatch(Feature.Windowed.class::isInstance)) {
                f.problemAt(
                    featureLine(f, name),
                    "feature \""
                        + name
                        + "\" has a window, and source \""
                        + source.name()
                        + "\" is static: it has no times. Write an expression of its columns.");
              }
            });
    if (f.has(ViewForm.TTL)) {
      f.problem(
          ViewForm.TTL,
          "source \"" + source.name() + "\" is static and never expires. Leave \"ttl\" out.");
    }
  }
}
