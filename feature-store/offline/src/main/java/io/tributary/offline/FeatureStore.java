package io.tributary.offline;

import io.tributary.analysis.CheckedProject;
import io.tributary.analysis.CheckedSource;
import io.tributary.analysis.CheckedTrainingSet;
import io.tributary.analysis.CheckedView;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Micros;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.definition.Accuracy;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.definition.Source;
import io.tributary.definition.TrainingSet;
import io.tributary.definition.ViewId;
import io.tributary.definition.ViewUse;
import io.tributary.events.definitions.LakeDefinitions;
import io.tributary.events.facts.JoinCounts;
import io.tributary.events.facts.LabelCounts;
import io.tributary.events.facts.SharedEvents;
import io.tributary.events.facts.SnapshotFacts;
import io.tributary.lake.Commit;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.lake.Tally;
import io.tributary.offline.internal.EmptyValues;
import io.tributary.offline.internal.FeatureExplainer;
import io.tributary.offline.internal.GivenRows;
import io.tributary.offline.internal.JoinPlan;
import io.tributary.offline.internal.LabelPlan;
import io.tributary.offline.internal.LakeRows;
import io.tributary.offline.internal.OnDemandExplainer;
import io.tributary.offline.internal.Overlaps;
import io.tributary.offline.internal.Pins;
import io.tributary.offline.internal.RowLabels;
import io.tributary.offline.internal.Shuffle;
import io.tributary.offline.internal.SnapshotIndex;
import io.tributary.offline.internal.SnapshotPlan;
import io.tributary.offline.internal.SourceRows;
import io.tributary.offline.internal.Sources;
import io.tributary.offline.internal.Spark;
import io.tributary.offline.internal.SpinePlan;
import io.tributary.offline.internal.StoredRows;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.TimestampType;

/**
 * The offline feature store of a project: its events as the lake holds them, and features of them
 * at any instant, by the point-in-time contract. Frames are computed when they are read, and each
 * time that they are. What has been shuffled by event key serves later calls with the same pins, so
 * one store should serve a whole run. Safe for threads.
 *
 * <p>All events and all asking rows of one entity are held in the memory of one task.
 */
public final class FeatureStore {
  private static final int LISTED = 1_000;

  /**
   * Named in the digests of what the engine computes: another text where it computes other values
   * from the same definition.
   */
  public static final String ENGINE = "point-in-time 1";

  private final CheckedProject project;
  private final Optional<Lake> lake;
  private final Supplier<SparkSession> spark;
  private final StoredRows stored;
  private final int partitions;
  private final Set<ViewId> held = ConcurrentHashMap.newKeySet();
  private Shuffle shuffle;
  private Sources sources;

  private FeatureStore(
      CheckedProject project,
      Optional<Lake> lake,
      Supplier<SparkSession> spark,
      StoredRows stored,
      int partitions) {
    this.project = project;
    this.lake = lake;
    this.spark = spark;
    this.stored = stored;
    this.partitions = partitions;
  }

  /** Starts no session: the first frame does. As many partitions a shuffle as the session says. */
  public static FeatureStore open(CheckedProject project, Lake lake) {
    return new FeatureStore(
        project, Optional.of(lake), lake::spark, new LakeRows(project, lake), 0);
  }

  /**
   * The features of a project's lake in a job that has a Spark session of its own:
   *
   * <pre>{@code
   * FeatureStore store = FeatureStore.open(Path.of("examples/nyc-flights"), spark);
   * Dataset<Row> joined = store.trainingSet(rows, "as_of", List.of("carrier_history@1"));
   * }</pre>
   *
   * @param folder of the project
   * @param spark a session with Delta's extension and catalog; it stays open
   * @throws PlatformException INVALID_DEFINITION with all that is wrong in the project;
   *     INVALID_REQUEST when the session lacks a setting
   */
  public static FeatureStore open(Path folder, SparkSession spark) {
    Project project = ProjectReader.read(folder, System.getenv(), Optional.empty());
    Lake lake = Lake.open(project.lake(), project.retention(), LakeSession.of(spark));
    return open(CheckedProject.check(project), lake);
  }

