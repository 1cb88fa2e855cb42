package io.tributary.source.parquet;

import static org.apache.spark.sql.functions.lit;

import io.tributary.definition.Source;
import io.tributary.source.Contract;
import io.tributary.source.FilePart;
import io.tributary.source.Lines;
import io.tributary.source.SourceReader;
import io.tributary.source.TypedFiles;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Reads Parquet; a line is a row, counted from 1 through the file. Columns go by their names. A
 * column's type must be the contract's or one whose every value the contract's can hold; times
 * without zone are local in the source's, times of nanoseconds must be whole microseconds.
 */
public final class ParquetReader implements SourceReader, TypedFiles {
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

  @Override
  public Optional<TypedFiles> typed() {
    return Optional.of(this);
  }

  /** Whether all have the contract's types and none is in nanoseconds or local time. */
  @Override
  public boolean storesAsDeclared(String path, String location, Configuration hadoop) {
    return ParquetLines.columns(contract, zone, path, location, hadoop).areNamedAsDeclared();
  }

  @Override
  public Dataset<Row> rows(SparkSession spark, List<String> locations) {
    Dataset<Row> rows = spark.read().schema(columns()).parquet(locations.toArray(String[]::new));
    Column file = rows.metadataColumn("_metadata");
    return rows.withColumn("_file", file.getField("file_path"))
        .withColumn("_line", file.getField("row_index").plus(lit(1L)));
  }

  @Override
  public Lines open(String path, String location, long offset, long bytes, Configuration hadoop) {
    return ParquetLines.open(contract, zone, path, location, offset, bytes, hadoop);
  }

  @Override
  public List<FilePart> parts(String location, long leastBytes, Configuration hadoop) {
    return ParquetLines.parts(location, leastBytes, hadoop);
  }
}
