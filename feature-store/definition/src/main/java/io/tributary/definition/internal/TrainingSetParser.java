package io.tributary.definition.internal;

import io.tributary.core.ErrorCode;
import io.tributary.core.Nearest;
import io.tributary.core.PlatformException;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Problems;
import io.tributary.definition.Source;
import io.tributary.definition.TrainingSet;
import io.tributary.definition.ViewId;
import io.tributary.definition.ViewUse;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What stands in a file of {@code training-sets/}. */
public final class TrainingSetParser {
  static final YamlKey<String> TRAINING_SET =
      YamlKey.required("training-set", YamlTypes.NAME_TYPE, "The training set's name.");
  static final YamlKey<String> DESCRIPTION =
      YamlKey.withDefault("description", YamlTypes.TEXT, "\"\"", "What it is for, for people.");

  static final YamlKey<TrainingSet.Spine> ROWS =
      YamlKey.required("rows", SpineParser.ROWS, "The rows that ask, and when.");

  private static final YamlKey<TrainingSet.Label> LABEL = LabelParser.LABEL;

  private static final YamlKey<ViewId> USE_VIEW =
      YamlKey.required("view", YamlTypes.VIEW, "The feature view.");
  private static final YamlKey<Map<String, String>> USE_KEYS =
      YamlKey.withDefault(
          "keys",
          Structures.map(YamlTypes.COLUMN_TYPE, YamlTypes.COLUMN_TYPE),
          "{}",
          "The view's entity or request column: the rows' column; others have the same name in both.");
  private static final YamlKey<String> USE_AS =
      YamlKey.optional(
          "as",
          YamlTypes.NAME_TYPE,
          "the view's name",
          "The prefix of its columns, so that one view can be joined several times.");
  private static final YamlKey<List<String>> USE_TAKE =
      YamlKey.withDefault(
          "take",
          Structures.distinct(YamlTypes.NAME_TYPE),
          "[]",
          "The features to take; none = all.");
  private static final YamlType<ViewUse> USE_OBJECT =
      Structures.object(
          "a feature view",
          List.of(USE_VIEW, USE_KEYS, USE_AS, USE_TAKE),
          f ->
              f.find(USE_VIEW)
                  .map(
                      v ->
                          new ViewUse(
                              v,
                              f.or(USE_KEYS, Map.of()),
                              f.find(USE_AS),
                              f.or(USE_TAKE, List.of()))));
  private static final YamlType<ViewUse> USE =
      new YamlType<>(
          "a feature view",
          "carrier_history@1, or {view: weather@1, keys: {airport: origin}, as: origin_weather}",
          USE_OBJECT.keys(),
          value ->
              value.isMapping()
                  ? USE_OBJECT.bind(value)
                  : YamlTypes.VIEW
                      .bind(value)
                      .map(v -> new ViewUse(v, Map.of(), Optional.empty(), List.of())));
  static final YamlKey<List<ViewUse>> FEATURES =
      YamlKey.required("features", Structures.list(USE), "The feature views that are joined.");
  static final YamlKey<Instant> KNOWN_UNTIL =
      YamlKey.optional(
          "known-until",
          YamlTypes.INSTANT,
          "the end of the pinned data",
          "Labels are read as they were known by then.");

  static final List<YamlKey<?>> KEYS =
      List.of(TRAINING_SET, DESCRIPTION, ROWS, LABEL, FEATURES, KNOWN_UNTIL);

  private TrainingSetParser() {}

  /**
   * The views that a training set joins, as its text with all defaults has them.
   *
   * @throws PlatformException INVALID_DEFINITION where they can't be read
   */
  public static List<ViewUse> uses(String name, String text) {
    Problems problems = new Problems();
    Origin origin =
        new Origin(name, name, ZoneOffset.UTC, problems, new Links(Path.of("")), Optional.empty());
    Optional<List<ViewUse>> uses =
        YamlFile.parse(text, origin).flatMap(root -> new YamlFields(root, KEYS).find(FEATURES));
    return uses.orElseThrow(
        () ->
            new PlatformException(
                ErrorCode.INVALID_DEFINITION,
                "Cannot read which views training set %s joins: %s. Use the build that wrote it."
                    .formatted(name, problems.sorted())));
  }

  static Optional<TrainingSet> bind(YamlFields f) {
    Optional<String> name = f.find(TRAINING_SET);
    Optional<TrainingSet.Spine> rows = f.find(ROWS);
    Optional<TrainingSet.Label> label =
        f.find(LABEL).map(l -> rows.map(r -> LabelParser.of(r, l)).orElse(l));
    Optional<List<ViewUse>> features = f.find(FEATURES);
    Optional<Instant> knownUntil = f.find(KNOWN_UNTIL);
    String description = f.or(DESCRIPTION, "");
    features
        .filter(List::isEmpty)
        .ifPresent(none -> f.problem(FEATURES, "\"features\" names no view. Write one."));
    features.ifPresent(uses -> checkPrefixes(f, uses));
    rows.ifPresent(r -> checkRows(f, r, label, features.orElse(List.of())));
    if (!f.complete() || name.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new TrainingSet(
            name.get(),
            description,
            rows.orElseThrow(),
            label.orElseThrow(),
            features.orElseThrow(),
            knownUntil,
            f.mapping().origin().location(f.line(TRAINING_SET))));
  }

