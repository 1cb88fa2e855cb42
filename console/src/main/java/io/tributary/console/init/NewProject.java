package io.tributary.console.init;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.ProjectReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A new project.
 *
 * @param folder where it is
 * @param files the files written, by path
 * @param attention what a person should look at
 */
public record NewProject(
    String folder,
    String source,
    long rows,
    Optional<String> time,
    List<String> key,
    Optional<String> view,
    List<String> files,
    List<String> attention) {
  private static final String SAMPLE = "orders.csv";

  /**
   * Creates a project from a file: reads it, writes the project beside its final folder, validates
   * it as any project, and moves it into place whole.
   *
   * @param data the file; empty = a small built-in one
   * @param progress receives every two seconds how many rows were read
   * @throws PlatformException INVALID_REQUEST when the folder holds anything, or nothing can be
   *     guessed from the file
   */
  public static NewProject make(
      Path folder,
      Optional<Path> data,
      Optional<String> time,
      List<String> key,
      Optional<String> entity,
      Optional<Boolean> dayFirst,
      ZoneId zone,
      Consumer<String> progress) {
    Path target = folder.toAbsolutePath().normalize();
    checkFree(target);
    Path draft =
        target.resolveSibling(
            "." + target.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
    try {
      Files.createDirectories(draft.resolve("data"));
      try {
        Path file = data.isPresent() ? data.get() : sample(draft);
        String from = data.map(d -> d.getFileName().toString()).orElse("a sample");
        NewProject made =
            write(
                draft,
                target,
                file,
                from,
                new Choices(time, key, entity, dayFirst, zone),
                progress);
        ProjectReader.read(draft, Map.of(), Optional.empty());
        Files.move(draft, target, StandardCopyOption.REPLACE_EXISTING);
        return made;
      } finally {
        delete(draft);
      }
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot make a project in %s: %s %s. Name a folder that can be written."
              .formatted(target, e.getClass().getSimpleName(), e.getMessage()),
          e);
    }
  }

  private static NewProject write(
      Path draft, Path target, Path file, String from, Choices choices, Consumer<String> progress)
      throws IOException {
    DelimitedFile csv = DelimitedFile.open(file);
    Guess guess = Guess.of(csv, choices, progress);
    String source = name(file);
    boolean packed = file.toString().endsWith(".gz") && guess.renamed().isEmpty();
    String dataFile = "data/" + source + (packed ? ".csv.gz" : ".csv");
    Path copy = draft.resolve(dataFile);
    Instant written = Files.getLastModifiedTime(file).toInstant();
    if (!guess.renamed().isEmpty() || (file.toString().endsWith(".gz") && !packed)) {
      csv.copyTo(copy, guess.columns().stream().map(GuessedColumn::name).toList());
    } else if (!file.equals(copy)) {
      Files.copy(file, copy);
    }
    LocalDate day = written.atZone(choices.zone()).toLocalDate();
    ProjectDraft texts =
        new ProjectDraft(
            projectName(target),
            source,
            from,
            dataFile,
            csv.delimiter(),
            choices.zone(),
            day,
            guess);
    for (Map.Entry<String, String> text : texts.files().entrySet()) {
      Path at = draft.resolve(text.getKey());
      Files.createDirectories(at.getParent());
      Files.writeString(at, text.getValue());
    }
    Stream<String> files = Stream.concat(texts.files().keySet().stream(), Stream.of(dataFile));
    return new NewProject(
        target.toString(),
        source,
        guess.rows(),
        guess.time().map(t -> t.column().name()),
        guess.key(),
        texts.viewName().map(v -> v + "@1"),
        files.toList(),
        guess.attention());
  }

  private static void checkFree(Path target) {
    try {
      if (Files.isDirectory(target)) {
        try (Stream<Path> held = Files.list(target)) {
          Optional<Path> first = held.findFirst();
          if (first.isEmpty()) {
            return;
          }
          throw taken(target, "it holds " + first.get().getFileName());
        }
      }
      if (Files.exists(target)) {
        throw taken(target, "it is a file");
      }
    } catch (IOException e) {
      throw taken(target, e.getMessage());
    }
  }

  private static PlatformException taken(Path target, String why) {
    return new PlatformException(
        ErrorCode.INVALID_REQUEST,
        "Cannot make a project in %s: %s, and nothing is overwritten. Name a folder that isn't there yet."
            .formatted(target, why));
  }

  private static Path sample(Path draft) throws IOException {
    Path file = draft.resolve("data").resolve(SAMPLE);
    try (InputStream in = NewProject.class.getResourceAsStream(SAMPLE)) {
      Files.copy(in, file);
    }
    return file;
  }

  private static String name(Path file) {
    String base =
        file.getFileName().toString().replaceFirst("(?i)(\\.(csv|tsv|txt))?(\\.gz)?$", "");
    String snake = Guess.snake(base);
    return snake.length() > 60 ? snake.substring(0, 60).replaceAll("_+$", "") : snake;
  }

  private static String projectName(Path target) {
    String name =
        target
            .getFileName()
            .toString()
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9]+", "-")
            .replaceAll("^[^a-z]+|-+$", "");
    return name.isEmpty() ? "project" : name;
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      }
    }
  }
}
