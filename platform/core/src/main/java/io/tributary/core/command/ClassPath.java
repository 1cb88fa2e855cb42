package io.tributary.core.command;

import java.util.Locale;

/** The contents of a command's class path; {@code bin/tributary} builds and starts each by name. */
public enum ClassPath {
  /** Neither Spark nor Scala: starts at once. */
  LIGHT,
  /** Catalyst, which types and computes expressions, and no session. */
  SERVING,
  /** All of Spark and all jobs: starts a session, at the latest when there is work. */
  HEAVY;

  /** Its name in {@code bin/commands}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
