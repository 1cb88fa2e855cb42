package io.tributary.source;

import io.tributary.core.FileType;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.source.csv.CsvReader;
import io.tributary.source.json.JsonReader;
import io.tributary.source.parquet.ParquetReader;
import java.util.Map;

/** The formats by the names of {@link FileType}. */
public final class FileFormats {
  static final Map<String, FileFormat> BY_NAME =
      Map.of(
          "csv", CsvReader::of,
          "json", (source, files) -> JsonReader.of(source),
          "parquet", (source, files) -> ParquetReader.of(source));

  private FileFormats() {}

  /**
   * What reads a source's deliveries; ranges of tables are delivered as JSON.
   *
   * @throws io.tributary.core.PlatformException INVALID_DEFINITION when an option or a column's
   *     type is not one that the format has
   */
  public static SourceReader reader(Source source) {
    return source.input() instanceof SourceInput.Files files
        ? BY_NAME.get(files.format()).reader(source, files)
        : JsonReader.of(source);
  }
}
