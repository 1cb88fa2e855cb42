package io.tributary.offline;

import io.tributary.analysis.CheckedProject;
import io.tributary.analysis.CheckedSource;
import io.tributary.analysis.CheckedView;
import io.tributary.core.Interval;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.RunnerChoice;
import io.tributary.core.TableName;
import io.tributary.definition.Accuracy;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Project;
import io.tributary.definition.ViewId;
import io.tributary.definition.ViewUse;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.offline.explanation.Explanation;
import io.tributary.offline.internal.explain.FeatureExplainer;
import io.tributary.offline.internal.explain.OnDemandExplainer;
import io.tributary.offline.internal.join.JoinPlan;
import io.tributary.offline.internal.snapshot.SnapshotIndex;
import io.tributary.offline.internal.source.PinnedSources;
import io.tributary.offline.internal.source.Sources;
import io.tributary.offline.internal.source.StoredRows;
import io.tributary.offline.internal.sweep.EmptyValues;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Runner;
import io.tributary.rows.local.LocalRunner;
import io.tributary.rows.spark.SparkRows;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructField;

/**
 * The offline feature store of a project: its events as the lake holds them, and features of them
 * at any instant, by the point-in-time contract. Frames are computed when they are read, and each
 * time that they are. What has been shuffled by event key serves later calls with the same pins, so
 * one store should serve a whole run. Safe for threads.
 *
 * <p>One task sweeps all events and label rows of a key, or a slice of its time where a key has
 * more label rows than one core's share. The heap does not grow with their number: what exceeds it
 * lies in files in the executor's local folder, mapped into memory. The versions of one event are
 * held on the heap together.
 */
public final class FeatureStore {
  private static final int LISTED = 1_000;

  private final StoreSession session;
  private final CheckedProject project;

  private FeatureStore(StoreSession session) {
    this.session = session;
    this.project = session.project();
  }

  /**
   * Starts no session: the first frame does. A shuffle has as many partitions as the session sets.
   */
  public static FeatureStore open(CheckedProject project, Lake lake) {
    return new FeatureStore(
        StoreSession.on(project, Optional.of(lake), lake::spark, StoredRows.in(lake, project)));
  }

  /**
   * The same with snapshots, training sets, label rows and joins to these computed by this process
   * where it can. Spark's tasks in the same process read the rows, to write them.
   *
   * @param runner {@code auto}: what lies elsewhere, has more bytes than {@code
   *     spark.tributary.local.bytes}, is served from snapshots or that Delta alone can list is left
   *     to Spark; {@code local}: that is an error
   */
  public static FeatureStore open(CheckedProject project, Lake lake, RunnerChoice runner) {
    return new FeatureStore(open(project, lake).session.choosing(runner));
  }

  /**
   * The same by definitions that a former run used: a view means what it meant then, also where its
   * version has been amended since.
   */
  public static FeatureStore ofThen(CheckedProject kept, Lake lake, RunnerChoice runner) {
    return new FeatureStore(open(kept, lake).session.choosing(runner).ofThen());
  }

  /**
   * The same where the rows of some sources are no longer in their tables.
   *
   * @param instead those rows, by source; of a static one its content
   */
  public static FeatureStore ofThen(
      CheckedProject kept, Lake lake, RunnerChoice runner, Map<String, Dataset<Row>> instead) {
    return new FeatureStore(open(kept, lake).session.choosing(runner).reading(instead).ofThen());
  }

  /**
   * The same without Spark, of validated tables on this machine: see {@link #leftToSpark}.
   *
   * @param runner what computes
   */
  public static FeatureStore open(CheckedProject project, Lake lake, LocalRunner runner) {
    return new FeatureStore(
        StoreSession.on(project, Optional.of(lake), runner, StoredRows.in(lake, project, runner)));
  }

  /**
   * Why features of some views must be read by Spark, where this store has none: of snapshots, and
   * of tables that lie elsewhere or that Delta alone can read.
   */
  public Optional<String> leftToSpark(Collection<ViewUse> uses, List<Pin> pins) {
    for (ViewUse use : uses) {
      CheckedView view = project.view(use.view());
      Optional<String> left =
          StoreSession.leftToSpark(view)
              .or(
                  () ->
                      view.source()
                          .flatMap(s -> session.sources(pins).placedLeftToSpark(s.name())));
      if (left.isPresent()) {
        return left;
      }
    }
    return Optional.empty();
  }

  /**
   * The features of a project's lake in a job that has a Spark session of its own:
   *
   * <pre>{@code
   * FeatureStore store = FeatureStore.open(Path.of("examples/nyc-flights"), spark);
   * Dataset<Row> joined =
   *     store.historicalFeatures(rows, "as_of", List.of("carrier_history@1"));
   * }</pre>
   *
   * @param folder of the project
   * @param spark a session with Delta's extension and catalog; it stays open
   * @throws PlatformException INVALID_DEFINITION with all that is wrong in the project;
   *     INVALID_REQUEST when the session lacks a setting
   */
  public static FeatureStore open(Path folder, SparkSession spark) {
    CheckedProject checked = CheckedProject.read(folder, System.getenv(), Optional.empty());
    Project project = checked.project();
    return open(checked, Lake.open(project.lake(), project.retention(), LakeSession.of(spark)));
  }

