package io.tributary.offline;

import io.tributary.analysis.CheckedTrainingSet;
import io.tributary.core.Interval;
import io.tributary.core.Micros;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.definition.Accuracy;
import io.tributary.definition.TrainingSet;
import io.tributary.offline.internal.label.Asking;
import io.tributary.offline.internal.label.LabelPlan;
import io.tributary.offline.internal.label.Overlaps;
import io.tributary.offline.internal.source.Sources;
import io.tributary.offline.internal.spine.LabelTally;
import io.tributary.offline.internal.spine.SpinePlan;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Tally;
import io.tributary.rows.spark.SparkRows;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * Training sets: their spines, their labels, and both with features as one build. Frames are
 * computed when they are read, and each time that they are. Safe for threads.
 */
public final class TrainingSets {
  private final StoreSession session;

  TrainingSets(StoreSession session) {
    this.session = session;
  }

  /**
   * The label rows of a training set: their columns, then {@code _as_of}; no label. An event of the
   * source gives one row, with its version that is known at the as-of; one of which none is gives
   * none, nor does one without as-of. The rows of a static source are label rows as they stand,
   * also without as-of. A periodic training set has a row for each instant and each entity of which
   * an event had been visible by then, also if all of its events have been withdrawn since.
   *
   * @throws PlatformException INVALID_REQUEST where a periodic one ends with the data, and that is
   *     too far away
   */
  public Dataset<Row> spine(TrainingSet set, List<Pin> pins) {
    return session.frame(spines(set, pins).all(checked(set)));
  }

  /**
   * The same for the as-of in an interval, inside and outside of those of the training set itself;
   * no row without as-of.
   */
  public Dataset<Row> spine(TrainingSet set, Interval asOfIn, List<Pin> pins) {
    return session.frame(
        spines(set, pins).between(checked(set), Micros.of(asOfIn.from()), Micros.of(asOfIn.to())));
  }

  /** The same with some of their columns, and the as-of, alone: of a static source less is read. */
  public Dataset<Row> spine(
      TrainingSet set, Interval asOfIn, List<String> columns, List<Pin> pins) {
    return session.frame(
        spines(set, pins)
            .between(
                checked(set),
                Micros.of(asOfIn.from()),
                Micros.of(asOfIn.to()),
                Set.copyOf(columns)));
  }

  private SpinePlan spines(TrainingSet set, List<Pin> pins) {
    return new SpinePlan(session.by(runner(set, pins)).sources(pins));
  }

  /** What computes its rows, of those of its sources that are pinned. */
  public ChosenRunner runner(TrainingSet set, List<Pin> pins) {
    CheckedTrainingSet checked = checked(set);
    List<String> names = new ArrayList<>(List.of(checked.spine().source().name()));
    if (!set.label().ofRow()) {
      names.add(checked.labelSource().name());
    }
    return session.runner(
        "make rows of training set " + set.name(),
        names.stream().filter(name -> isPinned(name, pins)).toList(),
        set.features().stream()
            .map(use -> session.project().view(use.view()))
            .filter(
                view ->
                    // Pinned by its table of snapshots, not by its source.
                    view.definition().accuracy() == Accuracy.SNAPSHOT
                        || view.source().filter(s -> isPinned(s.name(), pins)).isPresent())
            .toList(),
        pins);
  }

  private boolean isPinned(String source, List<Pin> pins) {
    TableName table = Sources.table(session.project(), source);
    return pins.stream().anyMatch(pin -> pin.version().table().equals(table));
  }

  private CheckedTrainingSet checked(TrainingSet set) {
    return session.project().trainingSet(set.name());
  }

