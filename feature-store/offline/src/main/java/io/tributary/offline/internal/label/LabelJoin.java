package io.tributary.offline.internal.label;

import io.tributary.analysis.CheckedView;
import io.tributary.core.Iterators;
import io.tributary.offline.internal.keys.Keys;
import io.tributary.offline.internal.spine.LabelTally;
import io.tributary.offline.internal.sweep.CompiledUse;
import io.tributary.offline.internal.sweep.CompiledView;
import io.tributary.offline.internal.sweep.GroupSweep;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Partitions;
import io.tributary.rows.Runner;
import io.tributary.rows.Scala;
import io.tributary.rows.Tally;
import io.tributary.rows.Task;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.ToLongFunction;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Brings labels, and what is counted beside them, to label rows: one shuffle of the rows by what
 * their label is joined by.
 */
final class LabelJoin {
  /** The column of the instant at which a row's label is looked at. */
  private static final String AT = "_label_at";

  private final CompiledView compiled;
  private final CompiledUse use;
  private final StructType rows;
  private final Keys keys;
  private final Runner runner;
  private final Tally tally;

  /**
   * @param use of the task: the label, then whether it is of interest
   * @param rows the label rows' columns
   * @param keys of these rows, by which the label is joined
   */
  LabelJoin(
      CompiledView compiled,
      CompiledUse use,
      StructType rows,
      Keys keys,
      Runner runner,
      Tally tally) {
    this.compiled = compiled;
    this.use = use;
    this.rows = rows;
    this.keys = keys;
    this.runner = runner;
    this.tally = tally;
  }

  /** A function of rows that travels. */
  interface Instant extends ToLongFunction<InternalRow>, java.io.Serializable {}

  /** The rows with the instant, in microseconds, at which a label is looked at behind them. */
  static PartitionedRows at(PartitionedRows rows, Instant instant) {
    StructType schema = rows.schema().add(AT, DataTypes.LongType, false);
    return new PartitionedRows(
        rows.rows()
            .map(
                (task, part) -> {
                  UnsafeProjection whole = UnsafeProjection.create(schema);
                  JoinedRow joined = new JoinedRow();
                  GenericInternalRow at = new GenericInternalRow(1);
                  return Iterators.map(
                      part,
                      row -> {
                        at.update(0, instant.applyAsLong(row));
                        return whole.apply(joined.apply(row, at));
                      });
                }),
        schema);
  }

  /**
   * The rows that have a label, with it as their last column.
   *
   * @param spine label rows with their instant
   * @param events of the label, number 0 among the views
   * @param ofOneEvent whether a row without its event is counted apart from one whose outcome is of
   *     no interest
   */
  PartitionedRows labelled(
      PartitionedRows spine, Partitions events, Overlaps overlaps, boolean ofOneEvent) {
    List<CompiledView> views = new ArrayList<>(List.of(compiled));
    List<CompiledUse> uses = new ArrayList<>(List.of(use));
    List<Integer> byLabel = new ArrayList<>(List.of(0));
    List<GroupSweep.Part> parts = new ArrayList<>();
    Partitions all = events;
    for (Overlaps.Counted counted : overlaps.counted(rows, keys)) {
      if (counted.keys().equals(keys)) {
        byLabel.add(views.size());
      } else {
        parts.add(new GroupSweep.Part(counted.keys(), List.of(views.size())));
      }
      views.add(counted.use().view());
      uses.add(counted.use());
    }
    parts.add(0, new GroupSweep.Part(keys, byLabel));
    if (!overlaps.isEmpty()) {
      all = all.union(overlaps.spans(rows, keys, 1));
    }
    GroupSweep sweep = new GroupSweep(views, parts, uses, spine.schema(), spine.index(AT), tally);
    PartitionedRows joined = sweep.join(all, spine, keys, runner);
    StructType both = joined.schema();
    int label = spine.schema().size();
    if (!both.fields()[label + 1].name().equals(CheckedView.WHERE)) {
      throw new IllegalStateException("the label's filter is not beside it");
    }
    StructType result = rows.add(both.fields()[label]);
    List<String> names = uses.subList(1, uses.size()).stream().map(CompiledUse::name).toList();
    Tally counts = tally;
    int width = rows.size();
    return new PartitionedRows(
        joined
            .rows()
            .map((task, part) -> kept(task, part, both, width, label, ofOneEvent, names, counts)),
        result);
  }

  /**
   * Of rows those that have a label, counted.
   *
   * @param width how many columns of theirs are kept
   * @param label the column of their label; behind it are whether it is of interest, and counts
   * @param names of the counts
   */
  static Iterator<InternalRow> kept(
      Task task,
      Iterator<InternalRow> rows,
      StructType schema,
      int width,
      int label,
      boolean ofOneEvent,
      List<String> names,
      Tally tally) {
    List<Expression> columns = new ArrayList<>();
    for (int i = 0; i < width; i++) {
      columns.add(Scala.column(schema, i));
    }
    columns.add(Scala.column(schema, label));
    UnsafeProjection projection = Scala.projection(columns);
    long[] counts = new long[4];
    long[] events = new long[names.size()];
    long[] affected = new long[names.size()];
    return Iterators.atEnd(
        Iterators.mapSome(
            rows,
            row -> {
              counts[0]++;
              if (row.isNullAt(label + 1) && ofOneEvent) {
                counts[1]++;
              } else if (row.isNullAt(label + 1) || !row.getBoolean(label + 1)) {
                counts[2]++;
              } else if (row.isNullAt(label)) {
                counts[3]++;
              } else {
                for (int i = 0; i < events.length; i++) {
                  long n = row.getLong(label + 2 + i);
                  events[i] += n;
                  affected[i] += n > 0 ? 1 : 0;
                }
                return projection.apply(row);
              }
              return null;
            }),
        () -> {
          tally.put(LabelTally.ASKED, task.partition(), counts[0]);
          tally.put(LabelTally.UNKNOWN, task.partition(), counts[1]);
          tally.put(LabelTally.FILTERED, task.partition(), counts[2]);
          tally.put(LabelTally.MISSING, task.partition(), counts[3]);
          for (int i = 0; i < events.length; i++) {
            tally.put(Overlaps.events(names.get(i)), task.partition(), events[i]);
            tally.put(Overlaps.rows(names.get(i)), task.partition(), affected[i]);
          }
        });
  }
}
