package io.tributary.source.parquet;

import io.tributary.definition.Source;
import io.tributary.source.Contract;
import io.tributary.source.Lines;
import io.tributary.source.SourceReader;
import java.io.InputStream;
import java.time.ZoneId;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.types.StructType;

/**
 * Reads Parquet; a line is a row, counted from 1 through the file. Columns go by their names. A
 * column's type must be the contract's or one whose every value the contract's can hold; times
 * without zone are local in the source's, times of nanoseconds must be whole microseconds.
 */
public final class ParquetReader implements SourceReader {
  private static final long serialVersionUID = 1L;

  private final Contract contract;
  private final ZoneId zone;

  private ParquetReader(Contract contract, ZoneId zone) {
    this.contract = contract;
    this.zone = zone;
  }

  public static ParquetReader of(Source source) {
    return new ParquetReader(Contract.of(source), source.zone());
  }

  @Override
  public StructType columns() {
    return contract.columns();
  }

  /**
   * Whether a file's columns have the contract's own types, all of them and none in nanoseconds or
   * local time: then any reader of Parquet gives the same rows.
   *
   * @param location where it can be opened: an absolute local path or a Hadoop URI
   * @throws io.tributary.core.PlatformException CONTRACT_BROKEN when it has other columns,
   *     UNREADABLE_FILE when it is broken
   */
  public boolean storesAsDeclared(String path, String location, Configuration hadoop) {
    return ParquetLines.columns(contract, zone, path, location, hadoop).areAsDeclared();
  }

  /** Keeps a copy of the file on the local disk until the lines are closed. */
  @Override
  public Lines open(String path, InputStream bytes) {
    return ParquetLines.open(contract, zone, path, bytes);
  }
}
