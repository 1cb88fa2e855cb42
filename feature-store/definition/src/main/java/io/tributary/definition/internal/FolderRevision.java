package io.tributary.definition.internal;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.ProjectRevision;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The state of a project's folder: its commit, and the bytes of its definition files. */
public final class FolderRevision {
  private static final String SUITES = "expectations";
  private static final String COMMIT = "# branch.oid ";
  private static final String IGNORED = "! ";
  private static final String UNTRACKED = "? ";
  private static final long SECONDS = 5;

  private FolderRevision() {}

  public static ProjectRevision of(Path folder) {
    Digest files = digest(folder);
    List<String> status = status(folder);
    Optional<String> commit =
        status.stream()
            .filter(line -> line.startsWith(COMMIT))
            .map(line -> line.substring(COMMIT.length()))
            .filter(oid -> oid.matches("[0-9a-f]{40,64}"))
            .findFirst();
    boolean dirty = commit.isPresent() && status.stream().anyMatch(FolderRevision::differs);
    return new ProjectRevision(commit, dirty, files);
  }

  /** Whether a line of the status names a definition that no commit holds, or another one. */
  private static boolean differs(String line) {
    if (line.startsWith(IGNORED) || line.startsWith(UNTRACKED)) {
      String name = line.substring(line.lastIndexOf('/') + 1).replaceFirst("^[!?] ", "");
      if (isEditors(name.replaceFirst("\"$", ""))) {
        return false;
      }
    }
    return line.startsWith(IGNORED)
        ? line.matches(".*(\\.yaml|\\.json|/)\"?")
        : !line.startsWith("#");
  }

  /** Whether a file is hidden, or a copy that an editor keeps beside one: no definition is. */
  private static boolean isEditors(String name) {
    return name.startsWith(".") || name.endsWith("~");
  }

  /** What may hold definitions, below the folder. */
  private static List<String> parts() {
    List<String> parts = new ArrayList<>(List.of(ProjectFolder.PROJECT_FILE, SUITES));
    parts.addAll(DefinitionKind.folders());
    return parts;
  }

  private static Digest digest(Path folder) {
    StringBuilder all = new StringBuilder();
    try {
      for (Path file : files(folder)) {
        all.append(folder.relativize(file).toString().replace(File.separatorChar, '/'))
            .append(' ')
            .append(Digest.ofFile(file).hex())
            .append('\n');
      }
    } catch (IOException | UncheckedIOException e) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot read the definition files in %s: %s. Check that they may be read."
              .formatted(folder, e.getMessage()),
          e);
    }
    return Digest.of(all.toString());
  }

  private static List<Path> files(Path folder) throws IOException {
    List<Path> all = new ArrayList<>();
    for (String part : parts()) {
      Path in = folder.resolve(part);
      if (Files.exists(in)) {
        try (Stream<Path> files = Files.walk(in)) {
          files
              .filter(Files::isRegularFile)
              .filter(file -> !isEditors(file.getFileName().toString()))
              .sorted()
              .forEach(all::add);
        }
      }
    }
    return all;
  }

  /** When a definition file was last changed; empty where some can't be looked at. */
  public static Optional<FileTime> lastChange(Path folder) {
    try {
      FileTime last = FileTime.fromMillis(0);
      for (Path file : files(folder)) {
        FileTime changed = Files.getLastModifiedTime(file);
        last = changed.compareTo(last) > 0 ? changed : last;
      }
      return Optional.of(last);
    } catch (IOException | UncheckedIOException e) {
      return Optional.empty();
    }
  }

  /** What git says of them, the commit first; nothing where it has nothing to say. */
  private static List<String> status(Path folder) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "git",
                "--no-optional-locks",
                "-C",
                folder.toString(),
                "status",
                "--porcelain=v2",
                "--branch",
                "--ignored",
                "--"));
    command.addAll(parts());
    Path said;
    try {
      said = Files.createTempFile("git", ".txt");
    } catch (IOException noRoom) {
      return List.of();
    }
    Process git = null;
    try {
      git =
          new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
              .redirectOutput(said.toFile())
              .start();
      return git.waitFor(SECONDS, TimeUnit.SECONDS) && git.exitValue() == 0
          ? Files.readAllLines(said)
          : List.of();
    } catch (IOException noGit) {
      return List.of();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    } finally {
      if (git != null) {
        git.destroyForcibly();
      }
      said.toFile().delete();
    }
  }
}
