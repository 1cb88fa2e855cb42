package io.tributary.definition.internal;

import io.tributary.definition.ScoreSet;
import io.tributary.definition.SqlText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What stands in a file of {@code scores/}. */
final class ScoreSetParser {
  private static final Pattern MODEL_AT =
      Pattern.compile("([a-z][a-z0-9_]*)@([a-z][a-z0-9-]*|[1-9]\\d{0,8})");

  /** A model and which of its versions. */
  record ModelAt(String model, String alias) {}

  static final YamlKey<String> SCORES =
      YamlKey.required("scores", YamlTypes.NAME_TYPE, "The scoring's name.");
  static final YamlKey<String> DESCRIPTION =
      YamlKey.withDefault("description", YamlTypes.TEXT, "\"\"", "What it is for, for people.");
  static final YamlKey<ModelAt> MODEL =
      YamlKey.required(
          "model",
          YamlTypes.scalar(
              "a model's alias or version", "late_arrival@production", ScoreSetParser::modelAt),
          "The registered model and its alias or version number, resolved when a run starts.");
  static final YamlKey<String> ROWS =
      YamlKey.required(
          "rows",
          YamlTypes.NAME_TYPE,
          "The training set whose rows are scored, without its label.");
  static final YamlKey<SqlText> DECIDE =
      YamlKey.optional(
          "decide", YamlTypes.SQL, "no decision, only scores", "The decision, over `score`.");

  private static final Pattern VERSION = Pattern.compile("[a-z][a-z0-9-]*|[1-9]\\d{0,8}");
  private static final Pattern DECIDER = Pattern.compile("challenger|shadow|[1-9]\\d{0,8}");
  private static final YamlType<List<String>> VERSIONS =
      Structures.distinct(matching("an alias or a version's number", "candidate", VERSION));

  static final YamlKey<List<String>> CHALLENGERS =
      YamlKey.withDefault(
          "challengers",
          VERSIONS,
          "[]",
          "Aliases or numbers of other versions that score the same rows, to be compared.");
  static final YamlKey<List<String>> SHADOWS =
      YamlKey.withDefault(
          "shadows",
          VERSIONS,
          "[]",
          "Aliases or numbers of other versions that score the same rows, to be looked at.");
  static final YamlKey<Map<String, SqlText>> DECISIONS =
      YamlKey.withDefault(
          "decisions",
          Structures.map(
              matching("challenger, shadow or a version's number", "challenger", DECIDER),
              YamlTypes.SQL),
          "{}",
          "Decisions in place of `decide`: of a version by its number, else of a role.");

  static final List<YamlKey<?>> KEYS =
      List.of(SCORES, DESCRIPTION, MODEL, CHALLENGERS, SHADOWS, ROWS, DECIDE, DECISIONS);

  private ScoreSetParser() {}

  static Optional<ScoreSet> bind(YamlFields f) {
    Optional<String> name = f.find(SCORES);
    String description = f.or(DESCRIPTION, "");
    Optional<ModelAt> model = f.find(MODEL);
    Optional<String> rows = f.find(ROWS);
    Optional<SqlText> decide = f.find(DECIDE);
    Optional<List<String>> challengers = f.find(CHALLENGERS);
    Optional<List<String>> shadows = f.find(SHADOWS);
    Optional<Map<String, SqlText>> decisions = f.find(DECISIONS);
    model.ifPresent(
        m -> {
          once(f, CHALLENGERS, challengers, m.alias(), MODEL);
          once(f, SHADOWS, shadows, m.alias(), MODEL);
        });
    challengers.ifPresent(c -> c.forEach(v -> once(f, SHADOWS, shadows, v, CHALLENGERS)));
    rows.ifPresent(
        r -> {
          YamlValue at = f.value(ROWS).orElseThrow();
          at.origin().links().refer(DefinitionKind.TRAINING_SET, r, at, set -> {});
        });
    if (!f.complete() || name.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new ScoreSet(
            name.get(),
            description,
            model.orElseThrow().model(),
            model.orElseThrow().alias(),
            challengers.orElseThrow(),
            shadows.orElseThrow(),
            rows.orElseThrow(),
            decide,
            decisions.orElseThrow(),
            f.mapping().origin().location(f.line(SCORES))));
  }

  private static void once(
      YamlFields f,
      YamlKey<?> key,
      Optional<List<String>> versions,
      String version,
      YamlKey<?> first) {
    if (versions.filter(all -> all.contains(version)).isPresent()) {
      f.problem(
          key,
          "\"%s\" names %s, which \"%s\" has already. Name it once."
              .formatted(key.name(), version, first.name()));
    }
  }

  private static YamlType<String> matching(String name, String example, Pattern pattern) {
    return YamlTypes.scalar(
        name,
        example,
        (value, text) -> {
          if (pattern.matcher(text.strip()).matches()) {
            return Optional.of(text.strip());
          }
          value.problem(
              "%s is %s, not %s. Write it as in %s."
                  .formatted(value.subject(), value.found(), name, example));
          return Optional.empty();
        });
  }

  private static Optional<ModelAt> modelAt(YamlValue value, String text) {
    Matcher m = MODEL_AT.matcher(text.strip());
    if (!m.matches()) {
      value.problem(
          "\"model\" is "
              + value.found()
              + ", which does not say the version. Write the model's name, @ and an alias or a"
              + " number, as in late_arrival@production.");
      return Optional.empty();
    }
    value.origin().links().refer(DefinitionKind.MODEL, m.group(1), value, model -> {});
    return Optional.of(new ModelAt(m.group(1), m.group(2)));
  }

  static Map<String, Object> render(ScoreSet scores) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("scores", scores.name());
    tree.put("description", scores.description());
    tree.put("model", scores.model() + "@" + scores.alias());
    if (!scores.challengers().isEmpty()) {
      tree.put("challengers", scores.challengers());
    }
    if (!scores.shadows().isEmpty()) {
      tree.put("shadows", scores.shadows());
    }
    tree.put("rows", scores.rows());
    scores.decide().ifPresent(d -> tree.put("decide", d.sql()));
    if (!scores.decisions().isEmpty()) {
      Map<String, Object> decisions = new LinkedHashMap<>();
      scores.decisions().forEach((who, decision) -> decisions.put(who, decision.sql()));
      tree.put("decisions", decisions);
    }
    return tree;
  }
}
