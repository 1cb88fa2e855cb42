package io.tributary.offline;

import io.tributary.analysis.CheckedSource;
import io.tributary.analysis.CheckedView;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.TableVersion;
import io.tributary.definition.FeatureView;
import io.tributary.events.facts.SnapshotFacts;
import io.tributary.lake.Commit;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import io.tributary.offline.internal.snapshot.OwnSnapshot;
import io.tributary.offline.internal.snapshot.SnapshotIndex;
import io.tributary.offline.internal.snapshot.SnapshotPlan;
import io.tributary.offline.internal.sweep.SnapshotSweep;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.spark.SparkRows;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * Snapshots of views: their features for every entity at an instant. Frames are computed when they
 * are read, and each time that they are. Safe for threads.
 */
public final class Snapshots {
  private final StoreSession session;

  Snapshots(StoreSession session) {
    this.session = session;
  }

  /**
   * A view's features at instants, in one pass: the entity columns, {@code _at}, event and known
   * time of the newest visible event in {@code _event_time} and {@code _known_time} (null where all
   * have been withdrawn, and in static views), the features as they are before defaults. One row
   * for each instant and entity of which an event had been visible by then.
   */
  public Dataset<Row> of(FeatureView view, List<Instant> instants, List<Pin> pins) {
    CheckedView checked = session.project().view(view.id());
    if (checked.definition().isOnDemand()) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot take snapshots of view %s: it is computed on demand and has no events. Leave it out."
              .formatted(view.id()));
    }
    session.requireMeaning(view.id());
    StoreSession by = session.by(runner(view, pins));
    return session.frame(SnapshotPlan.of(checked, instants, by.sources(pins)));
  }

  /** What computes them. */
  public ChosenRunner runner(FeatureView view, List<Pin> pins) {
    CheckedSource source = session.project().view(view.id()).source().orElseThrow();
    return session.runner(
        "take snapshots of view " + view.id(), List.of(source.name()), List.of(), pins);
  }

  /**
   * The instants at which an interval's snapshots of a view are taken: the last of each day in the
   * project's zone; of an interval inside one day, and of reference data, which has no time, the
   * last of all.
   *
   * @throws PlatformException INVALID_REQUEST for an interval of more days that cuts one
   */
  public List<Instant> instants(FeatureView view, Interval interval) {
    ZoneId zone = session.project().project().zone();
    return session.project().view(view.id()).source().orElseThrow().definition().isStatic()
            || interval.isInOneDay(zone)
        ? List.of(interval.snapshotInstant())
        : interval.days(zone).stream().map(Interval::snapshotInstant).toList();
  }

  /**
   * The newest commit that has a view's snapshot of an interval's last instant. No Spark.
   *
   * @throws PlatformException NOT_FOUND when none has, or by another definition of the view
   */
  public Commit commit(FeatureView view, Interval interval) {
    return SnapshotIndex.commit(
        session.project(), session.requireLake(), session.project().view(view.id()), interval);
  }

  /**
   * The rows of a stored snapshot.
   *
   * @param version of the view's snapshot table
   * @throws PlatformException INVALID_REQUEST where this process is to read them and can't;
   *     NOT_FOUND where the table no longer has the version
   */
  public StoredSnapshot stored(FeatureView view, TableVersion version, Instant at) {
    Lake lake = session.requireLake();
    Optional<OwnSnapshot.Found> own =
        session.computesHere()
            ? Optional.of(OwnSnapshot.find(lake, version, at))
            : Optional.empty();
    ChosenRunner by =
        session.runner("read the snapshot of view " + view.id(), own.flatMap(this::leftToSpark));
    return new StoredSnapshot(
        by.isLocal()
            ? own.orElseThrow().snapshot().orElseThrow().rows()
            : rows(lake.table(version.table()), version, at),
        by);
  }

  private Optional<String> leftToSpark(OwnSnapshot.Found found) {
    return found
        .leftToSpark()
        .or(() -> found.snapshot().flatMap(own -> session.tooMany(own.bytes())));
  }

  private static PartitionedRows rows(LakeTable table, TableVersion version, Instant at) {
    return SparkRows.of(
        table
            .read(version)
            .where(functions.col(SnapshotSweep.AT).equalTo(functions.lit(Timestamp.from(at)))));
  }

  /** What a run that takes snapshots of a view at some instants records of them. */
  public SnapshotFacts facts(
      FeatureView view, List<Instant> instants, Optional<SnapshotFacts.Since> since) {
    return new SnapshotFacts(
        instants.size(),
        instants,
        SnapshotIndex.definition(session.project().view(view.id())),
        since);
  }
}
