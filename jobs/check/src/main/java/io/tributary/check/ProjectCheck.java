package io.tributary.check;

import io.tributary.analysis.CheckedProject;
import io.tributary.analysis.CheckedSource;
import io.tributary.core.Digest;
import io.tributary.core.ErrorGroup;
import io.tributary.core.PlatformException;
import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.lake.LakeSession;
import io.tributary.quality.QualityGate;
import io.tributary.quality.Suite;
import io.tributary.source.DeliveredFile;
import io.tributary.source.FileErrors;
import io.tributary.source.FileFormats;
import io.tributary.source.SourceReader;
import io.tributary.source.place.SourceFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A project looked at from all sides, without its work being done and without a session: what its
 * definitions say, their expressions, the suites beside the columns that they judge, the files
 * beside the contracts that they must meet.
 *
 * <p>Definitions that can't be read hide what depends on them: then expressions are not typed.
 */
public final class ProjectCheck {
  /** Of a source that many files were delivered to the newest so many are opened. */
  static final int FILES = 8;

  /** Bytes of a file that is digested, to see whether its bytes are known. */
  private static final long MOST_DIGESTED = 64L << 20;

  /** A definition first: what is wrong with data may come of it. */
  private static final List<ErrorGroup> WORST_FIRST =
      List.of(ErrorGroup.USER, ErrorGroup.DATA, ErrorGroup.EXTERNAL, ErrorGroup.INTERNAL);

  private final Path folder;
  private final List<PlacedProblem> problems = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final List<String> done = new ArrayList<>();
  private long there;
  private long opened;
  private long lines;

  private ProjectCheck(Path folder) {
    this.folder = folder.toAbsolutePath().normalize();
  }

  /**
   * What was found.
   *
   * @param problems what is wrong, by file, line and column; a run would fail of it
   * @param notes what is not wrong and worth a look: rows that ingest would set apart
   * @param done what was looked at, a line each
   */
  public record Report(
      String project, List<PlacedProblem> problems, List<String> notes, List<String> done) {
    /** The same with further problems, in front. */
    Report with(List<PlacedProblem> further) {
      return new Report(
          project, Stream.concat(further.stream(), problems.stream()).toList(), notes, done);
    }

    /** The group that must act first; empty where nothing is wrong. */
    public Optional<ErrorGroup> worst() {
      return WORST_FIRST.stream()
          .filter(group -> problems.stream().anyMatch(problem -> problem.group() == group))
          .findFirst();
    }
  }

  /**
   * Checks all of a project.
   *
   * @throws PlatformException NOT_FOUND if the folder is no project
   */
  public static Report of(Path folder, Map<String, String> environment, Optional<String> lake) {
    ProjectCheck written = new ProjectCheck(folder);
    ProjectCheck delivered = new ProjectCheck(folder);
    CheckedProject.prepare(folder);
    ProjectReader.Reading reading = ProjectReader.check(folder, environment, lake);
    reading.problems().forEach(problem -> written.problems.add(PlacedProblem.of(problem)));
    if (reading.project().isPresent()) {
      Project project = reading.project().get();
      CompletableFuture<Void> typed =
          CompletableFuture.runAsync(() -> written.definitions(project));
      delivered.files(project);
      typed.join();
    } else {
      written.notes.add(
          "expressions, suites and files were not looked at: definitions have to be read first");
    }
    return new Report(
        reading.project().map(Project::name).orElse(""),
        Stream.concat(written.problems.stream(), delivered.problems.stream())
            .map(new ProblemPlaces(written.folder)::locate)
            .distinct()
            .sorted(
                Comparator.comparing(PlacedProblem::file)
                    .thenComparingInt(PlacedProblem::line)
                    .thenComparing(PlacedProblem::message))
            .toList(),
        Stream.concat(written.notes.stream(), delivered.notes.stream()).toList(),
        Stream.concat(written.done.stream(), delivered.done.stream()).toList());
  }

  /**
   * What a run needs to be right before it begins: definitions, expressions, suites, and that files
   * are there. Their content is left to ingest, which opens each new one.
   *
   * @param sources whose files must be there
   * @throws PlatformException with all that is wrong
   */
  public static void require(CheckedProject checked, Collection<String> sources) {
    Project project = checked.project();
    ProjectCheck check = new ProjectCheck(project.folder());
    checked.sources().values().forEach(check::suite);
    try (LakeSession session = LakeSession.lazy()) {
      for (String name : sources) {
        folder(project, project.sources().get(name), List.of(), session)
            .ifPresent(files -> check.hold(name, files::look));
      }
    }
    if (check.problems.isEmpty()) {
      return;
    }
    PlacedProblem worst =
        Collections.min(
            check.problems, Comparator.comparingInt(f -> WORST_FIRST.indexOf(f.group())));
    throw new PlatformException(
        worst.code(),
        check.problems.size() == 1
            ? worst.message()
            : "Cannot run project %s: %d problems. Correct them all:%n%s"
                .formatted(
                    project.name(),
                    check.problems.size(),
                    check.problems.stream()
                        .map(problem -> "  " + problem.message())
                        .collect(Collectors.joining("\n"))));
  }

