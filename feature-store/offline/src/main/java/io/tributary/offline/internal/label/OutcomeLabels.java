package io.tributary.offline.internal.label;

import io.tributary.analysis.CheckedSource;
import io.tributary.analysis.CheckedTrainingSet;
import io.tributary.analysis.CheckedView;
import io.tributary.core.ErrorCode;
import io.tributary.core.Iterators;
import io.tributary.core.Micros;
import io.tributary.core.PlatformException;
import io.tributary.definition.TrainingSet;
import io.tributary.offline.engine.Times;
import io.tributary.offline.internal.keys.Keys;
import io.tributary.offline.internal.source.PinnedSources;
import io.tributary.offline.internal.source.VersionRows;
import io.tributary.offline.internal.spine.LabelTally;
import io.tributary.offline.internal.sweep.AsOfRange;
import io.tributary.offline.internal.sweep.CompiledUse;
import io.tributary.offline.internal.sweep.CompiledView;
import io.tributary.offline.internal.sweep.EventRows;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Partitions;
import io.tributary.rows.Tally;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * Labels over an interval (rule 14). The outcome of {@code (t + after, t + until]} as known at
 * {@code t + end + maturity} is what a window as long as the interval holds at {@code t + until},
 * were everything known earlier by {@code end + maturity − until}: so it is computed as a view is,
 * of events whose versions count that much earlier.
 */
final class OutcomeLabels {
  private final PinnedSources sources;
  private final CheckedTrainingSet set;
  private final CheckedView view;
  private final TrainingSet.Outcome outcome;

  OutcomeLabels(PinnedSources sources, CheckedTrainingSet set) {
    this.sources = sources;
    this.set = set;
    this.view = set.outcome().orElseThrow();
    this.outcome = set.definition().label().outcome().orElseThrow();
  }

  PartitionedRows labelled(PartitionedRows rows, long knownUntil, Overlaps overlaps, Tally tally) {
    if (!Arrays.asList(rows.schema().fieldNames()).contains(CheckedTrainingSet.AS_OF)) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot label rows of training set %s: they have no column %s, and the label's interval begins there. Add it."
              .formatted(set.name(), CheckedTrainingSet.AS_OF));
    }
    PartitionedRows versions = sources.versions(set.labelSource());
    long last = knownUntil == Long.MAX_VALUE ? lastKnown(versions, tally) : knownUntil;
    if (last != Long.MIN_VALUE) {
      tally.put(LabelTally.LAST_KNOWN, 0, last);
    }
    List<String> theirs = view.definition().entity();
    List<String> mine = theirs.stream().map(outcome.keys()::get).toList();
    DataType[] types =
        Keys.common(
            "of label " + set.definition().label().name(),
            theirs,
            Keys.types(rows.schema(), mine),
            Keys.types(versions.schema(), theirs));
    CompiledView compiled = CompiledView.of(view);
    Partitions events =
        EventRows.all(
            versions,
            List.of(
                EventRows.of(
                        0,
                        compiled,
                        versions.schema(),
                        Keys.of(versions.schema(), theirs, types),
                        IntStream.range(0, types.length).toArray(),
                        Optional.of(view),
                        AsOfRange.ANY_TIME)
                    .earlierBy(earlier(outcome))));
    int label = view.schema().fieldIndex(set.definition().label().name());
    int where = view.schema().fieldIndex(CheckedView.WHERE);
    StructType found =
        new StructType().add(view.schema().fields()[label]).add(view.schema().fields()[where]);
    CompiledUse use =
        new CompiledUse(
            "label", compiled, new int[] {label, where}, new java.io.Serializable[2], found);
    long until = Micros.of(outcome.during().until());
    PartitionedRows mature = mature(rows, Times.minus(last, matures(outcome)), tally);
    int asOf = mature.index(CheckedTrainingSet.AS_OF);
    return new LabelJoin(
            compiled,
            use,
            rows.schema(),
            Keys.of(rows.schema(), mine, types),
            sources.runner(),
            tally)
        .labelled(
            LabelJoin.at(mature, row -> Times.plus(row.getLong(asOf), until)),
            events,
            overlaps,
            false);
  }

  /** How long after its as-of a row's label can be used, in microseconds. */
  static long matures(TrainingSet.Outcome outcome) {
    return Micros.of(outcome.during().end().plus(outcome.maturity()));
  }

  private static long earlier(TrainingSet.Outcome outcome) {
    return matures(outcome) - Micros.of(outcome.during().until());
  }

  /**
   * The greatest known time of any version; {@link Long#MIN_VALUE} when there is none. Says the
   * greatest event time.
   */
  private static long lastKnown(PartitionedRows versions, Tally tally) {
    int known = versions.index(CheckedSource.KNOWN_TIME);
    int event = versions.index(CheckedSource.EVENT_TIME);
    int until = VersionRows.placeOfUntil(versions.schema());
    long[] last = {Long.MIN_VALUE, Long.MIN_VALUE};
    for (long[] of : versions.rows().each(part -> last(part, known, event, until))) {
      last[0] = Math.max(last[0], of[0]);
      last[1] = Math.max(last[1], of[1]);
    }
    if (last[0] != Long.MIN_VALUE) {
      tally.put(LabelTally.LAST_EVENT, 0, last[1]);
    }
    return last[0];
  }

  private static long[] last(Iterator<InternalRow> part, int known, int event, int until) {
    long[] last = {Long.MIN_VALUE, Long.MIN_VALUE};
    while (part.hasNext()) {
      InternalRow row = part.next();
      long end = VersionRows.until(row, until);
      last[0] =
          Math.max(last[0], Math.max(row.getLong(known), end == Long.MAX_VALUE ? last[0] : end));
      last[1] = Math.max(last[1], row.getLong(event));
    }
    return last;
  }

  /** The rows whose outcome can be known by now. */
  private static PartitionedRows mature(PartitionedRows rows, long lastAsOf, Tally tally) {
    int asOf = rows.index(CheckedTrainingSet.AS_OF);
    return new PartitionedRows(
        rows.rows()
            .map(
                (task, part) -> {
                  long[] counts = new long[2];
                  return Iterators.atEnd(
                      Iterators.mapSome(
                          part,
                          row -> {
                            if (row.isNullAt(asOf)) {
                              counts[0]++;
                              return null;
                            }
                            if (row.getLong(asOf) > lastAsOf || lastAsOf == Long.MIN_VALUE) {
                              counts[1]++;
                              return null;
                            }
                            return row;
                          }),
                      () -> {
                        tally.put(LabelTally.TIMELESS, task.partition(), counts[0]);
                        tally.put(LabelTally.IMMATURE, task.partition(), counts[1]);
                      });
                }),
        rows.schema());
  }
}
