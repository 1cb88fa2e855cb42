package io.tributary.features;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.lit;

import io.tributary.analysis.CheckedSource;
import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Pin;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Source;
import io.tributary.events.facts.SnapshotFacts;
import io.tributary.events.runs.CompletedRun;
import io.tributary.lake.Commit;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import io.tributary.offline.ChosenRunner;
import io.tributary.offline.FeatureStore;
import io.tributary.offline.engine.EngineDigest;
import io.tributary.runtime.Attempt;
import io.tributary.runtime.Job;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Takes the snapshots of one feature view for an interval: one commit replaces exactly the rows of
 * its instants in {@code features.<view>_v<n>}. A day's snapshot is taken at its last instant, that
 * of an interval inside one day at its own; reference data, which has no time, is taken once, at
 * the interval's last instant. Snapshots of other instants stay, whatever interval they came with.
 */
final class MaterializeJob implements Job {
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
    return List.of(store.pins().before(view, interval.to()));
  }

  @Override
  public Digest definition() {
    return EngineDigest.of(store.project().view(view.id()).digest());
  }

  @Override
  public List<Definition> definitions() {
    return store.project().definitions(List.of("view " + view.id()));
  }

  @Override
  public Optional<TableName> commitPoint() {
    return Optional.of(view.id().table());
  }

  /**
   * Without a snapshot that a later run for another interval has retaken by another definition of
   * the view.
   */
  @Override
  public Optional<CompletedRun> recorded(Lake lake) {
    LakeTable table = lake.table(view.id().table());
    SnapshotFacts own =
        store.snapshots().facts(view, store.snapshots().instants(view, interval), Optional.empty());
    Set<Instant> instants = Set.copyOf(own.instants());
    return table
        .recorded(key())
        .map(
            recorded ->
                table.commits().stream()
                        .filter(commit -> isAfter(commit, recorded))
                        .flatMap(commit -> commit.facts().stream())
                        .flatMap(facts -> facts.facts(SnapshotFacts.class).stream())
                        .filter(taken -> !taken.definition().equals(own.definition()))
                        .anyMatch(taken -> !Collections.disjoint(instants, taken.instants()))
                    ? recorded.with(Digest.of("overtaken"))
                    : recorded);
  }

  private static boolean isAfter(Commit commit, CompletedRun recorded) {
    TableVersion own = recorded.outputs().get(recorded.outputs().size() - 1);
    return commit.version().version() > own.version();
  }

  @Override
  public void run(Attempt attempt) {
    List<Instant> instants = store.snapshots().instants(view, interval);
    ChosenRunner runner = store.snapshots().runner(view, attempt.inputs());
    attempt.computedBy(runner.name(), runner.why());
    Dataset<Row> snapshots = store.snapshots().of(view, instants, attempt.inputs());
    SnapshotFacts facts = store.snapshots().facts(view, instants, deliveredSince(attempt));
    attempt.report(facts);
    attempt
        .lake()
        .table(view.id().table())
        .replaceWhere(snapshots, at(instants), attempt.commitPoint());
    attempt.report(facts.brief());
  }

  /**
   * The rows delivered since an interval's snapshots were last taken: late ones, known by its last
   * instant, and those known only after, which change nothing in it.
   */
  private Optional<SnapshotFacts.Since> deliveredSince(Attempt attempt) {
    Pin now = attempt.inputs().get(0);
    Optional<Long> before =
        attempt.lake().table(view.id().table()).recorded(key()).stream()
            .flatMap(recorded -> recorded.inputs().stream())
            .filter(pin -> pin.version().table().equals(now.version().table()))
            .filter(pin -> pin.version().id().equals(now.version().id()))
            .flatMap(pin -> pin.deliveries().stream())
            .findFirst()
            .filter(n -> n < now.deliveries().orElse(n));
    Source source = store.project().view(view.id()).source().orElseThrow().definition();
    if (before.isEmpty() || source.isStatic()) {
      return Optional.empty();
    }
    Row counts =
        attempt
            .lake()
            .table(now.version().table())
            .read(now)
            .where(col(LakeTable.DELIVERY).gt(before.get()))
            .agg(
                count_if(
                    col(CheckedSource.KNOWN_TIME)
                        .leq(lit(Timestamp.from(interval.snapshotInstant())))),
                count(lit(1)))
            .head();
    long late = counts.getLong(0);
    long later = counts.getLong(1) - late;
    attempt
        .progress()
        .say(
            "%s: retaken with rows delivered since: %d late, %d known only later"
                .formatted(key(), late, later));
    return Optional.of(new SnapshotFacts.Since(late, later));
  }

  /** The SQL predicate of the rows of some instants of a snapshot table. */
  private static String at(List<Instant> instants) {
    List<String> texts =
        instants.stream().sorted().map(instant -> "timestamp'" + instant + "'").toList();
    String last = texts.get(texts.size() - 1);
    return texts.size() == 1
        ? "_at = " + last
        : "_at >= %s AND _at <= %s AND _at IN (%s)"
            .formatted(texts.get(0), last, String.join(", ", texts));
  }
}
