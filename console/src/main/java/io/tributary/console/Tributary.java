package io.tributary.console;

import io.tributary.core.ErrorCode;
import io.tributary.core.Nearest;
import io.tributary.core.PlatformException;
import io.tributary.core.command.ClassPath;
import io.tributary.core.command.CommandEntry;
import io.tributary.core.command.CommandFailure;
import io.tributary.core.command.Commands;
import io.tributary.definition.ProjectReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The main class of the command line: starts the light commands, and lists all commands. */
public final class Tributary {
  private Tributary() {}

  public static void main(String[] args) {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    System.exit(run(out, err, args));
  }

  /** Runs one command and returns the exit code. */
  public static int run(PrintWriter out, PrintWriter err, String... args) {
    return run(out, err, System.getenv(), args);
  }

  /** The same in another environment than the process's. */
  static int run(
      PrintWriter out, PrintWriter err, Map<String, String> environment, String... args) {
    Streams streams = new Streams(out, err, List.of(args).contains("--json"));
    List<String> words = List.of(args);
    String first = words.isEmpty() ? "" : words.get(0);
    boolean isGroup = Commands.find(first).filter(found -> found.main().isEmpty()).isPresent();
    String second = isGroup && words.size() > 1 ? words.get(1) : "";
    if (first.isEmpty() || first.startsWith("-")) {
      return execute("", Overview.ofAll(), words, streams);
    }
    if (isGroup && (second.isEmpty() || second.startsWith("-"))) {
      return execute(first, Overview.of(first), words.subList(1, words.size()), streams);
    }
    String named = (first + " " + second).strip();
    Optional<CommandEntry> entry =
        Commands.find(named).filter(found -> found.classPath() == ClassPath.LIGHT);
    if (entry.isEmpty()) {
      return streams.fail(CommandFailure.of(named, unknown(named, isGroup ? first : "")));
    }
    List<String> rest = words.subList(isGroup ? 2 : 1, words.size());
    return run(entry.get(), commandLine(entry.get()), rest, environment, streams);
  }

  /**
   * Runs the command of a main class on another class path, as the light ones are run, and returns
   * its exit code.
   *
   * @param named its words in the catalogue
   * @param command with picocli's annotations
   */
  public static int run(String named, Object command, String... args) {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    return run(out, err, named, command, args);
  }

  /** The same with other streams than the process's. */
  public static int run(
      PrintWriter out, PrintWriter err, String named, Object command, String... args) {
    Streams streams = new Streams(out, err, List.of(args).contains("--json"));
    CommandEntry entry = Commands.find(named).orElseThrow();
    return run(entry, commandLine(entry, command), List.of(args), System.getenv(), streams);
  }

  private static int run(
      CommandEntry entry,
      CommandLine command,
      List<String> words,
      Map<String, String> environment,
      Streams streams) {
    command
        .getMixins()
        .values()
        .forEach(
            mixin -> {
              if (mixin instanceof ProjectOptions options) {
                options.in(environment);
              }
            });
    return execute(entry.words(), command, withProject(command, words), streams);
  }

  private static PlatformException unknown(String named, String group) {
    List<String> known =
        (group.isEmpty() ? Commands.first() : Commands.below(group))
            .stream().map(CommandEntry::words).toList();
    return new PlatformException(
        ErrorCode.INVALID_REQUEST,
        known.contains(named)
            ? "Cannot run %s from here: it needs Spark. Start it by bin/tributary.".formatted(named)
            : "Cannot run %s: there is no such command.%s Run \"%s --help\" for what there is."
                .formatted(named, Nearest.hint(named, known), ("tributary " + group).strip()));
  }

  /** The picocli command of an entry of the catalogue. */
  static CommandLine commandLine(CommandEntry entry) {
    try {
      return commandLine(entry, Class.forName(entry.main().orElseThrow()));
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("no class for " + entry, e);
    }
  }

  private static CommandLine commandLine(CommandEntry entry, Object made) {
    CommandLine command = new CommandLine(made);
    CommandSpec spec = command.getCommandSpec();
    spec.name("tributary " + entry.words()).mixinStandardHelpOptions(true);
    if (spec.usageMessage().description().length == 0) {
      spec.usageMessage().description(entry.sentence());
    }
    return command;
  }

  private static int execute(
      String named, CommandLine command, List<String> words, Streams streams) {
    command.setOut(streams.out());
    command.setErr(streams.err());
    command.setCaseInsensitiveEnumValuesAllowed(true);
    command.setExecutionExceptionHandler(
        (error, line, parsed) -> streams.fail(CommandFailure.of(named, error)));
    command.setParameterExceptionHandler(
        (error, all) -> streams.fail(CommandFailure.ofUsage(named, error.getMessage())));
    return command.execute(words.toArray(String[]::new));
  }

  /** Turns a first word that is a project's folder into {@code --project}. */
  private static List<String> withProject(CommandLine command, List<String> words) {
    CommandSpec spec = command.getCommandSpec();
    if (spec.findOption("--project") == null) {
      return words;
    }
    CommandLine sub = words.isEmpty() ? null : command.getSubcommands().get(words.get(0));
    if (sub != null) {
      List<String> all = new ArrayList<>(words.subList(0, 1));
      all.addAll(withProject(sub, words.subList(1, words.size())));
      return all;
    }
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (word.startsWith("--project") || word.equals("--")) {
        return words;
      }
      OptionSpec option = spec.findOption(word);
      if (option != null) {
        i += option.arity().min();
      } else if (!word.startsWith("-")) {
        if (!ProjectReader.isProject(Path.of(word))) {
          return words;
        }
        List<String> named = new ArrayList<>(words);
        named.set(i, "--project=" + word);
        return named;
      }
    }
    return words;
  }

  /** Where a command writes, and whether as JSON. */
  private record Streams(PrintWriter out, PrintWriter err, boolean json) {
    int fail(CommandFailure failure) {
      if (json) {
        out.println(failure.json());
        out.flush();
      }
      err.println(failure.message());
      err.flush();
      return failure.exitCode();
    }
  }
}
