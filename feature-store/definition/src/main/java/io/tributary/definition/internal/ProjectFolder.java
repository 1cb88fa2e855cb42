package io.tributary.definition.internal;

import io.tributary.core.Nearest;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Lookup;
import io.tributary.definition.Model;
import io.tributary.definition.Monitor;
import io.tributary.definition.Pipeline;
import io.tributary.definition.Problem;
import io.tributary.definition.Problems;
import io.tributary.definition.Project;
import io.tributary.definition.Receiver;
import io.tributary.definition.ScoreSet;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.definition.SourceLocation;
import io.tributary.definition.TrainingSet;
import io.tributary.definition.ViewId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A project's folder while it is read: each file, then what refers to what. */
public final class ProjectFolder {
  /** The file that makes a folder a project. */
  public static final String PROJECT_FILE = "tributary.yaml";

  /** Names that credentials will have once these servers can be signed in at. */
  private static final Set<String> SERVERS = Set.of("atlas", "airflow");

  private static final Set<String> OTHER_FOLDERS = Set.of("expectations", "data", "lake");

  private final Path folder;
  private final Map<String, String> environment;
  private final Optional<String> lakeOverride;
  private final Problems problems = new Problems();
  private final Links links;

  public ProjectFolder(
      Path folder, Map<String, String> environment, Optional<String> lakeOverride) {
    this.folder = folder;
    this.environment = environment;
    this.lakeOverride = lakeOverride;
    this.links = new Links(folder);
  }

  /** All that is wrong, by file and line. */
  public List<Problem> problems() {
    return problems.sorted();
  }

  /**
   * The project, without the definitions that have problems of their own; empty if its own file has
   * some.
   */
  public Optional<Project> read() {
    Optional<ProjectFileParser.Settings> settings = settings();
    ZoneId zone = settings.map(ProjectFileParser.Settings::zone).orElse(ZoneId.of("UTC"));
    misplaced();
    for (DefinitionKind kind : DefinitionKind.values()) {
      for (Path file : files(kind)) {
        definition(kind, file, zone);
      }
    }
    if (links.isEmpty() && problems.isEmpty()) {
      problems.add(
          "project " + settings.map(ProjectFileParser.Settings::name).orElse(""),
          new SourceLocation(PROJECT_FILE, 1),
          "it defines nothing. Write a source into sources/, or begin with \"tributary init\".");
    }
    links.check();
    settings.ifPresent(this::credentials);
    settings.ifPresent(this::receivers);
    circles();
    return settings.map(this::project);
  }

  /** The lake that the project's own file names; empty if there is any problem with that. */
  public Optional<String> lake() {
    Optional<ProjectFileParser.Settings> settings = settings();
    return problems.isEmpty() ? settings.map(ProjectFileParser.Settings::lake) : Optional.empty();
  }

  /** Sources sign in by credentials that are there, and each of these is somebody's. */
  private void credentials(ProjectFileParser.Settings settings) {
    Set<String> used = new TreeSet<>(Set.of(ProjectFileParser.ONLINE.name()));
    for (Source source : links.<Source>all(DefinitionKind.SOURCE).values()) {
      if (source.input() instanceof SourceInput.Jdbc jdbc && jdbc.credentials().isPresent()) {
        String name = jdbc.credentials().get();
        used.add(name);
        if (!settings.credentials().containsKey(name)) {
          problems.add(
              "source " + source.name(),
              source.location(),
              "it signs in by \""
                  + name
                  + "\", which \"credentials\" of tributary.yaml does not have."
                  + Nearest.of(name, settings.credentials().keySet())
                      .map(near -> " Did you mean \"" + near + "\"?")
                      .orElse(
                          " Write it there: " + name + ": {user: NAME, password: ${VARIABLE}}."));
        }
      }
    }
    for (String name : settings.credentials().keySet()) {
      if (!used.contains(name) && links.allRead(DefinitionKind.SOURCE)) {
        problems.add(
            "project " + settings.name(),
            new SourceLocation(PROJECT_FILE, 1),
            "\"credentials\" has \""
                + name
                + "\", by which no source signs in."
                + (SERVERS.contains(name)
                    ? " Signing in there is not in this version. Take it out."
                    : Nearest.of(name, used)
                        .map(near -> " Did you mean \"" + near + "\"?")
                        .orElse(" Take it out.")));
      }
    }
  }

