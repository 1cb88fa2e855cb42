package io.tributary.offline.internal.join;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.ErrorCode;
import io.tributary.core.Iterators;
import io.tributary.core.Micros;
import io.tributary.core.PlatformException;
import io.tributary.definition.Accuracy;
import io.tributary.definition.FeatureView;
import io.tributary.definition.ViewUse;
import io.tributary.events.facts.JoinCounts;
import io.tributary.offline.internal.snapshot.SnapshotLookup;
import io.tributary.offline.internal.sweep.AsOfRange;
import io.tributary.offline.internal.sweep.GroupSweep;
import io.tributary.rows.ColumnRows;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Tally;
import io.tributary.rows.Task;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/** What is counted of a join, and under which names. */
final class JoinTally {
  private static final String ROWS_IN = "rows-in";
  private static final String ROWS_OUT = "rows-out";
  private static final String NULL_AS_OF = "null-as-of";

  private JoinTally() {}

  /**
   * Label rows, counted as they pass, and those without as-of; one outside of the range is refused.
   */
  static PartitionedRows counted(PartitionedRows rows, String asOf, AsOfRange range, Tally tally) {
    int place = rows.index(asOf);
    return new PartitionedRows(
        rows.rows().map((task, part) -> counted(task, part, place, range, tally)), rows.schema());
  }

  private static Iterator<InternalRow> counted(
      Task task, Iterator<InternalRow> rows, int asOf, AsOfRange range, Tally tally) {
    long[] counts = new long[2];
    Iterator<InternalRow> each =
        Iterators.atEnd(
            Iterators.map(
                rows,
                row -> {
                  count(counts, row, asOf, range);
                  return row;
                }),
            () -> {
              tally.put(ROWS_IN, task.partition(), counts[0]);
              tally.put(NULL_AS_OF, task.partition(), counts[1]);
            });
    return rows instanceof ColumnRows columns
        ? ColumnRows.of(
            each,
            columns::columns,
            () -> {
              columns
                  .columns()
                  .ifPresent(
                      batch ->
                          batch
                              .rowIterator()
                              .forEachRemaining(row -> count(counts, row, asOf, range)));
              columns.pass();
            })
        : each;
  }

  private static void count(long[] counts, InternalRow row, int asOf, AsOfRange range) {
    counts[0]++;
    if (row.isNullAt(asOf)) {
      counts[1]++;
    } else {
      requireWithin(row.getLong(asOf), range);
    }
  }

  private static void requireWithin(long asOf, AsOfRange range) {
    if (asOf < range.least() || asOf > range.greatest()) {
      throw new PlatformException(
          ErrorCode.BUG,
          "Cannot join features at %s: the caller gave as-of from %s to %s. Report this as a bug."
              .formatted(
                  Micros.instant(asOf),
                  Micros.instant(range.least()),
                  Micros.instant(range.greatest())));
    }
  }

  /** The joined rows, counted as they pass. */
  static PartitionedRows counted(PartitionedRows rows, Tally tally) {
    return new PartitionedRows(
        rows.rows()
            .map(
                (task, part) -> {
                  long[] count = new long[1];
                  Iterator<InternalRow> each =
                      Iterators.atEnd(
                          Iterators.map(
                              part,
                              row -> {
                                count[0]++;
                                return row;
                              }),
                          () -> tally.put(ROWS_OUT, task.partition(), count[0]));
                  return part instanceof ColumnRows columns
                      ? ColumnRows.of(
                          each,
                          columns::columns,
                          () -> {
                            count[0] += columns.columns().map(ColumnarBatch::numRows).orElse(0);
                            columns.pass();
                          })
                      : each;
                }),
        rows.schema());
  }

  /** What was counted of these uses. */
  static JoinCounts counts(CheckedProject project, List<ViewUse> uses, Tally tally) {
    List<String> swept = roles(project, uses, view -> !view.isOnDemand());
    List<String> served = roles(project, uses, view -> view.accuracy() == Accuracy.SNAPSHOT);
    return new JoinCounts(
        tally.total(ROWS_IN),
        tally.total(ROWS_OUT),
        tally.total(NULL_AS_OF),
        byRole(swept, role -> tally.total(GroupSweep.ambiguousRows(role))),
        byRole(swept, role -> ambiguousEntities(tally, role)),
        byRole(swept, role -> tally.total(GroupSweep.skippedBounds(role))),
        byRole(swept, role -> tally.total(GroupSweep.repeatedBounds(role))),
        byRole(served, role -> tally.total(SnapshotLookup.tooEarly(role))),
        byRole(served, role -> tally.total(SnapshotLookup.tooLate(role))));
  }

  private static List<String> roles(
      CheckedProject project, List<ViewUse> uses, Predicate<FeatureView> some) {
    return uses.stream()
        .filter(use -> some.test(project.view(use.view()).definition()))
        .map(ViewUse::prefix)
        .toList();
  }

  private static long ambiguousEntities(Tally tally, String role) {
    String name = GroupSweep.ambiguousEntities(role);
    return tally.total(name) + tally.names(name + " ");
  }

  private static Map<String, Long> byRole(List<String> roles, ToLongFunction<String> count) {
    Map<String, Long> counts = new TreeMap<>();
    roles.forEach(role -> counts.put(role, count.applyAsLong(role)));
    return counts;
  }
}
