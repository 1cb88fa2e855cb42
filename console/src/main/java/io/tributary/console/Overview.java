package io.tributary.console;

import io.tributary.core.Json;
import io.tributary.core.command.ClassPath;
import io.tributary.core.command.CommandEntry;
import io.tributary.core.command.Commands;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.Option;

/** Help on all commands, or on the subcommands of one, from the catalogue. */
@Command(mixinStandardHelpOptions = true, versionProvider = Overview.Version.class)
final class Overview implements Runnable {
  @CommandLine.Spec private CommandSpec spec;

  @Option(names = "--json", description = "Print the catalogue as JSON.")
  private boolean json;

  private final List<CommandEntry> entries;

  private Overview(List<CommandEntry> entries) {
    this.entries = entries;
  }

  /** All commands. */
  static CommandLine ofAll() {
    List<String> lines = new ArrayList<>();
    lines.addAll(section("Commands that answer at once:", ClassPath.LIGHT, ClassPath.SERVING));
    lines.addAll(section("Commands that start Spark:", ClassPath.HEAVY));
    lines.add("");
    lines.add("Each has --help, --json and --project DIR, the folder of a tributary.yaml: the");
    lines.add("nearest one upwards if it is not named. As the first word it means the same.");
    lines.add("Exit codes: 0 done, 1 a bug, 2 a definition or request is wrong, 3 the data is,");
    lines.add("4 something outside failed.");
    return line(Commands.all(), "tributary", "A batch data and feature platform on Spark.", lines);
  }

  /** Help on the subcommands of a command. */
  static CommandLine of(String command) {
    CommandEntry entry = Commands.find(command).orElseThrow();
    List<CommandEntry> below = Commands.below(command);
    List<String> lines = new ArrayList<>(List.of(""));
    below.forEach(sub -> lines.add(row(sub.subcommand().orElseThrow(), sub)));
    return line(below, "tributary " + command, entry.sentence(), lines);
  }

  private static CommandLine line(
      List<CommandEntry> entries, String name, String description, List<String> lines) {
    CommandLine line = new CommandLine(new Overview(entries));
    UsageMessageSpec usage = line.getCommandSpec().name(name).usageMessage();
    usage.customSynopsis(name + " [-hV] [--json] COMMAND").description(description);
    usage.footer(lines.toArray(String[]::new));
    return line;
  }

  private static List<String> section(String heading, ClassPath... of) {
    List<String> lines = new ArrayList<>(List.of("", heading));
    Commands.first().stream()
        .filter(entry -> Arrays.asList(of).contains(entry.classPath()))
        .forEach(entry -> lines.add(row(entry.words(), entry)));
    return lines;
  }

  private static String row(String words, CommandEntry entry) {
    return String.format(Locale.ROOT, "  %-13s %s", words, entry.description());
  }

  @Override
  public void run() {
    if (json) {
      spec.commandLine().getOut().println(Json.write(entries));
      spec.commandLine().getOut().flush();
    } else {
      spec.commandLine().usage(spec.commandLine().getOut());
    }
  }

  /** The version that the build put into the jar. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Overview.class.getPackage().getImplementationVersion();
      return new String[] {"tributary " + (version == null ? "(not packaged)" : version)};
    }
  }
}
