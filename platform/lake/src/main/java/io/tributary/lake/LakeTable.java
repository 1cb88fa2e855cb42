package io.tributary.lake;

import io.tributary.core.ErrorCode;
import io.tributary.core.JobKey;
import io.tributary.core.Json;
import io.tributary.core.Lazy;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.events.TableHistory;
import io.tributary.events.runs.CommitFacts;
import io.tributary.events.runs.CompletedRun;
import io.tributary.lake.internal.DeltaErrors;
import io.tributary.lake.internal.DeltaTable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * A Delta table of a lake. Each write is exactly one commit, whose {@code userMetadata} is the
 * given facts as JSON; it creates the table when it is missing, with the lake's retention for log
 * and files and without deletion vectors. A frame without rows is committed too. Statistics for
 * skipping files are kept for columns of bigint or timestamp whose name begins with an underscore,
 * for {@code _prediction_id} and {@code _role}, and for no others: a log outlives rows, and must
 * not reveal what was in them.
 *
 * <p>{@link #version()}, {@link #commits()} and {@link #recorded} read the log alone and start no
 * session. Writes fail with {@code STORAGE} when storage fails, {@code CONFLICT} when another
 * writer won, {@code INVALID_DEFINITION} when a column's type is not the table's, {@code
 * INVALID_VALUE} when a value of the frame can't be computed.
 */
public final class LakeTable {
  private static final String LOG_RETENTION = "delta.logRetentionDuration";
  private static final String FOR_EVER = "interval 36500 days";

  /** The column of append-only tables that numbers the delivery of a row. */
  public static final String DELIVERY = "_delivery";

  private final Lake lake;
  private final TableName name;
  private final List<String> partitions;

  LakeTable(Lake lake, TableName name, List<String> partitions) {
    this.lake = lake;
    this.name = name;
    this.partitions = partitions;
  }

  /**
   * The same table, partitioned into folders by these columns if this write creates it. Only for
   * tables of many gigabytes: files of an unpartitioned table are skipped by their statistics, and
   * reading it costs less.
   */
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
    return lake.log(name).version();
  }

  /** The newest version; a missing table is a {@code NOT_FOUND} error. No Spark. */
  public TableVersion requireVersion() {
    return version().orElseThrow(this::missing);
  }

  /** The pin "delivery ≤ n" of this table at its newest version. No Spark. */
  public Pin pin(long deliveries) {
    return Pin.upTo(requireVersion(), deliveries);
  }

  /** The pin of this table's newest version as a whole. No Spark. */
  public Pin pin() {
    return Pin.of(requireVersion());
  }

  /**
   * The commits that the log still holds, oldest first; empty when there is no such table. No
   * Spark.
   */
  public List<Commit> commits() {
    return lake.log(name).commits();
  }

  /** The table's schema and properties at its newest version, from Delta's log. No Spark. */
  public Optional<TableHistory> description() {
    return lake.log(name).read();
  }

  /** What the newest commit that completed work of this key recorded. No Spark. */
  public Optional<CompletedRun> recorded(JobKey key) {
    List<Commit> newestFirst = new ArrayList<>(commits());
    Collections.reverse(newestFirst);
    for (Commit commit : newestFirst) {
      Optional<CommitFacts> facts =
          commit.facts().filter(f -> f.commitPoint() && f.key().equals(key));
      if (facts.isPresent()) {
        List<TableVersion> outputs = new ArrayList<>(facts.get().outputs());
        outputs.add(commit.version());
        return Optional.of(
            new CompletedRun(
                facts.get().run(),
                facts.get().attempt(),
                commit.at(),
                facts.get().inputs(),
                facts.get().fingerprint(),
                outputs,
                facts.get().facts(),
                facts.get().notes(),
                facts.get().writes(),
                facts.get().definitions(),
                facts.get().environment()));
      }
    }
    return Optional.empty();
  }

  /**
   * The rows of one version; {@code NOT_FOUND} when there is no such version, or the table was
   * recreated since.
   */
  public Dataset<Row> read(TableVersion version) {
    requireThis(version);
    return DeltaErrors.explained(
        "read",
        name,
        path(),
        () -> lake.delta(name).read(lake.spark(), version.id(), version.version()));
  }

  /**
   * The rows that a pin names: {@code _delivery <= n} of the newest version for a pin by delivery,
   * else those of its version; without deliveries that it leaves out. {@code NOT_FOUND} when the
   * table was recreated since.
   */
  public Dataset<Row> read(Pin pin) {
    Dataset<Row> rows =
        pin.deliveries().isEmpty()
            ? read(pin.version())
            : read(requireThis(pin.version()))
                .where(functions.col(DELIVERY).leq(functions.lit(pin.deliveries().get())));
    return pin.leftOut().isEmpty()
        ? rows
        : rows.where(functions.not(functions.col(DELIVERY).isin(pin.leftOut().toArray())));
  }

  /**
   * The files that have a pin's rows, those of later deliveries among them; empty where only Spark
   * can read the table. Errors as for {@link #read(Pin)}. No Spark.
   */
  public Optional<StoredFiles> files(Pin pin) {
    TableVersion now = requireThis(pin.version());
    return delta()
        .files(
            pin.deliveries().isEmpty() ? pin.version().version() : now.version(), Optional.empty());
  }

  /** Those of a version's files that may have rows of an instant, by what the log says of them. */
  public Optional<StoredFiles> files(TableVersion version, String column, Instant instant) {
    requireThis(version);
    return delta().files(version.version(), Optional.of(new DeltaTable.OfInstant(column, instant)));
  }

  /** Adds rows; columns that the table lacks are added to it. */
  public TableVersion append(Dataset<Row> rows, CommitFacts facts) {
    return commit(
        "append to", () -> facts, m -> delta().append(rows, m.get(), properties(), partitions));
  }

  /** Replaces all rows, and the columns. */
  public TableVersion replace(Dataset<Row> rows, CommitFacts facts) {
    return commit(
        "replace", () -> facts, m -> delta().replace(rows, m.get(), properties(), partitions));
  }

  /**
   * The same for rows computed from the table's own: only if nobody has written to it since.
   *
   * @param read the version that was read
   * @throws PlatformException CONFLICT when somebody has
   */
  public TableVersion replace(Dataset<Row> rows, CommitFacts facts, TableVersion read) {
    return commit(
        "replace",
        () -> facts,
        m -> delta().replace(rows, m, properties(), partitions, read.version()));
  }

  /**
   * Replaces the rows for which {@code predicate} is true; an empty frame deletes them. A row of
   * the frame for which it is not true fails the write. Columns that the table lacks are added to
   * it.
   *
   * @param predicate Spark SQL over this table's columns, best a half-open range such as {@code _at
   *     >= timestamp '2013-01-01 00:00:00' AND _at < timestamp '2013-01-02 00:00:00'} (in UTC):
   *     then files outside it are not even opened
   */
  public TableVersion replaceWhere(Dataset<Row> rows, String predicate, CommitFacts facts) {
    boolean exists = version().isPresent();
    return commit(
        "replace rows of",
        () -> facts,
        m ->
            delta()
                .replaceWhere(
                    rows, predicate, m, properties(), partitions, exists, OptionalLong.empty()));
  }

  /**
   * The same for rows computed from the table's own: only if nobody has written to it since.
   *
   * @param facts asked for once, when all rows are written and before the commit
   * @param read the version that was read; empty = there was no table
   * @throws PlatformException CONFLICT when somebody has
   */
  public TableVersion replaceWhere(
      Dataset<Row> rows,
      String predicate,
      Supplier<CommitFacts> facts,
      Optional<TableVersion> read) {
    Optional<TableVersion> now = version();
    if (!now.equals(read)) {
      throw new PlatformException(
          ErrorCode.CONFLICT,
          "Cannot replace rows of table %s: another process changed it meanwhile (%s was read, %s is there). Run it again."
              .formatted(
                  name,
                  read.map(TableVersion::shortName).orElse("no table"),
                  now.map(TableVersion::shortName).orElse("no table")));
    }
    OptionalLong at = OptionalLong.of(read.map(TableVersion::version).orElse(DeltaTable.MISSING));
    return commit(
        "replace rows of",
        facts,
        m ->
            delta()
                .replaceWhere(rows, predicate, m, properties(), partitions, read.isPresent(), at));
  }

  /** Keeps its log, so that a later checkpoint forgets no version. */
  public void keepLog() {
    DeltaErrors.explained(
        "keep the log of",
        name,
        path(),
        () -> {
          delta().set(lake.spark(), LOG_RETENTION, FOR_EVER);
          return true;
        });
  }

  /**
   * Writes its small files together, by Delta's OPTIMIZE; no row comes or goes.
   *
   * @param small files of at least so many bytes stay as they are
   */
  public void compact(long small) {
    DeltaErrors.explained(
        "compact",
        name,
        path(),
        () -> {
          delta().compact(lake.spark(), small);
          return true;
        });
  }

  /**
   * Removes data files, by Delta's VACUUM, which leaves those that the newest version has and those
   * that a version had since {@code before}.
   *
   * @param files by path relative to the table, with sizes
   */
  public void vacuum(Map<String, Long> files, Instant before) {
    DeltaErrors.explained(
        "clean",
        name,
        path(),
        () -> {
          delta().vacuum(lake.spark(), files, before);
          return true;
        });
  }

  private TableVersion commit(
      String verb, Supplier<CommitFacts> facts, Consumer<Supplier<String>> write) {
    lake.spark();
    Supplier<CommitFacts> once = Lazy.of(facts);
    Supplier<String> userMetadata =
        Lazy.of(() -> Json.write(once.get().after(lake.written(once.get().run()))));
    long before = version().map(TableVersion::version).orElse(-1L);
    DeltaErrors.explained(
        verb,
        name,
        path(),
        () -> {
          write.accept(userMetadata);
          return true;
        });
    TableVersion written = find(userMetadata.get(), before);
    lake.wrote(once.get().run(), written);
    return written;
  }

  private TableVersion find(String userMetadata, long after) {
    TableHistory log = lake.log(name).read().orElseThrow(this::missing);
    for (long v = log.version(); v > after; v--) {
      if (log.commit(v).flatMap(c -> c.userMetadata()).filter(userMetadata::equals).isPresent()) {
        return new TableVersion(name, log.tableId(), v);
      }
    }
    throw new PlatformException(
        ErrorCode.BUG,
        "Cannot find the commit to table %s after version %d: Delta wrote none. Report this as a bug."
            .formatted(name, after));
  }

  private DeltaTable delta() {
    return lake.delta(name);
  }

  private Map<String, String> properties() {
    String retention = "interval " + Math.max(1, lake.retention().toDays()) + " days";
    return Map.of(
        // A version that somebody needs must be known, however old it is.
        LOG_RETENTION,
        FOR_EVER,
        "delta.deletedFileRetentionDuration",
        retention,
        "delta.enableDeletionVectors",
        "false",
        "delta.checkpointInterval",
        "100");
  }

  /** The newest version, checked to be one of the table that {@code version} names. */
  private TableVersion requireThis(TableVersion version) {
    if (!version.table().equals(name)) {
      throw new PlatformException(
          ErrorCode.BUG,
          "Cannot read %s from table %s: it is a version of another table. Report this as a bug."
              .formatted(version.shortName(), name));
    }
    TableVersion now = requireVersion();
    if (!now.id().equals(version.id())) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot read %s: the table was recreated since (its id was %s and is %s now). Rebuild what was made from it."
              .formatted(version.shortName(), version.id(), now.id()));
    }
    if (now.version() < version.version()) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot read %s: the newest version is %d. Name a version that exists."
              .formatted(version.shortName(), now.version()));
    }
    return now;
  }

  private PlatformException missing() {
    return new PlatformException(
        ErrorCode.NOT_FOUND,
        "Cannot find table %s: nothing is at %s. Run the step that makes it."
            .formatted(name, path()));
  }
}
