package io.tributary.definition.internal;

import io.tributary.core.Durations;
import io.tributary.definition.Accuracy;
import io.tributary.definition.ColumnType;
import io.tributary.definition.Feature;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Source;
import io.tributary.definition.SqlText;
import io.tributary.definition.ViewId;
import io.tributary.definition.internal.SqlTokens.Unreadable;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What stands in a file of {@code features/}. */
final class ViewForm {
  private static final Pattern STATUS =
      Pattern.compile("active|retired|deprecated(?:, use ([a-z][a-z0-9_]*@[1-9]\\d*))?");

  static final Key<ViewId> VIEW =
      Key.required("view", Types.VIEW, "The view's name and version, as in carrier_history@1.");
  static final Key<String> DESCRIPTION =
      Key.withDefault("description", Types.TEXT, "\"\"", "What it tells, for people.");
  static final Key<String> OWNER =
      Key.withDefault("owner", Types.TEXT, "\"\"", "Who answers for it.");
  static final Key<List<String>> ENTITY =
      Key.optional(
          "entity",
          Types.distinct(Types.COLUMN_TYPE),
          "then `request` makes it an on-demand view",
          "The source's columns that say whose features these are.");
  static final Key<Map<String, ColumnType>> REQUEST =
      Key.optional(
          "request",
          Types.map(Types.COLUMN_TYPE, ColumnTypes.TYPE),
          "then `entity` and `source` say where its features come from",
          "What a request brings: an on-demand view is computed from it alone.");
  static final Key<String> SOURCE =
      Key.optional("source", Types.NAME_TYPE, "needed with `entity`", "The source of its events.");
  static final Key<SqlText> WHERE =
      Key.optional(
          "where",
          Types.SQL,
          "all events are seen",
          "Only events for which this is true are seen.");
  private static final Type<List<Feature>> FEATURE =
      new Type<>(
          "a feature",
          "mean(arr_delay > 15) over 6h, 1d (a feature for each window), or an expression (a look-up"
              + " in the newest row)",
          List.of(),
          ViewForm::feature);
  static final Key<Map<String, List<Feature>>> FEATURES =
      Key.required("features", Types.map(Types.NAME_TYPE, FEATURE), "Features by name.");
  static final Key<Map<String, SqlText>> DERIVED =
      Key.withDefault(
          "derived",
          Types.map(Types.NAME_TYPE, Types.SQL),
          "{}",
          "Features computed from the features above them.");
  static final Key<Duration> TTL =
      Key.optional("ttl", Types.DURATION, "unbounded", "How old the row of a look-up may be.");
  static final Key<List<String>> TIE_BREAK =
      Key.withDefault(
          "tie-break",
          Types.distinct(Types.COLUMN_TYPE),
          "[]",
          "Columns that order rows of equal event and known time; the greatest wins.");
  static final Key<Boolean> ON_AMBIGUITY =
      Key.withDefault(
          "on-ambiguity",
          Types.choice(ordered("count", false, "refuse", true)),
          "count",
          "What happens where a look-up's row has an equal rival: it is counted, or refused as an"
              + " error.");
  static final Key<Boolean> KNOWLEDGE_TIME =
      Key.withDefault(
          "knowledge-time",
          Types.choice(ordered("on", true, "off", false)),
          "on",
          "Whether a row is seen only once it is known; \"off\" takes all that is loaded as known.");
  static final Key<Accuracy> ACCURACY =
      Key.withDefault(
          "accuracy",
          Types.choice(Accuracy.class),
          "exact",
          "Whether training sets read the value at the as-of itself, or that of the last published"
              + " snapshot.");
  static final Key<Duration> PUBLISH_DELAY =
      Key.withDefault(
          "publish-delay",
          Types.DURATION,
          "0s",
          "How long after its instant a snapshot is served; with `accuracy: snapshot`.");
  static final Key<Duration> MAX_STALENESS =
      Key.optional(
          "max-staleness",
          Types.DURATION,
          "unbounded",
          "An older snapshot reads as absent; with `accuracy: snapshot`.");
  static final Key<Boolean> ONLINE =
      Key.withDefault("online", Types.BOOLEAN, "true", "Whether it is published online.");
  static final Key<Map<String, String>> DEFAULT =
      Key.withDefault(
          "default",
          Types.map(Types.NAME_TYPE, Types.TEXT),
          "{}",
          "Values that replace a null, by feature.");
  static final Key<ZoneId> ZONE =
      Key.optional(
          "zone", Types.ZONE, "the project's zone", "What local times in expressions mean.");
  static final Key<List<String>> TAGS =
      Key.withDefault("tags", Types.distinct(Types.TEXT), "[]", "Words to find it by.");
  static final Key<String> STATUS_KEY =
      Key.withDefault(
          "status",
          Types.scalar(
              "a status",
              "active, retired or \"deprecated, use carrier_history@2\"",
              ViewForm::status),
          "active",
          "Whether it should still be used.");

