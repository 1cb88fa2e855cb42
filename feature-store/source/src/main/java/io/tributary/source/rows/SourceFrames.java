package io.tributary.source.rows;

import io.tributary.analysis.CheckedProject;
import io.tributary.analysis.CheckedSource;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.lake.InternalRows;
import io.tributary.rows.Tally;
import io.tributary.source.DeliveryFiles;
import io.tributary.source.FileFacts;
import io.tributary.source.FoundFile;
import io.tributary.source.TypedFiles;
import io.tributary.source.place.SourceFolder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The rows of a project's sources straight from their files, without a lake: contract, look-ups,
 * derived columns and times as ingest has them. Suites are not judged, and a row that ingest would
 * set apart for another reason is refused, or left out and counted. Not safe for threads.
 */
public final class SourceFrames {
  private final CheckedProject project;
  private final SparkSession spark;
  private final boolean leavesOut;
  private final Tally tally;
  private final Map<String, Dataset<Row>> frames = new HashMap<>();
  private final Map<String, DeliveryFiles> read = new TreeMap<>();

  /** Of files that Spark reads itself what people call them, by source and path. */
  private final Map<String, Map<String, String>> paths = new HashMap<>();

  private SourceFrames(CheckedProject project, SparkSession spark, boolean leavesOut) {
    this.project = project;
    this.spark = spark;
    this.leavesOut = leavesOut;
    this.tally = Tally.on(spark.sparkContext(), "source files");
  }

  /**
   * The sources of a project.
   *
   * @param leavesOut whether rows that can't be used are left out and counted; else the first one
   *     ends what reads it
   */
  public static SourceFrames of(CheckedProject project, SparkSession spark, boolean leavesOut) {
    return new SourceFrames(project, spark, leavesOut);
  }

  /**
   * A source's rows as its validated table would have them: {@link CheckedSource#rowSchema()}.
   *
   * @throws PlatformException INVALID_REQUEST for a source that does not read files;
   *     UNREADABLE_FILE when one is missing; CONTRACT_BROKEN when one has other columns. While
   *     reading: INVALID_VALUE at the first row that can't be used, unless such rows are left out
   */
  public Dataset<Row> rows(String source) {
    Dataset<Row> known = frames.get(source);
    if (known == null) {
      known = usable(SourceRules.of(project, source));
      frames.put(source, known);
    }
    return known;
  }

  /** How many rows of each source were left out of what has been read; none that have none. */
  public Map<String, Long> leftOut() {
    Map<String, Long> counts = new TreeMap<>();
    for (String source : frames.keySet()) {
      long count = tally.total(source);
      if (read.containsKey(source)) {
        count += read.get(source).facts().stream().mapToLong(FileFacts::malformed).sum();
      }
      if (count > 0) {
        counts.put(source, count);
      }
    }
    return counts;
  }

  private Dataset<Row> usable(SourceRules rules) {
    DerivedRows derive = new DerivedRows(rules, lookup -> rows(lookup.source()));
    Dataset<Row> given = derive.lookedUp(stored(rules));
    UsableRows usable =
        UsableRows.of(
            rules, given.schema(), leavesOut, paths.getOrDefault(rules.name(), Map.of()), tally);
    return InternalRows.mapWithIndex(given, usable.derived().schema(), usable::rows)
        .select(
            Stream.of(rules.source().rowSchema().fieldNames())
                .map(DerivedRows::column)
                .toArray(Column[]::new));
  }

  private Dataset<Row> stored(SourceRules rules) {
    Source source = rules.source().definition();
    if (!(source.input() instanceof SourceInput.Files files)) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot read source %s without a lake: it is read by %s, not from files. Run ingest, and join what the lake holds."
              .formatted(source.name(), source.input().format()));
    }
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    List<FoundFile> found =
        new SourceFolder(
                source,
                project.project().folder(),
                files,
                Optional.empty(),
                () -> hadoop,
                rules.reader()::scan)
            .find();
    if (source.isStatic() && found.size() > 1) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot read source %s without a lake: it is static, its content is its newest delivery, and its path has %s files. Name one, or run ingest and join what the lake holds."
              .formatted(source.name(), found.size()));
    }
    Optional<TypedFiles> typed =
        rules
            .reader()
            .typed()
            .filter(
                declared ->
                    found.stream()
                        .allMatch(f -> declared.storesAsDeclared(f.path(), f.location(), hadoop)));
    if (typed.isPresent() && !found.isEmpty()) {
      Map<String, String> named = new HashMap<>();
      found.forEach(f -> named.put(new Path(f.location()).toUri().getPath(), f.path()));
      paths.put(source.name(), named);
      return typed.get().rows(spark, found.stream().map(FoundFile::location).toList());
    }
    DeliveryFiles lines =
        DeliveryFiles.of(
            spark, source.name(), 1, found, rules.reader(), rules.reader().columns(), "");
    if (leavesOut) {
      lines = lines.provenParts();
      read.put(source.name(), lines);
      return lines.good();
    }
    lines =
        lines.lookedThrough((place, reason) -> UsableRows.malformed(source.name(), place, reason));
    read.put(source.name(), lines);
    return lines.good();
  }
}
