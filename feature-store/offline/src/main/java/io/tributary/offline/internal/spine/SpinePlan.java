package io.tributary.offline.internal.spine;

import io.tributary.analysis.CheckedSource;
import io.tributary.analysis.CheckedSpine;
import io.tributary.analysis.CheckedTrainingSet;
import io.tributary.core.ErrorCode;
import io.tributary.core.Iterators;
import io.tributary.core.Micros;
import io.tributary.core.PlatformException;
import io.tributary.definition.TrainingSet.Spine;
import io.tributary.expression.Evaluator;
import io.tributary.expression.RowExpressions;
import io.tributary.offline.internal.source.PinnedSources;
import io.tributary.offline.internal.source.VersionRows;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Partitions;
import io.tributary.rows.Scala;
import io.tributary.rows.Tally;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.SpecificInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The label rows of a training set (rule 14). */
public final class SpinePlan {
  /** Of a grid whose end nobody wrote down: more would be an end that nobody meant. */
  private static final long MOST_INSTANTS = 10_000_000;

  private final PinnedSources sources;

  public SpinePlan(PinnedSources sources) {
    this.sources = sources;
  }

  /** The rows of the training set itself: {@link CheckedTrainingSet#asking()}. */
  public PartitionedRows all(CheckedTrainingSet set) {
    if (set.spine().definition() instanceof Spine.Periodic periodic) {
      long from = periodic.from().map(Micros::of).orElse(Long.MIN_VALUE);
      long to = periodic.to().map(Micros::of).orElseGet(() -> endOfData(set, periodic));
      return periodic(set, periodic, from, to);
    }
    return listed(set, set.asking(), Long.MIN_VALUE, Long.MAX_VALUE, true, RowLabel.NONE, null);
  }

  /** What becomes of a label that rows hold themselves. */
  private enum RowLabel {
    /** It is no column of theirs. */
    NONE(0),
    /** It is their last column, and those without one are left out. */
    LABELLED_ONLY(1),
    /** It and whether it is of interest are the last columns of all rows. */
    KEEP_ALL(2);

    private final int columns;

    RowLabel(int columns) {
      this.columns = columns;
    }
  }

  /**
   * Of a training set whose rows hold their labels themselves all rows: with the label, and whether
   * it is of interest, as their last columns, behind the as-of.
   *
   * @param columns those that they have besides
   * @param from microseconds; rows whose as-of is before it, or not before {@code to}, are left out
   */
  public PartitionedRows withLabels(
      CheckedTrainingSet set, Collection<String> columns, long from, long to) {
    return listed(set, some(set.asking(), columns), from, to, true, RowLabel.KEEP_ALL, null);
  }

  /**
   * The same of those rows that have a label, with it as their last column; counted as {@link
   * LabelTally} lists.
   */
  public PartitionedRows labelled(CheckedTrainingSet set, Tally tally) {
    return listed(
        set, set.asking(), Long.MIN_VALUE, Long.MAX_VALUE, true, RowLabel.LABELLED_ONLY, tally);
  }

  /**
   * The label rows of an interval, also where the training set itself does not.
   *
   * @param from microseconds; rows whose as-of is before it, or not before {@code to}, are left
   *     out, as are those without as-of
   */
  public PartitionedRows between(CheckedTrainingSet set, long from, long to) {
    return between(set, from, to, Set.of(set.asking().fieldNames()));
  }

  /** The same with some of their columns alone, and the as-of; of a grid with all. */
  public PartitionedRows between(CheckedTrainingSet set, long from, long to, Set<String> columns) {
    return set.spine().definition() instanceof Spine.Periodic periodic
        ? periodic(set, periodic, from, to)
        : listed(set, some(set.asking(), columns), from, to, false, RowLabel.NONE, null);
  }

  private static StructType some(StructType asking, Collection<String> columns) {
    return new StructType(
        Arrays.stream(asking.fields())
            .filter(f -> columns.contains(f.name()) || f.name().equals(CheckedTrainingSet.AS_OF))
            .toArray(StructField[]::new));
  }

