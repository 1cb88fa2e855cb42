package io.tributary.offline.internal.snapshot;

import io.tributary.analysis.CheckedSource;
import io.tributary.analysis.CheckedView;
import io.tributary.core.Iterators;
import io.tributary.core.Micros;
import io.tributary.definition.FeatureView;
import io.tributary.offline.engine.Times;
import io.tributary.offline.internal.source.VersionRows;
import io.tributary.offline.internal.sweep.AsOfRange;
import io.tributary.offline.internal.sweep.EventRows;
import io.tributary.offline.internal.sweep.SnapshotSweep;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Scala;
import io.tributary.rows.Tally;
import io.tributary.rows.spark.SparkRows;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.codegen.GenerateUnsafeRowJoiner;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeRowJoiner;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeRowWriter;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * A view's snapshots as what a look-up sees (rule 13): a row counts from when its snapshot is
 * served until the next one is, the row's newest event is older than the TTL, or the snapshot is
 * older than the view's max-staleness. At any instant an entity has at most one.
 */
public final class SnapshotLookup implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final StructType PERIOD =
      new StructType()
          .add(CheckedSource.EVENT_TIME, DataTypes.TimestampType, false)
          .add(CheckedSource.KNOWN_TIME, DataTypes.TimestampType, false)
          .add(VersionRows.UNTIL, DataTypes.LongType, false);

  private final long[] instants;
  private final long delay;
  private final long stale;
  private final long ttl;

  public SnapshotLookup(FeatureView view, long[] instants) {
    this.instants = instants;
    this.delay = Micros.of(view.publishDelay());
    this.stale = view.maxStaleness().map(Micros::of).orElse(Long.MAX_VALUE);
    this.ttl = view.servedTtl().map(Micros::of).orElse(Long.MAX_VALUE);
  }

  /**
   * The rows, each with its valid period: the entity's columns, the features, {@link
   * SnapshotSweep#AT}, and what {@link EventRows} wants to know of an event.
   */
  public static PartitionedRows of(CheckedView view, SnapshotRows snapshots, AsOfRange range) {
    SnapshotLookup served = new SnapshotLookup(view.definition(), snapshots.instants());
    List<Column> columns = new ArrayList<>();
    view.definition().entity().forEach(name -> columns.add(column(name)));
    view.definition().featureNames().forEach(name -> columns.add(column(name)));
    int at = columns.size();
    columns.add(column(SnapshotSweep.AT));
    columns.add(column(SnapshotSweep.EVENT_TIME));
    Dataset<Row> read =
        snapshots.rows().where(served.within(range)).select(columns.toArray(Column[]::new));
    StructType schema = new StructType(Arrays.copyOf(read.schema().fields(), at + 1));
    StructType all = schema;
    for (StructField field : PERIOD.fields()) {
      all = all.add(field);
    }
    StructType from = read.schema();
    return SparkRows.of(read).map(all, (task, rows) -> served.withPeriods(rows, from, schema));
  }

  private static Column column(String name) {
    return functions.col("`" + name + "`");
  }

  /** Of all snapshots those that are served at some as-of of the range. */
  private Column within(AsOfRange range) {
    int first = -1;
    int last = -1;
    for (int i = 0; i < instants.length; i++) {
      if (Times.plus(instants[i], delay) <= range.greatest() && until(i) > range.least()) {
        first = first < 0 ? i : first;
        last = i;
      }
    }
    if (first < 0) {
      return functions.lit(false);
    }
    Column at = functions.col(SnapshotSweep.AT);
    return at.geq(functions.lit(Micros.instant(instants[first])))
        .and(at.leq(functions.lit(Micros.instant(instants[last]))));
  }

  /** When a snapshot is no longer served. */
  private long until(int i) {
    long next = i + 1 < instants.length ? Times.plus(instants[i + 1], delay) : Long.MAX_VALUE;
    return Math.min(next, Times.plus(Times.plus(instants[i], stale), 1));
  }

  /**
   * The as-of at which label rows read an event out of snapshots: pairs of the first instant and
   * the one after the last, ascending, with time between each and the next.
   *
   * @param from the event is seen by snapshots from then
   * @param end on to before then
   * @param event its event time
   */
  public List<long[]> spans(long from, long end, long event) {
    List<long[]> spans = new ArrayList<>();
    long young = Times.plus(Times.plus(event, ttl), 1);
    int first = Arrays.binarySearch(instants, from);
    for (int i = first < 0 ? -first - 1 : first; i < instants.length && instants[i] < end; i++) {
      long start = Times.plus(instants[i], delay);
      long stop = Math.min(until(i), young);
      if (start >= stop) {
        continue;
      }
      if (!spans.isEmpty() && spans.get(spans.size() - 1)[1] == start) {
        spans.get(spans.size() - 1)[1] = stop;
      } else {
        spans.add(new long[] {start, stop});
      }
    }
    return spans;
  }

  private Iterator<InternalRow> withPeriods(
      Iterator<InternalRow> rows, StructType from, StructType schema) {
    int at = schema.size() - 1;
    int event = schema.size();
    List<Expression> columns = new ArrayList<>();
    for (int i = 0; i <= at; i++) {
      columns.add(Scala.column(from, i));
    }
    UnsafeProjection whole = Scala.projection(columns);
    UnsafeRowJoiner joiner = GenerateUnsafeRowJoiner.create(schema, PERIOD);
    UnsafeRowWriter period = new UnsafeRowWriter(PERIOD.size());
    return Iterators.map(
        rows,
        row -> {
          int snapshot = Arrays.binarySearch(instants, row.getLong(at));
          if (snapshot < 0) {
            throw new IllegalStateException(
                "no commit took the snapshot at " + Micros.instant(row.getLong(at)));
          }
          long start = Times.plus(instants[snapshot], delay);
          long until = until(snapshot);
          if (!row.isNullAt(event)) {
            until = Math.min(until, Times.plus(Times.plus(row.getLong(event), ttl), 1));
          }
          period.reset();
          period.zeroOutNullBytes();
          period.write(0, start);
          period.write(1, start);
          period.write(2, until);
          return joiner.join(whole.apply(row), period.getRow());
        });
  }

  /**
   * The name under which a role's rows are counted whose as-of is before any snapshot is served.
   */
  public static String tooEarly(String role) {
    return "before-snapshots " + role;
  }

  /** The name under which a role's rows are counted at whose as-of the newest is too old. */
  public static String tooLate(String role) {
    return "stale-snapshots " + role;
  }

  /** The same rows, counted as they pass. */
  public static PartitionedRows counted(
      PartitionedRows spine,
      String asOf,
      String role,
      CheckedView view,
      long[] instants,
      Tally tally) {
    SnapshotLookup served = new SnapshotLookup(view.definition(), instants);
    int place = spine.index(asOf);
    return new PartitionedRows(
        spine
            .rows()
            .map(
                (task, part) -> {
                  long[] counts = new long[2];
                  return Iterators.atEnd(
                      Iterators.map(
                          part,
                          row -> {
                            if (!row.isNullAt(place)) {
                              served.count(row.getLong(place), counts);
                            }
                            return row;
                          }),
                      () -> {
                        tally.put(tooEarly(role), task.partition(), counts[0]);
                        tally.put(tooLate(role), task.partition(), counts[1]);
                      });
                }),
        spine.schema());
  }

  private void count(long t, long[] counts) {
    int newest = Arrays.binarySearch(instants, t - delay);
    newest = newest < 0 ? -newest - 2 : newest;
    if (newest < 0) {
      counts[0]++;
    } else if (until(newest) <= t) {
      counts[1]++;
    }
  }
}