  /**
   * Features of rows that lie in no lake: there are no pins.
   *
   * @param events the validated rows of a source, by its name: {@link CheckedSource#rowSchema()};
   *     called for the sources that are read, queries not among them
   */
  public static FeatureStore over(
      CheckedProject project, SparkSession spark, Function<String, Dataset<Row>> events) {
    return new FeatureStore(
        StoreSession.on(project, Optional.empty(), () -> spark, StoredRows.of(events)));
  }

  /**
   * The same, computed by another runner than Spark; what would need Spark or a lake is refused.
   *
   * @param events the validated rows of a source with some of its columns, of the runner's
   */
  public static FeatureStore over(
      CheckedProject project,
      Runner runner,
      BiFunction<CheckedSource, List<String>, PartitionedRows> events) {
    return new FeatureStore(
        StoreSession.on(
            project, Optional.empty(), runner, StoredRows.of((StoredRows.Given) events::apply)));
  }

  /** The same with a number of Spark's partitions, which changes no value. */
  public FeatureStore withPartitions(int count) {
    return new FeatureStore(session.withPartitions(count));
  }

  public CheckedProject project() {
    return project;
  }

  /** The lake whose tables it reads. */
  public Lake lake() {
    return session.requireLake();
  }

  /** What the tables hold that it reads. */
  public Pins pins() {
    return new Pins(session);
  }

  public TrainingSets trainingSets() {
    return new TrainingSets(session);
  }

  public Snapshots snapshots() {
    return new Snapshots(session);
  }

  /**
   * All rows of a source, every version and tombstone: its columns, then {@code _event_time},
   * {@code _known_time} and {@code _deleted} unless it is static. Of a static source the newest
   * delivery.
   */
  public Dataset<Row> events(String source, List<Pin> pins) {
    List<String> columns = List.of(project.source(source).rowSchema().fieldNames());
    return session.frame(session.sources(pins).rows(source, columns));
  }

  /**
   * Features of rows at their as-of, of all that is there now: one row out for each row in, in any
   * order. Computed when read, and each time that it is; on more than two cores some of the rows
   * are read at once, to see which keys most of them have.
   *
   * @param rows with each view's key columns under their names there, or the columns of its request
   * @param asOfColumn a timestamp column of theirs
   * @param features views, {@code carrier_history@1}, or single features of them, {@code
   *     carrier_history@1.late_share_6h}
   * @return the rows' columns, then {@code <view>__<feature>} in this order
   * @throws PlatformException as {@link #historicalFeatures(Dataset, String, List, List)};
   *     INVALID_REQUEST when there is no such view
   */
  public Dataset<Row> historicalFeatures(
      Dataset<Row> rows, String asOfColumn, List<String> features) {
    List<ViewUse> uses = ViewUse.parse(features);
    return historicalFeatures(rows, asOfColumn, uses, pins().ofViews(uses)).rows();
  }

  /**
   * Features of rows at their as-of, of what pins name: one row out for each row in.
   *
   * @param rows with each use's key columns, or the columns of its request
   * @param asOfColumn a timestamp column of theirs; where it is null the row gets the features of a
   *     key that has no events
   * @param uses views, in the order of their columns {@code <role>__<feature>} in the result
   * @throws PlatformException INVALID_REQUEST when a column is missing, its type doesn't compare,
   *     or two columns have one name
   */
  public Joined historicalFeatures(
      Dataset<Row> rows, String asOfColumn, List<ViewUse> uses, List<Pin> pins) {
    return joined(rows, asOfColumn, Optional.empty(), uses, pins);
  }

  private Joined joined(
      Dataset<Row> rows,
      String asOfColumn,
      Optional<Interval> asOfIn,
      List<ViewUse> uses,
      List<Pin> pins) {
    List<CheckedView> views = uses.stream().map(use -> project.view(use.view())).toList();
    return SparkRows.local(rows)
        .filter(own -> session.runner("join features", List.of(), views, pins).isLocal())
        .map(
            own ->
                session.by(ChosenRunner.LOCAL).join(own, asOfColumn, List.of(), asOfIn, uses, pins))
        .orElseGet(
            () -> session.join(SparkRows.of(rows), asOfColumn, List.of(), asOfIn, uses, pins));
  }

  /** The same of rows of the store's runner. */
  public Joined historicalFeatures(
      PartitionedRows rows, String asOfColumn, List<ViewUse> uses, List<Pin> pins) {
    return session.join(rows, asOfColumn, List.of(), Optional.empty(), uses, pins);
  }

  /**
   * The same for rows whose as-of is null or lies in an interval; events that don't matter there
   * are not moved.
   *
   * @throws PlatformException BUG while reading, at a row whose as-of does not
   */
  public Joined historicalFeatures(
      Dataset<Row> rows, String asOfColumn, Interval asOfIn, List<ViewUse> uses, List<Pin> pins) {
    return joined(rows, asOfColumn, Optional.of(asOfIn), uses, pins);
  }