  /**
   * Features of rows that lie in no lake. What names pins takes none.
   *
   * @param events the validated rows of a source, by its name: {@link CheckedSource#rowSchema()};
   *     asked for the sources that are read, queries not among them
   */
  public static FeatureStore over(
      CheckedProject project, SparkSession spark, Function<String, Dataset<Row>> events) {
    return new FeatureStore(project, Optional.empty(), () -> spark, new GivenRows(events), 0);
  }

  /** The same with a number of partitions, which changes no value. */
  public FeatureStore withPartitions(int count) {
    return new FeatureStore(project, lake, spark, stored, count);
  }

  public CheckedProject project() {
    return project;
  }

  /** The lake whose tables it reads. */
  public Lake lake() {
    return lake.orElseThrow(
        () -> new IllegalStateException("this feature store reads frames, not a lake"));
  }

  /**
   * What the sources' tables hold now, as "delivery ≤ n" of each; a query source is pinned by the
   * table that it is made of. Sorted by table; none without a lake. No Spark.
   *
   * @throws PlatformException NOT_FOUND for a source that has not been validated yet
   */
  public List<Pin> pins(Collection<String> sources) {
    return lake.map(l -> Pins.of(project, l, sources)).orElse(List.of());
  }

  /**
   * The same for all that these views read. A view at the accuracy of snapshots reads the table of
   * its snapshots, in place of its source: it is pinned by that table's version.
   *
   * @throws PlatformException NOT_FOUND also for such a view that was never materialized
   */
  public List<Pin> pinsOf(Collection<ViewUse> uses) {
    return pinsOf(List.of(), uses);
  }

  /** The same for all that a training set reads: spine, label and views. */
  public List<Pin> pinsOf(TrainingSet set) {
    return pinsOf(List.of(set.rows().source(), set.label().source()), set.features());
  }

  /** The same for sources and views. */
  private List<Pin> pinsOf(Collection<String> sources, Collection<ViewUse> uses) {
    TreeSet<String> names = new TreeSet<>(sources);
    TreeMap<TableName, Pin> pins = new TreeMap<>();
    for (ViewUse use : uses) {
      CheckedView view = project.view(use.view());
      if (view.definition().accuracy() == Accuracy.SNAPSHOT) {
        lake.ifPresent(l -> pins.put(view.id().table(), SnapshotIndex.newest(l, view)));
      } else {
        view.source().map(CheckedSource::name).ifPresent(names::add);
      }
    }
    pins(names).forEach(pin -> pins.put(pin.version().table(), pin));
    return List.copyOf(pins.values());
  }

  /**
   * The same for what sources and views say before an instant: of the rows that ask before it, of
   * labels that are known before it, and of views as {@link #pinBefore} says; of a view at the
   * accuracy of snapshots the newest commit of one before it, where there is one.
   */
  public List<Pin> pinsBefore(
      Collection<String> sources, Collection<ViewUse> uses, Instant instant) {
    TreeMap<TableName, Pin> pins = new TreeMap<>();
    for (String source : sources) {
      later(pins, Pins.before(project, lake(), source, instant));
    }
    for (ViewUse use : uses) {
      CheckedView view = project.view(use.view());
      if (view.definition().accuracy() == Accuracy.SNAPSHOT) {
        later(pins, SnapshotIndex.newestBefore(lake(), view, instant));
      } else if (view.source().isPresent()) {
        later(pins, Pins.before(project, lake(), view, instant));
      }
    }
    return List.copyOf(pins.values());
  }

  /** Of two pins of one table the one that shows more. */
  private static void later(TreeMap<TableName, Pin> pins, Pin pin) {
    pins.merge(
        pin.version().table(),
        pin,
        (a, b) -> a.deliveries().orElse(0L) >= b.deliveries().orElse(0L) ? a : b);
  }

