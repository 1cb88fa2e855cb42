package io.tributary.source.rows;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.Column;
import io.tributary.definition.ColumnType;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.definition.SourceLocation;
import io.tributary.source.DeliveryFiles;
import io.tributary.source.FoundFile;
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
  private final SparkSession spark;
  private final String path;
  private final List<FoundFile> files;
  private final List<String> columns;

  private HeadedCsv(SparkSession spark, String path, List<FoundFile> files, List<String> columns) {
    this.spark = spark;
    this.path = path;
    this.files = files;
    this.columns = columns;
  }

  /**
   * Looks at the first line of the first file.
   *
   * @param path absolute, or any Hadoop path
   * @throws PlatformException UNREADABLE_FILE when there is none, or it is empty; CONTRACT_BROKEN
   *     when two columns have one name
   */
  public static HeadedCsv open(SparkSession spark, String path) {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    SourceInput.Files input = new SourceInput.Files("csv", path, true, List.of(), Map.of());
    Source source = source(input, List.of(), ZoneId.of("UTC"));
    List<FoundFile> files =
        new SourceFolder(
                source,
                java.nio.file.Path.of("/"),
                input,
                Optional.empty(),
                () -> hadoop,
                CsvReader.of(source, input)::scan)
            .find();
    if (files.isEmpty()) {
      throw new PlatformException(
          ErrorCode.UNREADABLE_FILE,
          "Cannot read the rows of " + path + ": no file is there. Name a file.");
    }
    Path first = new Path(files.get(0).location());
    try (InputStream bytes = first.getFileSystem(hadoop).open(first)) {
      return new HeadedCsv(spark, path, files, distinct(path, CsvReader.header(path, bytes)));
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
   * Its rows. Computed when read, and each time that they are.
   *
   * @param type of a column by its name
   * @param zone of timestamps without offset
   * @param nulls the texts that mean null, beside the empty one
   * @throws PlatformException INVALID_VALUE, with file and line, at the first row that can't be
   *     read; CONTRACT_BROKEN when a further file has other columns
   */
  public Dataset<Row> rows(Function<String, ColumnType> type, ZoneId zone, List<String> nulls) {
    List<Column> typed =
        columns.stream().map(name -> new Column(name, type.apply(name), Set.of())).toList();
    SourceInput.Files input = new SourceInput.Files("csv", "", true, nulls, Map.of());
    CsvReader reader = CsvReader.of(source(input, typed, zone), input);
    DeliveryFiles read = DeliveryFiles.of(spark, "rows", 1, files, reader, reader.columns(), "");
    read =
        read.lookedThrough(
            line -> {
              Row reason = line.<Row>getList(line.fieldIndex("reasons")).get(0);
              throw new PlatformException(
                  ErrorCode.INVALID_VALUE,
                  "Cannot read the rows of %s (%s:%s): %s %s. Correct it: every row of the file is answered."
                      .formatted(
                          path,
                          line.getAs("_file"),
                          line.getAs("_line"),
                          reason.getString(1),
                          reason.getString(2)));
            });
    return read.good()
        .select(
            columns.stream().map(DerivedRows::column).toArray(org.apache.spark.sql.Column[]::new));
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
