package io.tributary.runtime;

import io.tributary.core.ErrorGroup;
import io.tributary.core.Json;
import io.tributary.core.ProjectRevision;
import io.tributary.core.command.CommandEntry;
import io.tributary.core.command.CommandFailure;
import io.tributary.core.command.Commands;
import io.tributary.definition.ProjectReader;
import io.tributary.events.runs.LakeTables;
import io.tributary.lake.Lake;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.spark.SparkThrowable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/**
 * What the main classes of all jobs share: the operands {@code [PROJECT] [NAME…]}, the options
 * {@code --project --lake --json --log}, progress, error reports and exit codes. A main class is
 *
 * <pre>{@code
 * public static void main(String[] args) {
 *   System.exit(JobMain.run("train", args, new TrainMain()));
 * }
 * }</pre>
 *
 * and has an entry in the {@link Commands catalogue}. A body with options of its own is an object
 * whose class has picocli's annotations; one that works on intervals of data has {@link
 * IntervalOptions} or {@link SnapshotOptions} as a mixin.
 */
public final class JobMain {
  private static final int STOPPED_BY_SIGNAL = 143;

  @Parameters(
      arity = "0..*",
      paramLabel = "[PROJECT] [NAME…]",
      hideParamSyntax = true,
      description =
          "The project's folder (default: the nearest tributary.yaml upwards), then what to work on; in brackets: default all.")
  private List<String> words = List.of();

  @Option(
      names = "--project",
      paramLabel = "DIR",
      description =
          "The project's folder, in place of the first word (default: the nearest tributary.yaml upwards).")
  private String project;

  @Option(
      names = "--lake",
      paramLabel = "DIR",
      description = "Where the tables lie; overrides the project's.")
  private String lake;

  @Option(names = "--json", description = "Print the result as JSON.")
  private boolean json;

  /** The format of log events. */
  enum Log {
    TEXT,
    JSON
  }

  @Option(
      names = "--log",
      paramLabel = "text|json",
      description =
          "Print each event as a line on stderr, with the run's id, also when stderr is no terminal (default: $TRIBUTARY_LOG).")
  private Log log;

  private final Body body;
  private final Path workingFolder;
  private final PrintStream out;
  private final PrintStream err;
  private final boolean terminal;
  private volatile Optional<String> opened = Optional.empty();
  private int exitCode;

  /** What a main class does. */
  @FunctionalInterface
  public interface Body {
    void run(JobMain main) throws Exception;

    /** Whether a first word that looks like a path is no project's folder but worked on. */
    default boolean isSubject(String word) {
      return false;
    }
  }

  private JobMain(
      Body body, Path workingFolder, PrintStream out, PrintStream err, boolean terminal) {
    this.body = body;
    this.workingFolder = workingFolder;
    this.out = out;
    this.err = err;
    this.terminal = terminal;
  }

  /**
   * Parses {@code args}, does {@code body} and returns the process's exit code: 0, or that of the
   * error's group. An error is printed as one line on stderr; under {@code --json} also as an
   * object on stdout. The stack trace of an unexpected error goes to a file that the line names.
   */
  public static int run(String name, String[] args, Body body) {
    // What a job says is stored, too, and must not depend on the machine's language.
    Locale.setDefault(Locale.ROOT);
    return run(name, args, body, Path.of(""), System.out, System.err, Terminal.isStderr());
  }

  static int run(
      String name,
      String[] args,
      Body body,
      Path workingFolder,
      PrintStream out,
      PrintStream err,
      boolean terminal) {
    JobMain main = new JobMain(body, workingFolder.toAbsolutePath(), out, err, terminal);
    CommandLine command = main.command(name, body);
    try {
      command.parseArgs(args);
    } catch (ParameterException e) {
      main.json = List.of(args).contains("--json");
      return main.fail(CommandFailure.ofUsage(name, e.getMessage()));
    }
    if (command.isUsageHelpRequested()) {
      command.usage(out);
      return 0;
    }
    main.log =
        Optional.ofNullable(main.log)
            .or(() -> parseLog(System.getenv("TRIBUTARY_LOG")))
            .orElse(null);
    if (main.log != null) {
      // Before the first logger is created, which reads the configuration.
      System.setProperty("tributary.log.format", main.log.name().toLowerCase(Locale.ROOT));
      System.setProperty("tributary.log.events", "info");
    }
    Stop stop = new Stop(main);
    Runtime.getRuntime().addShutdownHook(stop);
    try {
      body.run(main);
      out.flush();
      return main.exitCode;
    } catch (Exception | Error e) {
      return stop.begun
          ? STOPPED_BY_SIGNAL
          : main.fail(
              CommandFailure.of(
                  name, e, main.opened.flatMap(LakeTables::local), JobMain::condition));
    } finally {
      stop.remove();
    }
  }

  /** Prints that the process stops when a signal ends it. */
  private static final class Stop extends Thread {
    private final JobMain main;
    private volatile boolean begun;

    Stop(JobMain main) {
      super("stop");
      this.main = main;
    }

    @Override
    public void run() {
      begun = true;
      main.err.println(
          "Stopped. Tables are as the last commit left them; run it again to continue.");
    }

