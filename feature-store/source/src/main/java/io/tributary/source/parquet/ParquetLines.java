package io.tributary.source.parquet;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.source.Contract;
import io.tributary.source.FilePart;
import io.tributary.source.Line;
import io.tributary.source.Lines;
import io.tributary.source.cell.CellParser.BadCell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapred.FileSplit;
import org.apache.hadoop.mapreduce.TaskAttemptID;
import org.apache.hadoop.mapreduce.task.TaskAttemptContextImpl;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetInputFormat;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.datasources.parquet.ParquetReadSupport;
import org.apache.spark.sql.execution.datasources.parquet.VectorizedParquetRecordReader;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.apache.spark.unsafe.types.UTF8String;
import scala.Option;

/** The rows of one Parquet file, or of some row groups of it, which lie side by side. */
final class ParquetLines implements Lines {
  private static final int BATCH = 4_096;
  private static final String AS_WRITTEN = "CORRECTED";
  private static final byte[] NO_HEAD = {};

  private final Contract contract;
  private final String path;
  private final String location;
  private final Line line;
  private ParquetColumns columns;
  private DataType[] types;
  private VectorizedParquetRecordReader reader;
  private ColumnarBatch batch;
  private int inBatch;
  private long rows;
  private long row;

  private ParquetLines(Contract contract, String path, String location) {
    this.contract = contract;
    this.path = path;
    this.location = location;
    this.line = new Line(contract, path);
  }

  static ParquetLines open(
      Contract contract,
      ZoneId zone,
      String path,
      String location,
      long offset,
      long bytes,
      Configuration hadoop) {
    ParquetLines lines = new ParquetLines(contract, path, location);
    try {
      lines.open(zone, new FileSplit(new Path(location), offset, bytes, new String[0]), hadoop);
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
    try (ParquetFileReader file = file(new Path(location), conf)) {
      return ParquetColumns.of(contract, zone, path, file.getFileMetaData().getSchema(), conf);
    } catch (PlatformException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw unreadable(contract.source(), path, location, "", e);
    }
  }

  /** Row groups that lie side by side; none of a file whose footer can't be read. */
  static List<FilePart> parts(String location, long leastBytes, Configuration hadoop) {
    List<FilePart> parts = new ArrayList<>();
    try (ParquetFileReader file = file(new Path(location), settings(hadoop))) {
      long begin = 0;
      long bytes = 0;
      long rows = 0;
      long rowsBefore = 0;
      long end = 0;
      for (BlockMetaData group : file.getRowGroups()) {
        if (group.getStartingPos() < end) {
          // Not one behind the other, as other writers may put them: read by one task.
          return List.of();
        }
        if (bytes >= leastBytes) {
          parts.add(new FilePart(begin, group.getStartingPos() - begin, NO_HEAD, rowsBefore, 0));
          begin = group.getStartingPos();
          rowsBefore = rows;
          bytes = 0;
        }
        bytes += group.getCompressedSize();
        rows += group.getRowCount();
        end = group.getStartingPos() + group.getCompressedSize();
      }
      parts.add(new FilePart(begin, end - begin, NO_HEAD, rowsBefore, 0));
      return parts;
    } catch (IOException | RuntimeException e) {
      return List.of();
    }
  }

  private static ParquetFileReader file(Path at, Configuration conf) throws IOException {
    return ParquetFileReader.open(HadoopInputFile.fromPath(at, conf));
  }

  private void open(ZoneId zone, FileSplit part, Configuration hadoop) {
    try {
      Configuration conf = settings(hadoop);
      ParquetMetadata footer;
      try (ParquetFileReader file = file(part.getPath(), conf)) {
        footer = within(part, file.getFooter());
      }
      rows = footer.getBlocks().stream().mapToLong(BlockMetaData::getRowCount).sum();
      columns = ParquetColumns.of(contract, zone, path, footer.getFileMetaData().getSchema(), conf);
      types =
          Arrays.stream(columns.stored().fields())
              .map(StructField::dataType)
              .toArray(DataType[]::new);
      if (types.length == 0) {
        return;
      }
      conf.set(ParquetReadSupport.SPARK_ROW_REQUESTED_SCHEMA(), columns.stored().json());
      reader =
          new VectorizedParquetRecordReader(
              ZoneOffset.UTC, AS_WRITTEN, "UTC", AS_WRITTEN, "UTC", false, BATCH);
      reader.initialize(
          part, new TaskAttemptContextImpl(conf, new TaskAttemptID()), Option.apply(footer));
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

  /** A footer with the row groups alone that begin in a part: by {@link #parts} each in one. */
  private static ParquetMetadata within(FileSplit part, ParquetMetadata footer) {
    long end = part.getStart() + part.getLength();
    return new ParquetMetadata(
        footer.getFileMetaData(),
        footer.getBlocks().stream()
            .filter(g -> g.getStartingPos() >= part.getStart() && g.getStartingPos() < end)
            .toList());
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
    for (int c : columns.looked()) {
      int place = columns.place(c);
      if (place >= 0 && !stored.isNullAt(place)) {
        try {
          if (columns.areAsDeclared()) {
            columns.value(c, stored.get(place, types[place]));
            line.typed(c);
          } else {
            line.set(c, columns.value(c, value(stored, place)));
          }
        } catch (BadCell e) {
          line.mistyped(c, e.getMessage());
        }
      }
    }
  }

  /** A value that outlives its batch. */
  private Object value(InternalRow stored, int place) {
    Object value = stored.get(place, types[place]);
    return value instanceof UTF8String text ? text.clone() : InternalRow.copyValue(value);
  }

  @Override
  public Line line() {
    return line;
  }

  /** Of a file that stores what is declared its own row: nothing is boxed or copied. */
  @Override
  public InternalRow values() {
    return columns.areAsDeclared() ? batch.getRow(inBatch) : line.values();
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
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private PlatformException unreadable(Exception e) {
    return unreadable(
        contract.source(), path, location, row > 0 ? ", after row " + (row - 1) : "", e);
  }

  private static PlatformException unreadable(
      String source, String path, String location, String place, Exception e) {
    String plain = new Path(location).toUri().getPath();
    String why =
        Optional.ofNullable(e.getMessage())
            .flatMap(m -> m.lines().findFirst())
            .map(m -> m.replace(location, "it").replace("file:" + plain, "it").replace(plain, "it"))
            .orElse(e.getClass().getSimpleName());
    return new PlatformException(
        ErrorCode.UNREADABLE_FILE,
        "Cannot read file %s of source %s as Parquet%s: %s. Deliver it again."
            .formatted(path, source, place, why),
        e);
  }
}
