package io.tributary.lake;

import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;

/**
 * A folder of Delta tables, {@code LAKE/layer/subject}, and the Spark session that reads and writes
 * them. What is read of the tables' logs alone needs no session. Safe for threads.
 */
public final class Lake implements AutoCloseable {
  /** How long old table versions stay readable unless a project says otherwise. */
  public static final Duration DEFAULT_RETENTION = Duration.ofDays(730);

  private final String uri;
  private final Duration retention;
  private final LakeSession session;
  private final boolean ownsSession;

  private Lake(String uri, Duration retention, LakeSession session, boolean ownsSession) {
    this.uri = uri;
    this.retention = retention;
    this.session = session;
    this.ownsSession = ownsSession;
  }

  /** A lake with a session of its own, which is stopped when the lake is closed. */
  public static Lake open(String uri) {
    return open(uri, DEFAULT_RETENTION);
  }

  /**
   * A lake with a session of its own, which is stopped when the lake is closed.
   *
   * @param uri a local folder, which need not be there yet, or any Hadoop path
   * @param retention how long old versions of tables made from now on stay readable
   */
  public static Lake open(String uri, Duration retention) {
    return new Lake(uri, retention, LakeSession.lazy(), true);
  }

  /** A lake on a session that somebody else closes. */
  public static Lake open(String uri, Duration retention, LakeSession session) {
    return new Lake(uri, retention, session, false);
  }

  /** Where it lies: an absolute local folder or a Hadoop URI, without a slash at its end. */
  public String uri() {
    return uri;
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

  /** Where a table lies, whether it is there or not. */
  public String path(TableName name) {
    return uri + "/" + name.layer() + "/" + name.subject();
  }

  /** A table, whether it is there or not; its first write makes it. */
  public LakeTable table(TableName name) {
    throw new UnsupportedOperationException("not built yet " + name);
  }

  /** A table by its name as text, {@code layer.subject}. */
  public LakeTable table(String name) {
    return table(TableName.parse(name));
  }

  /** The newest version of a table; empty when there is no such table. No Spark. */
  public Optional<TableVersion> find(TableName name) {
    return table(name).version();
  }

  /** The tables that are there, sorted. No Spark. */
  public List<TableName> tables() {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Stops the session if the lake has one of its own. */
  @Override
  public void close() {
    if (ownsSession) {
      session.close();
    }
  }
}
