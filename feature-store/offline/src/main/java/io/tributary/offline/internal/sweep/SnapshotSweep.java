package io.tributary.offline.internal.sweep;

import io.tributary.offline.engine.Arena;
import io.tributary.offline.engine.EntitySweep;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Partitions;
import io.tributary.rows.Runner;
import io.tributary.rows.Task;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.expressions.codegen.GenerateUnsafeRowJoiner;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeRowJoiner;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeRowWriter;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * A view at many instants in one pass: events come sorted by hash of their entity; each entity is
 * swept through all instants from the first at which an event of it had been visible.
 */
public final class SnapshotSweep implements Serializable {
  private static final long serialVersionUID = 1L;

  public static final String AT = "_at";
  public static final String EVENT_TIME = "_event_time";
  static final String KNOWN_TIME = "_known_time";

  private static final StructType TIMES =
      new StructType()
          .add(AT, DataTypes.TimestampType, true)
          .add(EVENT_TIME, DataTypes.TimestampType, true)
          .add(KNOWN_TIME, DataTypes.TimestampType, true);

  private final CompiledView compiled;
  private final StructType entity;
  private final long[] instants;

  /**
   * @param entity the view's entity columns
   * @param instants ascending
   */
  public SnapshotSweep(CompiledView compiled, StructType entity, long[] instants) {
    this.compiled = compiled;
    this.entity = entity;
    this.instants = instants;
  }

  private StructType schema() {
    StructType schema = entity;
    for (var field : TIMES.fields()) {
      schema = schema.add(field);
    }
    for (var field : compiled.features().fields()) {
      schema = schema.add(field);
    }
    return schema;
  }

  /** The view's features of these events at all instants. */
  public PartitionedRows of(Partitions events, Runner runner) {
    return new PartitionedRows(
        runner.byHash(events, RowBuffer.SCHEMA).map(Snapshots::new), schema());
  }

  private final class Snapshots implements Iterator<InternalRow> {
    private final Iterator<InternalRow> events;
    private final Entities entities;
    private final UnsafeRowWriter times = new UnsafeRowWriter(TIMES.size());
    private final UnsafeProjection whole = UnsafeProjection.create(compiled.features());
    private final UnsafeRowJoiner keyAndTimes;
    private final UnsafeRowJoiner andFeatures;
    private final UnsafeRow key = new UnsafeRow(entity.size());
    private final EventRow event = new EventRow();
    private UnsafeRow next;
    private int current;
    private int instant;

    Snapshots(Task task, Iterator<InternalRow> events) {
      this.events = events;
      Arena arena = Arena.of(task.heapBytes(Arena.HEAP_BYTES), task::map);
      this.entities =
          new Entities(List.of(compiled), entity, view -> ViewSweep.trackingNewest(view, arena));
      StructType left = entity;
      for (var field : TIMES.fields()) {
        left = left.add(field);
      }
      this.keyAndTimes = GenerateUnsafeRowJoiner.create(entity, TIMES);
      this.andFeatures = GenerateUnsafeRowJoiner.create(left, compiled.features());
      advance();
    }

    private void advance() {
      next = events.hasNext() ? (UnsafeRow) events.next() : null;
    }

    @Override
    public boolean hasNext() {
      while (current == entities.size() && next != null) {
        fill();
      }
      return current < entities.size();
    }

    private void fill() {
      long hash = next.getLong(0);
      entities.clear();
      while (next != null && next.getLong(0) == hash) {
        event.point(next);
        entities.of(event).view(0).add(event);
        advance();
      }
      for (int i = 0; i < entities.size(); i++) {
        entities.get(i).begin();
      }
      current = -1;
      skip();
    }

    /** To the next entity that has an instant. */
    private void skip() {
      current++;
      while (current < entities.size()) {
        long first = entities.get(current).view(0).sweep().firstVisible();
        instant = 0;
        while (instant < instants.length && instants[instant] < first) {
          instant++;
        }
        if (instant < instants.length) {
          return;
        }
        current++;
      }
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Entities.Entity of = entities.get(current);
      ViewSweep view = of.view(0);
      long t = instants[instant++];
      UnsafeRow features = whole.apply(view.at(t, of));
      EntitySweep sweep = view.sweep();
      int newest = sweep.newestEvent();
      times.reset();
      times.zeroOutNullBytes();
      times.write(0, t);
      if (newest < 0 || compiled.isStatic()) {
        times.setNullAt(1);
        times.setNullAt(2);
      } else {
        times.write(1, sweep.eventTime(newest));
        times.write(2, sweep.knownTime(newest));
      }
      key.pointTo(of.key(), of.key().length);
      UnsafeRow row = andFeatures.join(keyAndTimes.join(key, times.getRow()), features);
      if (instant == instants.length) {
        skip();
      }
      return row;
    }
  }
}
