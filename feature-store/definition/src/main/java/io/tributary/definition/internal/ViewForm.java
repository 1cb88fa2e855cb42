package io.tributary.definition.internal;

import io.tributary.definition.Accuracy;
import io.tributary.definition.ColumnType;
import io.tributary.definition.Feature;
import io.tributary.definition.FeatureView;
import io.tributary.definition.SqlText;
import io.tributary.definition.ViewId;
import io.tributary.definition.internal.SqlTokens.Unreadable;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What stands in a file of {@code features/}. */
final class ViewForm {
  static final Key<ViewId> VIEW =
      Key.required("view", Types.VIEW, "The view's name and version, as in carrier_history@1.");
  static final Key<String> DESCRIPTION =
      Key.withDefault("description", Types.TEXT, "\"\"", "What it tells, for people.");
  static final Key<String> OWNER =
      Key.withDefault("owner", Types.TEXT, "\"\"", "Who answers for it.");
  static final Key<List<String>> ENTITY =
      Key.optional(
          "entity",
          Structures.distinct(Types.COLUMN_TYPE),
          "then `request` makes it an on-demand view",
          "The source's columns that say whose features these are.");
  static final Key<Map<String, ColumnType>> REQUEST =
      Key.optional(
          "request",
          Structures.map(Types.COLUMN_TYPE, ColumnTypes.TYPE),
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
      Key.required("features", Structures.map(Types.NAME_TYPE, FEATURE), "Features by name.");
  static final Key<Map<String, SqlText>> DERIVED =
      Key.withDefault(
          "derived",
          Structures.map(Types.NAME_TYPE, Types.SQL),
          "{}",
          "Features computed from the features above them.");
  static final Key<Duration> TTL =
      Key.optional(
          "ttl",
          Types.DURATION,
          "unbounded",
          "How old the row of a look-up may be. With `accuracy: snapshot` and online it counts again"
              + " when a snapshot is read, in views of look-ups alone.");
  static final Key<List<String>> TIE_BREAK =
      Key.withDefault(
          "tie-break",
          Structures.distinct(Types.COLUMN_TYPE),
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
          "Whether training sets and scores read the value at the as-of itself, or that of the last"
              + " snapshot that is served by then, as the online store answers; such a view must be"
              + " materialized first.");
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
          "A snapshot that is older at the as-of reads as absent; with `accuracy: snapshot`.");
  static final Key<Boolean> ONLINE =
      Key.withDefault("online", Types.BOOLEAN, "true", "Whether it is published online.");
  static final Key<Map<String, String>> DEFAULT =
      Key.withDefault(
          "default",
          Structures.map(Types.NAME_TYPE, Types.TEXT),
          "{}",
          "Values that replace a null, by feature.");
  static final Key<ZoneId> ZONE =
      Key.optional(
          "zone", Types.ZONE, "the project's zone", "What local times in expressions mean.");
  static final Key<List<String>> TAGS =
      Key.withDefault("tags", Structures.distinct(Types.TEXT), "[]", "Words to find it by.");
  static final Key<String> STATUS_KEY =
      Key.withDefault(
          "status",
          Types.choice(List.of("active", "draft"), List.of("deprecated", "retired")),
          "active",
          "Of a draft the meaning may change under its version, and no model trained on it is promoted.");

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
      ViewChecks.checkOnDemand(f);
    } else {
      ViewChecks.checkEntity(f, features);
    }
    ViewChecks.uniqueNames(f);
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
    ViewChecks.checkDefaults(f, view);
    f.find(SOURCE).ifPresent(source -> ViewChecks.checkSource(f, source, view));
    return f.complete() ? Optional.of(view) : Optional.empty();
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
                        name + "_" + w.suffix(),
                        text.aggregate(),
                        text.argument(),
                        text.where(),
                        text.by(),
                        w)));
    return features;
  }

  private static Map<String, Boolean> ordered(
      String first, boolean firstMeans, String second, boolean secondMeans) {
    Map<String, Boolean> map = new LinkedHashMap<>();
    map.put(first, firstMeans);
    map.put(second, secondMeans);
    return map;
  }
}
