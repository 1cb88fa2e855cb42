package io.tributary.runtime;

import io.tributary.core.ErrorCode;
import io.tributary.core.ErrorGroup;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.core.ProjectRevision;
import io.tributary.events.runs.LakeTables;
import io.tributary.lake.Lake;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.spark.SparkThrowable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/**
 * What every main class of a job shares: the options {@code [PROJECT] [NAME…] --lake --json --log},
 * progress, and how it ends. A main class is
 *
 * <pre>{@code
 * public static void main(String[] args) {
 *   System.exit(JobMain.run("materialize", args, main -> {
 *     Project project = Projects.load(main.project());
 *     try (Lake lake = main.open(project.lake(), project.retention(), project::revision);
 *         JobRunner runner = JobRunner.open(lake, main.progress())) {
 *       main.result(runner.run(new Materialize(…)));
 *     }
 *   }));
 * }
 * }</pre>
 *
 * A body with options of its own is an object whose class has picocli's annotations; one that works
 * on intervals of data has {@link IntervalOptions} or {@link SnapshotOptions} as a mixin.
 */
public final class JobMain {
  private static final int STOPPED_BY_SIGNAL = 143;

  @Parameters(
      arity = "0..*",
      paramLabel = "[PROJECT] [NAME…]",
      hideParamSyntax = true,
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

  /** How events are told that a machine or a log keeps. */
  enum Log {
    TEXT,
    JSON
  }

  @Option(
      names = "--log",
      paramLabel = "text|json",
      description =
          "Say each event as a line on stderr, with the run's id, also where nobody watches (default: $TRIBUTARY_LOG).")
  private Log log;

  private final Path workingFolder;
  private final PrintStream out;
  private final PrintStream err;
  private final boolean terminal;
  private volatile Optional<String> opened = Optional.empty();

  /** What a main class does. */
  @FunctionalInterface
  public interface Body {
    void run(JobMain main) throws Exception;
  }

  private JobMain(Path workingFolder, PrintStream out, PrintStream err, boolean terminal) {
    this.workingFolder = workingFolder;
    this.out = out;
    this.err = err;
    this.terminal = terminal;
  }

  /**
   * Parses {@code args}, does {@code body} and returns the process's exit code: 0, or that of the
   * error's group. An error is printed as one line on stderr; under {@code --json} also as an
   * object on stdout. The stack trace of one that nobody expected is kept in a file that the line
   * names.
   */
  public static int run(String name, String[] args, Body body) {
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
    JobMain main = new JobMain(workingFolder.toAbsolutePath(), out, err, terminal);
    CommandLine command = main.command(name, body);
    try {
      command.parseArgs(args);
    } catch (ParameterException e) {
      main.json = List.of(args).contains("--json");
      return main.fail(
          name,
          new PlatformException(
              ErrorCode.INVALID_REQUEST,
              "Cannot run %s: %s. Run \"tributary %s --help\" for what it takes."
                  .formatted(
                      name,
                      e.getMessage().lines().findFirst().orElse("").replaceFirst("\\.$", ""),
                      name)));
    }
    if (command.isUsageHelpRequested()) {
      command.usage(out);
      return 0;
    }
    main.log =
        Optional.ofNullable(main.log).or(() -> asked(System.getenv("TRIBUTARY_LOG"))).orElse(null);
    if (main.log != null) {
      // Before the first logger is asked for, which reads the configuration.
      System.setProperty("tributary.log.format", main.log.name().toLowerCase(Locale.ROOT));
      System.setProperty("tributary.log.events", "info");
    }
    Stop stop = new Stop(main);
    Runtime.getRuntime().addShutdownHook(stop);
    try {
      body.run(main);
      out.flush();
      return 0;
    } catch (Exception | Error e) {
      return stop.begun ? STOPPED_BY_SIGNAL : main.fail(name, e);
    } finally {
      stop.remove();
    }
  }

  /** Says of a process that is told to end that it will. */
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
      main.err.println("Stopped. Tables are as the last commit left them; run it again to go on.");
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
    spec.name("tributary " + name);
    spec.addMixin("shared", CommandSpec.forAnnotatedObject(this));
    spec.mixinStandardHelpOptions(true);
    CommandLine command = new CommandLine(spec);
    command.setTrimQuotes(false);
    command.setCaseInsensitiveEnumValuesAllowed(true);
    return command;
  }

  /**
   * The project's folder: the first word if it is a folder, else the nearest one upwards that holds
   * a tributary.yaml.
   */
  public Path project() {
    if (namesProject()) {
      return workingFolder.resolve(words.get(0)).normalize();
    }
    for (Path folder = workingFolder; folder != null; folder = folder.getParent()) {
      if (Files.isRegularFile(folder.resolve("tributary.yaml"))) {
        return folder.normalize();
      }
    }
    throw new PlatformException(
        ErrorCode.NOT_FOUND,
        "Cannot find a project: there is no tributary.yaml in %s or above it. Name the project's folder."
            .formatted(workingFolder.normalize()));
  }

