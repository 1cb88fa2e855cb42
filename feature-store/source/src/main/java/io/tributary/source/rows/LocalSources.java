package io.tributary.source.rows;

import io.tributary.analysis.CheckedProject;
import io.tributary.analysis.CheckedSource;
import io.tributary.core.PlatformException;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Tally;
import io.tributary.rows.local.LocalRunner;
import io.tributary.rows.local.ParquetRows;
import io.tributary.source.FileErrors;
import io.tributary.source.place.SourceFolder;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The rows of a project's sources straight from their files, as {@link SourceFrames} has them, by
 * this process alone: of Parquet files on its disk that store what is declared, without look-ups.
 */
public final class LocalSources {
  private final LocalRunner runner;
  private final boolean leavesOut;
  private final Tally tally;
  private final Map<String, Read> read;

  /** A source's rules and files. */
  private record Read(SourceRules rules, ParquetRows files, Map<Path, String> paths) {}

  /**
   * Sources, or why one of them must be read by Spark.
   *
   * @param sources empty where there is a reason
   */
  public record Opened(Optional<LocalSources> sources, Optional<String> leftToSpark) {
    private static Opened notHere(String source, String why) {
      return new Opened(Optional.empty(), Optional.of("source " + source + " " + why));
    }
  }

  private LocalSources(LocalRunner runner, boolean leavesOut, Map<String, Read> read) {
    this.runner = runner;
    this.leavesOut = leavesOut;
    this.tally = runner.tally("source files");
    this.read = read;
  }

  /**
   * Lists the files of some sources and reads their footers.
   *
   * @param names of sources that are no queries
   * @param leavesOut whether rows that can't be used are left out and counted; else the first one
   *     ends what reads it
   * @throws PlatformException as {@link SourceFrames#rows}
   */
  public static Opened open(
      CheckedProject project, Collection<String> names, LocalRunner runner, boolean leavesOut) {
    Map<String, Read> read = new TreeMap<>();
    for (String name : names) {
      Source source = project.source(name).definition();
      if (!(source.input() instanceof SourceInput.Files files)) {
        return Opened.notHere(name, "is not read from files");
      }
      if (FileErrors.isUri(files.path()) && !files.path().startsWith("file:")) {
        return Opened.notHere(name, "lies on another machine");
      }
      if (!source.lookup().isEmpty()) {
        return Opened.notHere(name, "looks up other sources");
      }
      SourceRules rules = SourceRules.of(project, name);
      if (rules.reader().typed().isEmpty()) {
        return Opened.notHere(name, "is of files that are no Parquet");
      }
      List<SourceFolder.Listed> listed =
          new SourceFolder(
                  source,
                  project.project().folder(),
                  files,
                  Optional.empty(),
                  Configuration::new,
                  Optional::empty)
              .list();
      if (listed.isEmpty() || (source.isStatic() && listed.size() > 1)) {
        return Opened.notHere(name, "has no files, or several of a static one");
      }
      Map<Path, String> paths = new TreeMap<>();
      for (SourceFolder.Listed file : listed) {
        org.apache.hadoop.fs.Path path = file.status().getPath();
        paths.put(Path.of(path.toUri().getPath()), file.path());
      }
      ParquetRows rows = ParquetRows.open(List.copyOf(paths.keySet()));
      if (rows.leftToSpark().isPresent()) {
        return Opened.notHere(name, "can't be read here: " + rows.leftToSpark().get());
      }
      for (Map.Entry<Path, String> file : paths.entrySet()) {
        if (!rules
            .reader()
            .typed()
            .get()
            .storesAsDeclared(
                file.getValue(), file.getKey().toString(), new Configuration(false))) {
          return Opened.notHere(name, "has files that store other types than are declared");
        }
      }
      read.put(name, new Read(rules, rows, paths));
    }
    return new Opened(Optional.of(new LocalSources(runner, leavesOut, read)), Optional.empty());
  }

  /**
   * A source's rows as its validated table would have them: {@link CheckedSource#rowSchema()}.
   *
   * @throws PlatformException while reading: INVALID_VALUE at the first row that can't be used,
   *     unless such rows are left out; CONFLICT when a file is replaced
   */
  public PartitionedRows rows(CheckedSource source) {
    Read of = read.get(source.name());
    StructType given = of.rules().reader().columns().add(ParquetRows.ROW_INDEX, DataTypes.LongType);
    UsableRows usable = UsableRows.of(of.rules(), given, leavesOut, Map.of(), tally);
    return of.files()
        .read(
            runner,
            given,
            usable.derived().schema(),
            (partition, file, rows) -> usable.rows(partition, of.paths().get(file), rows));
  }

  /** How many rows of each source were left out of what has been read; none that have none. */
  public Map<String, Long> leftOut() {
    Map<String, Long> counts = new TreeMap<>();
    for (String source : read.keySet()) {
      if (tally.total(source) > 0) {
        counts.put(source, tally.total(source));
      }
    }
    return counts;
  }
}
