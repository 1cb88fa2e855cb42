package io.tributary.lake.internal;

import io.tributary.rows.local.ColumnFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapreduce.Job;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.parquet.hadoop.ParquetOutputFormat;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.delta.DeltaParquetFileFormat;
import org.apache.spark.sql.delta.actions.Metadata;
import org.apache.spark.sql.delta.actions.Protocol;
import org.apache.spark.sql.execution.datasources.OutputWriter;
import org.apache.spark.sql.execution.datasources.OutputWriterFactory;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.collection.immutable.Map;

/**
 * Delta's data files, written column by column; where a column has maps or decimals of more than 18
 * digits, and where a setting of Parquet's is given, by Spark's writer. Which one it was is not
 * seen by a reader.
 */
final class ColumnFormat extends DeltaParquetFileFormat {
  private static final long serialVersionUID = 1L;

  /** The one of Parquet's settings that {@link ColumnFile} knows. */
  private static final String HEEDED = "page.row.count.limit";

  /** How Spark's writer must be set for files to hold the same. */
  private static final java.util.Map<String, String> SETTINGS =
      java.util.Map.of(
          ParquetOutputFormat.COMPRESSION,
          "SNAPPY",
          "spark.sql.parquet.writeLegacyFormat",
          "false",
          "spark.sql.parquet.outputTimestampType",
          "TIMESTAMP_MICROS");

  ColumnFormat(Protocol protocol, Metadata metadata) {
    super(protocol, metadata, false, true, Option.empty(), false);
  }

  @Override
  public OutputWriterFactory prepareWrite(
      SparkSession spark, Job job, Map<String, String> options, StructType schema) {
    Configuration conf = job.getConfiguration();
    boolean usual = conf.getPropsWithPrefix("parquet.").keySet().stream().allMatch(HEEDED::equals);
    OutputWriterFactory rows = super.prepareWrite(spark, job, options, schema);
    usual &=
        SETTINGS.entrySet().stream().allMatch(s -> s.getValue().equals(conf.get(s.getKey())))
            && spark.conf().get("spark.sql.parquet.datetimeRebaseModeInWrite").equals("CORRECTED");
    // Spark's writer says what is wrong with a limit that lets no row in.
    usual &= conf.getInt(ParquetOutputFormat.PAGE_ROW_COUNT_LIMIT, 1) > 0;
    if (usual && ColumnFile.canWrite(schema)) {
      return new Columns();
    }
    leavePlain(schema, conf);
    return rows;
  }

  /**
   * No dictionaries of floating numbers: hardly any comes twice, and to find that out costs a
   * writer more than all else it does with them.
   */
  private static void leavePlain(StructType schema, Configuration conf) {
    for (StructField field : schema.fields()) {
      if (field.dataType() instanceof DoubleType || field.dataType() instanceof FloatType) {
        conf.setIfUnset(ParquetOutputFormat.ENABLE_DICTIONARY + "#" + field.name(), "false");
      }
    }
  }

  /** As of the format that it equals, and Delta's equals it: they read alike. */
  @Override
  public int hashCode() {
    return DeltaParquetFileFormat.class.getCanonicalName().hashCode();
  }

  private static final class Columns extends OutputWriterFactory {
    private static final long serialVersionUID = 1L;

    @Override
    public String getFileExtension(TaskAttemptContext context) {
      return ".snappy.parquet";
    }

    @Override
    public OutputWriter newInstance(String path, StructType schema, TaskAttemptContext context) {
      try {
        return new Writer(path, new ColumnFile(new Path(path), schema, context.getConfiguration()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static final class Writer extends OutputWriter {
    private final String path;
    private final ColumnFile file;

    Writer(String path, ColumnFile file) {
      this.path = path;
      this.file = file;
    }

    @Override
    public void write(InternalRow row) {
      try {
        file.write(row);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      try (file) {
        file.end();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public String path() {
      return path;
    }
  }
}