  /**
   * The same for what a view says before an instant: deliveries of which no row was known by then
   * are left out, as far as they come last, for they change nothing. All deliveries count for a
   * view of reference data, one that takes all for known, one of a query with known times of its
   * own, and where ingest did not record when rows were known.
   */
  public Pin pinBefore(FeatureView view, Instant instant) {
    return Pins.before(project, lake(), project.view(view.id()), instant);
  }

  /**
   * All rows of a source, every version and tombstone: its columns, then {@code _event_time},
   * {@code _known_time} and {@code _deleted} unless it is static. Of a static source the newest
   * delivery.
   */
  public Dataset<Row> events(String source, List<Pin> pins) {
    List<String> columns = List.of(project.source(source).rowSchema().fieldNames());
    return frame(sources().rows(source, columns, pins));
  }

  /**
   * The rows that ask for a training set: their columns, then {@code _as_of}; no label. A row of a
   * source asks with the version of its event that is known at its as-of; an event of which none is
   * does not ask, nor does one without as-of. The rows of a static source ask as they stand, also
   * without as-of. A training set that asks every so often has a row for each instant and each
   * entity of which an event had been visible by then, also if all of its events have been
   * withdrawn since.
   *
   * @throws PlatformException INVALID_REQUEST where the end of the data is too far away to ask
   *     until then
   */
  public Dataset<Row> spine(TrainingSet set, List<Pin> pins) {
    return frame(spines(pins).all(project.trainingSet(set.name())));
  }

  /**
   * The same for the as-of in an interval, inside and outside of those of the training set itself;
   * no row without as-of.
   */
  public Dataset<Row> spine(TrainingSet set, Interval asOfIn, List<Pin> pins) {
    return frame(
        spines(pins)
            .between(
                project.trainingSet(set.name()), Micros.of(asOfIn.from()), Micros.of(asOfIn.to())));
  }

  private SpinePlan spines(List<Pin> pins) {
    return new SpinePlan(sources(), shuffle(), pins);
  }

  /**
   * Labels of rows: by event key, from the last version known by {@code knownUntil}; or of an
   * outcome over an interval after {@code _as_of}, as known when it has been over for its maturity,
   * of rows for which that is by {@code knownUntil}. Or what the row that asked says itself, by the
   * newest delivery that is pinned: it is found there by its as-of and its source's event key, or
   * by all columns but the label's where there is none. Rows without one are left out and counted.
   *
   * @param rows with the columns that the label is joined by
   * @param knownUntil inclusive; means nothing where rows say their labels; empty = all that is
   *     pinned: the greatest known time of the label source's versions, which for an outcome is
   *     looked up at once
   * @throws PlatformException INVALID_REQUEST where such a column is missing
   */
  public Labelled label(
      TrainingSet set, Dataset<Row> rows, Optional<Instant> knownUntil, List<Pin> pins) {
    return label(set, rows, knownUntil, pins, Overlaps.NONE);
  }

  /** The same, with the events counted that features and label share, and that neither has. */
  Labelled labelAndCompare(
      TrainingSet set, Dataset<Row> rows, Optional<Instant> knownUntil, List<Pin> pins) {
    CheckedTrainingSet checked = project.trainingSet(set.name());
    return label(set, rows, knownUntil, pins, Overlaps.of(sources(), shuffle(), pins, checked));
  }

  private Labelled label(
      TrainingSet set,
      Dataset<Row> rows,
      Optional<Instant> knownUntil,
      List<Pin> pins,
      Overlaps overlaps) {
    Tally tally = Tally.on(spark.get().sparkContext(), "labels of " + set.name());
    if (set.label().ofRow()) {
      return ofRows(
          RowLabels.labelled(
              spark.get(), project.trainingSet(set.name()), spines(pins), rows, tally),
          tally);
    }
    SourceRows labelled =
        new LabelPlan(sources(), shuffle(), pins)
            .labelled(
                project.trainingSet(set.name()),
                Spark.rows(rows),
                knownUntil.map(Micros::of).orElse(Long.MAX_VALUE),
                overlaps,
                tally);
    return new Labelled(
        frame(labelled),
        () -> labelCounts(tally),
        () -> tally.greatest(LabelPlan.LAST_KNOWN).map(Micros::instant),
        () -> tally.greatest(LabelPlan.LAST_EVENT).map(Micros::instant),
        () ->
            new SharedEvents(
                counts(tally, overlaps.roles(), Overlaps::both),
                counts(tally, overlaps.rolesOfLabelsEntity(), Overlaps::neither)));
  }

