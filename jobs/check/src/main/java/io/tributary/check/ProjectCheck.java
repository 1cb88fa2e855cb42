package io.tributary.check;

import io.tributary.analysis.CheckedProject;
import io.tributary.analysis.CheckedSource;
import io.tributary.core.ErrorGroup;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.events.Event;
import io.tributary.events.EventLog;
import io.tributary.events.runs.LakeTables;
import io.tributary.lake.LakeSession;
import io.tributary.quality.QualityGate;
import io.tributary.quality.Suite;
import io.tributary.source.FileErrors;
import io.tributary.source.FileFormats;
import io.tributary.source.SourceReader;
import io.tributary.source.place.SourceFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;

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

  /** A definition first: what is wrong with data may come of it. */
  private static final List<ErrorGroup> WORST_FIRST =
      List.of(ErrorGroup.USER, ErrorGroup.DATA, ErrorGroup.EXTERNAL, ErrorGroup.INTERNAL);

  private final Path folder;
  private final List<Finding> findings = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final List<String> done = new ArrayList<>();
  private final Configuration local = new Configuration();
  private long there;
  private long opened;
  private long lines;

  private ProjectCheck(Path folder) {
    this.folder = folder.toAbsolutePath().normalize();
  }

  /**
   * What was found.
   *
   * @param findings what is wrong, by file, line and column; a run would fail of it
   * @param notes what is not wrong and worth a look: rows that ingest would set apart
   * @param done what was looked at, a line each
   */
  public record Report(
      String project, List<Finding> findings, List<String> notes, List<String> done) {
    /** The group that must act first; empty where nothing is wrong. */
    public Optional<ErrorGroup> worst() {
      return WORST_FIRST.stream()
          .filter(group -> findings.stream().anyMatch(finding -> finding.group() == group))
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
    ProjectReader.Reading reading = ProjectReader.check(folder, environment, lake);
    reading.problems().forEach(problem -> written.findings.add(Finding.of(problem)));
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
        Stream.concat(written.findings.stream(), delivered.findings.stream())
            .map(new Columns(written.folder)::locate)
            .distinct()
            .sorted(
                Comparator.comparing(Finding::file)
                    .thenComparingInt(Finding::line)
                    .thenComparing(Finding::message))
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
        folder(project, project.sources().get(name), session)
            .ifPresent(files -> check.hold(name, files::look));
      }
    }
    if (check.findings.isEmpty()) {
      return;
    }
    Finding worst =
        Collections.min(
            check.findings, Comparator.comparingInt(f -> WORST_FIRST.indexOf(f.group())));
    throw new PlatformException(
        worst.code(),
        check.findings.size() == 1
            ? worst.message()
            : "Cannot run project %s: %d problems. Correct them all:%n%s"
                .formatted(
                    project.name(),
                    check.findings.size(),
                    check.findings.stream()
                        .map(finding -> "  " + finding.message())
                        .collect(Collectors.joining("\n"))));
  }

  private void definitions(Project project) {
    CheckedProject.Checking checking = CheckedProject.checking(project);
    checking.problems().forEach(problem -> findings.add(Finding.of(problem)));
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
    done.add("SQL: all expressions typed and compiled");
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
      findings.add(Finding.of(e, file));
    }
  }

  private static Optional<SourceFolder> folder(
      Project project, Source source, LakeSession session) {
    return source.input() instanceof SourceInput.Files files
        ? Optional.of(
            new SourceFolder(source, project.folder(), files, Optional.empty(), session::hadoop))
        : Optional.empty();
  }

  private void files(Project project) {
    Set<String> delivered = delivered(project);
    List<String> elsewhere = new ArrayList<>();
    try (LakeSession session = LakeSession.lazy()) {
      for (Source source : project.sources().values()) {
        folder(project, source, session)
            .ifPresentOrElse(
                folder -> files(source, folder, delivered, session),
                () -> {
                  if (!source.isQuery()) {
                    elsewhere.add(source.name());
                  }
                });
      }
    }
    done.add(
        "files: %,d are there; of %,d that no run has loaded columns and the first %,d lines each, %,d in all"
            .formatted(there, opened, FileSample.LINES, lines));
    if (!elsewhere.isEmpty()) {
      done.add("not asked: " + String.join(", ", elsewhere) + ", which are tables elsewhere");
    }
  }

  private void files(
      Source source, SourceFolder folder, Set<String> delivered, LakeSession session) {
    try {
      SourceReader reader = FileFormats.reader(source);
      Map<String, FileStatus> files = folder.list();
      if (files.isEmpty()) {
        if (delivered.stream().noneMatch(file -> file.startsWith(source.name() + " "))) {
          throw FileErrors.nothingEver(source.name(), folder.nothing());
        }
        notes.add("source %s: %s".formatted(source.name(), folder.nothing()));
      }
      List<Map.Entry<String, FileStatus>> fresh =
          files.entrySet().stream()
              .filter(
                  file ->
                      !delivered.contains(
                          known(source.name(), file.getKey(), file.getValue().getLen())))
              .sorted(Comparator.comparingLong(file -> -file.getValue().getModificationTime()))
              .toList();
      if (fresh.size() > FILES) {
        notes.add(
            "source %s: the newest %d of %d files that no run has loaded were opened"
                .formatted(source.name(), FILES, fresh.size()));
      }
      there += files.size();
      for (Map.Entry<String, FileStatus> file : fresh.subList(0, Math.min(FILES, fresh.size()))) {
        boolean isLocal = FileErrors.isLocal(file.getValue().getPath());
        FileSample sample =
            FileSample.of(
                source, reader, file.getKey(), file.getValue(), isLocal ? local : session.hadoop());
        findings.addAll(sample.findings());
        notes.addAll(sample.notes());
        opened++;
        lines += sample.lines();
      }
    } catch (PlatformException e) {
      findings.add(
          Finding.of(e.code(), source.location().file(), source.location().line(), e.getMessage()));
    }
  }

  /** Files that ingest has loaded: they were checked then, by the contract of that time. */
  private static Set<String> delivered(Project project) {
    Set<String> delivered = new HashSet<>();
    EventLog log =
        EventLog.open(
            LakeTables.path(
                LakeTables.normal(project.lake()), TableName.of("platform", "deliveries")));
    for (Event event : log.read().events()) {
      if (event.kind().equals("delivered")) {
        Delivered body = event.body(Delivered.class);
        body.files().forEach(f -> delivered.add(known(body.source(), f.path(), f.bytes())));
      }
    }
    return delivered;
  }

  private static String known(String source, String path, long bytes) {
    return source + " " + bytes + " " + path;
  }

  private record Delivered(String source, List<DeliveredFile> files) {}

  private record DeliveredFile(String path, long bytes) {}
}