  private static void checkPrefixes(YamlFields f, List<ViewUse> uses) {
    Set<String> seen = new LinkedHashSet<>();
    List<YamlValue> items = f.value(FEATURES).orElseThrow().items();
    for (int i = 0; i < uses.size(); i++) {
      if (!seen.add(uses.get(i).prefix())) {
        items
            .get(i)
            .problem(
                "two views give columns that begin with \""
                    + uses.get(i).prefix()
                    + "__\". Name one of them by \"as\".");
      }
    }
  }

  private static void checkRows(
      YamlFields f, TrainingSet.Spine rows, Optional<TrainingSet.Label> label, List<ViewUse> uses) {
    YamlValue rowsAt = inside(f, ROWS, SpineParser.SOURCE);
    Links links = rowsAt.origin().links();
    label.ifPresent(l -> LabelParser.refer(f.value(LABEL).orElseThrow(), l, links));
    List<YamlValue> items = f.value(FEATURES).map(YamlValue::items).orElse(List.of());
    for (int i = 0; i < uses.size(); i++) {
      ViewUse use = uses.get(i);
      YamlValue at = items.get(i);
      links.<FeatureView>refer(
          DefinitionKind.VIEW,
          use.view().toString(),
          viewAt(at),
          view -> {
            checkTake(view, use, at);
            links
                .<Source>find(DefinitionKind.SOURCE, rows.source())
                .ifPresent(source -> checkKeys(view, use, rows, source, at));
          });
    }
    links.<Source>refer(
        DefinitionKind.SOURCE,
        rows.source(),
        rowsAt,
        source -> {
          SpineParser.check(rows, source, f.value(ROWS).orElseThrow(), rowsAt);
          label.ifPresent(
              l -> LabelParser.checkAgainst(rows, source, f.value(LABEL).orElseThrow(), l, links));
        });
  }

  private static void checkTake(FeatureView view, ViewUse use, YamlValue at) {
    List<YamlValue> taken = inside(at, USE_TAKE).map(YamlValue::items).orElse(List.of());
    for (int i = 0; i < use.take().size(); i++) {
      String feature = use.take().get(i);
      if (!view.featureNames().contains(feature)) {
        taken
            .get(i)
            .problem(
                Problems.unknown(
                    "view " + view.id() + " has no feature \"" + feature + "\"",
                    feature,
                    view.featureNames()));
      }
    }
  }

  private static void checkKeys(
      FeatureView view, ViewUse use, TrainingSet.Spine spine, Source rows, YamlValue at) {
    List<String> columns = SpineParser.columns(spine, rows);
    List<String> wanted = view.isOnDemand() ? List.copyOf(view.request().keySet()) : view.entity();
    Map<String, YamlValue> written = new HashMap<>();
    inside(at, USE_KEYS)
        .map(YamlValue::entries)
        .orElse(List.of())
        .forEach(e -> written.put(e.key(), e.value()));
    use.keys()
        .forEach(
            (key, column) -> {
              if (!wanted.contains(key)) {
                written
                    .get(key)
                    .problem(
                        Problems.unknown(
                            "view " + view.id() + " has no key \"" + key + "\"", key, wanted));
              }
              SpineParser.column(spine, rows, column, written.get(key));
            });
    for (String key : wanted) {
      if (!use.keys().containsKey(key) && !columns.contains(key)) {
        viewAt(at)
            .problem(
                "view "
                    + view.id()
                    + " needs \""
                    + key
                    + "\", and "
                    + SpineParser.subject(spine, rows)
                    + " no such column."
                    + Nearest.hint(key, columns)
                    + " Write keys: {"
                    + key
                    + ": COLUMN}.");
      }
    }
  }

  private static YamlValue viewAt(YamlValue use) {
    return inside(use, USE_VIEW).orElse(use);
  }

  private static YamlValue inside(YamlFields f, YamlKey<?> outer, YamlKey<?> inner) {
    YamlValue value = f.value(outer).orElseThrow();
    return inside(value, inner).orElse(value);
  }

  private static Optional<YamlValue> inside(YamlValue mapping, YamlKey<?> key) {
    return mapping.entries().stream()
        .filter(e -> e.key().equals(key.name()))
        .map(YamlValue.Entry::value)
        .findFirst();
  }

  /**
   * The columns of a training set that can be inputs: the rows' and the features'; empty where one
   * of what they come from can't be read.
   */
  static Optional<List<String>> columns(TrainingSet set, Links links) {
    Optional<Source> rows = links.find(DefinitionKind.SOURCE, set.rows().source());
    if (rows.isEmpty()) {
      return Optional.empty();
    }
    List<String> columns = new ArrayList<>(SpineParser.columns(set.rows(), rows.get()));
    for (ViewUse use : set.features()) {
      Optional<FeatureView> view = links.find(DefinitionKind.VIEW, use.view().toString());
      if (view.isEmpty()) {
        return Optional.empty();
      }
      (use.take().isEmpty() ? view.get().featureNames() : use.take())
          .forEach(feature -> columns.add(use.column(feature)));
    }
    return Optional.of(columns);
  }

  static Map<String, Object> render(TrainingSet set) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("training-set", set.name());
    tree.put("description", set.description());
    tree.put("rows", SpineParser.render(set.rows()));
    tree.put("label", LabelParser.render(set.label()));
    List<Object> features = new ArrayList<>();
    for (ViewUse use : set.features()) {
      Map<String, Object> u = new LinkedHashMap<>();
      u.put("view", use.view().toString());
      u.put("keys", new TreeMap<>(use.keys()));
      use.role().ifPresent(r -> u.put("as", r));
      u.put("take", use.take());
      features.add(u);
    }
    tree.put("features", features);
    set.knownUntil().ifPresent(t -> tree.put("known-until", t.toString()));
    return tree;
  }
}
