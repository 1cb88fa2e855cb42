package io.tributary.source.rows;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.RowPlace;
import io.tributary.definition.Column;
import io.tributary.definition.ColumnType;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.definition.SourceLocation;
import io.tributary.source.DeliveryFiles;
import io.tributary.source.FoundFile;
import io.tributary.source.LocalLines;
import io.tributary.source.Reason;
import io.tributary.source.csv.CsvReader;
import io.tributary.source.place.SourceFolder;
import java.io.IOException;
import java.io.InputStream;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A CSV file, or files by a glob, whose first line names its columns. Cells are read as a source's
 * are; each row counts, so one that can't be read is an error.
 */
public final class HeadedCsv {
  private final String path;
  private final List<FoundFile> files;
  private final List<String> columns;

  private HeadedCsv(String path, List<FoundFile> files, List<String> columns) {
    this.path = path;
    this.files = files;
    this.columns = columns;
  }

  /**
   * Looks at the first line of the first file.
   *
   * @param path absolute, or any Hadoop path
   * @param hadoop the settings of the file system where it lies, if that is no local one
   * @throws PlatformException UNREADABLE_FILE when there is none, or it is empty; CONTRACT_BROKEN
   *     when two columns have one name
   */
  public static HeadedCsv open(String path, Supplier<Configuration> hadoop) {
    SourceInput.Files input = new SourceInput.Files("csv", path, true, List.of(), Map.of());
    Source source = source(input, List.of(), ZoneId.of("UTC"));
    SourceFolder folder =
        new SourceFolder(
            source,
            java.nio.file.Path.of("/"),
            input,
            Optional.empty(),
            hadoop,
            CsvReader.of(source, input)::scan);
    List<FoundFile> files = folder.find();
    if (files.isEmpty()) {
      throw new PlatformException(
          ErrorCode.UNREADABLE_FILE,
          "Cannot read the rows of " + path + ": no file is there. Name a file.");
    }
    Path first = new Path(files.get(0).location());
    try (InputStream bytes = first.getFileSystem(folder.settings(first)).open(first)) {
      return new HeadedCsv(path, files, distinct(path, CsvReader.header(path, bytes)));
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.UNREADABLE_FILE,
          "Cannot read the rows of " + path + ": " + e.getMessage() + ". Check the file.",
          e);
    }
  }

  private static List<String> distinct(String path, List<String> names) {
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (name.isBlank() || !seen.add(name)) {
        throw new PlatformException(
            ErrorCode.CONTRACT_BROKEN,
            "Cannot read the rows of %s:1: %s. Give each column a name of its own."
                .formatted(
                    path,
                    name.isBlank() ? "a column has no name" : "two columns are named " + name));
      }
    }
    return names;
  }

  /** The names of its columns, in order. */
  public List<String> columns() {
    return columns;
  }

  /**
   * How its cells are read.
   *
   * @param type of a column by its name
   * @param zone of timestamps without offset
   * @param nulls the texts that mean null, beside the empty one
   */
  public record Cells(Function<String, ColumnType> type, ZoneId zone, List<String> nulls) {}

  /**
   * Its rows. Computed when read, and each time that they are.
   *
   * @throws PlatformException INVALID_VALUE, with file and line, at the first row that can't be
   *     read; CONTRACT_BROKEN when a further file has other columns
   */
  public Dataset<Row> rows(SparkSession spark, Cells cells) {
    CsvReader reader = reader(cells);
    return DeliveryFiles.of(spark, "rows", 1, files, reader, reader.columns(), "")
        .lookedThrough(this::refused)
        .good()
        .select(
            columns.stream().map(DerivedRows::column).toArray(org.apache.spark.sql.Column[]::new));
  }

  /** The same without Spark: its columns, then others. */
  public LocalLines lines(Cells cells) {
    return LocalLines.of("rows", files, reader(cells), Optional.of(this::refused));
  }

  private CsvReader reader(Cells cells) {
    List<Column> typed =
        columns.stream().map(name -> new Column(name, cells.type().apply(name), Set.of())).toList();
    SourceInput.Files input = new SourceInput.Files("csv", "", true, cells.nulls(), Map.of());
    return CsvReader.of(source(input, typed, cells.zone()), input);
  }

  private PlatformException refused(RowPlace at, Reason reason) {
    return new PlatformException(
        ErrorCode.INVALID_VALUE,
        "Cannot read the rows of %s (%s:%s): %s %s. Correct it: every row of the file is answered."
            .formatted(path, at.file(), at.line(), reason.column(), reason.message()));
  }

  private static Source source(SourceInput.Files input, List<Column> columns, ZoneId zone) {
    return new Source(
        "rows",
        "",
        "",
        input,
        columns,
        List.of(),
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        zone,
        Optional.empty(),
        true,
        new SourceLocation("rows", 1));
  }
}