  private void definitions(Project project) {
    CheckedProject.Checking checking = CheckedProject.checking(project);
    checking.problems().forEach(problem -> problems.add(PlacedProblem.of(problem)));
    boolean allTyped = problems.isEmpty();
    long suites = checking.checked().sources().values().stream().filter(this::suite).count();
    done.add(
        "definitions: %d sources, %d views, %d training sets, %d models, %d score sets, %d monitors, %d pipelines"
            .formatted(
                project.sources().size(),
                project.views().size(),
                project.trainingSets().size(),
                project.models().size(),
                project.scores().size(),
                project.monitors().size(),
                project.pipelines().size()));
    if (allTyped) {
      done.add("SQL: all expressions typed and compiled");
    }
    done.add("suites: %d beside the columns that they judge".formatted(suites));
  }

  /** Whether a source has a suite; what is wrong with it is found. */
  private boolean suite(CheckedSource source) {
    Optional<String> file = source.definition().expectations().map(e -> "expectations/" + e);
    file.ifPresent(
        origin ->
            hold(
                origin,
                () -> {
                  Suite suite = Suite.read(folder.resolve(origin), origin);
                  QualityGate.check(
                      suite,
                      suite.name() + " (" + origin + ")",
                      source.schema(),
                      source.definition().zone());
                }));
    return file.isPresent();
  }

  private void hold(String file, Runnable check) {
    try {
      check.run();
    } catch (PlatformException e) {
      problems.add(PlacedProblem.of(e, file));
    }
  }

  private static Optional<SourceFolder> folder(
      Project project, Source source, List<DeliveredFile> admitted, LakeSession session) {
    return source.input() instanceof SourceInput.Files files
        ? Optional.of(
            new SourceFolder(
                source,
                project.folder(),
                files,
                Optional.empty(),
                session::hadoop,
                () -> admitted,
                Optional::empty,
                InstantSource.system()))
        : Optional.empty();
  }

  private void files(Project project) {
    Deliveries deliveries = Deliveries.of(project);
    List<String> elsewhere = new ArrayList<>();
    try (LakeSession session = LakeSession.lazy()) {
      for (Source source : project.sources().values()) {
        folder(project, source, deliveries.admitted(source.name()), session)
            .ifPresentOrElse(
                folder -> files(source, folder, deliveries),
                () -> {
                  if (!source.isQuery()) {
                    elsewhere.add(source.name());
                  }
                });
      }
    }
    done.add(
        "files: %,d are there; of %,d that no run has admitted columns and the first %,d lines each, %,d in all"
            .formatted(there, opened, FileSample.LINES, lines));
    if (!elsewhere.isEmpty()) {
      done.add("not queried: " + String.join(", ", elsewhere) + ", which are tables elsewhere");
    }
  }

  /** Whether a file that was only touched has the bytes of an admitted one. */
  private static boolean isAdmitted(
      SourceFolder folder, SourceFolder.Listed file, List<DeliveredFile> admitted) {
    long bytes = file.status().getLen();
    List<Digest> digests =
        admitted.stream().filter(a -> a.bytes() == bytes).map(DeliveredFile::sha256).toList();
    if (digests.isEmpty() || bytes > MOST_DIGESTED) {
      return false;
    }
    try (InputStream in = folder.open(file)) {
      return digests.contains(Digest.of(in));
    } catch (IOException e) {
      // What reads its lines says what is wrong with it.
      return false;
    }
  }

  private void files(Source source, SourceFolder folder, Deliveries deliveries) {
    try {
      SourceReader reader = FileFormats.reader(source);
      List<SourceFolder.Listed> files = folder.list();
      if (files.isEmpty()) {
        if (!deliveries.ofSource(source.name())) {
          throw FileErrors.nothingEver(source.name(), folder.nothing());
        }
        notes.add("source %s: %s".formatted(source.name(), folder.nothing()));
      }
      List<SourceFolder.Listed> fresh =
          files.stream()
              .filter(file -> !file.isKnown())
              .sorted(Comparator.comparingLong(file -> -file.status().getModificationTime()))
              .toList();
      if (fresh.size() > FILES) {
        notes.add(
            "source %s: the newest %d of %d files that no run has admitted were opened"
                .formatted(source.name(), FILES, fresh.size()));
      }
      there += files.size();
      List<DeliveredFile> admitted = deliveries.admitted(source.name());
      for (SourceFolder.Listed file : fresh.subList(0, Math.min(FILES, fresh.size()))) {
        if (isAdmitted(folder, file, admitted)) {
          continue;
        }
        FileSample sample = FileSample.of(source, reader, file, folder);
        problems.addAll(sample.problems());
        notes.addAll(sample.notes());
        opened++;
        lines += sample.lines();
      }
    } catch (PlatformException e) {
      problems.add(
          PlacedProblem.of(
              e.code(), source.location().file(), source.location().line(), e.getMessage()));
    }
  }
}
