package io.tributary.lake;

import io.tributary.core.JobKey;
import io.tributary.core.Pin;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.events.runs.CommitFacts;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A Delta table of a lake. Each write is exactly one commit, whose {@code userMetadata} is the
 * given facts; it makes the table when it is missing, with log and file retention as long as the
 * lake's and without deletion vectors. A frame without rows is committed too.
 *
 * <p>{@link #version()}, {@link #commits()} and {@link #recorded} read the log alone and start no
 * session.
 */
public final class LakeTable {
  private final Lake lake;
  private final TableName name;
  private final List<String> partitions;

  LakeTable(Lake lake, TableName name, List<String> partitions) {
    this.lake = lake;
    this.name = name;
    this.partitions = partitions;
  }

  /** The same table, divided into folders by these columns if this write makes it. */
  public LakeTable partitionedBy(String... columns) {
    return new LakeTable(lake, name, List.of(columns));
  }

  public TableName name() {
    return name;
  }

  public String path() {
    return lake.path(name);
  }

  /** The newest version; empty when there is no such table. No Spark. */
  public Optional<TableVersion> version() {
    throw new UnsupportedOperationException("not built yet");
  }

  /** The newest version; a missing table is a {@code NOT_FOUND} error. No Spark. */
  public TableVersion requireVersion() {
    throw new UnsupportedOperationException("not built yet");
  }

  /** The newest pin "delivery ≤ n" of this table at its newest version. No Spark. */
  public Pin pin(long deliveries) {
    return Pin.upTo(requireVersion(), deliveries);
  }

  /** The commits, oldest first; empty when there is no such table. No Spark. */
  public List<Commit> commits() {
    throw new UnsupportedOperationException("not built yet");
  }

  /** What the newest commit left that completed work of this key. No Spark. */
  public Optional<Recorded> recorded(JobKey key) {
    throw new UnsupportedOperationException("not built yet");
  }

  /** The rows of one version; refused when the table has been made anew since. */
  public Dataset<Row> read(TableVersion version) {
    throw new UnsupportedOperationException("not built yet");
  }

  /**
   * The rows that a pin names: {@code _delivery <= n} of the newest version for a pin by delivery,
   * else those of its version. Refused when the table has been made anew since.
   */
  public Dataset<Row> read(Pin pin) {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Adds rows; columns that the table lacks are added to it. */
  public TableVersion append(Dataset<Row> rows, CommitFacts facts) {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Replaces all rows, and the columns. */
  public TableVersion replace(Dataset<Row> rows, CommitFacts facts) {
    throw new UnsupportedOperationException("not built yet");
  }

  /**
   * Replaces the rows for which {@code predicate} is true; an empty frame deletes them. Every given
   * row must satisfy it.
   *
   * @param predicate Spark SQL over this table's columns, best a half-open range such as {@code _at
   *     >= '…' AND _at < '…'}
   */
  public TableVersion replaceWhere(Dataset<Row> rows, String predicate, CommitFacts facts) {
    throw new UnsupportedOperationException("not built yet " + partitions);
  }
}
