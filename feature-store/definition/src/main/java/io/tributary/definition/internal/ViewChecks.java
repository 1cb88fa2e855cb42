package io.tributary.definition.internal;

import io.tributary.definition.Accuracy;
import io.tributary.definition.ColumnType;
import io.tributary.definition.Feature;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Problems;
import io.tributary.definition.Source;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/** What must hold between the keys of a feature view, and between it and its source. */
final class ViewChecks {
  private static final List<YamlKey<?>> NOT_ON_DEMAND =
      List.of(
          FeatureViewParser.SOURCE,
          FeatureViewParser.WHERE,
          FeatureViewParser.TTL,
          FeatureViewParser.TIE_BREAK,
          FeatureViewParser.ON_AMBIGUITY,
          FeatureViewParser.KNOWLEDGE_TIME,
          FeatureViewParser.ACCURACY,
          FeatureViewParser.PUBLISH_DELAY,
          FeatureViewParser.MAX_STALENESS,
          FeatureViewParser.ONLINE);

  private ViewChecks() {}

  static void checkOnDemand(YamlFields f) {
    if (f.has(FeatureViewParser.ENTITY)) {
      f.problem(
          FeatureViewParser.ENTITY, "\"entity\" and \"request\" exclude each other. Keep one.");
    }
    for (YamlKey<?> key : NOT_ON_DEMAND) {
      if (f.has(key)) {
        f.problem(
            key,
            "an on-demand view has no \""
                + key.name()
                + "\": it is computed from what the request brings. Leave it out.");
      }
    }
    if (f.or(FeatureViewParser.REQUEST, Map.of("", new ColumnType(""))).isEmpty()) {
      f.problem(FeatureViewParser.REQUEST, "\"request\" names no column. Write one.");
    }
    f.or(FeatureViewParser.FEATURES, Map.of())
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

  static void checkEntity(YamlFields f, List<Feature> features) {
    if (f.lacks(FeatureViewParser.ENTITY) && f.lacks(FeatureViewParser.REQUEST)) {
      f.problem(
          FeatureViewParser.VIEW,
          "neither \"entity\" nor \"request\" says whose features these are. Write \"entity\" (and"
              + " \"source\"), or \"request\" for an on-demand view.");
    } else if (f.find(FeatureViewParser.ENTITY).filter(List::isEmpty).isPresent()) {
      f.problem(FeatureViewParser.ENTITY, "\"entity\" names no column. Write at least one.");
    }
    if (f.has(FeatureViewParser.ENTITY) && f.lacks(FeatureViewParser.SOURCE)) {
      f.problem(
          FeatureViewParser.ENTITY,
          "missing \"source\". Write it: " + FeatureViewParser.SOURCE.doc());
    }
    boolean lookups = features.stream().anyMatch(Feature.Lookup.class::isInstance);
    if (f.has(FeatureViewParser.TTL) && !lookups && !features.isEmpty()) {
      f.problem(
          FeatureViewParser.TTL,
          "no feature of the view is a look-up, so \"ttl\" decides nothing: windows say how far back"
              + " they reach. Leave it out.");
    }
    f.find(FeatureViewParser.TTL)
        .filter(Duration::isZero)
        .ifPresent(
            zero ->
                f.problem(
                    FeatureViewParser.TTL,
                    "\"ttl\" is zero: nothing would ever be found. Write a longer one."));
    if (f.or(FeatureViewParser.ACCURACY, Accuracy.EXACT) == Accuracy.EXACT) {
      for (YamlKey<?> key :
          List.of(FeatureViewParser.PUBLISH_DELAY, FeatureViewParser.MAX_STALENESS)) {
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

  static void uniqueNames(YamlFields f) {
    Map<String, String> seen = new HashMap<>();
    f.or(FeatureViewParser.ENTITY, List.of())
        .forEach(column -> seen.put(column, "a column of \"entity\""));
    f.or(FeatureViewParser.FEATURES, Map.of())
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
    f.or(FeatureViewParser.DERIVED, Map.of())
        .keySet()
        .forEach(
            name -> {
              String first = seen.putIfAbsent(name, "feature \"" + name + "\" in \"derived\"");
              if (first != null) {
                twice(f, lineOf(f, FeatureViewParser.DERIVED, name), name, first);
              }
            });
  }

  private static void twice(YamlFields f, int line, String name, String first) {
    f.problemAt(
        line, "the feature name \"" + name + "\" is already taken by " + first + ". Rename one.");
  }

  private static int featureLine(YamlFields f, String name) {
    return lineOf(f, FeatureViewParser.FEATURES, name);
  }

  private static int lineOf(YamlFields f, YamlKey<?> key, String name) {
    return f.value(key).map(YamlValue::entries).orElse(List.of()).stream()
        .filter(e -> e.key().equals(name))
        .findFirst()
        .map(YamlValue.Entry::line)
        .orElse(f.line(key));
  }

  static void checkDefaults(YamlFields f, FeatureView view) {
    for (YamlValue.Entry entry :
        f.value(FeatureViewParser.DEFAULT).map(YamlValue::entries).orElse(List.of())) {
      if (!view.featureNames().contains(entry.key())) {
        f.problemAt(
            entry.line(),
            Problems.unknown(
                "the view has no feature \"" + entry.key() + "\"",
                entry.key(),
                view.featureNames()));
      }
    }
  }

  static void checkSource(YamlFields f, String name, FeatureView view) {
    YamlValue at = f.value(FeatureViewParser.SOURCE).orElseThrow();
    at.origin()
        .links()
        .<Source>refer(
            DefinitionKind.SOURCE,
            name,
            at,
            source -> {
              columns(f, FeatureViewParser.ENTITY, view.entity(), source);
              columns(f, FeatureViewParser.TIE_BREAK, view.tieBreak(), source);
              if (source.isStatic()) {
                checkStatic(f, view, source);
              }
            });
  }

  private static void columns(YamlFields f, YamlKey<?> key, List<String> names, Source source) {
    List<YamlValue> items = f.value(key).map(YamlValue::items).orElse(List.of());
    for (int i = 0; i < names.size(); i++) {
      Links.column(source, names.get(i), items.get(i));
    }
  }

  private static void checkStatic(YamlFields f, FeatureView view, Source source) {
    if (source.eventKey().isEmpty()) {
      f.problem(
          FeatureViewParser.SOURCE,
          "source \""
              + source.name()
              + "\" is static and is looked up by its key, which it has not. Write its"
              + " \"event-key\".");
    } else if (!new HashSet<>(view.entity()).equals(new HashSet<>(source.eventKey()))) {
      f.problem(
          FeatureViewParser.ENTITY,
          "source \""
              + source.name()
              + "\" is static and has the key "
              + source.eventKey()
              + ", so the entity is "
              + source.eventKey()
              + ". Write that.");
    }
    f.or(FeatureViewParser.FEATURES, Map.of())
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
    if (f.has(FeatureViewParser.TTL)) {
      f.problem(
          FeatureViewParser.TTL,
          "source \"" + source.name() + "\" is static and never expires. Leave \"ttl\" out.");
    }
  }
}