    void remove() {
      try {
        Runtime.getRuntime().removeShutdownHook(this);
      } catch (IllegalStateException stopping) {
        // The process is ending, and this has run.
      }
    }
  }

  private CommandLine command(String name, Body body) {
    boolean annotated = body.getClass().isAnnotationPresent(Command.class);
    CommandSpec spec =
        annotated ? CommandSpec.forAnnotatedObject(body) : CommandSpec.wrapWithoutInspection(body);
    Optional<CommandEntry> entry = Commands.find(name);
    spec.name("tributary " + name);
    if (spec.usageMessage().description().length == 0) {
      entry.ifPresent(e -> spec.usageMessage().description(e.sentence()));
    }
    spec.addMixin("shared", shared(entry.map(CommandEntry::operands).orElse("[NAME…]")));
    spec.mixinStandardHelpOptions(true);
    CommandLine command = new CommandLine(spec);
    command.setTrimQuotes(false);
    command.setCaseInsensitiveEnumValuesAllowed(true);
    return command;
  }

  /** The shared options, with the words as this command's help names them. */
  private CommandSpec shared(String operands) {
    CommandSpec shared = CommandSpec.forAnnotatedObject(this);
    PositionalParamSpec generic = shared.positionalParameters().get(0);
    shared.remove(generic);
    return shared.addPositional(
        PositionalParamSpec.builder(generic).paramLabel(("[PROJECT] " + operands).strip()).build());
  }

  /**
   * The project's folder: the one that {@code --project} or the first word names, else the nearest
   * one upwards that holds a tributary.yaml.
   */
  public Path project() {
    if (project != null) {
      return workingFolder.resolve(project).normalize();
    }
    return namesProject()
        ? workingFolder.resolve(words.get(0)).normalize()
        : ProjectReader.find(workingFolder);
  }

  /** The operands after the project: what to work on; empty = all. */
  public List<String> subjects() {
    return List.copyOf(words.subList(namesProject() ? 1 : 0, words.size()));
  }

  /** The operands after the project; {@code all} when there are none. */
  public Collection<String> subjects(Collection<String> all) {
    return subjects().isEmpty() ? all : subjects();
  }

  /** A path is a project; a name is one if a project's folder has it, or there is no other. */
  private boolean namesProject() {
    if (project != null || words.isEmpty() || body.isSubject(words.get(0))) {
      return false;
    }
    Path named = workingFolder.resolve(words.get(0));
    return words.get(0).contains("/")
        || ProjectReader.isProject(named)
        || Files.isDirectory(named) && ProjectReader.nearest(workingFolder).isEmpty();
  }

  /** {@code --lake}; a local folder is made absolute. */
  public Optional<String> lake() {
    return Optional.ofNullable(lake).map(this::path);
  }

  /** A path as a user wrote it: a local one is made absolute, a Hadoop URI is unchanged. */
  public String path(String named) {
    return LakeTables.local(named).isPresent() && !named.startsWith("file:")
        ? workingFolder.resolve(named).normalize().toString()
        : named;
  }

  /** The lake that {@code --lake} names, else the project's. */
  public Lake open(String projectLake, Duration retention, Supplier<ProjectRevision> project) {
    return opened(Lake.open(lake().orElse(projectLake), retention, project));
  }

  /** The same for jobs that belong to no project's folder. */
  public Lake open(String projectLake, Duration retention) {
    return opened(Lake.open(lake().orElse(projectLake), retention));
  }

  private Lake opened(Lake lake) {
    opened = Optional.of(lake.uri());
    return lake;
  }

  public boolean json() {
    return json;
  }

  /** The format that an environment variable selects; empty for any other text. */
  private static Optional<Log> parseLog(String log) {
    return Stream.of(Log.values()).filter(l -> l.name().equalsIgnoreCase(log)).findFirst();
  }

  /**
   * Lines on stderr when that is a terminal, else nothing; with {@code --log} log events instead,
   * terminal or not.
   */
  public Progress progress() {
    if (log != null) {
      Logger events = LoggerFactory.getLogger(JobMain.class);
      return events::info;
    }
    return terminal ? err::println : Progress.none();
  }

  /** Prints a line of the result for people; nothing under {@code --json}. */
  public void say(String line) {
    if (!json) {
      out.println(line);
    }
  }

  /** Prints the result as one line of JSON under {@code --json}; else nothing. */
  public void result(Object value) {
    if (json) {
      out.println(Json.write(value));
    }
  }

  /** Ends with the exit code of a group, where the result itself says what is wrong. */
  public void endsWith(ErrorGroup group) {
    exitCode = group.exitCode();
  }

  private int fail(CommandFailure failure) {
    if (json) {
      out.println(failure.json());
    }
    if (log == Log.JSON) {
      LoggerFactory.getLogger(JobMain.class).error(failure.stored());
    } else {
      err.println(failure.message());
    }
    out.flush();
    return failure.exitCode();
  }

  /** What a log may hold of an error: {@link CommandFailure#stored}. */
  public static String stored(Throwable thrown) {
    return CommandFailure.stored(thrown, JobMain::condition);
  }

  private static Optional<String> condition(Throwable thrown) {
    return thrown instanceof SparkThrowable s
        ? Optional.ofNullable(s.getErrorClass())
        : Optional.empty();
  }
}
