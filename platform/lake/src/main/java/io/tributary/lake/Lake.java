package io.tributary.lake;

import io.tributary.core.Environment;
import io.tributary.core.ProjectRevision;
import io.tributary.core.RunId;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.events.EventLog;
import io.tributary.events.definitions.LakeDefinitions;
import io.tributary.events.lake.LakeIdentity;
import io.tributary.events.runs.LakeTables;
import io.tributary.events.runs.RunLog;
import io.tributary.lake.internal.DeltaTable;
import io.tributary.lake.internal.LogReplay;
import io.tributary.lake.internal.TableLog;
import io.tributary.rows.local.LocalRunner;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.spark.sql.SparkSession;

/**
 * A folder of Delta tables, {@code LAKE/layer/subject}, and the Spark session that reads and writes
 * them. What can be read from the tables' logs alone needs no session. Thread-safe.
 */
public final class Lake implements AutoCloseable {
  /** How long old table versions stay readable unless a project says otherwise. */
  public static final Duration DEFAULT_RETENTION = Duration.ofDays(730);

  /** Of the heap one part of so many is for rows between steps: Spark wants most of it. */
  private static final int HEAP_BESIDE_SPARK = 8;

  private final String uri;
  private final Duration retention;
  private final LakeSession session;
  private final boolean ownsSession;
  private final Map<TableName, TableLog> logs = new ConcurrentHashMap<>();
  private final Map<TableName, DeltaTable> tables = new ConcurrentHashMap<>();
  private final Map<String, EventLog> events = new ConcurrentHashMap<>();
  private final RunLog runs;
  private final LakeDefinitions definitions;
  private final Supplier<Environment> environment;
  private final Map<RunId, List<TableVersion>> written = new ConcurrentHashMap<>();
  private LocalRunner threads;

  private Lake(
      String uri,
      Duration retention,
      LakeSession session,
      boolean ownsSession,
      Optional<Supplier<ProjectRevision>> project) {
    this.uri = LakeTables.normal(uri);
    LakeIdentity.require(this.uri);
    this.retention = retention;
    this.session = session;
    this.ownsSession = ownsSession;
    this.runs = RunLog.open(this.uri);
    this.definitions = LakeDefinitions.open(this.uri, runs);
    this.environment =
        project
            .map(revision -> once(() -> Environment.ofProcess().with(revision.get())))
            .orElse(Environment::ofProcess);
  }

  /** A lake with a session of its own, which is stopped when the lake is closed. */
  public static Lake open(String uri) {
    return open(uri, DEFAULT_RETENTION);
  }

  /**
   * A lake with a session of its own, which is stopped when the lake is closed.
   *
   * @param uri a local folder, which need not be there yet, or a path of a Hadoop file system with
   *     an atomic rename
   * @param retention how long old versions of tables made from now on stay readable
   * @throws io.tributary.core.PlatformException REFUSED when the lake is of another format than
   *     this build's
   */
  public static Lake open(String uri, Duration retention) {
    return new Lake(uri, retention, LakeSession.lazy(), true, Optional.empty());
  }

  /**
   * The same for a project's runs, which record the state of the project that they used.
   *
   * @param project called once, when the first run starts
   */
  public static Lake open(String uri, Duration retention, Supplier<ProjectRevision> project) {
    return new Lake(uri, retention, LakeSession.lazy(), true, Optional.of(project));
  }

  /** A lake on a session that the caller closes. */
  public static Lake open(String uri, Duration retention, LakeSession session) {
    return new Lake(uri, retention, session, false, Optional.empty());
  }

  /** Loads what reading the logs of tables needs, for whoever does something else meanwhile. */
  public static void prepare() {
    RunLog.open("/");
    LogReplay.prepare();
  }

  private static <T> Supplier<T> once(Supplier<T> supplier) {
    AtomicReference<T> value = new AtomicReference<>();
    return () -> {
      synchronized (value) {
        if (value.get() == null) {
          value.set(supplier.get());
        }
        return value.get();
      }
    };
  }

  /** Where it lies: an absolute local folder or a Hadoop URI, without a slash at its end. */
  public String uri() {
    return uri;
  }

  /** Where it lies if that is a local folder. */
  public Optional<Path> folder() {
    return LakeTables.local(uri);
  }

  /** How long old versions of tables made from now on stay readable. */
  public Duration retention() {
    return retention;
  }

  /** The Spark session, in UTC; the first call starts it. */
  public SparkSession spark() {
    return session.spark();
  }

  public LakeSession session() {
    return session;
  }

  /** The threads of this process that compute rows without Spark; the first call starts them. */
  public synchronized LocalRunner threads() {
    if (threads == null) {
      threads = LocalRunner.open(HEAP_BESIDE_SPARK);
    }
    return threads;
  }

  /** Where a table lies, whether it is there or not. */
  public String path(TableName name) {
    return LakeTables.path(uri, name);
  }

  /** A table, whether it is there or not; its first write makes it. */
  public LakeTable table(TableName name) {
    return new LakeTable(this, name, List.of());
  }

  /** A table by its name as text, {@code layer.subject}. */
  public LakeTable table(String name) {
    return table(TableName.parse(name));
  }

  /** The newest version of a table; empty when there is no such table. No Spark. */
  public Optional<TableVersion> find(TableName name) {
    return log(name).version();
  }

  /** The tables that are there, sorted. No Spark. */
  public List<TableName> tables() {
    return LakeTables.list(uri);
  }

  /**
   * The event log {@code platform.<subject>}, whether it is there or not; the same object for the
   * same subject. No Spark.
   */
  public EventLog events(String subject) {
    return events.computeIfAbsent(subject, s -> EventLog.open(path(TableName.of("platform", s))));
  }

  /** The runs in it. No Spark. */
  public RunLog runs() {
    return runs;
  }

  /**
   * The definitions that its runs used, and the meaning of each version of a view in it. No Spark.
   */
  public LakeDefinitions definitions() {
    return definitions;
  }

  /** This process, and the project whose runs these are. */
  public Environment environment() {
    return environment.get();
  }

  TableLog log(TableName name) {
    return logs.computeIfAbsent(name, n -> new TableLog(n, path(n)));
  }

  DeltaTable delta(TableName name) {
    return tables.computeIfAbsent(
        name, n -> new DeltaTable(path(n), LakeTables.local(path(n)).map(LogReplay::new)));
  }

  /** Notes that a run has written a version. */
  void wrote(RunId run, TableVersion version) {
    written.computeIfAbsent(run, r -> new ArrayList<>()).add(version);
  }

  /** The versions that a run has written so far, in order. */
  public List<TableVersion> written(RunId run) {
    return List.copyOf(written.getOrDefault(run, List.of()));
  }

  /** Forgets what a run has written, once it is recorded. */
  public void forget(RunId run) {
    written.remove(run);
  }

  /** Stops the session if the lake owns it. */
  @Override
  public synchronized void close() {
    if (threads != null) {
      threads.close();
      threads = null;
    }
    if (ownsSession) {
      session.close();
    }
  }
}