  static final List<Key<?>> KEYS =
      List.of(
          VIEW,
          DESCRIPTION,
          OWNER,
          ENTITY,
          REQUEST,
          SOURCE,
          WHERE,
          FEATURES,
          DERIVED,
          TTL,
          TIE_BREAK,
          ON_AMBIGUITY,
          KNOWLEDGE_TIME,
          ACCURACY,
          PUBLISH_DELAY,
          MAX_STALENESS,
          ONLINE,
          DEFAULT,
          ZONE,
          TAGS,
          STATUS_KEY);
  private static final List<Key<?>> NOT_ON_DEMAND =
      List.of(
          SOURCE,
          WHERE,
          TTL,
          TIE_BREAK,
          ON_AMBIGUITY,
          KNOWLEDGE_TIME,
          ACCURACY,
          PUBLISH_DELAY,
          MAX_STALENESS,
          ONLINE);

  private ViewForm() {}

  static Optional<FeatureView> bind(Fields f) {
    f.find(ZONE).ifPresent(zone -> f.mapping().origin().in(zone));
    for (Key<?> key : KEYS) {
      f.find(key);
    }
    List<Feature> features = new ArrayList<>();
    f.or(FEATURES, Map.of()).values().forEach(features::addAll);
    boolean onDemand = f.has(REQUEST);
    if (onDemand) {
      checkOnDemand(f);
    } else {
      checkEntity(f, features);
    }
    uniqueNames(f);
    if (f.has(FEATURES) && features.isEmpty() && f.complete()) {
      f.problem(FEATURES, "the view has no feature. Write one.");
    }
    Optional<ViewId> id = f.find(VIEW);
    if (!f.complete() || id.isEmpty()) {
      return Optional.empty();
    }
    FeatureView view =
        new FeatureView(
            id.get(),
            f.or(DESCRIPTION, ""),
            f.or(OWNER, ""),
            onDemand ? List.of() : f.or(ENTITY, List.of()),
            f.or(REQUEST, Map.of()),
            f.find(SOURCE),
            f.find(WHERE),
            features,
            SourceForm.derivations(f.or(DERIVED, Map.of())),
            f.find(TTL),
            f.or(TIE_BREAK, List.of()),
            f.or(ON_AMBIGUITY, false),
            f.or(KNOWLEDGE_TIME, true),
            f.or(ACCURACY, Accuracy.EXACT),
            f.or(PUBLISH_DELAY, Duration.ZERO),
            f.find(MAX_STALENESS),
            !onDemand && f.or(ONLINE, true),
            f.or(DEFAULT, Map.of()),
            f.mapping().origin().zone(),
            f.or(TAGS, List.of()),
            f.or(STATUS_KEY, "active"),
            f.mapping().origin().mark(f.line(VIEW)));
    checkDefaults(f, view);
    f.find(SOURCE).ifPresent(source -> checkSource(f, source, view));
    return f.complete() ? Optional.of(view) : Optional.empty();
  }

