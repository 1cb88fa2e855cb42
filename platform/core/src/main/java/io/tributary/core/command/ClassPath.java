package io.tributary.core.command;

import java.util.Locale;

/** What a command has on its class path; {@code bin/tributary} builds and starts each by name. */
public enum ClassPath {
  /** Neither Spark nor Scala: answers at once. */
  LIGHT,
  /** All of Spark and all jobs: starts a session, at the latest when there is something to do. */
  HEAVY;

  /** As {@code bin/commands} writes it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
