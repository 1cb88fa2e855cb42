package io.tributary.source.rows;

import io.tributary.analysis.CheckedProject;
import io.tributary.analysis.CheckedSource;
import io.tributary.core.PlatformException;
import io.tributary.definition.Lookup;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Tally;
import io.tributary.rows.local.LocalRunner;
import io.tributary.rows.local.ParquetRows;
import io.tributary.source.FileErrors;
import io.tributary.source.LocalLines;
import io.tributary.source.TypedFiles;
import io.tributary.source.place.SourceFolder;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The rows of a project's sources straight from their files, as {@link SourceFrames} has them, by
 * this process alone: of files on its disk, with look-ups of sources that its heap can hold.
 */
public final class LocalSources {
  /** What part of the heap the files may have that are looked up. */
  private static final int LOOKED_UP = 32;

  /** What part of it their rows may take. */
  private static final int HELD = 8;

  private static final String TOO_LARGE =
      "source %s is looked up, and with it there is more than the heap can hold";

  private final CheckedProject project;
  private final LocalRunner runner;
  private final boolean leavesOut;
  private final Tally tally;
  private final Map<String, Read> read;
  private final long heap;
  private final Map<List<Object>, ReferenceRows> references = new HashMap<>();
  private final AtomicLong held = new AtomicLong();

  /** The sources that are looked up. */
  private final Set<String> lookedUp = new TreeSet<>();

  /** The sources whose rows were wanted, in that order. */
  private final Set<String> wanted = new LinkedHashSet<>();

  /**
   * A source's rules and files.
   *
   * @param files of Parquet that stores what is declared; else there are lines
   * @param paths what people call those files
   * @param bytes of all its files
   * @param lines once they have been opened
   */
  private record Read(
      SourceRules rules,
      SourceFolder folder,
      long bytes,
      Optional<ParquetRows> files,
      Map<Path, String> paths,
      Optional<LocalLines> lines) {
    Read with(LocalLines opened) {
      return new Read(rules, folder, bytes, files, paths, Optional.of(opened));
    }

    Read undivided() {
      return lines.map(l -> with(l.undivided())).orElse(this);
    }
  }

  private LocalSources(
      CheckedProject project,
      LocalRunner runner,
      boolean leavesOut,
      long heap,
      Map<String, Read> read) {
    this.project = project;
    this.heap = heap;
    this.runner = runner;
    this.leavesOut = leavesOut;
    this.tally = runner.tally("source files");
    this.read = read;
  }

  /**
   * Finds the files of some sources, and of those that they look up: of Parquet it reads the
   * footers, others not yet.
   *
   * @param names of sources that are no queries
   * @param leavesOut whether rows that can't be used are left out and counted; else the first one
   *     ends what reads it
   * @param heap bytes of which a part may hold what is looked up
   * @throws LeftToSpark where Spark must read one of them
   * @throws PlatformException as {@link SourceFrames#rows}
   */
  public static LocalSources find(
      CheckedProject project,
      Collection<String> names,
      LocalRunner runner,
      boolean leavesOut,
      long heap) {
    LocalSources sources = new LocalSources(project, runner, leavesOut, heap, new TreeMap<>());
    for (String name : names) {
      LeftToSpark.throwIf(sources.leftToSpark(name));
    }
    return sources;
  }

  private Optional<String> leftToSpark(String name) {
    return read.containsKey(name)
        ? Optional.empty()
        : found(name).map(why -> "source " + name + " " + why);
  }

  /** Finds a source's files; or why that is left to Spark. */
  private Optional<String> found(String name) {
    Source source = project.source(name).definition();
    if (!(source.input() instanceof SourceInput.Files input)) {
      return Optional.of("is not read from files");
    }
    if (FileErrors.isUri(input.path()) && !input.path().startsWith("file:")) {
      return Optional.of("lies on another machine");
    }
    SourceRules rules = SourceRules.of(project, name);
    SourceFolder folder =
        new SourceFolder(
            source,
            project.project().folder(),
            input,
            Optional.empty(),
            Configuration::new,
            rules.reader()::scan);
    List<SourceFolder.Listed> listed = folder.list();
    if (listed.isEmpty() || (source.isStatic() && listed.size() > 1)) {
      return Optional.of("has no files, or several of a static one");
    }
    long bytes = listed.stream().mapToLong(f -> f.status().getLen()).sum();
    Optional<String> left = Optional.empty();
    for (Lookup lookup : source.lookup()) {
      left = left.or(() -> leftToSpark(rules, lookup));
    }
    return left.or(() -> found(rules, folder, listed, bytes));
  }

  private Optional<String> leftToSpark(SourceRules rules, Lookup lookup) {
    List<String> keys = rules.lookedUp(lookup).eventKey();
    StructType reference = project.source(lookup.source()).rowSchema();
    for (int i = 0; i < keys.size(); i++) {
      DataType mine = rules.source().input().apply(lookup.keys().get(i)).dataType();
      if (!ReferenceRows.compares(mine, reference.apply(keys.get(i)).dataType())) {
        return Optional.of("looks up by keys of two types");
      }
    }
    return leftToSpark(lookup.source())
        .or(() -> tooLarge(lookup.source()))
        .map(why -> "looks up another: " + why);
  }

  /** Why what is looked up, one more source of it, is left to Spark. */
  private Optional<String> tooLarge(String another) {
    lookedUp.add(another);
    long bytes = lookedUp.stream().mapToLong(name -> read.get(name).bytes()).sum();
    return bytes > heap / LOOKED_UP ? Optional.of(TOO_LARGE.formatted(another)) : Optional.empty();
  }

