package io.tributary.offline.internal;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.expressions.codegen.GenerateUnsafeRowJoiner;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeRowJoiner;
import org.apache.spark.sql.types.StructType;

/**
 * Joins the views of one key to the rows that ask by it: both sides come sorted by hash; the events
 * and the rows of one entity are held in memory, swept in time order, and each row leaves once with
 * its features.
 */
final class GroupSweep implements Serializable {
  private static final long serialVersionUID = 1L;

  private final List<ViewTask> views;
  private final List<UseTask> uses;
  private final int[] viewOfUse;
  private final StructType keySchema;
  private final StructType labelSchema;
  private final Tally tally;

  /**
   * @param views as numbered in {@link EventRows}
   * @param uses whose columns are added, in order
   */
  GroupSweep(
      List<ViewTask> views,
      List<UseTask> uses,
      StructType keySchema,
      StructType labelSchema,
      Tally tally) {
    this.views = List.copyOf(views);
    this.uses = List.copyOf(uses);
    this.viewOfUse = uses.stream().mapToInt(use -> views.indexOf(use.view())).toArray();
    this.keySchema = keySchema;
    this.labelSchema = labelSchema;
    this.tally = tally;
  }

  /** The rows that ask, with the features of all uses. */
  StructType schema() {
    StructType schema = labelSchema;
    for (UseTask use : uses) {
      for (var field : use.columns().fields()) {
        schema = schema.add(field);
      }
    }
    return schema;
  }

  JavaRDD<InternalRow> join(JavaRDD<InternalRow> events, JavaRDD<InternalRow> labels) {
    return labels.zipPartitions(events, (l, e) -> new Joined(l, e));
  }

  static String ambiguousRows(String use) {
    return "ambiguous-rows " + use;
  }

  static String ambiguousEntities(String use) {
    return "ambiguous-entities " + use;
  }

  private record Asking(EntityBuckets.Entity entity, long t, byte[] row) {}

  private final class Joined implements Iterator<InternalRow> {
    private final Iterator<InternalRow> labels;
    private final Iterator<InternalRow> events;
    private final EntityBuckets entities = new EntityBuckets(views, keySchema, false);
    private final UnsafeProjection[] taken;
    private final UnsafeRow[] empty;
    private final UnsafeRowJoiner[] joiners;
    private final UnsafeRow label = new UnsafeRow(labelSchema.size());
    private final UnsafeRow[] features = new UnsafeRow[views.size()];
    private final long[] ambiguousRows = new long[uses.size()];
    private final long[] ambiguousEntities = new long[uses.size()];
    private final byte[][] lastAmbiguous = new byte[uses.size()][];

    private UnsafeRow nextLabel;
    private UnsafeRow nextEvent;
    private List<Asking> asking = new ArrayList<>();
    private int at;
    private EntityBuckets.Entity current;
    private boolean counted;

    Joined(Iterator<InternalRow> labels, Iterator<InternalRow> events) {
      this.labels = labels;
      this.events = events;
      this.taken = uses.stream().map(UseTask::projection).toArray(UnsafeProjection[]::new);
      this.joiners = new UnsafeRowJoiner[uses.size()];
      StructType left = labelSchema;
      for (int i = 0; i < joiners.length; i++) {
        joiners[i] = GenerateUnsafeRowJoiner.create(left, uses.get(i).columns());
        for (var field : uses.get(i).columns().fields()) {
          left = left.add(field);
        }
      }
      this.empty = empty();
      nextLabel = labels.hasNext() ? (UnsafeRow) labels.next() : null;
      nextEvent = events.hasNext() ? (UnsafeRow) events.next() : null;
    }

    /** What a row sees that matches nothing. */
    private UnsafeRow[] empty() {
      UnsafeRow[] rows = new UnsafeRow[uses.size()];
      for (int u = 0; u < rows.length; u++) {
        ViewSweep view = ViewSweep.of(uses.get(u).view());
        view.sweep().begin();
        rows[u] = taken[u].apply(view.at(Long.MIN_VALUE, "no entity")).copy();
      }
      return rows;
    }

