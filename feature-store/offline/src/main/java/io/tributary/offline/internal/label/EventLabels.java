package io.tributary.offline.internal.label;

import io.tributary.analysis.CheckedSource;
import io.tributary.analysis.CheckedTrainingSet;
import io.tributary.core.Iterators;
import io.tributary.expression.RowExpressions;
import io.tributary.offline.engine.ViewPlan;
import io.tributary.offline.internal.keys.Keys;
import io.tributary.offline.internal.source.PinnedSources;
import io.tributary.offline.internal.source.VersionRows;
import io.tributary.offline.internal.spine.LabelTally;
import io.tributary.offline.internal.sweep.AsOfRange;
import io.tributary.offline.internal.sweep.CompiledUse;
import io.tributary.offline.internal.sweep.CompiledView;
import io.tributary.offline.internal.sweep.EventRows;
import io.tributary.offline.internal.values.SparkValues;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Partitions;
import io.tributary.rows.Tally;
import io.tributary.rows.Task;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Labels that are read from an event, by event key (rule 14): from its last version known by an
 * instant.
 */
final class EventLabels {
  private final PinnedSources sources;
  private final CheckedTrainingSet set;

  EventLabels(PinnedSources sources, CheckedTrainingSet set) {
    this.sources = sources;
    this.set = set;
  }

  PartitionedRows labelled(PartitionedRows rows, long knownUntil, Overlaps overlaps, Tally tally) {
    CheckedSource source = set.labelSource();
    List<String> eventKey = source.definition().eventKey();
    PartitionedRows versions = sources.versions(source);
    DataType[] types =
        Keys.common(
            "of label " + set.definition().label().name(),
            eventKey,
            Keys.types(rows.schema(), eventKey),
            Keys.types(versions.schema(), eventKey));
    CompiledView compiled = compiled();
    int known = versions.index(CheckedSource.KNOWN_TIME);
    int until = VersionRows.placeOfUntil(versions.schema());
    Partitions last =
        versions.rows().map((task, part) -> known(task, part, known, until, knownUntil, tally));
    Partitions events =
        EventRows.all(
            new PartitionedRows(last, versions.schema()),
            List.of(
                EventRows.of(
                        0,
                        compiled,
                        versions.schema(),
                        Keys.of(versions.schema(), eventKey, types),
                        IntStream.range(0, types.length).toArray(),
                        Optional.empty(),
                        AsOfRange.ANY_TIME)
                    .earlierBy(EventRows.FOR_EVER)));
    StructType found = new StructType(set.label().schema().fields());
    CompiledUse use =
        new CompiledUse("label", compiled, new int[] {0, 1}, new java.io.Serializable[2], found);
    LabelJoin sweep =
        new LabelJoin(
            compiled,
            use,
            rows.schema(),
            Keys.of(rows.schema(), eventKey, types),
            sources.runner(),
            tally);
    return sweep.labelled(withInstant(rows, overlaps), events, overlaps, true);
  }

  /** Rows with the instant at which labels are read; without overlaps that is any. */
  private static PartitionedRows withInstant(PartitionedRows rows, Overlaps overlaps) {
    int asOf = overlaps.isEmpty() ? -1 : rows.index(CheckedTrainingSet.AS_OF);
    return LabelJoin.at(
        rows, row -> asOf < 0 || row.isNullAt(asOf) ? Long.MIN_VALUE : row.getLong(asOf));
  }

  /**
   * The versions that count at an instant; counts the greatest known time among those known by
   * then.
   */
  private static Iterator<InternalRow> known(
      Task task, Iterator<InternalRow> rows, int known, int until, long at, Tally tally) {
    long[] greatest = {Long.MIN_VALUE};
    return Iterators.atEnd(
        Iterators.mapSome(
            rows,
            row -> {
              long from = row.getLong(known);
              if (from > at) {
                return null;
              }
              greatest[0] = Math.max(greatest[0], from);
              long end = VersionRows.until(row, until);
              if (end <= at && end != Long.MAX_VALUE) {
                greatest[0] = Math.max(greatest[0], end);
              }
              return end > at || end == Long.MAX_VALUE ? row : null;
            }),
        () -> {
          if (greatest[0] != Long.MIN_VALUE) {
            tally.put(LabelTally.LAST_KNOWN, task.partition(), greatest[0]);
          }
        });
  }

  private CompiledView compiled() {
    StructType columns = set.label().schema();
    StructType values = new StructType();
    for (StructField field : columns.fields()) {
      values = values.add(field.name(), field.dataType(), true);
    }
    RowExpressions same =
        RowExpressions.compile(List.of(), values, set.labelSource().definition().zone())
            .withInput();
    String name = "label " + set.definition().label().name() + " of training set " + set.name();
    return new CompiledView(
        name,
        ViewPlan.lookups(
            name, Arrays.stream(values.fields()).map(f -> SparkValues.type(f.dataType())).toList()),
        set.label(),
        -1,
        new int[][] {{0, -1}, {1, -1}},
        values,
        same,
        values,
        true,
        true,
        false);
  }
}
