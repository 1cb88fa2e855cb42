package io.tributary.source.csv;

import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.source.ByteReader;
import io.tributary.source.Contract;
import io.tributary.source.Lines;
import io.tributary.source.RecordScan;
import io.tributary.source.cell.CellParser;
import java.io.InputStream;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Reads CSV (RFC 4180): LF and CRLF, quoted values with line breaks, a byte order mark, gzip by the
 * file's first bytes. Blank lines are no lines. A cell that is empty or one of the null markers is
 * null, quoted or not; only in a string column a quoted empty cell is the empty text.
 */
public final class CsvReader implements ByteReader {
  private static final long serialVersionUID = 1L;

  private final Contract contract;
  private final CsvFormat format;
  private final ZoneId zone;

  private CsvReader(Contract contract, CsvFormat format, ZoneId zone) {
    this.contract = contract;
    this.format = format;
    this.zone = zone;
  }

  /**
   * A reader of a source's files.
   *
   * @throws io.tributary.core.PlatformException INVALID_DEFINITION when an option or a column's
   *     type is not one that CSV has
   */
  public static CsvReader of(Source source, SourceInput.Files files) {
    CsvReader reader =
        new CsvReader(Contract.of(source), CsvFormat.of(source.name(), files), source.zone());
    reader.parsers();
    return reader;
  }

  /**
   * The names in the first line of a file with commas.
   *
   * @throws io.tributary.core.PlatformException UNREADABLE_FILE when it can't be read
   */
  public static List<String> header(String path, InputStream bytes) {
    return CsvLines.header(path, bytes);
  }

  @Override
  public StructType columns() {
    return contract.columns();
  }

  @Override
  public Lines open(String path, InputStream bytes) {
    return new CsvLines(contract, path, format, parsers(), bytes);
  }

  @Override
  public Optional<RecordScan> scan() {
    return CsvScan.of(format);
  }

  private CellParser[] parsers() {
    return IntStream.range(0, columns().size()).mapToObj(this::parser).toArray(CellParser[]::new);
  }

  private CellParser parser(int column) {
    StructField field = columns().apply(column);
    return contract
        .format(column)
        .map(f -> CellParser.of(f, field.dataType(), zone))
        .orElseGet(() -> CellParser.of(contract.source(), field.name(), field.dataType(), zone));
  }
}
