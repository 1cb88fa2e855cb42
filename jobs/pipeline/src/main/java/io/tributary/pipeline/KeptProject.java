package io.tributary.pipeline;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.Problem;
import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.events.definitions.DefinitionStore;
import io.tributary.expression.KeptExpressions;
import io.tributary.lake.Lake;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A project made of the definitions that a lake keeps of a run, whatever any folder says by now.
 *
 * @param otherwise the definitions, by kind and name, that mean something else to this build than
 *     to the one that kept them
 */
record KeptProject(CheckedProject checked, List<String> otherwise) {
  /** A project's zone is kept with what it decides, in the definitions of sources. */
  private static final Pattern ZONE = Pattern.compile("(?m)^zone: (\\S+)$");

  private static final Pattern SUITE = Pattern.compile("(?m)^expectations: \"?([^\"\\n]+)\"?$");
  private static final Pattern CREDENTIALS = Pattern.compile("(?m)^ +credentials: (\\S+)$");

  /** A key of former builds, which decided no rows and no model. */
  private static final Pattern FORMER =
      Pattern.compile("(?m)^(retrain:\\n(?: .*\\n)*?) +promote: .*\\n?");

  /** Kinds that decide no rows and no model. */
  private static final Set<String> ASIDE = Set.of("suite", "pipeline", "monitor");

  private static final String SCRATCH = "tributary-kept-";
  private static final Logger LOG = LoggerFactory.getLogger(KeptProject.class);

  KeptProject {
    otherwise = List.copyOf(otherwise);
  }

  /**
   * Reads and checks what a run used.
   *
   * @param used the digests of the definitions, by kind and name
   * @throws PlatformException NOT_FOUND or CORRUPT when one is not kept as it was;
   *     INVALID_DEFINITION when this build can't read one
   */
  static KeptProject of(Lake lake, Map<String, Digest> used) {
    DefinitionStore store = lake.definitions().store();
    List<Definition> definitions =
        used.values().stream().map(store::read).filter(d -> !ASIDE.contains(d.kind())).toList();
    Set<String> zones = new TreeSet<>();
    definitions.forEach(d -> zones.addAll(found(ZONE, d)));
    zones.add("UTC");
    List<KeptProject> read = new ArrayList<>();
    for (String zone : zones) {
      KeptProject kept = read(lake, definitions, zone);
      if (kept.otherwise.isEmpty()) {
        return kept;
      }
      read.add(kept);
    }
    return read.stream().min(Comparator.comparing(kept -> kept.otherwise.size())).orElseThrow();
  }

  private static KeptProject read(Lake lake, List<Definition> definitions, String zone) {
    CheckedProject checked = checked(lake, definitions, zone);
    Map<String, Digest> now =
        checked.definitions(definitions.stream().map(Definition::reference).toList()).stream()
            .collect(Collectors.toMap(Definition::reference, Definition::meaningDigest));
    return new KeptProject(
        checked,
        definitions.stream()
            .filter(d -> !d.meaningDigest().equals(now.get(d.reference())))
            .map(Definition::reference)
            .toList());
  }

  /** Definitions are read from a folder, which is there for as long as that takes. */
  private static CheckedProject checked(Lake lake, List<Definition> definitions, String zone) {
    try {
      Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
      removeThoseOfDead(temporary);
      Path folder = Files.createTempDirectory(SCRATCH + ProcessHandle.current().pid() + "-");
      try {
        write(folder, definitions, zone);
        Project project = ProjectReader.read(folder, Map.of(), Optional.of(lake.uri()));
        CheckedProject.Checking checking = CheckedProject.checking(project, KeptExpressions.none());
        if (!checking.problems().isEmpty()) {
          throw Problem.exception(project.name(), checking.problems());
        }
        return checking.checked();
      } finally {
        delete(folder);
      }
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot read kept definitions in %s: %s. Check that it can be written."
              .formatted(System.getProperty("java.io.tmpdir"), e.getMessage()),
          e);
    }
  }

  private static void write(Path folder, List<Definition> definitions, String zone)
      throws IOException {
    Set<String> credentials = new TreeSet<>();
    for (Definition definition : definitions) {
      write(folder, definition.file(), present(definition.text()));
      for (String suite : found(SUITE, definition)) {
        write(folder, "expectations/" + suite, "{}");
      }
      credentials.addAll(found(CREDENTIALS, definition));
    }
    StringBuilder project =
        new StringBuilder("project: kept\nzone: %s\nonline: rocksdb:/none\n".formatted(zone));
    if (!credentials.isEmpty()) {
      project.append("credentials:\n");
      credentials.forEach(name -> project.append("  ").append(name).append(": {}\n"));
    }
    write(folder, ProjectReader.PROJECT_FILE, project.toString());
  }

  private static void write(Path folder, String file, String text) throws IOException {
    Path path = folder.resolve(file).normalize();
    if (!path.startsWith(folder)) {
      throw new PlatformException(
          ErrorCode.CORRUPT,
          "Cannot read the kept definition of %s: that lies in no project. Restore the lake's definitions from a copy."
              .formatted(file));
    }
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  /**
   * A definition's text without what this build has no key for any more, and meant nothing of it.
   */
  static String present(String text) {
    return FORMER.matcher(text).replaceAll("$1");
  }

  private static Collection<String> found(Pattern pattern, Definition in) {
    return pattern.matcher(in.text()).results().map(r -> r.group(1)).toList();
  }

  /**
   * What a process that was killed has left: reading takes seconds. It is tidied where that can be,
   * for others may do so right now, and not all is this user's.
   */
  private static void removeThoseOfDead(Path temporary) {
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(temporary, SCRATCH + "*")) {
      Instant yesterday = Instant.now().minus(Duration.ofDays(1));
      for (Path folder : folders) {
        if (Files.getLastModifiedTime(folder).toInstant().isBefore(yesterday)) {
          delete(folder);
        }
      }
    } catch (IOException | DirectoryIteratorException | UncheckedIOException e) {
      LOG.debug("kept definitions that a killed process left in {} stay", temporary, e);
    }
  }

  private static void delete(Path folder) throws IOException {
    List<Path> deepestFirst;
    try (Stream<Path> paths = Files.walk(folder)) {
      deepestFirst = paths.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : deepestFirst) {
      Files.deleteIfExists(path);
    }
  }
}