  /**
   * One row for each version that counts at its own as-of: known by then and not yet corrected. Of
   * a static source each row as it stands.
   *
   * @param asking columns of the label rows, the as-of the last
   * @param withoutAsOf whether rows of a static source that have none are among them
   * @param labels counts rows where some are left out for want of a label; else null
   */
  private PartitionedRows listed(
      CheckedTrainingSet set,
      StructType asking,
      long from,
      long to,
      boolean withoutAsOf,
      RowLabel kept,
      Tally labels) {
    CheckedSpine spine = set.spine();
    boolean asTheyStand = spine.source().definition().isStatic();
    PartitionedRows given =
        asTheyStand
            ? sources.rows(spine.source().name(), read(set, asking, kept))
            : sources.versions(spine.source());
    StructType schema = given.schema();
    int[] places =
        Arrays.stream(asking.fieldNames())
            .limit(asking.size() - 1L)
            .mapToInt(schema::fieldIndex)
            .toArray();
    RowExpressions asOf = spine.asOf().orElseThrow().over(schema);
    RowExpressions filter = spine.filter().map(f -> f.over(schema)).orElse(null);
    int known = asTheyStand ? -1 : schema.fieldIndex(CheckedSource.KNOWN_TIME);
    int until = VersionRows.placeOfUntil(schema);
    String name = set.name();
    RowExpressions label = kept == RowLabel.NONE ? null : set.label().over(schema);
    StructType result = asking;
    for (int i = 0; i < kept.columns; i++) {
      result = result.add(label.schema().fields()[i]);
    }
    List<DataType> after =
        Arrays.stream(result.fields()).skip(places.length).map(StructField::dataType).toList();
    Partitions rows =
        given
            .rows()
            .map(
                (task, part) -> {
                  Evaluator instants = asOf.evaluator();
                  Predicate<InternalRow> wanted =
                      wanted(filter, "the rows of training set " + name);
                  HeldLabels held = label == null ? null : new HeldLabels(label, name, kept);
                  JoinedRow joined = new JoinedRow();
                  JoinedRow withLabel = new JoinedRow();
                  UnsafeProjection projection = projection(schema, places, after);
                  Iterator<InternalRow> asked =
                      Iterators.mapSome(
                          part,
                          row -> {
                            InternalRow at =
                                instants.evaluate(
                                    row, "compute", "the as-of of training set " + name);
                            boolean asks;
                            if (at.isNullAt(0)) {
                              asks = asTheyStand && withoutAsOf;
                            } else {
                              long t = at.getLong(0);
                              asks =
                                  t >= from
                                      && t < to
                                      && (asTheyStand
                                          || (row.getLong(known) <= t && t < row.getLong(until)));
                            }
                            if (!asks || !wanted.test(row)) {
                              return null;
                            }
                            if (held == null) {
                              return projection.apply(joined.apply(row, at));
                            }
                            InternalRow labelled = held.of(row);
                            return labelled == null
                                ? null
                                : projection.apply(
                                    withLabel.apply(joined.apply(row, at), labelled));
                          });
                  return labels == null
                      ? asked
                      : Iterators.atEnd(asked, () -> held.count(labels, task.partition()));
                });
    return new PartitionedRows(rows, result);
  }

  /** The columns of a static source that its rows need to ask with some. */
  private static List<String> read(CheckedTrainingSet set, StructType asking, RowLabel kept) {
    Set<String> read = new LinkedHashSet<>(List.of(asking.fieldNames()));
    set.spine().asOf().ifPresent(asOf -> read.addAll(asOf.columns()));
    set.spine().filter().ifPresent(filter -> read.addAll(filter.columns()));
    if (kept != RowLabel.NONE) {
      read.addAll(set.label().columns());
    }
    return Arrays.stream(set.spine().source().schema().fieldNames())
        .filter(read::contains)
        .toList();
  }

  /** Reads the labels that rows hold themselves, and counts them. */
  private static final class HeldLabels {
    private final Evaluator evaluator;
    private final String what;
    private final RowLabel kept;
    private long asked;
    private long filtered;
    private long missing;

    HeldLabels(RowExpressions label, String trainingSet, RowLabel kept) {
      this.kept = kept;
      this.evaluator = label.evaluator();
      this.what = "the label of training set " + trainingSet;
    }

    /** The label and whether it is of interest; null where the row is left out. */
    InternalRow of(InternalRow row) {
      asked++;
      InternalRow label = evaluator.evaluate(row, "compute", what);
      if (kept == RowLabel.KEEP_ALL) {
        return label;
      }
      if (!label.getBoolean(1)) {
        filtered++;
        return null;
      }
      if (label.isNullAt(0)) {
        missing++;
        return null;
      }
      return label;
    }

    void count(Tally tally, int partition) {
      tally.put(LabelTally.ASKED, partition, asked);
      tally.put(LabelTally.FILTERED, partition, filtered);
      tally.put(LabelTally.MISSING, partition, missing);
    }
  }

