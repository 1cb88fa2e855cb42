package io.tributary.rows.local;

import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.hadoop.ParquetInputFormat;
import org.apache.parquet.hadoop.ParquetOutputFormat;
import org.apache.spark.sql.execution.datasources.parquet.ParquetReadSupport;

/** What Spark's Parquet classes read from a session's settings, as a Tributary session has them. */
final class ParquetSettings {
  /** Instants and dates are as they are written, in the calendar of today. */
  static final String CORRECTED = "CORRECTED";

  private static final Map<String, String> SETTINGS =
      Map.ofEntries(
          Map.entry("spark.sql.session.timeZone", "UTC"),
          Map.entry("spark.sql.caseSensitive", "false"),
          Map.entry("spark.sql.parquet.binaryAsString", "false"),
          Map.entry("spark.sql.parquet.int96AsTimestamp", "true"),
          Map.entry("spark.sql.parquet.inferTimestampNTZ.enabled", "true"),
          Map.entry("spark.sql.legacy.parquet.nanosAsLong", "false"),
          Map.entry("spark.sql.optimizer.nestedSchemaPruning.enabled", "true"),
          Map.entry("spark.sql.parquet.fieldId.read.enabled", "false"),
          Map.entry("spark.sql.parquet.fieldId.write.enabled", "true"),
          Map.entry("spark.sql.parquet.writeLegacyFormat", "false"),
          Map.entry("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS"),
          Map.entry("spark.sql.parquet.datetimeRebaseModeInWrite", CORRECTED),
          Map.entry("spark.sql.parquet.int96RebaseModeInWrite", CORRECTED),
          Map.entry(ParquetInputFormat.READ_SUPPORT_CLASS, ParquetReadSupport.class.getName()),
          Map.entry(ParquetOutputFormat.COMPRESSION, "SNAPPY"),
          // No .crc file beside each file, as other tools write none.
          Map.entry("fs.file.impl", "org.apache.hadoop.fs.RawLocalFileSystem"),
          // Else whoever asks Hadoop for the local file system later would get this one.
          Map.entry("fs.file.impl.disable.cache", "true"),
          Map.entry(ParquetInputFormat.PAGE_VERIFY_CHECKSUM_ENABLED, "true"));

  private ParquetSettings() {}

  /** Without Hadoop's defaults, whose files take long to parse. */
  static Configuration conf() {
    Configuration conf = new Configuration(false);
    SETTINGS.forEach(conf::set);
    return conf;
  }
}
