package io.tributary.lake;

import io.tributary.core.Interval;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * What every main class of a job shares: the options {@code [PROJECT] [SUBJECT…] --lake --json
 * --from --to}, progress, and how it ends. A main class is
 *
 * <pre>{@code
 * public static void main(String[] args) {
 *   System.exit(JobMain.run("materialize", args, main -> {
 *     Project project = Projects.load(main.project());
 *     try (Lake lake = main.open(project.lake(), project.retention()); JobRunner runner = JobRunner.open(lake, main.progress())) {
 *       main.result(runner.run(new Materialize(…)));
 *     }
 *   }));
 * }
 * }</pre>
 *
 * A body with options of its own is an object annotated for picocli.
 */
public final class JobMain {
  @Parameters(
      arity = "0..*",
      paramLabel = "[PROJECT] [NAME…]",
      description =
          "The project's folder (default: the nearest tributary.yaml upwards), then what to work on (default: all).")
  private List<String> words = List.of();

  @Option(
      names = "--lake",
      paramLabel = "DIR",
      description = "Where the tables lie; overrides the project's.")
  private String lake;

  @Option(names = "--json", description = "Print the result as JSON.")
  private boolean json;

  @Option(
      names = "--from",
      paramLabel = "INSTANT",
      description = "Where the interval of data begins: 2013-01-31, or an instant with offset.")
  private String from;

  @Option(
      names = "--to",
      paramLabel = "INSTANT",
      description = "Where the interval ends; not in it.")
  private String to;

  /** What a main class does. */
  @FunctionalInterface
  public interface Body {
    void run(JobMain main) throws Exception;
  }

  JobMain() {}

  /**
   * Parses {@code args}, does {@code body} and returns the process's exit code; an error is printed
   * as one line on stderr.
   */
  public static int run(String name, String[] args, Body body) {
    throw new UnsupportedOperationException("not built yet " + name + args.length + body);
  }

  /**
   * The project's folder: the first word if it is a folder, else the nearest one upwards that holds
   * a tributary.yaml.
   */
  public Path project() {
    throw new UnsupportedOperationException("not built yet " + words);
  }

  /** The words after the project: what to work on; empty = all. */
  public List<String> subjects() {
    throw new UnsupportedOperationException("not built yet");
  }

  /** {@code --lake}. */
  public Optional<String> lake() {
    return Optional.ofNullable(lake);
  }

  /** The lake that {@code --lake} names, else the project's. */
  public Lake open(String projectLake, Duration retention) {
    return Lake.open(lake().orElse(projectLake), retention);
  }

  public boolean json() {
    return json;
  }

  /** {@code --from} and {@code --to}, which come together; bare dates begin in {@code zone}. */
  public Optional<Interval> interval(ZoneId zone) {
    if (from == null && to == null) {
      return Optional.empty();
    }
    return Optional.of(Interval.of(Interval.instant(from, zone), Interval.instant(to, zone)));
  }

  /** Lines on stderr when that is a terminal, else nothing. */
  public Progress progress() {
    return Progress.none();
  }

  /** Prints a line of the result for people; nothing under {@code --json}. */
  public void say(String line) {
    if (!json) {
      System.out.println(line);
    }
  }

  /** Prints the result as one line of JSON under {@code --json}; else nothing. */
  public void result(Object value) {
    throw new UnsupportedOperationException("not built yet " + value);
  }
}
