package io.tributary.pipeline;

import io.tributary.analysis.CheckedProject;
import io.tributary.analysis.CheckedView;
import io.tributary.core.ErrorGroup;
import io.tributary.core.PlatformException;
import io.tributary.definition.Accuracy;
import io.tributary.definition.ViewUse;
import io.tributary.events.facts.JoinCounts;
import io.tributary.offline.FeatureStore;
import io.tributary.offline.Joined;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.local.LocalRunner;
import io.tributary.rows.local.ParquetRows;
import io.tributary.rows.local.ParquetTarget;
import io.tributary.runtime.RunnerOption;
import io.tributary.source.FileErrors;
import io.tributary.source.LocalLines;
import io.tributary.source.rows.HeadedCsv;
import io.tributary.source.rows.LeftToSpark;
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
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.sql.types.StructType;

/** A join of rows with features of sources that lie in files on this machine, without a session. */
final class LocalJoin {
  private final CheckedProject project;
  private final LocalRunner runner;
  private final Path target;
  private final Asking rows;
  private LocalSources sources;

  /** The rows that ask: of Parquet, or lines. */
  private record Asking(
      StructType schema, Optional<ParquetRows> parquet, Optional<LocalLines> lines) {
    PartitionedRows read(LocalRunner runner) {
      return parquet.isPresent()
          ? parquet.get().read(runner, schema)
          : lines.orElseThrow().rows(runner, schema, (partition, read) -> read);
    }

    boolean areBrokenByAPart() {
      return lines.filter(LocalLines::areBrokenByAPart).isPresent();
    }

    Asking undivided() {
      return new Asking(schema, parquet, lines.map(LocalLines::undivided));
    }
  }

  private LocalJoin(
      CheckedProject project, LocalRunner runner, Path target, Asking rows, LocalSources sources) {
    this.project = project;
    this.runner = runner;
    this.target = target;
    this.rows = rows;
    this.sources = sources;
  }

  /**
   * Finds the files of the rows and of the sources.
   *
   * @param cells how those of rows are read that are CSV
   * @param heap bytes of which a part may hold what is looked up
   * @throws LeftToSpark where it can't be done here
   */
  static LocalJoin open(
      String rows,
      Function<HeadedCsv, HeadedCsv.Cells> cells,
      String out,
      CheckedProject project,
      List<ViewUse> uses,
      boolean leavesOut,
      LocalRunner runner,
      long heap)
      throws IOException {
    LeftToSpark.throwIf(RunnerOption.elsewhere());
    Optional<Path> target = local(out);
    if (target.isEmpty()) {
      throw new LeftToSpark("the answer goes to another machine");
    }
    if (local(rows).isEmpty()) {
      throw new LeftToSpark("the rows lie on another machine");
    }
    Set<String> names = new TreeSet<>();
    for (ViewUse use : uses) {
      CheckedView view = project.view(use.view());
      if (view.definition().accuracy() == Accuracy.SNAPSHOT) {
        throw new LeftToSpark("view " + use.view() + " is served from snapshots");
      }
      view.source().ifPresent(source -> names.add(project.base(source.name())));
    }
    // First what costs nothing: other files are read whole, and in vain where Spark must do it.
    LocalSources sources = LocalSources.find(project, names, runner, leavesOut, heap);
    Asking asking;
    if (JoinMain.isCsv(rows)) {
      HeadedCsv csv = HeadedCsv.open(rows, Configuration::new);
      LocalLines lines = csv.lines(cells.apply(csv));
      asking = new Asking(lines.columns(), Optional.empty(), Optional.of(lines));
    } else {
      Optional<List<Path>> files = files(rows);
      if (files.isEmpty()) {
        throw new LeftToSpark("the rows are no Parquet files of one folder");
      }
      ParquetRows parquet = ParquetRows.open(files.get());
      LeftToSpark.throwIf(parquet.leftToSpark());
      asking = new Asking(parquet.schema(), Optional.of(parquet), Optional.empty());
    }
    sources.open();
    return new LocalJoin(project, runner, target.get(), asking, sources);
  }

  /** The files of rows: one, or those of a folder that has no folders. */
  private static Optional<List<Path>> files(String rows) throws IOException {
    Path path = local(rows).orElseThrow();
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
  static Optional<Path> local(String named) {
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

  /**
   * Writes the rows with their features to a folder, and gives what was counted of them.
   *
   * @param folder there, and empty
   * @throws LeftToSpark where the heap can't hold what is looked up
   */
  JoinCounts write(String asOf, List<ViewUse> uses, Path folder) {
    try {
      return write(rows, asOf, uses, folder);
    } catch (PlatformException e) {
      if (e.group() != ErrorGroup.DATA) {
        throw e;
      }
      // Of several errors the one that reading each file first of all, line by line, comes upon.
      rows.lines().ifPresent(LocalLines::lookThrough);
      sources.lookThrough();
      if (!rows.areBrokenByAPart() && !sources.areBrokenByAPart()) {
        throw e;
      }
      // What a part of a file has against it, the whole has not.
      FileUtil.fullyDelete(folder.toFile());
      sources = sources.undivided();
      return write(rows.undivided(), asOf, uses, folder);
    }
  }

  private JoinCounts write(Asking asking, String asOf, List<ViewUse> uses, Path folder) {
    LocalSources read = sources;
    FeatureStore store = FeatureStore.over(project, runner, (source, columns) -> read.rows(source));
    Joined joined = store.historicalFeatures(asking.read(runner), asOf, uses, List.of());
    new ParquetTarget(folder).write(runner, joined.partitions());
    joined.requireAll();
    return joined.counts();
  }

  /** How many rows of each source were left out. */
  Map<String, Long> leftOut() {
    return sources.leftOut();
  }
}
