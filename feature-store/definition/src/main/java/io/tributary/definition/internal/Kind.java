package io.tributary.definition.internal;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** The kinds of things that a project defines, one a file. */
public enum Kind {
  SOURCE("source", "sources", () -> SourceForm.KEYS, SourceForm::bind),
  VIEW("view", "features", () -> ViewForm.KEYS, ViewForm::bind),
  TRAINING_SET("training-set", "training-sets", () -> TrainingSetForm.KEYS, TrainingSetForm::bind),
  MODEL("model", "models", () -> ModelForm.KEYS, ModelForm::bind),
  SCORES("scores", "scores", () -> ScoreForm.KEYS, ScoreForm::bind),
  MONITOR("monitor", "monitors", () -> MonitorForm.KEYS, MonitorForm::bind),
  PIPELINE("pipeline", "pipelines", () -> PipelineForm.KEYS, PipelineForm::bind);

  private final String key;
  private final String folder;
  private final Supplier<List<Key<?>>> keys;
  private final Function<Fields, Optional<?>> binder;

  Kind(
      String key,
      String folder,
      Supplier<List<Key<?>>> keys,
      Function<Fields, Optional<?>> binder) {
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

  List<Key<?>> keys() {
    return keys.get();
  }

  Optional<?> bind(Fields fields) {
    return binder.apply(fields);
  }

  static Optional<Kind> inFolder(String folder) {
    return Arrays.stream(values()).filter(k -> k.folder.equals(folder)).findFirst();
  }

  static Optional<Kind> ofKey(String key) {
    return Arrays.stream(values()).filter(k -> k.key.equals(key)).findFirst();
  }

  static List<String> folders() {
    return Arrays.stream(values()).map(Kind::folder).toList();
  }
}
