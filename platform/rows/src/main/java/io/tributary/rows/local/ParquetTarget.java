package io.tributary.rows.local;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.rows.PartitionedRows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import org.apache.hadoop.conf.Configuration;
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
    Writer[] writers = new Writer[runner.threads()];
    LocalPartitions from = (LocalPartitions) rows.rows();
    try {
      Files.createDirectories(folder);
      long count =
          from
              .run(
                  task -> {
                    int t = task.thread();
                    if (writers[t] == null) {
                      writers[t] = new Writer(file(t), rows.schema());
                    }
                    Iterator<InternalRow> each = from.of().rows(task, task.partition());
                    return writers[t].write(each);
                  })
              .stream()
              .mapToLong(Long::longValue)
              .sum();
      if (count == 0) {
        // Readers find the columns in it.
        writers[0] = writers[0] == null ? new Writer(file(0), rows.schema()) : writers[0];
      }
      runner.run(
          writers.length,
          task -> {
            if (writers[task.partition()] != null) {
              writers[task.partition()].end();
            }
            return null;
          });
      return count;
    } catch (IOException e) {
      throw notWritten(folder, e);
    } finally {
      for (Writer writer : writers) {
        if (writer != null) {
          writer.abandon();
        }
      }
    }
  }

  private Path file(int thread) {
    return folder.resolve("part-%05d.snappy.parquet".formatted(thread));
  }

  private static PlatformException notWritten(Path file, IOException e) {
    return new PlatformException(
        ErrorCode.STORAGE,
        "Cannot write %s: %s. Make room there, or name another folder."
            .formatted(file, e.getMessage()),
        e);
  }

  private static final class Writer {
    private final Path file;
    private final ParquetWriter<InternalRow> writer;
    private boolean ended;

    Writer(Path file, StructType schema) {
      this.file = file;
      try {
        this.writer = new Builder(file, schema).build();
      } catch (IOException e) {
        throw notWritten(file, e);
      }
    }

    long write(Iterator<InternalRow> rows) {
      long count = 0;
      try {
        while (rows.hasNext()) {
          writer.write(rows.next());
          count++;
        }
        return count;
      } catch (IOException e) {
        throw notWritten(file, e);
      }
    }

    void end() {
      try {
        ended = true;
        writer.close();
      } catch (IOException e) {
        throw notWritten(file, e);
      }
    }

    /** After an error: the file is of no use. */
    void abandon() {
      if (!ended) {
        ended = true;
        try {
          writer.close();
        } catch (IOException | RuntimeException e) {
          // What ended the writing is reported; the file is deleted with its folder.
          return;
        }
      }
    }
  }

  private static final class Builder extends ParquetWriter.Builder<InternalRow, Builder> {
    private final StructType schema;

    Builder(Path file, StructType schema) throws IOException {
      super(HadoopOutputFile.fromPath(new org.apache.hadoop.fs.Path(file.toUri()), conf(schema)));
      this.schema = schema;
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
