package io.tributary.source.parquet;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.source.Contract;
import io.tributary.source.Line;
import io.tributary.source.Lines;
import io.tributary.source.cell.CellParser.BadCell;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.mapred.FileSplit;
import org.apache.hadoop.mapreduce.TaskAttemptID;
import org.apache.hadoop.mapreduce.task.TaskAttemptContextImpl;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetInputFormat;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.datasources.parquet.ParquetReadSupport;
import org.apache.spark.sql.execution.datasources.parquet.VectorizedParquetRecordReader;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.apache.spark.unsafe.types.UTF8String;

/** The rows of one Parquet file, read from a copy on the local disk. */
final class ParquetLines implements Lines {
  private static final int BATCH = 4_096;
  private static final String AS_WRITTEN = "CORRECTED";

  private final Contract contract;
  private final String path;
  private final Path copy;
  private ParquetColumns columns;
  private VectorizedParquetRecordReader reader;
  private ColumnarBatch batch;
  private int inBatch;
  private long rows;

  private final Line line;
  private long row;

  private ParquetLines(Contract contract, String path, Path copy) {
    this.contract = contract;
    this.path = path;
    this.copy = copy;
    this.line = new Line(contract, path);
  }

  static ParquetLines open(Contract contract, ZoneId zone, String path, InputStream bytes) {
    Path copy;
    try {
      copy = Files.createTempFile("tributary-", ".parquet");
    } catch (IOException e) {
      throw noSpace(path, contract.source(), e);
    }
    ParquetLines lines = new ParquetLines(contract, path, copy);
    try {
      lines.open(zone, bytes);
      return lines;
    } catch (RuntimeException e) {
      lines.close();
      throw e;
    }
  }

  /** What a file's footer records of the contract's columns. */
  static ParquetColumns columns(
      Contract contract, ZoneId zone, String path, String location, Configuration hadoop) {
    Configuration conf = settings(hadoop);
    try (ParquetFileReader footer =
        ParquetFileReader.open(
            HadoopInputFile.fromPath(new org.apache.hadoop.fs.Path(location), conf))) {
      return ParquetColumns.of(contract, zone, path, footer.getFileMetaData().getSchema(), conf);
    } catch (PlatformException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      String why =
          Optional.ofNullable(e.getMessage())
              .flatMap(m -> m.lines().findFirst())
              .orElse(e.getClass().getSimpleName());
      throw new PlatformException(
          ErrorCode.UNREADABLE_FILE,
          "Cannot read file %s of source %s as Parquet: %s. Deliver it again."
              .formatted(path, contract.source(), why),
          e);
    }
  }

