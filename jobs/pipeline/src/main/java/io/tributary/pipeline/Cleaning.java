package io.tributary.pipeline;

import io.tributary.core.Digest;
import io.tributary.core.Durations;
import io.tributary.core.ErrorCode;
import io.tributary.core.FailPoints;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.definition.Project;
import io.tributary.lake.Lake;
import io.tributary.online.FormerPublications;
import io.tributary.online.OnlineStore;
import io.tributary.online.Publication;
import io.tributary.online.StoredPiece;
import io.tributary.pipeline.CleaningPlan.Compaction;
import io.tributary.pipeline.CleaningPlan.Entry;
import io.tributary.pipeline.CleaningPlan.Keeping;
import io.tributary.pipeline.CleaningPlan.Kind;
import io.tributary.pipeline.CleaningPlan.Removal;
import io.tributary.registry.keeping.Kept;
import io.tributary.registry.keeping.KeptVersion;
import io.tributary.registry.keeping.Leftovers;
import io.tributary.registry.keeping.StagedRows;
import io.tributary.registry.keeping.TableFiles;
import io.tributary.registry.keeping.TableRetention;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Tells what of a lake nobody needs any more, and removes it. The caller is alone in the lake while
 * it is told and removed.
 */
final class Cleaning {
  /**
   * Tables that nobody reads at a former version, so that their former files can go once they are
   * written together.
   */
  private static final Set<String> COMPACTED =
      Set.of("bronze", "quarantine", "monitor", "counts", "actuals", "windows", "served");

  /** So many small files are worth writing together. */
  private static final int MANY = 32;

  /** So many digits of a digest tell it from others, for people. */
  private static final int SHORT = 12;

  private final Path folder;
  private final Lake lake;
  private final OnlineStore online;
  private final Instant now;
  private final Instant before;

  Cleaning(Project project, Lake lake, OnlineStore online, Instant now) {
    this.folder = lake.folder().orElseThrow();
    this.lake = lake;
    this.online = online;
    this.now = now;
    this.before = Kept.before(now, project.retention());
  }

  /** What would be removed now; nothing is changed. */
  CleaningPlan plan() {
    FormerPublications former = online.former(before, this::isOfThisLake);
    Kept kept = kept(former);
    List<Removal> removals = new ArrayList<>();
    List<Compaction> compactions = new ArrayList<>();
    List<Keeping> keeps = new ArrayList<>();
    List<String> leftAlone = new ArrayList<>();
    try {
      pieces(Kind.PUBLICATIONS, former.pieces(), removals);
      pieces(Kind.UNPUBLISHED, unpublished(), removals);
      versions(kept, removals);
      add(removals, Kind.STAGED, "", StagedRows.unneeded(folder, before));
      Set<Digest> contents = kept.contents();
      new Leftovers(folder, now)
          .find(kept.artefacts(), contents)
          .forEach((what, paths) -> add(removals, Kind.LEFTOVERS, what, paths));
    } catch (IOException e) {
      throw unreadable(e);
    } catch (UncheckedIOException e) {
      throw unreadable(e.getCause());
    }
    for (TableName table : kept.tables().keySet()) {
      if (!table.layer().equals("platform")) {
        try {
          table(table, kept, removals, compactions, keeps, leftAlone);
        } catch (PlatformException e) {
          leftAlone.add(table + ": " + e.getMessage());
        }
      }
    }
    return new CleaningPlan(before, removals, compactions, keeps, leftAlone);
  }

  private boolean isOfThisLake(Publication publication) {
    return publication.madeFrom().stream()
        .anyMatch(
            version ->
                lake.find(version.table())
                    .filter(now -> now.id().equals(version.id()))
                    .isPresent());
  }

  /** The snapshots that publications are made of, and are compared with. */
  private static List<KeptVersion> snapshots(List<Publication> publications) {
    List<KeptVersion> kept = new ArrayList<>();
    for (Publication publication : publications) {
      String by = "publication of " + publication.view().id();
      publication.madeFrom().forEach(version -> kept.add(new KeptVersion(version, by)));
    }
    return kept;
  }