  private static void checkOnDemand(Fields f) {
    if (f.has(ENTITY)) {
      f.problem(ENTITY, "\"entity\" and \"request\" exclude each other. Keep one.");
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
    if (f.or(REQUEST, Map.of("", new ColumnType(""))).isEmpty()) {
      f.problem(REQUEST, "\"request\" names no column. Write one.");
    }
    f.or(FEATURES, Map.of())
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

  private static void checkEntity(Fields f, List<Feature> features) {
    if (f.lacks(ENTITY) && f.lacks(REQUEST)) {
      f.problem(
          VIEW,
          "neither \"entity\" nor \"request\" says whose features these are. Write \"entity\" (and"
              + " \"source\"), or \"request\" for an on-demand view.");
    } else if (f.find(ENTITY).filter(List::isEmpty).isPresent()) {
      f.problem(ENTITY, "\"entity\" names no column. Write at least one.");
    }
    if (f.has(ENTITY) && f.lacks(SOURCE)) {
      f.problem(ENTITY, "missing \"source\". Write it: " + SOURCE.doc());
    }
    boolean lookups = features.stream().anyMatch(Feature.Lookup.class::isInstance);
    if (f.has(TTL) && !lookups && !features.isEmpty()) {
      f.problem(
          TTL,
          "no feature of the view is a look-up, so \"ttl\" decides nothing: windows say how far back"
              + " they reach. Leave it out.");
    }
    f.find(TTL)
        .filter(Duration::isZero)
        .ifPresent(
            zero ->
                f.problem(
                    TTL, "\"ttl\" is zero: nothing would ever be found. Write a longer one."));
    if (f.or(ACCURACY, Accuracy.EXACT) == Accuracy.EXACT) {
      for (Key<?> key : List.of(PUBLISH_DELAY, MAX_STALENESS)) {
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

  private static void uniqueNames(Fields f) {
    Map<String, String> seen = new HashMap<>();
    f.or(ENTITY, List.of()).forEach(column -> seen.put(column, "a column of \"entity\""));
    f.or(FEATURES, Map.of())
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
    f.or(DERIVED, Map.of())
        .keySet()
        .forEach(
            name -> {
              String first = seen.putIfAbsent(name, "feature \"" + name + "\" in \"derived\"");
              if (first != null) {
                twice(f, lineOf(f, DERIVED, name), name, first);
              }
            });
  }

  private static void twice(Fields f, int line, String name, String first) {
    f.problemAt(
        line, "the feature name \"" + name + "\" is already taken by " + first + ". Rename one.");
  }

  private static int featureLine(Fields f, String name) {
    return lineOf(f, FEATURES, name);
  }

  private static int lineOf(Fields f, Key<?> key, String name) {
    return f.value(key).map(Value::entries).orElse(List.of()).stream()
        .filter(e -> e.key().equals(name))
        .findFirst()
        .map(Value.Entry::line)
        .orElse(f.line(key));
  }

  private static void checkDefaults(Fields f, FeatureView view) {
    for (Value.Entry entry : f.value(DEFAULT).map(Value::entries).orElse(List.of())) {
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

  private static void checkSource(Fields f, String name, FeatureView view) {
    Value at = f.value(SOURCE).orElseThrow();
    at.origin()
        .links()
        .<Source>refer(
            Kind.SOURCE,
            name,
            at,
            source -> {
              columns(f, ENTITY, view.entity(), source);
              columns(f, TIE_BREAK, view.tieBreak(), source);
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
    if (!new HashSet<>(view.entity()).equals(new HashSet<>(source.eventKey()))) {
      f.problem(
          ENTITY,
          "source \""
              + source.name()
              + "\" is static and has the key "
              + source.eventKey()
              + ", so the entity is "
              + source.eventKey()
              + ". Write that.");
    }
    f.or(FEATURES, Map.of())
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
    if (f.has(TTL)) {
      f.problem(
          TTL, "source \"" + source.name() + "\" is static and never expires. Leave \"ttl\" out.");
    }
  }

  private static Optional<List<Feature>> feature(Value value) {
    String name = value.label().substring(value.label().lastIndexOf('.') + 1);
    return Types.sql(value, FEATURE)
        .flatMap(
            whole -> {
              try {
                Optional<AggregateText> parsed = AggregateText.parse(value, value.rawText());
                return Optional.of(
                    parsed
                        .<List<Feature>>map(aggregate -> windowed(name, aggregate))
                        .orElseGet(() -> List.of(new Feature.Lookup(name, whole))));
              } catch (Unreadable e) {
                e.report(value);
                return Optional.empty();
              }
            });
  }

  private static List<Feature> windowed(String name, AggregateText text) {
    List<Feature> features = new ArrayList<>();
    text.windows()
        .forEach(
            w ->
                features.add(
                    new Feature.Windowed(
                        name + "_" + w.text(),
                        text.aggregate(),
                        text.argument(),
                        text.where(),
                        w)));
    return features;
  }

  private static Optional<String> status(Value value, String text) {
    Matcher m = STATUS.matcher(text.strip());
    if (!m.matches()) {
      value.problem(
          "\"status\" is "
              + value.found()
              + "; it is active, deprecated, retired, or as in \"deprecated, use"
              + " carrier_history@2\".");
      return Optional.empty();
    }
    if (m.group(1) != null) {
      value.origin().links().refer(Kind.VIEW, m.group(1), value, view -> {});
    }
    return Optional.of(text.strip());
  }

  private static Map<String, Boolean> ordered(
      String first, boolean firstMeans, String second, boolean secondMeans) {
    Map<String, Boolean> map = new LinkedHashMap<>();
    map.put(first, firstMeans);
    map.put(second, secondMeans);
    return map;
  }

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
    tree.put("derived", SourceForm.derived(view.derived()));
    if (!view.isOnDemand()) {
      view.ttl().ifPresent(t -> tree.put("ttl", Durations.print(t)));
      tree.put("tie-break", view.tieBreak());
      tree.put("on-ambiguity", view.refuseAmbiguity() ? "refuse" : "count");
      tree.put("knowledge-time", view.knowledgeTime() ? "on" : "off");
      tree.put("accuracy", Types.kebab(view.accuracy()));
      if (view.accuracy() == Accuracy.SNAPSHOT) {
        tree.put("publish-delay", Durations.print(view.publishDelay()));
        view.maxStaleness().ifPresent(s -> tree.put("max-staleness", Durations.print(s)));
      }
      tree.put("online", view.online());
    }
    tree.put("default", new java.util.TreeMap<>(view.defaults()));
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
        String base = w.name().substring(0, w.name().length() - w.window().text().length() - 1);
        tree.merge(base, windowText(w), (first, next) -> first + ", " + w.window().text());
      }
    }
    return tree;
  }

  private static String windowText(Feature.Windowed w) {
    List<String> arguments = new ArrayList<>();
    boolean all = w.aggregate().function() == io.tributary.definition.Aggregate.Function.COUNT;
    w.argument()
        .map(SqlText::sql)
        .or(() -> Optional.of("*").filter(s -> all))
        .ifPresent(arguments::add);
    w.aggregate().parameters().forEach(p -> arguments.add(Types.plain(p)));
    return w.aggregate().function().text()
        + "("
        + String.join(", ", arguments)
        + ")"
        + w.where().map(s -> " where " + s.sql()).orElse("")
        + " over "
        + w.window().text();
  }
}
