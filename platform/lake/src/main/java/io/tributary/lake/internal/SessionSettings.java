package io.tributary.lake.internal;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/**
 * The settings of a session: those that Tributary's results need, those for small work in one
 * process, and the caller's.
 */
public final class SessionSettings {
  private static final String EXTENSIONS = "spark.sql.extensions";
  private static final String CATALOG = "spark.sql.catalog.spark_catalog";

  private SessionSettings() {}

  /**
   * The settings for this process.
   *
   * @param given the process's own settings, as {@code spark-submit} leaves them in system
   *     properties
   * @param overrides the caller's settings; they win over all but {@link #required()}
   */
  public static SparkConf of(SparkConf given, Map<String, String> overrides, int cores) {
    SparkConf conf = given.clone();
    if (!conf.contains("spark.master")) {
      conf.setMaster("local[" + cores + "]");
    }
    conf.setIfMissing("spark.app.name", "tributary");
    preferred().forEach(conf::setIfMissing);
    patience().forEach((key, value) -> conf.setIfMissing("spark.hadoop." + key, value));
    if (inProcess(conf)) {
      small(cores).forEach(conf::setIfMissing);
    }
    overrides.forEach(conf::set);
    required().forEach(conf::set);
    return conf;
  }

  /** Whether driver and executors are this one process. */
  public static boolean inProcess(SparkConf conf) {
    String master = conf.get("spark.master", "local");
    return master.equals("local") || master.startsWith("local[");
  }

  /**
   * Checks what a session must have had when it was started.
   *
   * @throws PlatformException INVALID_REQUEST when one is missing
   */
  public static void requireDelta(SparkSession spark) {
    for (String name : List.of(EXTENSIONS, CATALOG)) {
      String wanted = required().get(name);
      if (!spark.conf().get(name, "").contains(wanted)) {
        throw new PlatformException(
            ErrorCode.INVALID_REQUEST,
            "Cannot use this Spark session: it was started without %s=%s, which Delta tables need. Start it with that setting."
                .formatted(name, wanted));
      }
    }
  }

  /** Without these, results would differ or commits could be lost. */
  static Map<String, String> required() {
    Map<String, String> s = new TreeMap<>();
    s.put(EXTENSIONS, "io.delta.sql.DeltaSparkSessionExtension");
    s.put(CATALOG, "org.apache.spark.sql.delta.catalog.DeltaCatalog");
    s.put("spark.delta.logStore.file.impl", LocalLogStore.class.getName());
    s.put("spark.sql.session.timeZone", "UTC");
    s.put("spark.sql.ansi.enabled", "true");
    s.put("spark.sql.timestampType", "TIMESTAMP_LTZ");
    // A run's facts are in its commit, also when it has no rows.
    s.put("spark.databricks.delta.skipRecordingEmptyCommits", "false");
    // A prediction's id begins with the set's name, of up to 100 characters; the day after it must
    // be in the statistics by which its file is found.
    s.put("spark.databricks.io.skipping.stringPrefixLength", "160");
    return s;
  }

  private static Map<String, String> preferred() {
    Map<String, String> s = new TreeMap<>();
    s.put("spark.ui.enabled", "false");
    s.put("spark.ui.showConsoleProgress", "false");
    s.put("spark.sql.adaptive.enabled", "true");
    s.put("spark.sql.codegen.cache.maxEntries", "2000");
    s.put("spark.sql.sources.default", "delta");
    s.put("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS");
    s.put("spark.sql.parquet.datetimeRebaseModeInWrite", "CORRECTED");
    s.put("spark.sql.parquet.datetimeRebaseModeInRead", "CORRECTED");
    // Whether a dictionary pays is decided after a page: of a small file not after a third of it.
    s.put("spark.hadoop.parquet.page.row.count.limit", "5000");
    s.put("spark.sql.debug.maxToStringFields", "1000");
    // Trying three codecs on each value costs more than computing most cached frames.
    s.put("spark.sql.inMemoryColumnarStorage.compressed", "false");
    // The other one bypasses the file system that serves all else.
    s.put(
        "spark.sql.streaming.checkpointFileManagerClass",
        "org.apache.spark.sql.execution.streaming.FileSystemBasedCheckpointFileManager");
    return s;
  }

  /**
   * How long a run waits for an object store: minutes, where Hadoop's defaults are hours. Values of
   * a core-site.xml stay.
   */
  private static Map<String, String> patience() {
    Map<String, String> s = new TreeMap<>();
    s.put("fs.s3a.connection.timeout", "20000");
    s.put("fs.s3a.attempts.maximum", "1");
    s.put("fs.s3a.retry.limit", "3");
    s.put("fs.s3a.retry.throttle.limit", "8");
    Configuration site = new Configuration();
    s.keySet()
        .removeIf(
            key -> {
              String[] sources = site.getPropertySources(key);
              return sources != null && !sources[sources.length - 1].equals("core-default.xml");
            });
    return s;
  }

  /** Settings for one process with a few cores and tables of thousands to millions of rows. */
  private static Map<String, String> small(int cores) {
    Map<String, String> s = new TreeMap<>();
    s.put("spark.driver.host", "127.0.0.1");
    s.put("spark.driver.bindAddress", "127.0.0.1");
    s.put("spark.default.parallelism", Integer.toString(cores));
    s.put("spark.sql.shuffle.partitions", Integer.toString(Math.max(4, 2 * cores)));
    s.put("spark.locality.wait", "0");
    // A task that runs out of memory fails its run, which reports it; else Spark ends the process
    // without a word.
    s.put("spark.executor.killOnFatalError.depth", "0");
    // Else VACUUM lists the smallest table in ten thousand tasks.
    s.put("spark.sql.sources.parallelPartitionDiscovery.parallelism", Integer.toString(cores));
    s.put("spark.cleaner.periodicGC.interval", "30min");
    s.put("spark.databricks.delta.snapshotPartitions", "1");
    return s;
  }
}