  /** What the online store has of no publication, and nobody is writing; not of other lakes. */
  private List<StoredPiece> unpublished() {
    return online.unused().stream()
        .filter(piece -> piece.touched().isBefore(now.minus(Leftovers.AT_WORK)))
        .filter(piece -> !Path.of(piece.name()).isAbsolute() || isInLake(piece.name()))
        .toList();
  }

  private boolean isInLake(String name) {
    return Path.of(name).startsWith(folder.toAbsolutePath());
  }

  private void pieces(Kind kind, List<StoredPiece> pieces, List<Removal> removals) {
    Map<String, List<Entry>> byView = new LinkedHashMap<>();
    pieces.forEach(
        piece ->
            byView
                .computeIfAbsent(piece.of(), view -> new ArrayList<>())
                .add(new Entry(shown(piece), 1, piece.bytes())));
    byView.forEach(
        (view, entries) -> removals.add(new Removal(kind, view, Optional.empty(), entries)));
  }

  private String shown(StoredPiece piece) {
    return isInLake(piece.name())
        ? folder.toAbsolutePath().relativize(Path.of(piece.name())).toString()
        : piece.name();
  }

  /** Of versions of models that nobody needs: their bundles, and rows that came with them. */
  private void versions(Kept kept, List<Removal> removals) throws IOException {
    Map<Digest, Set<String>> past = kept.pastArtefacts();
    for (Digest bundle :
        past.keySet().stream().sorted(Comparator.comparing(Digest::hex)).toList()) {
      add(
          removals,
          Kind.ARTEFACTS,
          String.join(", ", past.get(bundle)),
          untouched(folder.resolve("models").resolve(bundle.hex())));
    }
    for (String content : kept.contents().stream().map(Digest::hex).sorted().toList()) {
      if (!kept.imported().contains(Digest.parse(content))) {
        add(
            removals,
            Kind.IMPORTED,
            content.substring(0, SHORT),
            untouched(folder.resolve("imported").resolve(content)));
      }
    }
  }

  /** A folder, unless it is not there, or was stored again a moment ago for another version. */
  private List<Path> untouched(Path stored) throws IOException {
    try {
      return Files.getLastModifiedTime(stored).toInstant().isBefore(now.minus(Leftovers.AT_WORK))
          ? List.of(stored)
          : List.of();
    } catch (NoSuchFileException gone) {
      return List.of();
    }
  }

  private void table(
      TableName table,
      Kept kept,
      List<Removal> removals,
      List<Compaction> compactions,
      List<Keeping> keeps,
      List<String> leftAlone) {
    Instant since = before;
    Optional<Duration> own = TableRetention.ofFiles(kept.tables().get(table));
    if (own.isPresent() && now.minus(own.get()).isBefore(before)) {
      since = now.minus(own.get());
      leftAlone.add(
          "%s keeps its files %s by its own properties, longer than the project says"
              .formatted(table, Durations.print(own.get())));
    }
    if (own.isEmpty()) {
      leftAlone.add(
          "%s says how long it keeps its files in words that are not known here: nothing of it is removed"
              .formatted(table));
      return;
    }
    Set<KeptVersion> versions = kept.versions(table);
    TableFiles files = TableFiles.of(lake.uri(), table, versions, since);
    leftAlone.addAll(files.lost());
    if (!files.gone().isEmpty()) {
      removals.add(
          new Removal(
              Kind.TABLE_FILES,
              table.toString(),
              Optional.of(table),
              files.gone().stream()
                  .map(file -> new Entry(file.path(), file.files(), file.bytes()))
                  .toList()));
    }
    if (COMPACTED.contains(table.layer()) && versions.isEmpty() && files.small() >= MANY) {
      compactions.add(new Compaction(table, files.small(), files.smallBytes()));
    }
    keeps(files).forEach(keeps::add);
  }

