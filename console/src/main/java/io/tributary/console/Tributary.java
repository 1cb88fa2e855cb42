package io.tributary.console;

import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line's light half, and the overview of both halves. */
@Command(
    name = "tributary",
    mixinStandardHelpOptions = true,
    versionProvider = Tributary.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    header = "A batch data and feature platform on Spark.%n",
    commandListHeading = "%nCommands that answer at once:%n",
    footerHeading = "%nCommands that start Spark (each has --help):%n",
    footer = {
      "  run           the whole nightly flow, interval by interval",
      "  ingest        load what was delivered, judge it, quarantine bad rows",
      "  quarantine    show what is held back, and release rows that are good",
      "  materialize   take feature snapshots of an interval",
      "  publish       publish the snapshots online",
      "  training-set  build a training set, point-in-time correct",
      "  join          features for the rows of a file, with or without a lake",
      "  explain       how one feature of one entity came by its value",
      "  amend         give a version of a view another meaning, and say what becomes stale",
      "  train         fit, evaluate and register a model",
      "  score         score an interval's rows with a registered model",
      "  monitor       ask the four questions of an interval's scores",
      "",
      "PROJECT is a folder with a tributary.yaml; the nearest one upwards if it is not named.",
      "Exit codes: 0 done, 1 a bug, 2 a definition or request is wrong, 3 the data is, 4 something outside failed."
    })
public final class Tributary implements Runnable {
  private static final List<Map.Entry<String, Class<?>>> COMMANDS =
      List.of(
          Map.entry("init", InitCommand.class),
          Map.entry("doctor", DoctorCommand.class),
          Map.entry("upgrade", UpgradeCommand.class),
          Map.entry("show", ShowCommand.class),
          Map.entry("features", FeaturesCommand.class),
          Map.entry("registry", RegistryCommand.class),
          Map.entry("runs", RunsCommand.class),
          Map.entry("lineage", LineageCommand.class));

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  Tributary() {}

  public static void main(String[] args) {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    System.exit(run(out, err, args));
  }

  /** The command line with its commands, or that one alone which the first word names. */
  public static CommandLine commandLine(String... args) {
    CommandLine line = new CommandLine(new Tributary());
    boolean named = args.length > 0 && COMMANDS.stream().anyMatch(c -> c.getKey().equals(args[0]));
    for (Map.Entry<String, Class<?>> command : COMMANDS) {
      // The model of each takes time that whoever asks for another need not wait for.
      if (!named || command.getKey().equals(args[0])) {
        line.addSubcommand(command.getKey(), command.getValue());
      }
    }
    return line;
  }

  /** Runs one command and returns the exit code. */
  public static int run(PrintWriter out, PrintWriter err, String... args) {
    boolean json = List.of(args).contains("--json");
    CommandLine line = commandLine(args);
    line.setOut(out);
    line.setErr(err);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler(
        (error, command, parsed) -> {
          ErrorCode code = PlatformException.codeOf(error);
          if (code == ErrorCode.BUG) {
            error.printStackTrace(command.getErr());
          } else {
            command.getErr().println(error.getMessage());
          }
          if (json) {
            command.getOut().println(asJson(code, message(error)));
          }
          return code.group().exitCode();
        });
    CommandLine.IParameterExceptionHandler asText = line.getParameterExceptionHandler();
    line.setParameterExceptionHandler(
        (error, words) -> {
          if (json) {
            error
                .getCommandLine()
                .getOut()
                .println(asJson(ErrorCode.INVALID_REQUEST, message(error)));
          }
          return asText.handleParseException(error, words);
        });
    return line.execute(args);
  }

  private static String message(Exception error) {
    return String.valueOf(error.getMessage());
  }

  /** An error as every command says it under {@code --json}. */
  private static String asJson(ErrorCode code, String message) {
    return Json.write(
        Map.of("error", Map.of("code", code, "group", code.group(), "message", message)));
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** The version that the build put into the jar. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Tributary.class.getPackage().getImplementationVersion();
      return new String[] {"tributary " + (version == null ? "(not packaged)" : version)};
    }
  }
}