  private static LabelCounts labelCounts(Tally tally) {
    long timeless = tally.total(LabelPlan.TIMELESS);
    long immature = tally.total(LabelPlan.IMMATURE);
    return new LabelCounts(
        tally.total(LabelPlan.ASKED) + timeless + immature,
        tally.total(LabelPlan.UNKNOWN) + timeless,
        tally.total(LabelPlan.FILTERED),
        tally.total(LabelPlan.MISSING),
        immature);
  }

  private static Map<String, SharedEvents.Count> counts(
      Tally tally, List<String> roles, Function<String, String> of) {
    Map<String, SharedEvents.Count> counts = new TreeMap<>();
    for (String role : roles) {
      String what = of.apply(role);
      counts.put(
          role,
          new SharedEvents.Count(
              tally.total(Overlaps.events(what)), tally.total(Overlaps.rows(what))));
    }
    return counts;
  }

  /** The rows that ask with the label that each says itself. */
  Labelled labelledRows(TrainingSet set, List<Pin> pins) {
    Tally tally = Tally.on(spark.get().sparkContext(), "labels of " + set.name());
    return ofRows(spines(pins).labelled(project.trainingSet(set.name()), tally), tally);
  }

  private Labelled ofRows(SourceRows labelled, Tally tally) {
    return new Labelled(
        frame(labelled),
        () -> labelCounts(tally),
        Optional::empty,
        Optional::empty,
        () -> new SharedEvents(Map.of(), Map.of()));
  }

  /**
   * Features of rows at their as-of, of all that is there now: one row out for each row in, in any
   * order. Computed when read, and each time that it is; on more than two cores some of the rows
   * are read at once, to see which keys most of them ask for.
   *
   * @param rows with each view's key columns under their names there, or the columns that its
   *     request asks for
   * @param asOfColumn a timestamp column of theirs
   * @param features views, {@code carrier_history@1}, or single features of them, {@code
   *     carrier_history@1.late_share_6h}
   * @return the rows' columns, then {@code <view>__<feature>} in this order
   * @throws PlatformException as {@link #join}; INVALID_REQUEST when there is no such view
   */
  public Dataset<Row> trainingSet(Dataset<Row> rows, String asOfColumn, List<String> features) {
    List<ViewUse> uses = ViewUse.parse(features);
    return join(rows, asOfColumn, uses, pinsOf(uses)).rows();
  }

  /**
   * Features of rows at their as-of: one row out for each row in.
   *
   * @param rows with each use's key columns, or the columns that its request asks for
   * @param asOfColumn a timestamp column of theirs; where it is null the row gets the features of a
   *     key that has no events
   * @param uses views, in the order of their columns {@code <role>__<feature>} in the result
   * @throws PlatformException INVALID_REQUEST when a column is missing, its type doesn't compare,
   *     or two columns have one name
   */
  public Joined join(Dataset<Row> rows, String asOfColumn, List<ViewUse> uses, List<Pin> pins) {
    return join(rows, asOfColumn, List.of(), Optional.empty(), uses, pins);
  }

  /**
   * The same for rows whose as-of is null or lies in an interval; events that don't matter there
   * are not moved.
   *
   * @throws PlatformException BUG while reading, at a row whose as-of does not
   */
  public Joined join(
      Dataset<Row> rows, String asOfColumn, Interval asOfIn, List<ViewUse> uses, List<Pin> pins) {
    return join(rows, asOfColumn, List.of(), Optional.of(asOfIn), uses, pins);
  }