  /** Receivers are notified by monitors that are there. */
  private void receivers(ProjectFileParser.Settings settings) {
    Set<String> monitors = links.all(DefinitionKind.MONITOR).keySet();
    for (Receiver receiver : settings.receivers()) {
      for (String name : receiver.monitors()) {
        if (!monitors.contains(name) && links.allRead(DefinitionKind.MONITOR)) {
          problems.add(
              "project " + settings.name(),
              new SourceLocation(PROJECT_FILE, 1),
              Problems.unknown(
                  "\"notify." + receiver.name() + "\" names no monitor there is: \"" + name + "\"",
                  name,
                  monitors));
        }
      }
    }
  }

  private Optional<ProjectFileParser.Settings> settings() {
    Variables variables = new Variables(environment);
    Origin origin =
        new Origin(
            PROJECT_FILE,
            "project file",
            ZoneId.of("UTC"),
            problems,
            links,
            Optional.of(variables));
    return YamlFile.read(folder.resolve(PROJECT_FILE), origin)
        .flatMap(
            root -> {
              variables.learnSecrets(root);
              name(root, "project").ifPresent(n -> origin.named("project " + n));
              return ProjectFileParser.bind(
                  new YamlFields(root, ProjectFileParser.KEYS), folder, lakeOverride);
            });
  }

  private void definition(DefinitionKind kind, Path file, ZoneId zone) {
    Origin origin = new Origin(relative(file), kind.key(), zone, problems, links, Optional.empty());
    Optional<YamlValue> read = YamlFile.read(file, origin);
    if (read.isEmpty()) {
      links.unreadable(kind);
      return;
    }
    YamlValue root = read.get();
    Optional<String> name = name(root, kind.key());
    Optional<DefinitionKind> other = otherKind(root, kind);
    if (other.isPresent()) {
      root.problem(
          "the file defines a "
              + other.get().key()
              + ", which stands in "
              + other.get().folder()
              + "/. Move it there.");
      return;
    }
    if (name.isEmpty()) {
      links.unreadable(kind);
    }
    name.ifPresent(
        n -> {
          origin.named(kind.key() + " " + YamlValue.shortened(n));
          links.declare(kind, n, keyValue(root, kind.key()));
        });
    kind.bind(new YamlFields(root, kind.keys()))
        .ifPresent(bound -> links.bound(kind, name.orElse(""), bound));
  }

  private static Optional<DefinitionKind> otherKind(YamlValue root, DefinitionKind expected) {
    List<YamlValue.Entry> entries = root.entries();
    boolean own = entries.stream().anyMatch(e -> e.key().equals(expected.key()));
    return own || entries.isEmpty() ? Optional.empty() : DefinitionKind.ofKey(entries.get(0).key());
  }

  private static YamlValue keyValue(YamlValue root, String key) {
    return root.entries().stream()
        .filter(e -> e.key().equals(key))
        .map(YamlValue.Entry::value)
        .findFirst()
        .orElse(root);
  }

  private static Optional<String> name(YamlValue root, String key) {
    return root.entries().stream()
        .filter(e -> e.key().equals(key) && e.value().isScalar() && !e.value().isMissing())
        .map(e -> e.value().rawText())
        .findFirst();
  }

  /** YAML files where nobody would read them. */
  private void misplaced() {
    for (Path path : children(folder)) {
      String name = path.getFileName().toString();
      if (Files.isDirectory(path)) {
        if (!DefinitionKind.folders().contains(name) && !OTHER_FOLDERS.contains(name)) {
          Nearest.of(name, DefinitionKind.folders())
              .filter(near -> !yaml(path).isEmpty())
              .ifPresent(
                  near ->
                      problems.add(
                          "folder " + name,
                          new SourceLocation(relative(yaml(path).get(0)), 1),
                          "definitions are not read from "
                              + name
                              + "/. Did you mean "
                              + near
                              + "/?"));
        }
      } else if (isYaml(path) && !name.equals(PROJECT_FILE)) {
        problems.add(
            "file " + name,
            new SourceLocation(name, 1),
            "beside "
                + PROJECT_FILE
                + " no definition is read. Move it into one of "
                + String.join("/, ", DefinitionKind.folders())
                + "/.");
      }
    }
  }

