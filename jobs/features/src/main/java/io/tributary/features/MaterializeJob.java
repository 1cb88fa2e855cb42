package io.tributary.features;

import io.tributary.core.Digest;
import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.JobResult;
import io.tributary.core.Pin;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.definition.FeatureView;
import io.tributary.lake.Attempt;
import io.tributary.lake.Job;
import io.tributary.offline.FeatureStore;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Takes the snapshots of one feature view for the days of an interval: one commit replaces exactly
 * the interval's rows of {@code features.<view>_v<n>}. A day's snapshot is taken at its last
 * instant; reference data, which has no time, is taken once, at the interval's last instant.
 */
public final class MaterializeJob implements Job {
  private final FeatureStore store;
  private final FeatureView view;
  private final Interval interval;

  public MaterializeJob(FeatureStore store, FeatureView view, Interval interval) {
    this.store = store;
    this.view = view;
    this.interval = interval;
  }

  @Override
  public JobKey key() {
    return JobKey.of("materialize", view.id().toString(), interval);
  }

  /** Deliveries of later data leave the snapshots of earlier days as they are. */
  @Override
  public List<Pin> inputs() {
    return List.of(store.pinBefore(view, interval.to()));
  }

  @Override
  public Digest definition() {
    return Digest.of(FeatureStore.ENGINE + " " + store.project().digest(view));
  }

  @Override
  public Optional<TableName> commitPoint() {
    return Optional.of(view.id().table());
  }

  @Override
  public JobResult run(Attempt attempt) {
    List<Instant> instants = store.snapshotInstants(view, interval);
    Dataset<Row> snapshots = store.snapshots(view, instants, attempt.inputs());
    TableVersion written =
        attempt
            .lake()
            .table(view.id().table())
            .replaceWhere(
                snapshots,
                within(interval),
                attempt.commitPoint(store.snapshotFacts(view, instants)));
    return new JobResult(attempt.inputs(), List.of(written), Map.of("snapshots", instants.size()));
  }

  /** The rows of a snapshot table that an interval owns, as SQL. */
  static String within(Interval interval) {
    return "_at >= timestamp'" + interval.from() + "' AND _at < timestamp'" + interval.to() + "'";
  }
}