  /**
   * A view's features for an entity without events, before defaults: 0 for counts, null for all
   * else, and what derived features make of these. Values as Spark's rows have them. No session.
   */
  public Map<String, Object> emptyValues(FeatureView view) {
    CheckedView checked = project.view(view.id());
    InternalRow completed = EmptyValues.of(checked);
    Map<String, Object> values = new LinkedHashMap<>();
    for (int i = 0; i < checked.schema().size(); i++) {
      StructField feature = checked.schema().apply(i);
      Object value = completed.isNullAt(i) ? null : completed.get(i, feature.dataType());
      values.put(feature.name(), CatalystTypeConverters.convertToScala(value, feature.dataType()));
    }
    return values;
  }

  /**
   * How one feature of one entity came by its value at an instant: the events that it is made of,
   * with their places, and each other candidate with the one rule that keeps it out. A reading of
   * the contract of its own, checked against {@link #historicalFeatures}; for people, and as slow
   * as reading the source's table whole.
   *
   * <p>Candidates are the versions of the entity's events with event time within twice the window
   * or TTL of the instant; of a look-up without TTL the newest, so many that the winner is among
   * them. A version that the filter of a query source leaves out counts as a tombstone. Whatever
   * their number, all are counted, and the newest are listed; a value of more than 50,000 events is
   * the join's, not compared with another reading unless it counts them.
   *
   * <p>A derived feature is explained by each feature of the view that it is computed from.
   *
   * <p>Of a view at the accuracy of snapshots the value is explained at the instant of the snapshot
   * that is read, of the events that this was taken from.
   *
   * @param key a value for each entity column, of its type or as text
   * @param at looked at to the microsecond
   * @throws PlatformException NOT_FOUND without such a view or feature; INVALID_REQUEST for a view
   *     on demand, another key than the view's, and where no snapshot is served; BUG where a join
   *     gives another value
   */
  public Explanation explain(
      ViewId view, String feature, Map<String, Object> key, Instant at, List<Pin> pins) {
    return explain(view, feature, key, at, pins, LISTED);
  }

  /**
   * The same with a bound to what is listed.
   *
   * @param most how many winners, and how many other candidates, of each feature that it is made of
   */
  public Explanation explain(
      ViewId view, String feature, Map<String, Object> key, Instant at, List<Pin> pins, int most) {
    session.requireMeaning(view);
    CheckedView checked = project.view(view);
    FeatureExplainer explainer = FeatureExplainer.of(checked, feature, key, at);
    if (checked.definition().accuracy() != Accuracy.SNAPSHOT) {
      return explainExactly(checked, explainer, pins, most);
    }
    Map.Entry<Instant, List<Pin>> snapshot =
        SnapshotIndex.of(project, lake(), checked, pins).readAt(at);
    FeatureExplainer atSnapshot = FeatureExplainer.of(checked, feature, key, snapshot.getKey());
    Explanation then = explainExactly(checked, atSnapshot, snapshot.getValue(), most);
    return explainer.ofSnapshot(
        then, joined(explainer.labelRow(session.runner()), explainer.use(), pins));
  }

  /**
   * How one feature of a view on demand came by its value, of what a request brings: its expression
   * and those of the features that it is computed from.
   *
   * @param request a value for each column of the request that the feature is computed from, or
   *     more, of its type or as text; null = null
   * @throws PlatformException NOT_FOUND without such a view or feature; INVALID_REQUEST for a view
   *     that is not on demand, and for another request than the view's; INVALID_VALUE for an
   *     expression that fails on it; BUG where a join gives another value
   */
  public Explanation explain(ViewId view, String feature, Map<String, Object> request) {
    OnDemandExplainer explainer = OnDemandExplainer.of(project.view(view), feature, request);
    PartitionedRows labelRow = explainer.labelRow(session.runner());
    return explainer.explain(joined(labelRow, explainer.use(), List.of()));
  }

  private PartitionedRows joined(PartitionedRows labelRow, ViewUse use, List<Pin> pins) {
    return historicalFeatures(labelRow, FeatureExplainer.AS_OF, List.of(use), pins).partitions();
  }

  /** Of events as they are at the instant, without snapshots. */
  private Explanation explainExactly(
      CheckedView checked, FeatureExplainer explainer, List<Pin> pins, int most) {
    TableName table = Sources.table(project, checked.source().orElseThrow().name());
    Pin pin =
        pins.stream().filter(p -> p.version().table().equals(table)).findFirst().orElseThrow();
    PinnedSources sources = session.sources(pins);
    PartitionedRows events = explainer.events(sources);
    PartitionedRows joined =
        JoinPlan.of(
                sources.with(checked.source().orElseThrow().name(), events), session.snapshots())
            .exact()
            .join(
                explainer.labelRow(session.runner()),
                FeatureExplainer.AS_OF,
                List.of(),
                List.of(explainer.use()),
                session.tally("explain"));
    return explainer.explain(events, pin, joined, most);
  }
}
