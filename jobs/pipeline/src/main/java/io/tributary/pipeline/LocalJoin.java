package io.tributary.pipeline;

import io.tributary.analysis.CheckedProject;
import io.tributary.analysis.CheckedView;
import io.tributary.definition.Accuracy;
import io.tributary.definition.ViewUse;
import io.tributary.events.facts.JoinCounts;
import io.tributary.offline.FeatureStore;
import io.tributary.offline.Joined;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.local.LocalRunner;
import io.tributary.rows.local.ParquetRows;
import io.tributary.rows.local.ParquetTarget;
import io.tributary.source.FileErrors;
import io.tributary.source.rows.LocalSources;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.sql.types.StructType;

/** A join of Parquet rows with features of Parquet sources on this machine, without a session. */
final class LocalJoin {
  private final LocalRunner runner;
  private final Path target;
  private final ParquetRows rows;
  private final LocalSources sources;
  private final FeatureStore store;

  /**
   * A join, or why it must be done by Spark.
   *
   * @param join empty where there is a reason
   */
  record Opened(Optional<LocalJoin> join, Optional<String> leftToSpark) {
    private static Opened notHere(String why) {
      return new Opened(Optional.empty(), Optional.of(why));
    }
  }

  private LocalJoin(
      LocalRunner runner, Path target, ParquetRows rows, LocalSources sources, FeatureStore store) {
    this.runner = runner;
    this.target = target;
    this.rows = rows;
    this.sources = sources;
    this.store = store;
  }

  /** Looks at the files of the rows and of the sources, and reads their footers. */
  static Opened open(
      String rows,
      String out,
      CheckedProject project,
      List<ViewUse> uses,
      boolean leavesOut,
      LocalRunner runner)
      throws IOException {
    if (isElsewhere(System.getProperty("spark.master", "local"))) {
      return Opened.notHere("a cluster was named");
    }
    Optional<Path> target = local(out);
    if (target.isEmpty()) {
      return Opened.notHere("the answer goes to another machine");
    }
    Optional<List<Path>> files = files(rows);
    if (files.isEmpty()) {
      return Opened.notHere("the rows are no Parquet files of one folder on this machine");
    }
    Set<String> names = new TreeSet<>();
    for (ViewUse use : uses) {
      CheckedView view = project.view(use.view());
      if (view.definition().accuracy() == Accuracy.SNAPSHOT) {
        return Opened.notHere("view " + use.view() + " is served from snapshots");
      }
      view.source().ifPresent(source -> names.add(project.base(source.name())));
    }
    ParquetRows asking = ParquetRows.open(files.get());
    if (asking.leftToSpark().isPresent()) {
      return Opened.notHere(asking.leftToSpark().get());
    }
    LocalSources.Opened opened = LocalSources.open(project, names, runner, leavesOut);
    if (opened.leftToSpark().isPresent()) {
      return Opened.notHere(opened.leftToSpark().get());
    }
    LocalSources sources = opened.sources().orElseThrow();
    FeatureStore store =
        FeatureStore.over(project, runner, (source, columns) -> sources.rows(source));
    return new Opened(
        Optional.of(new LocalJoin(runner, target.get(), asking, sources, store)), Optional.empty());
  }

  private static boolean isElsewhere(String master) {
    return !master.startsWith("local");
  }

  /** The files of rows: one, or those of a folder that has no folders. */
  private static Optional<List<Path>> files(String rows) throws IOException {
    Optional<Path> named = local(rows);
    if (named.isEmpty() || JoinMain.isCsv(rows)) {
      return Optional.empty();
    }
    Path path = named.get();
    if (Files.isRegularFile(path)) {
      return Optional.of(List.of(path));
    }
    if (!Files.isDirectory(path)) {
      return Optional.empty();
    }
    try (Stream<Path> in = Files.list(path)) {
      List<Path> files =
          in.filter(f -> !f.getFileName().toString().matches("[._].*")).sorted().toList();
      // Spark knows partitions by their folders, and takes columns from a file of metadata.
      return files.isEmpty()
              || files.stream().anyMatch(Files::isDirectory)
              || Files.exists(path.resolve("_metadata"))
              || Files.exists(path.resolve("_common_metadata"))
          ? Optional.empty()
          : Optional.of(files);
    }
  }

  /** A path of this machine, whole; empty for one that names another place. */
  private static Optional<Path> local(String named) {
    if (named.startsWith("file:/")) {
      return Optional.of(Path.of(URI.create(named).getPath()).toAbsolutePath().normalize());
    }
    return FileErrors.isUri(named)
        ? Optional.empty()
        : Optional.of(Path.of(named).toAbsolutePath().normalize());
  }

  /** Where the answer goes. */
  Path target() {
    return target;
  }

  /** The columns of the rows that ask. */
  StructType asking() {
    return rows.schema();
  }

  /** Writes the rows with their features to a folder, and gives what was counted of them. */
  JoinCounts write(String asOf, List<ViewUse> uses, Path folder) {
    PartitionedRows asking = rows.read(runner, rows.schema());
    Joined joined = store.historicalFeatures(asking, asOf, uses, List.of());
    new ParquetTarget(folder).write(runner, joined.partitions());
    joined.requireAll();
    return joined.counts();
  }

  /** How many rows of each source were left out. */
  Map<String, Long> leftOut() {
    return sources.leftOut();
  }
}
