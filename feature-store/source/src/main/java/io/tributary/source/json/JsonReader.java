package io.tributary.source.json;

import io.tributary.definition.Source;
import io.tributary.source.ByteReader;
import io.tributary.source.Contract;
import io.tributary.source.Lines;
import io.tributary.source.RecordScan;
import java.io.InputStream;
import java.time.ZoneId;
import java.util.Optional;
import org.apache.spark.sql.types.StructType;

/**
 * Reads JSON, an object a line: UTF-8, LF and CRLF, a byte order mark, gzip by the file's first
 * bytes. Blank lines are no lines. Keys stand in any order. A line that is no object, that has a
 * key twice, or a value of another type than the contract's is malformed; a key that the contract
 * does not have, or a column that a line lacks and that is not optional, breaks the contract.
 */
public final class JsonReader implements ByteReader {
  private static final long serialVersionUID = 1L;

  private final Contract contract;
  private final ZoneId zone;

  private JsonReader(Contract contract, ZoneId zone) {
    this.contract = contract;
    this.zone = zone;
  }

  /**
   * A reader of a source's files.
   *
   * @throws io.tributary.core.PlatformException INVALID_DEFINITION when a column's type is not one
   *     that JSON has
   */
  public static JsonReader of(Source source) {
    JsonReader reader = new JsonReader(Contract.of(source), source.zone());
    JsonValues unused = reader.values();
    return reader;
  }

  @Override
  public StructType columns() {
    return contract.columns();
  }

  @Override
  public Lines open(String path, InputStream bytes) {
    return new JsonLines(contract, path, values(), bytes);
  }

  @Override
  public Optional<RecordScan> scan() {
    return Optional.of(new JsonScan());
  }

  private JsonValues values() {
    return JsonValues.of(contract, zone);
  }
}