  private Optional<String> found(
      SourceRules rules, SourceFolder folder, List<SourceFolder.Listed> listed, long bytes) {
    Map<Path, String> paths = new TreeMap<>();
    for (SourceFolder.Listed file : listed) {
      paths.put(Path.of(file.status().getPath().toUri().getPath()), file.path());
    }
    if (rules.reader().typed().filter(typed -> storeAsDeclared(typed, paths)).isPresent()) {
      ParquetRows rows = ParquetRows.open(List.copyOf(paths.keySet()));
      read.put(
          rules.name(), new Read(rules, folder, bytes, Optional.of(rows), paths, Optional.empty()));
      return rows.leftToSpark().map(why -> "can't be read here: " + why);
    }
    read.put(
        rules.name(), new Read(rules, folder, bytes, Optional.empty(), paths, Optional.empty()));
    return Optional.empty();
  }

  /**
   * Reads the files of lines whole, so that another file in place of one is noticed from now on.
   *
   * @throws PlatformException as {@link SourceFrames#rows}
   */
  public void open() {
    read.replaceAll(
        (name, of) -> of.files().isPresent() ? of : of.with(lines(of.rules(), of.folder())));
  }

  private LocalLines lines(SourceRules rules, SourceFolder folder) {
    return LocalLines.of(
        rules.name(),
        folder.find(),
        rules.reader(),
        leavesOut
            ? Optional.empty()
            : Optional.of((place, reason) -> UsableRows.malformed(rules.name(), place, reason)));
  }

  private static boolean storeAsDeclared(TypedFiles typed, Map<Path, String> paths) {
    Configuration hadoop = new Configuration(false);
    return paths.entrySet().stream()
        .allMatch(
            file -> typed.storesAsDeclared(file.getValue(), file.getKey().toString(), hadoop));
  }

  /**
   * A source's rows as its validated table would have them: {@link CheckedSource#rowSchema()}. What
   * it looks up is read now.
   *
   * @throws LeftToSpark where the heap can't hold what is looked up
   * @throws PlatformException while reading: INVALID_VALUE at a row that can't be used, unless such
   *     rows are left out; CONFLICT when a file is replaced
   */
  public PartitionedRows rows(CheckedSource source) {
    wanted.add(source.name());
    Read of = read.get(source.name());
    StructType stored =
        of.lines()
            .map(LocalLines::schema)
            .orElse(of.rules().reader().columns().add(ParquetRows.ROW_INDEX, DataTypes.LongType));
    List<ReferenceRows> beside =
        source.definition().lookup().stream().map(l -> reference(of.rules(), l)).toList();
    StructType given = stored;
    for (ReferenceRows each : beside) {
      given = each.schema(given);
    }
    UsableRows usable = UsableRows.of(of.rules(), given, leavesOut, Map.of(), tally);
    StructType schema = usable.derived().schema();
    return of.lines().isPresent()
        ? of.lines()
            .get()
            .rows(runner, schema, (i, rows) -> usable.rows(i, lookedUp(stored, beside, rows)))
        : of.files()
            .orElseThrow()
            .read(
                runner,
                stored,
                schema,
                (i, file, rows) ->
                    usable.rows(i, of.paths().get(file), lookedUp(stored, beside, rows)));
  }

  private static Iterator<InternalRow> lookedUp(
      StructType stored, List<ReferenceRows> references, Iterator<InternalRow> rows) {
    StructType schema = stored;
    Iterator<InternalRow> all = rows;
    for (ReferenceRows each : references) {
      all = each.beside(schema, all);
      schema = each.schema(schema);
    }
    return all;
  }

  private ReferenceRows reference(SourceRules rules, Lookup lookup) {
    StructField field = rules.source().input().apply(lookup.name());
    List<Object> key = List.of(lookup.source(), field.dataType());
    ReferenceRows known = references.get(key);
    if (known == null) {
      known =
          ReferenceRows.of(
              lookup,
              rows(project.source(lookup.source())),
              rules.lookedUp(lookup).eventKey(),
              field,
              bytes -> hold(lookup.source(), bytes));
      references.put(key, known);
    }
    return known.as(lookup, field);
  }

  private void hold(String source, long bytes) {
    if (held.addAndGet(bytes) > heap / HELD) {
      throw new LeftToSpark(TOO_LARGE.formatted(source));
    }
  }

  /**
   * Reads the files of lines whose rows were wanted up to the first malformed line.
   *
   * @throws PlatformException the error that this line is, or what is wrong with a file before it
   */
  public void lookThrough() {
    wanted.forEach(name -> read.get(name).lines().ifPresent(LocalLines::lookThrough));
  }

  /** Whether what ended the reading was wrong with a part of a file. */
  public boolean areBrokenByAPart() {
    return read.values().stream()
        .anyMatch(of -> of.lines().filter(LocalLines::areBrokenByAPart).isPresent());
  }

  /** The same, each file of lines read as a whole; nothing is counted yet. */
  public LocalSources undivided() {
    Map<String, Read> whole = new TreeMap<>();
    read.forEach((name, of) -> whole.put(name, of.undivided()));
    return new LocalSources(project, runner, leavesOut, heap, whole);
  }

  /** How many rows of each source were left out of what has been read; none that have none. */
  public Map<String, Long> leftOut() {
    Map<String, Long> counts = new TreeMap<>();
    for (Map.Entry<String, Read> of : read.entrySet()) {
      long count =
          tally.total(of.getKey()) + of.getValue().lines().map(LocalLines::malformed).orElse(0L);
      if (count > 0) {
        counts.put(of.getKey(), count);
      }
    }
    return counts;
  }
}
