package io.tributary.definition;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.internal.FolderRevision;
import io.tributary.definition.internal.ProjectFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads a project's folder into records, and gathers all that is wrong with it on the way. */
public final class ProjectReader {
  /** The file that makes a folder a project. */
  public static final String PROJECT_FILE = ProjectFolder.PROJECT_FILE;

  private ProjectReader() {}

  /**
   * What a folder holds.
   *
   * @param project all of it if there is no problem, else the definitions that have none of their
   *     own; empty if {@code tributary.yaml} can't be read
   * @param problems by file and line
   */
  public record Reading(Optional<Project> project, List<Problem> problems) {
    public Reading {
      problems = List.copyOf(problems);
    }
  }

  /**
   * Reads a project.
   *
   * @param folder that holds {@code tributary.yaml}
   * @param environment what <code>${NAME}</code> in {@code tributary.yaml} stands for
   * @param lakeOverride in place of the project's {@code lake}; a relative path is relative to the
   *     working directory
   * @throws PlatformException NOT_FOUND if the folder is no project, INVALID_DEFINITION with the
   *     list of all problems if there is one
   */
  public static Project read(
      Path folder, Map<String, String> environment, Optional<String> lakeOverride) {
    Reading reading = check(folder, environment, lakeOverride);
    if (!reading.problems().isEmpty()) {
      throw Problem.exception(folder.toAbsolutePath().normalize().toString(), reading.problems());
    }
    return reading.project().orElseThrow();
  }

  /**
   * A project's lake, by its {@code tributary.yaml} alone: what is wrong with its definitions keeps
   * nobody from looking at what ran.
   *
   * @throws PlatformException as {@link #read}, of {@code tributary.yaml}
   */
  public static String lake(
      Path folder, Map<String, String> environment, Optional<String> lakeOverride) {
    ProjectFolder read = open(folder, environment, lakeOverride);
    return read.lake()
        .orElseThrow(
            () ->
                Problem.exception(folder.toAbsolutePath().normalize().toString(), read.problems()));
  }

  private static ProjectFolder open(
      Path folder, Map<String, String> environment, Optional<String> lakeOverride) {
    Path absolute = folder.toAbsolutePath().normalize();
    if (!isProject(absolute)) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot read project %s: it has no %s. Name a folder that has one, or make one with \"tributary init\"."
              .formatted(absolute, PROJECT_FILE));
    }
    return new ProjectFolder(absolute, environment, lakeOverride);
  }

  /** When a file of a folder's definitions was last changed; empty where some can't be seen. */
  public static Optional<FileTime> lastChange(Path folder) {
    return FolderRevision.lastChange(folder.toAbsolutePath().normalize());
  }

  /** The same as {@link #read}, with problems as values; throws NOT_FOUND alone. */
  public static Reading check(
      Path folder, Map<String, String> environment, Optional<String> lakeOverride) {
    ProjectFolder read = open(folder, environment, lakeOverride);
    return new Reading(read.read(), read.problems());
  }

  /**
   * The project that a folder or file is in: the nearest folder upwards with a {@code
   * tributary.yaml}.
   *
   * @throws PlatformException NOT_FOUND if there is none
   */
  public static Path find(Path start) {
    return nearest(start)
        .orElseThrow(
            () ->
                new PlatformException(
                    ErrorCode.NOT_FOUND,
                    "Cannot find a project from %s: neither it nor a folder above it has a %s. Name the project's folder, or make one with \"tributary init\"."
                        .formatted(start.toAbsolutePath().normalize(), PROJECT_FILE)));
  }

  /** The same; empty if there is none. */
  public static Optional<Path> nearest(Path start) {
    return Stream.iterate(start.toAbsolutePath().normalize(), Objects::nonNull, Path::getParent)
        .filter(ProjectReader::isProject)
        .findFirst();
  }

  /** Whether a folder is a project's. */
  public static boolean isProject(Path folder) {
    return Files.isRegularFile(folder.resolve(PROJECT_FILE));
  }
}