    @Override
    public boolean hasNext() {
      while (at == asking.size() && nextLabel != null) {
        fill();
      }
      boolean more = at < asking.size();
      if (!more && !counted) {
        counted = true;
        for (int u = 0; u < uses.size(); u++) {
          tally.put(GroupSweep.ambiguousRows(uses.get(u).name()), ambiguousRows[u]);
          tally.put(GroupSweep.ambiguousEntities(uses.get(u).name()), ambiguousEntities[u]);
        }
      }
      return more;
    }

    /** Takes in all of the next label's hash: rows that ask, then the events of their entities. */
    private void fill() {
      long hash = nextLabel.getLong(0);
      entities.clear();
      asking.clear();
      at = 0;
      current = null;
      while (nextLabel != null && nextLabel.getLong(0) == hash) {
        byte[] row = nextLabel.getBinary(LabelRows.ROW);
        if (nextLabel.isNullAt(LabelRows.KEY)) {
          asking.add(new Asking(null, 0, row));
        } else {
          asking.add(
              new Asking(
                  entities.of(nextLabel, LabelRows.KEY), nextLabel.getLong(LabelRows.AS_OF), row));
        }
        nextLabel = labels.hasNext() ? (UnsafeRow) labels.next() : null;
      }
      while (nextEvent != null && nextEvent.getLong(0) < hash) {
        nextEvent = events.hasNext() ? (UnsafeRow) events.next() : null;
      }
      while (nextEvent != null && nextEvent.getLong(0) == hash) {
        EntityBuckets.Entity entity = entities.find(nextEvent, EventRows.KEY);
        if (entity != null) {
          entity.view(nextEvent.getInt(EventRows.VIEW)).add(nextEvent);
        }
        nextEvent = events.hasNext() ? (UnsafeRow) events.next() : null;
      }
      for (int i = 0; i < entities.size(); i++) {
        entities.get(i).views().forEach(view -> view.sweep().begin());
      }
      asking.sort(Comparator.comparingLong(Asking::t));
      if (entities.size() > 1) {
        List<Asking> byEntity = new ArrayList<>();
        asking.stream().filter(a -> a.entity() == null).forEach(byEntity::add);
        for (int i = 0; i < entities.size(); i++) {
          EntityBuckets.Entity entity = entities.get(i);
          asking.stream().filter(a -> a.entity() == entity).forEach(byEntity::add);
        }
        asking = byEntity;
      }
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Asking a = asking.set(at++, null);
      label.pointTo(a.row(), a.row().length);
      UnsafeRow result = label;
      if (a.entity() == null) {
        for (int u = 0; u < joiners.length; u++) {
          result = joiners[u].join(result, empty[u]);
        }
        return result;
      }
      current = a.entity();
      for (int v = 0; v < features.length; v++) {
        features[v] = current.view(v).at(a.t(), current);
      }
      for (int u = 0; u < joiners.length; u++) {
        count(u, a);
        result = joiners[u].join(result, taken[u].apply(features[viewOfUse[u]]));
      }
      return result;
    }

    private void count(int u, Asking a) {
      ViewSweep view = current.view(viewOfUse[u]);
      if (!view.sweep().isAmbiguous()) {
        return;
      }
      if (view.task().refuseAmbiguity()) {
        throw new PlatformException(
            ErrorCode.INVALID_VALUE,
            "Cannot join view "
                + view.task().view()
                + " to "
                + a.entity()
                + " at "
                + Rows.instant(a.t())
                + ": two rows of equal times differ in their values, and the view refuses that. Declare a tie-break, or mend the data.");
      }
      ambiguousRows[u]++;
      if (!Arrays.equals(lastAmbiguous[u], a.entity().key())) {
        lastAmbiguous[u] = a.entity().key();
        ambiguousEntities[u]++;
      }
    }
  }
}