  /** The words after the project: what to work on; empty = all. */
  public List<String> subjects() {
    return List.copyOf(words.subList(namesProject() ? 1 : 0, words.size()));
  }

  /** The words after the project; these when there are none. */
  public Collection<String> subjects(Collection<String> all) {
    return subjects().isEmpty() ? all : subjects();
  }

  private boolean namesProject() {
    return !words.isEmpty()
        && (words.get(0).contains("/") || Files.isDirectory(workingFolder.resolve(words.get(0))));
  }

  /** {@code --lake}; a local folder is made absolute. */
  public Optional<String> lake() {
    return Optional.ofNullable(lake).map(this::path);
  }

  /** A path that a person has named: a local one is made absolute, a Hadoop URI is as it is. */
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

  /** What an environment variable asks for; nothing where it says something else. */
  private static Optional<Log> asked(String log) {
    return Stream.of(Log.values()).filter(l -> l.name().equalsIgnoreCase(log)).findFirst();
  }

  /**
   * Lines on stderr when that is a terminal, else nothing; with {@code --log} events of the log
   * instead, terminal or not.
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

  private int fail(String name, Throwable thrown) {
    ErrorCode code = PlatformException.codeOf(thrown);
    String message = message(thrown);
    if (code.group() == ErrorGroup.INTERNAL) {
      message = "Cannot finish %s: %s%s".formatted(name, message, kept(name, thrown));
    }
    if (json) {
      out.println(
          Json.write(
              Map.of("error", Map.of("code", code, "group", code.group(), "message", message))));
    }
    if (log == Log.JSON) {
      LoggerFactory.getLogger(JobMain.class).error(stored(thrown));
    } else {
      err.println(message);
    }
    out.flush();
    return code.group().exitCode();
  }

  private static List<Throwable> chain(Throwable thrown) {
    List<Throwable> chain = new ArrayList<>();
    for (Throwable t = thrown; t != null && !chain.contains(t); t = t.getCause()) {
      chain.add(t);
    }
    return chain;
  }

  /** What went wrong, in one line. */
  static String message(Throwable thrown) {
    Throwable root = thrown;
    for (Throwable t : chain(thrown)) {
      if (t instanceof PlatformException) {
        return t.getMessage();
      }
      if (t instanceof OutOfMemoryError) {
        return "Cannot go on: the memory of the process, %,d MiB, is not enough (%s). Give it more, as in TRIBUTARY_HEAP=12g, or run less beside it."
            .formatted(Runtime.getRuntime().maxMemory() >> 20, t.getMessage());
      }
      root = t;
    }
    String first =
        root.getMessage() == null ? "" : root.getMessage().lines().findFirst().orElse("");
    return root.getClass().getSimpleName() + (first.isEmpty() ? "" : ": " + first);
  }

  /**
   * The same for a log, without values of the data: of what Tributary did not write itself, which
   * may hold any, only what it is and where it was thrown.
   */
  static String stored(Throwable thrown) {
    Throwable root = thrown;
    for (Throwable t : chain(thrown)) {
      if (t instanceof PlatformException p) {
        return p.stored();
      }
      if (t instanceof OutOfMemoryError) {
        return message(t);
      }
      root = t;
    }
    StackTraceElement[] frames = root.getStackTrace();
    return named(root) + (frames.length == 0 ? "" : " at " + frames[0]);
  }

  private static String named(Throwable thrown) {
    return thrown.getClass().getName()
        + (thrown instanceof SparkThrowable s && s.getErrorClass() != null
            ? " [" + s.getErrorClass() + "]"
            : "");
  }

  /** A stack trace whose messages are {@link #stored} ones: it is sent to others. */
  private static String trace(Throwable thrown) {
    StringBuilder trace = new StringBuilder();
    for (Throwable t : chain(thrown)) {
      trace
          .append(trace.length() == 0 ? "" : "Caused by: ")
          .append(named(t))
          .append(t instanceof PlatformException p ? ": " + p.stored() : "")
          .append('\n');
      for (StackTraceElement frame : t.getStackTrace()) {
        trace.append("\tat ").append(frame).append('\n');
      }
    }
    return trace.toString();
  }

  /** Keeps a stack trace where it can be found again. */
  private String kept(String name, Throwable thrown) {
    String trace = trace(thrown);
    String file = Instant.now().toString().replace(":", "") + "-" + name + ".txt";
    List<Path> folders = new ArrayList<>();
    opened.flatMap(LakeTables::local).ifPresent(l -> folders.add(l.resolve("platform/errors")));
    folders.add(Path.of(System.getProperty("java.io.tmpdir"), "tributary-errors"));
    for (Path folder : folders) {
      try {
        Files.createDirectories(folder);
        Path kept = Files.writeString(folder.resolve(file), trace);
        return ". This is a bug in Tributary: report it with " + kept + ".";
      } catch (IOException e) {
        thrown.addSuppressed(e);
      }
    }
    return ". This is a bug in Tributary: report it with this:\n" + trace;
  }
}
