package io.tributary.console;

import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.events.EventLog;
import io.tributary.events.lake.LakeIdentity;
import io.tributary.events.runs.LakeTables;
import io.tributary.notify.Delivery;
import io.tributary.notify.Outbox;
import io.tributary.report.Page;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The options of every light command: project, lake, text or JSON. */
final class ProjectOptions {
  @CommandLine.Spec(CommandLine.Spec.Target.MIXEE)
  private CommandLine.Model.CommandSpec spec;

  @Option(
      names = "--project",
      scope = ScopeType.INHERIT,
      paramLabel = "DIR",
      description = "The project's folder (default: the nearest tributary.yaml upwards).")
  private Path folder;

  @Option(
      names = "--lake",
      scope = ScopeType.INHERIT,
      paramLabel = "DIR",
      description = "Where the tables lie; overrides the project's.")
  private String lake;

  @Option(names = "--json", scope = ScopeType.INHERIT, description = "Print the result as JSON.")
  private boolean json;

  private Map<String, String> environment = System.getenv();

  /** Lets another environment be that of the command. */
  void in(Map<String, String> other) {
    environment = other;
  }

  /** The environment that the command runs in. */
  Map<String, String> environment() {
    return environment;
  }

  Project project() {
    return ProjectReader.read(folder(), environment, Optional.ofNullable(lake));
  }

  private Path folder() {
    return folder == null ? ProjectReader.find(Path.of("")) : folder;
  }

  /**
   * The project's lake, or the one that {@code --lake} names.
   *
   * @throws io.tributary.core.PlatformException REFUSED when it is of another format than this
   *     build's
   */
  String lake() {
    String lake = anyLake();
    LakeIdentity.require(lake);
    return lake;
  }

  /** The same, whatever its format. */
  String anyLake() {
    return LakeTables.normal(ProjectReader.lake(folder(), environment, Optional.ofNullable(lake)));
  }

  /** One of the platform's event logs. */
  EventLog log(String subject) {
    return EventLog.open(path(TableName.of("platform", subject)));
  }

  /** The place of a table. */
  String path(TableName table) {
    return LakeTables.path(lake(), table);
  }

  boolean json() {
    return json;
  }

  PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /**
   * Notifies those who are told of changes in the registry, at the end of a command that made one
   * and fails by nothing of this: what could not be delivered is said, and delivered by a later
   * one.
   */
  void notifyOfChange() {
    List<String> lines;
    try {
      lines = Delivery.ofCommand().afterChange(Outbox.open(lake()), project());
    } catch (PlatformException e) {
      lines = List.of("WARN nobody is notified yet; tributary notify does it: " + e.getMessage());
    }
    warn(lines);
  }

  /** Says what is no part of the answer. */
  void warn(List<String> lines) {
    lines.forEach(spec.commandLine().getErr()::println);
    spec.commandLine().getErr().flush();
  }

  /** Says what a user should know of, beside the result. */
  void warn(String sentence) {
    spec.commandLine().getErr().println("WARN " + sentence);
    spec.commandLine().getErr().flush();
  }

  /** Writes a page, and says where. */
  void write(Page page, Path file) {
    page.write(file);
    if (json) {
      print(Map.of("page", file.toString()));
    } else {
      out().println("page: " + file);
      out().flush();
    }
  }

  /** Prints a value as one line of JSON. */
  void print(Object value) {
    out().println(Json.write(value));
    out().flush();
  }
}
