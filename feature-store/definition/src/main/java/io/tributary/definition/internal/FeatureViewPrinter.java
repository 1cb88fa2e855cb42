package io.tributary.definition.internal;

import io.tributary.core.Durations;
import io.tributary.definition.Accuracy;
import io.tributary.definition.Aggregate;
import io.tributary.definition.Feature;
import io.tributary.definition.FeatureView;
import io.tributary.definition.SqlText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A feature view in the form of its file, with every default written out. */
final class FeatureViewPrinter {
  private FeatureViewPrinter() {}

  static Map<String, Object> render(FeatureView view) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("view", view.id().toString());
    tree.put("description", view.description());
    tree.put("owner", view.owner());
    if (view.isOnDemand()) {
      Map<String, Object> request = new LinkedHashMap<>();
      view.request().forEach((name, type) -> request.put(name, type.ddl()));
      tree.put("request", request);
    } else {
      tree.put("entity", view.entity());
      view.source().ifPresent(s -> tree.put("source", s));
      view.where().ifPresent(w -> tree.put("where", w.sql()));
    }
    tree.put("features", features(view.features()));
    tree.put("derived", SourcePrinter.derived(view.derived()));
    if (!view.isOnDemand()) {
      view.ttl().ifPresent(t -> tree.put("ttl", Durations.print(t)));
      tree.put("tie-break", view.tieBreak());
      tree.put("on-ambiguity", view.refuseAmbiguity() ? "refuse" : "count");
      tree.put("knowledge-time", view.knowledgeTime() ? "on" : "off");
      tree.put("accuracy", YamlTypes.kebab(view.accuracy()));
      if (view.accuracy() == Accuracy.SNAPSHOT) {
        tree.put("publish-delay", Durations.print(view.publishDelay()));
        view.maxStaleness().ifPresent(s -> tree.put("max-staleness", Durations.print(s)));
      }
      tree.put("online", view.online());
    }
    tree.put("default", new TreeMap<>(view.defaults()));
    tree.put("zone", view.zone().getId());
    tree.put("tags", view.tags());
    tree.put("status", view.status());
    return tree;
  }

  private static Map<String, Object> features(List<Feature> features) {
    Map<String, Object> tree = new LinkedHashMap<>();
    for (Feature feature : features) {
      if (feature instanceof Feature.Lookup lookup) {
        tree.put(lookup.name(), lookup.expression().sql());
      } else if (feature instanceof Feature.Windowed w) {
        String base = w.name().substring(0, w.name().length() - w.window().suffix().length() - 1);
        tree.merge(base, windowText(w), (first, next) -> first + ", " + w.window().text());
      }
    }
    return tree;
  }

  private static String windowText(Feature.Windowed w) {
    List<String> arguments = new ArrayList<>();
    boolean all = w.aggregate().function() == Aggregate.Function.COUNT;
    w.argument()
        .map(SqlText::sql)
        .or(() -> Optional.of("*").filter(s -> all))
        .ifPresent(arguments::add);
    w.aggregate().parameters().forEach(p -> arguments.add(YamlTypes.plain(p)));
    return w.aggregate().text()
        + "("
        + String.join(", ", arguments)
        + ")"
        + w.where().map(s -> " where " + s.sql()).orElse("")
        + w.by().map(s -> " by " + s.sql()).orElse("")
        + " over "
        + w.window().text();
  }
}
