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
final class FeatureViewParser {
  static final YamlKey<ViewId> VIEW =
      YamlKey.required(
          "view", YamlTypes.VIEW, "The view's name and version, as in carrier_history@1.");
  static final YamlKey<String> DESCRIPTION =
      YamlKey.withDefault("description", YamlTypes.TEXT, "\"\"", "What it tells, for people.");
  static final YamlKey<String> OWNER =
      YamlKey.withDefault("owner", YamlTypes.TEXT, "\"\"", "Who answers for it.");
  static final YamlKey<List<String>> ENTITY =
      YamlKey.optional(
          "entity",
          Structures.distinct(YamlTypes.COLUMN_TYPE),
          "then `request` makes it an on-demand view",
          "The source's columns that say whose features these are.");
  static final YamlKey<Map<String, ColumnType>> REQUEST =
      YamlKey.optional(
          "request",
          Structures.map(YamlTypes.COLUMN_TYPE, ColumnTypes.TYPE),
          "then `entity` and `source` say where its features come from",
          "What a request brings: an on-demand view is computed from it alone.");
  static final YamlKey<String> SOURCE =
      YamlKey.optional(
          "source", YamlTypes.NAME_TYPE, "needed with `entity`", "The source of its events.");
  static final YamlKey<SqlText> WHERE =
      YamlKey.optional(
          "where",
          YamlTypes.SQL,
          "all events are seen",
          "Only events for which this is true are seen.");
  private static final YamlType<List<Feature>> FEATURE =
      new YamlType<>(
          "a feature",
          "mean(arr_delay > 15) over 6h, 1d (a feature for each window), or an expression (a look-up"
              + " in the newest row)",
          List.of(),
          FeatureViewParser::feature);
  static final YamlKey<Map<String, List<Feature>>> FEATURES =
      YamlKey.required(
          "features", Structures.map(YamlTypes.NAME_TYPE, FEATURE), "Features by name.");
  static final YamlKey<Map<String, SqlText>> DERIVED =
      YamlKey.withDefault(
          "derived",
          Structures.map(YamlTypes.NAME_TYPE, YamlTypes.SQL),
          "{}",
          "Features computed from the features above them.");
  static final YamlKey<Duration> TTL =
      YamlKey.optional(
          "ttl",
          YamlTypes.DURATION,
          "unbounded",
          "How old the row of a look-up may be. With `accuracy: snapshot` and online it counts again"
              + " when a snapshot is read, in views of look-ups alone.");
  static final YamlKey<List<String>> TIE_BREAK =
      YamlKey.withDefault(
          "tie-break",
          Structures.distinct(YamlTypes.COLUMN_TYPE),
          "[]",
          "Columns that order rows of equal event and known time; the greatest wins.");
  static final YamlKey<Boolean> ON_AMBIGUITY =
      YamlKey.withDefault(
          "on-ambiguity",
          YamlTypes.choice(ordered("count", false, "refuse", true)),
          "count",
          "What happens where a look-up's row has an equal rival: it is counted, or refused as an"
              + " error.");
  static final YamlKey<Boolean> KNOWLEDGE_TIME =
      YamlKey.withDefault(
          "knowledge-time",
          YamlTypes.choice(ordered("on", true, "off", false)),
          "on",
          "Whether a row is seen only once it is known; \"off\" takes all that is loaded as known.");
  static final YamlKey<Accuracy> ACCURACY =
      YamlKey.withDefault(
          "accuracy",
          YamlTypes.choice(Accuracy.class),
          "exact",
          "Whether training sets and scores read the value at the as-of itself, or that of the last"
              + " snapshot that is served by then, as the online store answers; such a view must be"
              + " materialized first.");
  static final YamlKey<Duration> PUBLISH_DELAY =
      YamlKey.withDefault(
          "publish-delay",
          YamlTypes.DURATION,
          "0s",
          "How long after its instant a snapshot is served; with `accuracy: snapshot`.");
  static final YamlKey<Duration> MAX_STALENESS =
      YamlKey.optional(
          "max-staleness",
          YamlTypes.DURATION,
          "unbounded",
          "A snapshot that is older at the as-of reads as absent; with `accuracy: snapshot`.");
  static final YamlKey<Boolean> ONLINE =
      YamlKey.withDefault("online", YamlTypes.BOOLEAN, "true", "Whether it is published online.");
  static final YamlKey<Map<String, String>> DEFAULT =
      YamlKey.withDefault(
          "default",
          Structures.map(YamlTypes.NAME_TYPE, YamlTypes.TEXT),
          "{}",
          "Values that replace a null, by feature.");
  static final YamlKey<ZoneId> ZONE =
      YamlKey.optional(
          "zone", YamlTypes.ZONE, "the project's zone", "What local times in expressions mean.");
  static final YamlKey<List<String>> TAGS =
      YamlKey.withDefault(
          "tags", Structures.distinct(YamlTypes.TEXT), "[]", "Words to find it by.");
  static final YamlKey<String> STATUS_KEY =
      YamlKey.withDefault(
          "status",
          YamlTypes.choice(List.of("active", "draft"), List.of("deprecated", "retired")),
          "active",
          "Of a draft the meaning may change under its version, and no model trained on it is promoted.");

  static final List<YamlKey<?>> KEYS =
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

  private FeatureViewParser() {}

  static Optional<FeatureView> bind(YamlFields f) {
    f.find(ZONE).ifPresent(zone -> f.mapping().origin().in(zone));
    for (YamlKey<?> key : KEYS) {
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
            SourceParser.derivations(f.or(DERIVED, Map.of())),
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
            f.mapping().origin().location(f.line(VIEW)));
    ViewChecks.checkDefaults(f, view);
    f.find(SOURCE).ifPresent(source -> ViewChecks.checkSource(f, source, view));
    return f.complete() ? Optional.of(view) : Optional.empty();
  }

  private static Optional<List<Feature>> feature(YamlValue value) {
    String name = value.label().substring(value.label().lastIndexOf('.') + 1);
    return YamlTypes.sql(value, FEATURE)
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
