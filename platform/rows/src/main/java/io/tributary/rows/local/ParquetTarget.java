package io.tributary.rows.local;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.rows.ColumnRows;
import io.tributary.rows.PartitionedRows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Objects;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.datasources.parquet.ParquetWriteSupport;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/** A folder of Parquet files as Spark writes them, one a thread. */
public final class ParquetTarget {
  private final Path folder;

  public ParquetTarget(Path folder) {
    this.folder = folder;
  }

  /**
   * Computes rows and writes them; what was written so far stays when one fails.
   *
   * @param folder made if it isn't there
   * @return how many there are
   */
  public long write(LocalRunner runner, PartitionedRows rows) {
    RowFile[] writers = new RowFile[runner.threads()];
    LocalPartitions from = (LocalPartitions) rows.rows();
    boolean whole = false;
    try {
      Files.createDirectories(folder);
      long count =
          from
              .run(
                  task ->
                      write(task, from.of().rows(task, task.partition()), rows.schema(), writers))
              .stream()
              .mapToLong(Long::longValue)
              .sum();
      if (Arrays.stream(writers).allMatch(Objects::isNull)) {
        // Where there are no rows readers still find the columns.
        writers[0] = open(file(0), rows.schema());
      }
      runner.run(writers.length, task -> end(writers[task.partition()]));
      whole = true;
      return count;
    } catch (IOException | FSError e) {
      throw notWritten(e);
    } finally {
      if (!whole) {
        abandon(writers);
      }
    }
  }

  private long write(
      LocalTask task, Iterator<InternalRow> rows, StructType schema, RowFile[] writers) {
    try {
      int thread = task.thread();
      if (writers[thread] == null && rows.hasNext()) {
        writers[thread] = open(file(thread), schema);
      }
      long count = 0;
      while (rows.hasNext()) {
        Optional<ColumnarBatch> batch =
            rows instanceof ColumnRows columns ? columns.columns() : Optional.empty();
        if (batch.isPresent()) {
          writers[thread].write(batch.get());
          count += batch.get().numRows();
          ((ColumnRows) rows).pass();
        } else {
          writers[thread].write(rows.next());
          count++;
        }
      }
      return count;
    } catch (IOException | FSError e) {
      throw notWritten(e);
    }
  }

  private Object end(RowFile writer) {
    try {
      if (writer != null) {
        writer.end();
      }
      return null;
    } catch (IOException | FSError e) {
      throw notWritten(e);
    }
  }

  private static void abandon(RowFile[] writers) {
    for (RowFile writer : writers) {
      try {
        if (writer != null) {
          writer.close();
        }
      } catch (IOException | RuntimeException | FSError e) {
        // What ended the writing is reported, and its caller deletes the folder.
        continue;
      }
    }
  }

  private Path file(int thread) {
    return folder.resolve("part-%05d.snappy.parquet".formatted(thread));
  }

  private PlatformException notWritten(Throwable e) {
    return new PlatformException(
        ErrorCode.STORAGE,
        "Cannot write %s: %s. Make room there, or name another folder."
            .formatted(folder, e.getMessage()),
        e);
  }

  private static RowFile open(Path file, StructType schema) throws IOException {
    return ColumnFile.canWrite(schema)
        ? new ColumnFile(
            new org.apache.hadoop.fs.Path(file.toUri()), schema, ParquetSettings.conf())
        : new Rows(file, schema);
  }

  /** Of any types, by Spark's own writer. */
  private static final class Rows implements RowFile {
    private final ParquetWriter<InternalRow> writer;

    Rows(Path path, StructType schema) throws IOException {
      this.writer = new Builder(path, schema).build();
    }

    @Override
    public void write(InternalRow row) throws IOException {
      writer.write(row);
    }

    @Override
    public void end() throws IOException {
      writer.close();
    }

    @Override
    public void close() throws IOException {
      writer.close();
    }
  }

  private static final class Builder extends ParquetWriter.Builder<InternalRow, Builder> {
    Builder(Path file, StructType schema) throws IOException {
      super(HadoopOutputFile.fromPath(new org.apache.hadoop.fs.Path(file.toUri()), conf(schema)));
      withConf(conf(schema));
      withCompressionCodec(CompressionCodecName.SNAPPY);
      withWriteMode(ParquetFileWriter.Mode.OVERWRITE);
      for (StructField field : schema.fields()) {
        if (isFloating(field.dataType())) {
          // Hardly any value comes twice, and to find that out costs more than to write them.
          withDictionaryEncoding(field.name(), false);
        }
      }
    }

    private static boolean isFloating(DataType type) {
      return type instanceof DoubleType || type instanceof FloatType;
    }

    private static Configuration conf(StructType schema) {
      Configuration conf = ParquetSettings.conf();
      ParquetWriteSupport.setSchema(schema, conf);
      return conf;
    }

    @Override
    protected Builder self() {
      return this;
    }

    @Override
    protected WriteSupport<InternalRow> getWriteSupport(Configuration conf) {
      // It asks the thread's session how to write days before 1582.
      SQLConf settings = new SQLConf();
      conf.forEach(
          setting -> {
            if (setting.getKey().startsWith("spark.sql.")) {
              settings.setConfString(setting.getKey(), setting.getValue());
            }
          });
      return SQLConf.withExistingConf(settings, ParquetWriteSupport::new);
    }
  }
}
