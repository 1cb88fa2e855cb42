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

  static final List<YamlKey<?>> KEYS = List.of(SCORES, DESCRIPTION, MODEL, ROWS, DECIDE);

  private ScoreSetParser() {}

  static Optional<ScoreSet> bind(YamlFields f) {
    Optional<String> name = f.find(SCORES);
    String description = f.or(DESCRIPTION, "");
    Optional<ModelAt> model = f.find(MODEL);
    Optional<String> rows = f.find(ROWS);
    Optional<SqlText> decide = f.find(DECIDE);
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
            rows.orElseThrow(),
            decide,
            f.mapping().origin().location(f.line(SCORES))));
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
    tree.put("rows", scores.rows());
    scores.decide().ifPresent(d -> tree.put("decide", d.sql()));
    return tree;
  }
}