  /**
   * Labels of rows: by event key, from the last version known by {@code knownUntil}; or of an
   * outcome over an interval after {@code _as_of}, as known when it has been over for its maturity,
   * of rows for which that is by {@code knownUntil}. Or what the label row itself holds, by the
   * newest delivery that is pinned: it is found there by its as-of and its source's event key, or
   * by all columns but the label's where there is none. Rows without one are left out and counted.
   *
   * @param knownUntil inclusive; without meaning where rows hold their labels; empty = all that is
   *     pinned: the greatest known time of the label source's versions, which for an outcome is
   *     looked up at once
   * @throws PlatformException INVALID_REQUEST where such a column is missing
   */
  public LabelledRows label(
      TrainingSet set, AskingRows rows, Optional<Instant> knownUntil, List<Pin> pins) {
    if (set.label().ofRow()) {
      Tally tally = tally(session, set);
      return labelled(
          LabelPlan.ofRows(session.sources(pins), checked(set), asking(rows), tally),
          Overlaps.NONE,
          tally);
    }
    List<String> joinedBy = LabelPlan.joinedBy(checked(set));
    Column[] columns =
        Arrays.stream(rows.frame().columns())
            .filter(name -> rows.kept().contains(name) || joinedBy.contains(name))
            .map(name -> functions.col("`" + name + "`"))
            .toArray(Column[]::new);
    return label(
        session, set, SparkRows.of(rows.frame(), columns), knownUntil, pins, Overlaps.NONE);
  }

  private static Asking asking(AskingRows rows) {
    return new Asking(
        rows.frame(),
        rows.kept(),
        rows.apart(),
        rows.asOfIn().map(in -> Micros.of(in.from())).orElse(Long.MIN_VALUE),
        rows.asOfIn().map(in -> Micros.of(in.to())).orElse(Long.MAX_VALUE));
  }

  /** The same, with the events counted that features and label share, and that neither has. */
  LabelledRows labelAndCompare(
      TrainingSet set, Dataset<Row> rows, Optional<Instant> knownUntil, List<Pin> pins) {
    return label(session, set, SparkRows.of(rows), knownUntil, pins, overlaps(session, set, pins));
  }

  private Overlaps overlaps(StoreSession by, TrainingSet set, List<Pin> pins) {
    return Overlaps.of(by.sources(pins), by.snapshots(), checked(set));
  }

  private LabelledRows label(
      StoreSession by,
      TrainingSet set,
      PartitionedRows rows,
      Optional<Instant> knownUntil,
      List<Pin> pins,
      Overlaps overlaps) {
    Tally tally = tally(by, set);
    long until = knownUntil.map(Micros::of).orElse(Long.MAX_VALUE);
    return labelled(
        new LabelPlan(by.sources(pins)).labelled(checked(set), rows, until, overlaps, tally),
        overlaps,
        tally);
  }

  private LabelledRows labelled(PartitionedRows rows, Overlaps overlaps, Tally tally) {
    return new LabelledRows(
        rows,
        session::frame,
        () -> LabelTally.counts(tally),
        () -> tally.max(LabelTally.LAST_KNOWN).map(Micros::instant),
        () -> tally.max(LabelTally.LAST_EVENT).map(Micros::instant),
        () -> overlaps.counts(tally));
  }

  private static Tally tally(StoreSession session, TrainingSet set) {
    return session.tally("labels of " + set.name());
  }

  /**
   * Spine, labels, then features, from what the pins name alone: the same definition and pins give
   * the same rows, whatever has arrived since. Computed at once, and kept until closed.
   */
  public TrainingSetBuild build(TrainingSet set, List<Pin> pins) {
    StoreSession by = session.by(runner(set, pins));
    SpinePlan spines = new SpinePlan(by.sources(pins));
    LabelledRows labelled;
    if (set.label().ofRow()) {
      Tally tally = tally(by, set);
      labelled = labelled(spines.labelled(checked(set), tally), Overlaps.NONE, tally);
    } else {
      PartitionedRows asking = spines.all(checked(set));
      labelled = label(by, set, asking, set.knownUntil(), pins, overlaps(by, set, pins));
    }
    return TrainingSetBuild.of(
        session.project(),
        set,
        labelled,
        by.join(
            labelled.partitions(),
            CheckedTrainingSet.AS_OF,
            List.of(set.label().name()),
            Optional.empty(),
            set.features(),
            pins));
  }
}