  /**
   * The same with columns of the rows that come after the features.
   *
   * @param last these columns
   */
  Joined join(
      Dataset<Row> rows,
      String asOfColumn,
      List<String> last,
      Optional<Interval> asOfIn,
      List<ViewUse> uses,
      List<Pin> pins) {
    if (!(rows.schema().apply(asOfColumn).dataType() instanceof TimestampType)) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot join features at "
              + asOfColumn
              + ": it is "
              + rows.schema().apply(asOfColumn).dataType().catalogString()
              + ". Name a timestamp column.");
    }
    uses.forEach(use -> requireMeaning(use.view()));
    Tally tally = Tally.on(spark.get().sparkContext(), "join");
    long least = asOfIn.map(i -> Micros.of(i.from())).orElse(Long.MIN_VALUE);
    long greatest = asOfIn.map(i -> Micros.of(i.to()) - 1).orElse(Long.MAX_VALUE);
    SourceRows given = Spark.rows(rows);
    SourceRows asking = Spark.asking(given, asOfColumn, least, greatest, tally);
    JoinPlan plan = JoinPlan.of(project, sources(), shuffle(), pins);
    SourceRows joined =
        (asOfIn.isPresent() ? plan.between(least, greatest) : plan)
            .join(asking, given, asOfColumn, last, uses, tally);
    SourceRows counted = Spark.counted(joined, Spark.ROWS_OUT, tally);
    List<String> roles =
        uses.stream()
            .filter(u -> !project.view(u.view()).definition().isOnDemand())
            .map(ViewUse::prefix)
            .toList();
    List<String> served =
        uses.stream()
            .filter(u -> project.view(u.view()).definition().accuracy() == Accuracy.SNAPSHOT)
            .map(ViewUse::prefix)
            .toList();
    return Joined.of(
        counted.rows(),
        r -> frame(new SourceRows(r, counted.schema())),
        () -> counts(tally, roles, served));
  }

  private static JoinCounts counts(Tally tally, List<String> roles, List<String> served) {
    return new JoinCounts(
        tally.total(Spark.ROWS_IN),
        tally.total(Spark.ROWS_OUT),
        tally.total(Spark.NULL_AS_OF),
        byRole(roles, role -> tally.total(JoinPlan.ambiguousRows(role))),
        byRole(roles, role -> JoinPlan.ambiguousEntities(tally, role)),
        byRole(roles, role -> tally.total(JoinPlan.skippedBounds(role))),
        byRole(roles, role -> tally.total(JoinPlan.repeatedBounds(role))),
        byRole(served, role -> tally.total(JoinPlan.beforeSnapshots(role))),
        byRole(served, role -> tally.total(JoinPlan.staleSnapshots(role))));
  }

  private static Map<String, Long> byRole(List<String> roles, ToLongFunction<String> count) {
    Map<String, Long> counts = new TreeMap<>();
    roles.forEach(role -> counts.put(role, count.applyAsLong(role)));
    return counts;
  }

  /**
   * A view's features at instants, in one pass: the entity columns, {@code _at}, event and known
   * time of the newest visible event in {@code _event_time} and {@code _known_time} (null where all
   * have been withdrawn, and in static views), the features as they are before defaults. One row
   * for each instant and entity of which an event had been visible by then.
   */
  public Dataset<Row> snapshots(FeatureView view, List<Instant> instants, List<Pin> pins) {
    CheckedView checked = project.view(view.id());
    if (checked.definition().isOnDemand()) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot take snapshots of view "
              + view.id()
              + ": it is computed on demand and has no events. Leave it out.");
    }
    requireMeaning(view.id());
    JoinPlan plan = JoinPlan.of(project, sources(), shuffle(), pins);
    return frame(SnapshotPlan.of(checked, new ArrayList<>(instants), plan, shuffle()));
  }

  /**
   * The instants at which an interval's snapshots of a view are taken: the last of each day in the
   * project's zone; of an interval inside one day, and of reference data, which has no time, the
   * last of all.
   *
   * @throws PlatformException INVALID_REQUEST for an interval of more days that cuts one
   */
  public List<Instant> snapshotInstants(FeatureView view, Interval interval) {
    Source source = project.view(view.id()).source().orElseThrow().definition();
    return SnapshotIndex.instants(project, source, interval);
  }

  /**
   * The newest commit that took a view's snapshot of an interval's last instant. No Spark.
   *
   * @throws PlatformException NOT_FOUND when none did, or by another definition of the view
   */
  public Commit takenSnapshot(FeatureView view, Interval interval) {
    return SnapshotIndex.taken(project, lake(), project.view(view.id()), interval);
  }

  /** What a run that takes snapshots of a view at some instants says of them. */
  public SnapshotFacts snapshotFacts(
      FeatureView view, List<Instant> instants, Optional<SnapshotFacts.Since> since) {
    return new SnapshotFacts(
        instants.size(), instants, SnapshotIndex.definition(project.view(view.id())), since);
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
   * the contract of its own, checked against {@link #join}; for people, and as slow as reading the
   * source's table whole.
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
   * The same with a say in how much is listed.
   *
   * @param most how many winners, and how many other candidates, of each feature that it is made of
   */
  public Explanation explain(
      ViewId view, String feature, Map<String, Object> key, Instant at, List<Pin> pins, int most) {
    requireMeaning(view);
    CheckedView checked = project.view(view);
    FeatureExplainer explainer = FeatureExplainer.of(spark.get(), checked, feature, key, at);
    if (checked.definition().accuracy() != Accuracy.SNAPSHOT) {
      return explainExactly(checked, explainer, pins, most);
    }
    Map.Entry<Instant, List<Pin>> snapshot =
        SnapshotIndex.of(project, lake(), checked, pins).readAt(at);
    FeatureExplainer atSnapshot =
        FeatureExplainer.of(spark.get(), checked, feature, key, snapshot.getKey());
    Explanation then = explainExactly(checked, atSnapshot, snapshot.getValue(), most);
    return explainer.ofSnapshot(
        then,
        join(explainer.asking(), FeatureExplainer.AS_OF, List.of(explainer.use()), pins).rows());
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
    Dataset<Row> asking = explainer.asking(spark.get());
    return explainer.explain(
        join(asking, FeatureExplainer.AS_OF, List.of(explainer.use()), List.of()).rows());
  }

  /** A view of a lake is used with the meaning that its version has there. */
  private void requireMeaning(ViewId view) {
    if (lake.isPresent() && !held.contains(view)) {
      String name = "view " + view;
      LakeDefinitions definitions = lake.get().definitions();
      Digest meaning = project.view(view).digest();
      if (definitions
          .meanings()
          .fixed(name)
          .filter(f -> !f.meaning().equals(meaning))
          .isPresent()) {
        definitions.require("use " + name, project.definitions(List.of(name)));
      }
      held.add(view);
    }
  }

  /** Of events as they are at the instant, whatever snapshots say. */
  private Explanation explainExactly(
      CheckedView checked, FeatureExplainer explainer, List<Pin> pins, int most) {
    TableName table = Sources.table(project, checked.source().orElseThrow().name());
    Pin pin =
        pins.stream().filter(p -> p.version().table().equals(table)).findFirst().orElseThrow();
    SourceRows asking = Spark.rows(explainer.asking());
    SourceRows joined =
        JoinPlan.of(project, sources(), shuffle(), pins)
            .exact()
            .join(
                asking,
                asking,
                FeatureExplainer.AS_OF,
                List.of(),
                List.of(explainer.use()),
                Tally.on(spark.get().sparkContext(), "explain"));
    return explainer.explain(sources(), pin, pins, frame(joined), most);
  }

  private synchronized Shuffle shuffle() {
    if (shuffle == null) {
      int count =
          partitions > 0
              ? partitions
              : Integer.parseInt(spark.get().conf().get("spark.sql.shuffle.partitions"));
      shuffle = Shuffle.on(spark.get(), count);
    }
    return shuffle;
  }

  private synchronized Sources sources() {
    Shuffle by = shuffle();
    if (sources == null) {
      sources = new Sources(project, stored, by);
    }
    return sources;
  }

  private Dataset<Row> frame(SourceRows rows) {
    return Spark.frame(spark.get(), rows);
  }
}
