package io.tributary.lake.internal;

import com.google.common.cache.Cache;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.DeltaLog$;
import org.apache.spark.sql.delta.actions.Metadata;
import org.apache.spark.sql.delta.actions.Protocol;
import org.apache.spark.sql.execution.datasources.FileFormat;
import org.apache.spark.util.SystemClock;
import scala.Option;
import scala.Tuple2;
import scala.collection.immutable.Map;
import scala.collection.immutable.Map$;

/** A table's log whose transactions write {@link ColumnFormat}; all else is Delta's. */
final class ColumnLog extends DeltaLog {
  private static final Map<String, String> NO_OPTIONS = Map$.MODULE$.empty();

  /** Delta keeps logs for an hour, and a context that has stopped must not live as long. */
  private final WeakReference<SparkContext> context;

  private ColumnLog(Path log, SparkContext context) {
    super(log, log.getParent(), NO_OPTIONS, NO_OPTIONS, new SystemClock(), Option.empty());
    this.context = new WeakReference<>(context);
  }

  /**
   * The log of a table, which stands in Delta's own list of logs from now on, so that whatever
   * writes to the table in this process writes with it.
   */
  static synchronized DeltaLog of(SparkSession spark, String table) {
    Cache<Tuple2<Path, Map<String, String>>, DeltaLog> logs =
        DeltaLog$.MODULE$.getOrCreateCache(spark.sessionState().conf());
    Path path = qualified(spark, new Path(table, "_delta_log"));
    Tuple2<Path, Map<String, String>> key = new Tuple2<>(path, NO_OPTIONS);
    if (logs.getIfPresent(key) instanceof ColumnLog log
        && log.context.get() == spark.sparkContext()) {
      return log;
    }
    ColumnLog log = new ColumnLog(path, spark.sparkContext());
    logs.put(key, log);
    return log;
  }

  private static Path qualified(SparkSession spark, Path path) {
    try {
      return path.getFileSystem(spark.sessionState().newHadoopConf()).makeQualified(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public FileFormat fileFormat(Protocol protocol, Metadata metadata) {
    return new ColumnFormat(protocol, metadata);
  }
}