  /** What each who keeps something of a table keeps. */
  private static List<Keeping> keeps(TableFiles files) {
    Map<String, long[]> sums = new TreeMap<>();
    files
        .needed()
        .forEach(
            (file, needs) ->
                needs.forEach(
                    by -> {
                      long[] sum = sums.computeIfAbsent(by, b -> new long[3]);
                      sum[0] += file.files();
                      sum[1] += file.bytes();
                      sum[2] += needs.size() == 1 ? file.bytes() : 0;
                    }));
    return sums.entrySet().stream()
        .map(
            e ->
                new Keeping(
                    e.getKey(), files.table(), e.getValue()[0], e.getValue()[1], e.getValue()[2]))
        .toList();
  }

  private void add(List<Removal> removals, Kind kind, String of, List<Path> paths) {
    if (paths.isEmpty()) {
      return;
    }
    List<Entry> entries = new ArrayList<>();
    for (Path path : paths) {
      try (Stream<Path> all = Files.walk(path)) {
        long files = 0;
        long bytes = 0;
        for (Path file : all.filter(Files::isRegularFile).toList()) {
          files++;
          bytes += Files.size(file);
        }
        entries.add(
            new Entry(
                path.startsWith(folder) ? folder.relativize(path).toString() : path.toString(),
                files,
                bytes));
      } catch (NoSuchFileException gone) {
        // Whoever wrote it has removed it.
        continue;
      } catch (IOException e) {
        throw unreadable(e);
      }
    }
    if (!entries.isEmpty()) {
      removals.add(new Removal(kind, of, Optional.empty(), entries));
    }
  }

  /**
   * Does what a plan says.
   *
   * @param removed called with what is gone, as soon as it is
   * @return what was left all the same, and why
   */
  List<String> carryOut(CleaningPlan plan, Consumer<Removal> removed) {
    List<String> left = new ArrayList<>();
    List<RuntimeException> failures = new ArrayList<>();
    for (Removal removal : plan.removals()) {
      tried(failures, () -> carryOut(removal, removed, left));
    }
    for (Compaction compaction : plan.compactions()) {
      tried(failures, () -> lake.table(compaction.table()).compact(TableFiles.SMALL));
    }
    if (!failures.isEmpty()) {
      RuntimeException first = failures.get(0);
      failures.stream().skip(1).forEach(first::addSuppressed);
      throw first;
    }
    return left;
  }

  /** What can't be removed, such as of a table that Delta refuses, keeps nothing else. */
  private static void tried(List<RuntimeException> failures, Runnable step) {
    try {
      step.run();
    } catch (PlatformException e) {
      failures.add(e);
    }
  }

  private void carryOut(Removal removal, Consumer<Removal> removed, List<String> left) {
    if (removal.table().isPresent()) {
      removed.accept(vacuumed(removal, removal.table().get(), left));
    } else if (removal.kind() == Kind.PUBLICATIONS || removal.kind() == Kind.UNPUBLISHED) {
      removed.accept(unpublished(removal));
    } else if (isStillDue(removal)) {
      List<Entry> gone =
          removal.entries().stream().filter(entry -> remove(folder.resolve(entry.path()))).toList();
      if (gone.size() < removal.entries().size()) {
        left.add(removal.of() + ": somebody needs it again");
      }
      removed.accept(new Removal(removal.kind(), removal.of(), removal.table(), gone));
    } else {
      left.add(removal.of() + ": somebody needs it again");
    }
  }

  /** What is gone already, somebody else has removed, such as doctor. */
  private Removal unpublished(Removal removal) {
    Map<String, StoredPiece> due = new LinkedHashMap<>();
    List<StoredPiece> pieces =
        removal.kind() == Kind.PUBLICATIONS
            ? online.former(before, this::isOfThisLake).pieces()
            : unpublished();
    pieces.forEach(piece -> due.put(shown(piece), piece));
    removal
        .entries()
        .forEach(
            entry ->
                Optional.ofNullable(due.get(entry.path()))
                    .ifPresent(piece -> online.remove(piece.name())));
    return removal;
  }

