package io.tributary.lake;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.RunId;
import io.tributary.events.runs.Resources;
import io.tributary.lake.internal.SessionSettings;
import io.tributary.lake.internal.TaskMeter;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.sql.SparkSession;

/**
 * A process's Spark session, started on first use: in the process on all cores, or on the master
 * that {@code spark-submit} names. Thread-safe. Several lakes may share one; whoever opened it
 * closes it.
 */
public final class LakeSession implements AutoCloseable {
  private final Map<String, String> settings;
  private final TaskMeter meter = new TaskMeter();
  private SparkSession started;
  private Configuration hadoop;
  private boolean owned = true;

  private LakeSession(Map<String, String> settings) {
    this.settings = Map.copyOf(settings);
  }

  /** A session with the platform's settings. */
  public static LakeSession lazy() {
    return new LakeSession(Map.of());
  }

  /** A session with the platform's settings, overridden by {@code settings}. */
  public static LakeSession lazy(Map<String, String> settings) {
    return new LakeSession(settings);
  }

  /**
   * A session that the caller has started and will stop.
   *
   * @throws PlatformException INVALID_REQUEST when it lacks a setting without which Delta tables
   *     can't be read
   */
  public static LakeSession of(SparkSession spark) {
    SessionSettings.requireDelta(spark);
    LakeSession session = new LakeSession(Map.of());
    session.started = spark;
    session.owned = false;
    return session;
  }

  /** The session; the first call starts it, which takes seconds. */
  public synchronized SparkSession spark() {
    if (started == null) {
      SparkConf conf = conf();
      try {
        started = SparkSession.builder().config(conf).getOrCreate();
      } catch (IllegalStateException e) {
        // It was stopped while it started.
        throw ended(conf.get("spark.master"), e);
      }
      started.sparkContext().addSparkListener(meter);
    }
    TaskMeter.tag(started.sparkContext());
    return started;
  }

  private SparkConf conf() {
    SparkConf conf =
        SessionSettings.of(new SparkConf(), settings, Runtime.getRuntime().availableProcessors());
    if (SessionSettings.inProcess(conf)) {
      // Before any file system is created: the first use of a scheme decides which one serves it.
      Configuration.addDefaultResource("tributary-hadoop.xml");
    }
    return conf;
  }

  /**
   * The settings of Hadoop's file systems in the session, also before it is started; starts
   * nothing.
   */
  public synchronized Configuration hadoop() {
    if (hadoop == null) {
      hadoop =
          owned
              ? SparkHadoopUtil.get().newConfiguration(conf())
              : started.sparkContext().hadoopConfiguration();
    }
    return hadoop;
  }

  /** The session if it has been started. */
  public synchronized Optional<SparkSession> started() {
    return Optional.ofNullable(started);
  }

  /** Attributes to this run what this thread, and threads that it starts, do from now on. */
  public void begin(RunId run) {
    TaskMeter.begin(run);
    tag();
  }

  /** Ends the attribution of what this thread does to a run. */
  public void end() {
    TaskMeter.end();
    tag();
  }

  private void tag() {
    started().ifPresent(s -> TaskMeter.tag(s.sparkContext()));
  }

  /** How far a run has come. */
  public TasksDone soFar(RunId run) {
    return meter.soFar(run);
  }

  /**
   * What a run has used of the session; can be called once for a run. {@link Resources#NONE} where
   * the session was stopped.
   */
  public Resources used(RunId run) {
    Optional<SparkSession> session = started();
    if (session.isEmpty()) {
      return TaskMeter.NO_TASKS;
    }
    SparkContext context = session.get().sparkContext();
    return context.isStopped() ? Resources.NONE : meter.take(context, run);
  }

  /** Why calls fail, each in a way of its own, of a session that has ended by itself. */
  public Optional<PlatformException> ended(Throwable cause) {
    return started()
        .map(SparkSession::sparkContext)
        .filter(SparkContext::isStopped)
        .map(context -> ended(context.master(), cause));
  }

  private static PlatformException ended(String master, Throwable cause) {
    return new PlatformException(
        ErrorCode.SERVER,
        "Cannot go on: the Spark session has ended, as where its master %s does not answer. See that the master and its workers run, and run it again."
            .formatted(master),
        cause);
  }

  /** Whether tasks run in this process, or will once it is started. */
  public boolean inProcess() {
    return SessionSettings.inProcess(
        started().map(s -> s.sparkContext().getConf()).orElseGet(this::conf));
  }

  /**
   * Stops the session if it was started here; the next {@link #spark()} starts another. A given
   * session keeps running.
   */
  @Override
  public synchronized void close() {
    if (started != null && owned) {
      started.stop();
      // Else this thread keeps the stopped one as its active session.
      SparkSession.clearActiveSession();
      started = null;
    }
  }
}