  /**
   * One row for each instant of the grid in the interval and each entity of which an event had been
   * visible by then: of each entity only the first such instant travels.
   */
  private PartitionedRows periodic(
      CheckedTrainingSet set, Spine.Periodic periodic, long from, long to) {
    PartitionedRows versions = sources.versions(set.spine().source());
    StructType schema = versions.schema();
    int[] places = periodic.entity().stream().mapToInt(schema::fieldIndex).toArray();
    int event = schema.fieldIndex(CheckedSource.EVENT_TIME);
    int known = schema.fieldIndex(CheckedSource.KNOWN_TIME);
    int until = VersionRows.placeOfUntil(schema);
    RowExpressions filter = set.spine().filter().map(f -> f.over(schema)).orElse(null);
    String rowsOf = "the rows of training set " + set.name();
    StructType asking = set.asking();
    PartitionedRows starts =
        new PartitionedRows(
            versions
                .rows()
                .map(
                    (task, part) -> {
                      Predicate<InternalRow> wanted = wanted(filter, rowsOf);
                      JoinedRow joined = new JoinedRow();
                      SpecificInternalRow start =
                          new SpecificInternalRow(Scala.seq(List.of(DataTypes.LongType)));
                      UnsafeProjection result = projection(schema, places);
                      return Iterators.mapSome(
                          part,
                          row -> {
                            long visible = Math.max(row.getLong(event), row.getLong(known));
                            boolean counts =
                                visible < VersionRows.until(row, until)
                                    && visible < to
                                    && !anyNull(row, places)
                                    && wanted.test(row);
                            start.setLong(0, visible);
                            return counts ? result.apply(joined.apply(row, start)) : null;
                          });
                    }),
            asking);
    PartitionedRows first = sources.runner().least(starts, CheckedTrainingSet.AS_OF);
    long origin = Micros.of(set.spine().origin().orElseThrow());
    long every = Micros.of(periodic.every());
    int last = asking.size() - 1;
    int[] entity = IntStream.range(0, last).toArray();
    return new PartitionedRows(
        first
            .rows()
            .map(
                (task, part) ->
                    new Instants(part, projection(asking, entity), last, origin, every, from, to)),
        asking);
  }

  /** Repeats each row for the instants of a grid from the one in it on, and puts them there. */
  private static final class Instants implements Iterator<InternalRow> {
    private final Iterator<InternalRow> entities;
    private final UnsafeProjection result;
    private final int place;
    private final long origin;
    private final long every;
    private final long from;
    private final long to;
    private final JoinedRow joined = new JoinedRow();
    private final SpecificInternalRow instant =
        new SpecificInternalRow(Scala.seq(List.of(DataTypes.LongType)));
    private InternalRow entity;
    private long next = Long.MAX_VALUE;

    Instants(
        Iterator<InternalRow> entities,
        UnsafeProjection result,
        int place,
        long origin,
        long every,
        long from,
        long to) {
      this.entities = entities;
      this.result = result;
      this.place = place;
      this.origin = origin;
      this.every = every;
      this.from = from;
      this.to = to;
    }

    @Override
    public boolean hasNext() {
      while (next >= to && entities.hasNext()) {
        entity = entities.next();
        long least = Math.max(from, entity.getLong(place));
        next = origin + Math.multiplyExact(-Math.floorDiv(origin - least, every), every);
      }
      return next < to;
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      instant.setLong(0, next);
      next = Math.addExact(next, every);
      return result.apply(joined.apply(entity, instant));
    }
  }

  /** The instant after the last at which a version of the source became known. */
  private long endOfData(CheckedTrainingSet set, Spine.Periodic periodic) {
    String source = periodic.source();
    PartitionedRows rows = sources.rows(source, List.of(CheckedSource.KNOWN_TIME));
    Optional<long[]> known = sources.runner().bounds(rows, CheckedSource.KNOWN_TIME);
    if (known.isEmpty()) {
      return Long.MIN_VALUE;
    }
    long least = periodic.from().map(Micros::of).orElse(known.get()[0]);
    long greatest = known.get()[1];
    long instants = (greatest - least) / Micros.of(periodic.every());
    if (instants > MOST_INSTANTS) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot make the rows of training set %s: the last version of source %s is known at %s, until which it would ask %s times for each entity. Write \"to\" in its rows."
              .formatted(set.name(), source, Micros.instant(greatest), instants));
    }
    return greatest + 1;
  }

  private static boolean anyNull(InternalRow row, int[] places) {
    for (int place : places) {
      if (row.isNullAt(place)) {
        return true;
      }
    }
    return false;
  }

  private static Predicate<InternalRow> wanted(RowExpressions filter, String what) {
    if (filter == null) {
      return row -> true;
    }
    Evaluator holds = filter.evaluator();
    return row -> holds.evaluate(row, "choose", what).getBoolean(0);
  }

  /** The columns at places, and the as-of after the row's own. */
  private static UnsafeProjection projection(StructType schema, int[] places) {
    return projection(schema, places, List.of(DataTypes.TimestampType));
  }

  /** The columns at places, and those of some types after the row's own. */
  private static UnsafeProjection projection(
      StructType schema, int[] places, List<DataType> after) {
    List<Expression> columns = new ArrayList<>();
    for (int place : places) {
      columns.add(Scala.column(schema, place));
    }
    for (int i = 0; i < after.size(); i++) {
      columns.add(Scala.column(schema.size() + i, after.get(i)));
    }
    return Scala.projection(columns);
  }
}