  /**
   * Has Delta remember the versions of tables that somebody needs: tables of former builds forget
   * them.
   *
   * @return the tables
   */
  List<TableName> keepLogs() {
    Kept kept = kept();
    return kept.tables().entrySet().stream()
        .filter(table -> !kept.versions(table.getKey()).isEmpty())
        .filter(table -> TableRetention.forgets(table.getValue()))
        .map(Map.Entry::getKey)
        .peek(table -> lake.table(table).keepLog())
        .toList();
  }

  private Kept kept() {
    return kept(online.former(before, this::isOfThisLake));
  }

  private Kept kept(FormerPublications former) {
    return Kept.of(lake.uri(), before, snapshots(former.staying()));
  }

  /** A hold or a registration does not wait for a cleaning: it is looked for again each time. */
  private boolean isStillDue(Removal removal) {
    if (removal.kind() != Kind.ARTEFACTS && removal.kind() != Kind.IMPORTED) {
      return true;
    }
    List<Removal> due = new ArrayList<>();
    try {
      versions(Kept.of(lake.uri(), before, List.of()), due);
    } catch (IOException e) {
      throw unreadable(e);
    }
    return due.contains(removal);
  }

  private Removal vacuumed(Removal removal, TableName table, List<String> left) {
    List<Removal> due = new ArrayList<>();
    table(table, kept(), due, new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    Set<Entry> still =
        due.stream().flatMap(now -> now.entries().stream()).collect(Collectors.toSet());
    List<Entry> wanted = removal.entries().stream().filter(still::contains).toList();
    Map<String, Long> files = new LinkedHashMap<>();
    wanted.forEach(entry -> files.put(entry.path(), entry.bytes()));
    if (!files.isEmpty()) {
      lake.table(table).vacuum(files, before);
    }
    Path root = Path.of(lake.path(table));
    List<Entry> gone =
        wanted.stream().filter(entry -> !Files.exists(root.resolve(entry.path()))).toList();
    gone.forEach(entry -> remove(TableFiles.checksum(root.resolve(entry.path()))));
    if (wanted.size() < removal.entries().size()) {
      left.add(
          "%s: somebody needs %d of its files again"
              .formatted(table, removal.entries().size() - wanted.size()));
    }
    if (gone.size() < wanted.size()) {
      left.add("%s: Delta keeps %d of its files".formatted(table, wanted.size() - gone.size()));
    }
    return new Removal(removal.kind(), removal.of(), removal.table(), gone);
  }

  /**
   * Removes a file, or a folder so that it is never there in part.
   *
   * @return whether it is gone
   */
  private boolean remove(Path path) {
    try {
      Path doomed = path;
      if (Files.isDirectory(path) && !path.getFileName().toString().startsWith(".")) {
        String name = path.getFileName().toString();
        doomed =
            path.resolveSibling("." + name.substring(0, SHORT) + "." + UUID.randomUUID() + ".tmp");
        FailPoints.before(path);
        Files.move(path, doomed, StandardCopyOption.ATOMIC_MOVE);
        FailPoints.after(path);
        if (untouched(doomed).isEmpty()) {
          // Stored again in this moment, by a process that believes that it is there.
          Files.move(doomed, path, StandardCopyOption.ATOMIC_MOVE);
          return false;
        }
      }
      try (Stream<Path> all = Files.walk(doomed)) {
        for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
          FailPoints.before(file);
          Files.deleteIfExists(file);
          FailPoints.after(file);
        }
      }
      return true;
    } catch (NoSuchFileException gone) {
      // Somebody else, such as doctor, has removed it.
      return true;
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot remove %s: %s. Check the disk and its permissions, and clean again."
              .formatted(path, e.getMessage()),
          e);
    }
  }

  private PlatformException unreadable(IOException e) {
    return new PlatformException(
        ErrorCode.STORAGE,
        "Cannot look through lake %s: %s. Check the disk and its permissions."
            .formatted(lake.uri(), e.getMessage()),
        e);
  }
}
