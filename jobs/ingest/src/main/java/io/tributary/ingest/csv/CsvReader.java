package io.tributary.ingest.csv;

import io.tributary.definition.Column;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.ingest.Lines;
import io.tributary.ingest.SourceReader;
import java.io.InputStream;
import java.time.ZoneId;
import java.util.Arrays;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Reads CSV (RFC 4180): LF and CRLF, quoted values with line breaks, a byte order mark, gzip by the
 * file's first bytes. Blank lines are no lines. A cell that is empty or one of the null markers is
 * null, quoted or not; only in a string column a quoted empty cell is the empty text.
 */
public final class CsvReader implements SourceReader {
  private static final long serialVersionUID = 1L;

  private final String source;
  private final CsvFormat format;
  private final StructType columns;
  private final ZoneId zone;

  private CsvReader(String source, CsvFormat format, StructType columns, ZoneId zone) {
    this.source = source;
    this.format = format;
    this.columns = columns;
    this.zone = zone;
  }

  /**
   * A reader of a source's files.
   *
   * @throws io.tributary.core.PlatformException INVALID_DEFINITION when an option or a column's
   *     type is not one that CSV has
   */
  public static CsvReader of(Source source, SourceInput.Files files) {
    StructField[] fields =
        source.columns().stream().map(CsvReader::field).toArray(StructField[]::new);
    CsvReader reader =
        new CsvReader(
            source.name(),
            CsvFormat.of(source.name(), files),
            new StructType(fields),
            source.zone());
    reader.parsers();
    return reader;
  }

  private static StructField field(Column column) {
    return new StructField(
        column.name(),
        DataType.fromDDL(column.type().ddl()),
        true,
        org.apache.spark.sql.types.Metadata.empty());
  }

  /** The contract's columns, all nullable. */
  public StructType columns() {
    return columns;
  }

  @Override
  public Lines open(String path, InputStream bytes) {
    return new CsvLines(source, path, format, columns, parsers(), bytes);
  }

  private CellParser[] parsers() {
    return Arrays.stream(columns.fields())
        .map(f -> CellParser.of(source, f.name(), f.dataType(), zone))
        .toArray(CellParser[]::new);
  }
}