  private List<Path> files(DefinitionKind kind) {
    Path in = folder.resolve(kind.folder());
    return Files.isDirectory(in) ? yaml(in) : List.of();
  }

  private List<Path> yaml(Path in) {
    try (Stream<Path> files = Files.walk(in)) {
      return files.filter(Files::isRegularFile).filter(ProjectFolder::isYaml).sorted().toList();
    } catch (IOException | UncheckedIOException e) {
      unreadable(in, e);
      return List.of();
    }
  }

  private List<Path> children(Path in) {
    try (Stream<Path> files = Files.list(in)) {
      return files.sorted().toList();
    } catch (IOException e) {
      unreadable(in, e);
      return List.of();
    }
  }

  private void unreadable(Path in, Exception e) {
    problems.add(
        "folder " + relative(in),
        new SourceLocation(relative(in), 1),
        "it can't be listed (" + e.getMessage() + "). Check that it may be read.");
  }

  private static boolean isYaml(Path path) {
    String name = path.getFileName().toString();
    return (name.endsWith(".yaml") || name.endsWith(".yml")) && !name.startsWith(".");
  }

  private String relative(Path path) {
    return folder.relativize(path).toString().replace('\\', '/');
  }

  /** Sources that are made of themselves, by queries and look-ups. */
  private void circles() {
    Map<String, Source> sources = links.all(DefinitionKind.SOURCE);
    Set<String> reported = new HashSet<>();
    for (String name : sources.keySet()) {
      circle(name, List.of(), sources, reported);
    }
  }

  private void circle(
      String name, List<String> path, Map<String, Source> sources, Set<String> reported) {
    if (path.contains(name)) {
      if (path.get(0).equals(name) && reported.add(name)) {
        reported.addAll(path);
        problems.add(
            "source " + name,
            sources.get(name).location(),
            "it is made of itself: "
                + String.join(" reads ", path)
                + " reads "
                + name
                + ". Break the circle.");
      }
      return;
    }
    Source source = sources.get(name);
    if (source == null) {
      return;
    }
    List<String> longer = new ArrayList<>(path);
    longer.add(name);
    Stream.concat(
            source.input() instanceof SourceInput.Query query
                ? Stream.of(query.source())
                : Stream.empty(),
            source.lookup().stream().map(Lookup::source))
        .distinct()
        .forEach(read -> circle(read, longer, sources, reported));
  }

  private Project project(ProjectFileParser.Settings s) {
    Set<String> faulty =
        problems.sorted().stream().map(p -> p.location().file()).collect(Collectors.toSet());
    Map<ViewId, FeatureView> views = new TreeMap<>();
    sound(DefinitionKind.VIEW, FeatureView::location, faulty)
        .values()
        .forEach(v -> views.put(v.id(), v));
    return new Project(
        s.name(),
        folder,
        s.zone(),
        s.lake(),
        s.online(),
        s.lineage(),
        s.retention(),
        s.suspect(),
        s.serving(),
        s.airflow(),
        sound(DefinitionKind.SOURCE, Source::location, faulty),
        views,
        sound(DefinitionKind.TRAINING_SET, TrainingSet::location, faulty),
        sound(DefinitionKind.MODEL, Model::location, faulty),
        sound(DefinitionKind.SCORES, ScoreSet::location, faulty),
        sound(DefinitionKind.MONITOR, Monitor::location, faulty),
        sound(DefinitionKind.PIPELINE, Pipeline::location, faulty),
        s.credentials(),
        s.receivers());
  }

  private <T> Map<String, T> sound(
      DefinitionKind kind, Function<T, SourceLocation> location, Set<String> faulty) {
    Map<String, T> sound = new TreeMap<>(links.<T>all(kind));
    sound.values().removeIf(d -> faulty.contains(location.apply(d).file()));
    return sound;
  }
}