  private void open(ZoneId zone, InputStream bytes) {
    try {
      Files.copy(bytes, copy, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw noSpace(path, contract.source(), e);
    }
    try {
      Configuration conf = settings(new Configuration());
      org.apache.hadoop.fs.Path local = new org.apache.hadoop.fs.Path(copy.toUri());
      MessageType schema;
      try (ParquetFileReader footer =
          ParquetFileReader.open(HadoopInputFile.fromPath(local, conf))) {
        schema = footer.getFileMetaData().getSchema();
        rows = footer.getRecordCount();
      }
      columns = ParquetColumns.of(contract, zone, path, schema, conf);
      if (columns.stored().isEmpty()) {
        return;
      }
      conf.set(ParquetReadSupport.SPARK_ROW_REQUESTED_SCHEMA(), columns.stored().json());
      reader =
          new VectorizedParquetRecordReader(
              ZoneOffset.UTC, AS_WRITTEN, "UTC", AS_WRITTEN, "UTC", false, BATCH);
      reader.initialize(
          new FileSplit(local, 0, Files.size(copy), new String[0]),
          new TaskAttemptContextImpl(conf, new TaskAttemptID()));
      reader.initBatch(new StructType(), InternalRow.empty());
      reader.enableReturningBatches();
      batch = reader.resultBatch();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a file was opened", e);
    } catch (PlatformException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw unreadable(e);
    }
  }

  private static Configuration settings(Configuration hadoop) {
    Configuration conf = new Configuration(hadoop);
    conf.set(ParquetInputFormat.READ_SUPPORT_CLASS, ParquetReadSupport.class.getName());
    conf.set("spark.sql.session.timeZone", "UTC");
    conf.setBoolean(ParquetInputFormat.PAGE_VERIFY_CHECKSUM_ENABLED, true);
    conf.setBoolean("spark.sql.caseSensitive", true);
    conf.setBoolean("spark.sql.parquet.binaryAsString", false);
    conf.setBoolean("spark.sql.parquet.int96AsTimestamp", true);
    conf.setBoolean("spark.sql.parquet.inferTimestampNTZ.enabled", true);
    conf.setBoolean("spark.sql.legacy.parquet.nanosAsLong", true);
    conf.setBoolean("spark.sql.optimizer.nestedSchemaPruning.enabled", false);
    conf.setBoolean("spark.sql.parquet.fieldId.read.enabled", false);
    return conf;
  }

  @Override
  public boolean next() {
    if (row == rows) {
      return false;
    }
    try {
      if (reader != null && (row == 0 || inBatch + 1 == batch.numRows())) {
        if (!reader.nextBatch()) {
          throw new IOException("it ends after row " + row + " of " + rows);
        }
        inBatch = 0;
      } else {
        inBatch++;
      }
      row++;
      read();
      return true;
    } catch (IOException | RuntimeException e) {
      throw unreadable(e);
    }
  }

  private void read() {
    line.begin(row);
    InternalRow stored = reader == null ? InternalRow.empty() : batch.getRow(inBatch);
    for (int c = 0; c < contract.columns().size(); c++) {
      int place = columns.place(c);
      if (place >= 0 && !stored.isNullAt(place)) {
        try {
          line.set(c, columns.value(c, value(stored, place)));
        } catch (BadCell e) {
          line.mistyped(c, e.getMessage());
        }
      }
    }
  }

  /** A value that outlives its batch. */
  private Object value(InternalRow stored, int place) {
    DataType type = columns.stored().apply(place).dataType();
    Object value = stored.get(place, type);
    return value instanceof UTF8String text ? text.clone() : InternalRow.copyValue(value);
  }

  @Override
  public Line line() {
    return line;
  }

  /** The row as JSON, each value as its text. */
  @Override
  public String raw() {
    ObjectNode json = Json.mapper().createObjectNode();
    for (int place = 0; place < columns.stored().size(); place++) {
      InternalRow stored = batch.getRow(inBatch);
      String name = columns.stored().apply(place).name();
      if (stored.isNullAt(place)) {
        json.putNull(name);
      } else {
        json.put(name, value(stored, place).toString());
      }
    }
    return json.toString();
  }

  @Override
  public long shiftedTimes() {
    return columns.shiftedTimes();
  }

  @Override
  public void close() {
    try {
      if (reader != null) {
        reader.close();
        reader = null;
      }
      Files.deleteIfExists(copy);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private PlatformException unreadable(Exception e) {
    String why =
        Optional.ofNullable(e.getMessage())
            .flatMap(m -> m.lines().findFirst())
            .map(m -> m.replace("file:" + copy, "it").replace(copy.toString(), "it"))
            .orElse(e.getClass().getSimpleName());
    return new PlatformException(
        ErrorCode.UNREADABLE_FILE,
        "Cannot read file %s of source %s as Parquet%s: %s. Deliver it again."
            .formatted(path, contract.source(), row > 0 ? ", after row " + (row - 1) : "", why),
        e);
  }

  private static PlatformException noSpace(String path, String source, IOException e) {
    return new PlatformException(
        ErrorCode.STORAGE,
        "Cannot copy file %s of source %s to the local disk: %s. Make room in %s, or name another folder by -Djava.io.tmpdir."
            .formatted(path, source, e, System.getProperty("java.io.tmpdir")),
        e);
  }
}
