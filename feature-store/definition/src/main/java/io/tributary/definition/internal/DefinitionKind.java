package io.tributary.definition.internal;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** The kinds of things that a project defines, one a file. */
enum DefinitionKind {
  SOURCE("source", "sources", () -> SourceParser.KEYS, SourceParser::bind),
  VIEW("view", "features", () -> FeatureViewParser.KEYS, FeatureViewParser::bind),
  TRAINING_SET(
      "training-set", "training-sets", () -> TrainingSetParser.KEYS, TrainingSetParser::bind),
  MODEL("model", "models", () -> ModelParser.KEYS, ModelParser::bind),
  SCORES("scores", "scores", () -> ScoreSetParser.KEYS, ScoreSetParser::bind),
  MONITOR("monitor", "monitors", () -> MonitorParser.KEYS, MonitorParser::bind),
  PIPELINE("pipeline", "pipelines", () -> PipelineParser.KEYS, PipelineParser::bind);

  private final String key;
  private final String folder;
  private final Supplier<List<YamlKey<?>>> keys;
  private final Function<YamlFields, Optional<?>> binder;

  DefinitionKind(
      String key,
      String folder,
      Supplier<List<YamlKey<?>>> keys,
      Function<YamlFields, Optional<?>> binder) {
    this.key = key;
    this.folder = folder;
    this.keys = keys;
    this.binder = binder;
  }

  /** The key that says what a file defines, and the kind's name for people. */
  public String key() {
    return key;
  }

  /** Where its files stand. */
  public String folder() {
    return folder;
  }

  List<YamlKey<?>> keys() {
    return keys.get();
  }

  Optional<?> bind(YamlFields fields) {
    return binder.apply(fields);
  }

  static Optional<DefinitionKind> ofKey(String key) {
    return Arrays.stream(values()).filter(k -> k.key.equals(key)).findFirst();
  }

  static List<String> folders() {
    return Arrays.stream(values()).map(DefinitionKind::folder).toList();
  }
}
