package io.tributary.core.command;

import java.util.Locale;
import java.util.Optional;

/**
 * One command in the {@link Commands catalogue}.
 *
 * @param words what a user types after {@code tributary}: a command, or a command and its
 *     subcommand
 * @param main the class that does it: a {@link ClassPath#LIGHT light} one is started by the front
 *     door, any other has a {@code main} of its own, which takes the words after the first. Empty
 *     for a command that has subcommands
 * @param subject what it works on
 * @param operands its words after the project, {@code [SOURCE…]}
 * @param required its mandatory options, {@code --reason TEXT}
 * @param description what it does, as a line of an overview
 */
public record CommandEntry(
    String words,
    ClassPath classPath,
    Optional<String> main,
    Subject subject,
    String operands,
    String required,
    IntervalUse interval,
    String description) {

  /** The first word. */
  public String command() {
    return words.split(" ", 2)[0];
  }

  /** The second word; empty for a command that has none. */
  public Optional<String> subcommand() {
    return words.contains(" ") ? Optional.of(words.split(" ", 2)[1]) : Optional.empty();
  }

  /** Whether {@code spark-submit} can start it: a job, on Spark's jars, which ends. */
  public boolean isSubmitted() {
    return classPath != ClassPath.LIGHT && !words.equals("serve");
  }

  /** What it does, as a sentence. */
  public String sentence() {
    return description.substring(0, 1).toUpperCase(Locale.ROOT) + description.substring(1) + ".";
  }

  /** What follows its words, {@code [PROJECT] [VIEW…] --night DAY}. */
  public String arguments() {
    String night =
        switch (interval) {
          case NONE -> "";
          case OPTIONAL -> "[--night DAY]";
          case REQUIRED -> "--night DAY";
        };
    return String.join(" ", "[PROJECT]", operands, night, required).replaceAll(" +", " ").strip();
  }
}
