package io.tributary.core.command;

import java.util.Locale;

/** The kinds of things that commands work on. Definitions among them are files of a project. */
public enum Subject {
  PROJECT,
  SOURCE,
  VIEW,
  FEATURE,
  TRAINING_SET,
  MODEL,
  SCORES,
  MONITOR,
  PIPELINE,
  /** Any definition. */
  DEFINITION,
  MODEL_VERSION,
  RUN,
  /** A table, a file, a model: a lineage node. */
  THING,
  /** Rows of a file. */
  ROWS,
  /** The Airflow that runs the project. */
  AIRFLOW,
  LAKE;

  /** Its name in JSON and definition files, {@code training-set}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
