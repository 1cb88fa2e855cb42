package io.tributary.offline.internal.sweep;

import io.tributary.core.ErrorCode;
import io.tributary.core.Lazy;
import io.tributary.core.Micros;
import io.tributary.core.PlatformException;
import io.tributary.core.SeenValue;
import io.tributary.offline.engine.Arena;
import io.tributary.offline.engine.Blobs;
import io.tributary.offline.engine.IndexSort;
import io.tributary.offline.internal.keys.HotKeys;
import io.tributary.offline.internal.keys.Keys;
import io.tributary.rows.ColumnRows;
import io.tributary.rows.HeldRows;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Partitions;
import io.tributary.rows.Runner;
import io.tributary.rows.Tally;
import io.tributary.rows.Task;
import java.io.Serializable;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.expressions.codegen.GenerateUnsafeRowJoiner;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeRowJoiner;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/**
 * Joins views to label rows: both sides come sorted by the hash of a key that all views here are
 * joined by, some of them together with further columns. The events and the rows of one hash are
 * held in memory and swept in time order; each row leaves once with its features.
 */
public final class GroupSweep implements Serializable {
  private static final long serialVersionUID = 1L;

  /** An as-of column that is not there: time does not matter. */
  static final int TIMELESS = -1;

  private static final int NO_ENTITY = -1;

  /**
   * Views that are joined by the same columns.
   *
   * @param keys of the label rows
   * @param views by their number in {@link EventRows}
   */
  public record Part(Keys keys, List<Integer> views) implements Serializable {}

  private final List<CompiledView> views;
  private final List<Part> parts;
  private final List<CompiledUse> uses;
  private final int[] viewOfUse;
  private final int[] partOfView;
  private final int[] placeOfView;
  private final StructType labelSchema;
  private final int asOf;
  private final HotKeys hot;
  private final Tally tally;

  /**
   * @param views as numbered in {@link EventRows}
   * @param uses whose columns are added, in order
   * @param asOf the label rows' as-of column, or {@link #TIMELESS}
   */
  public GroupSweep(
      List<CompiledView> views,
      List<Part> parts,
      List<CompiledUse> uses,
      StructType labelSchema,
      int asOf,
      Tally tally) {
    this(views, parts, uses, labelSchema, asOf, HotKeys.NONE, tally);
  }

  /**
   * The same in slices.
   *
   * @param hot hashes of the key that all views are joined by
   */
  public GroupSweep(
      List<CompiledView> views,
      List<Part> parts,
      List<CompiledUse> uses,
      StructType labelSchema,
      int asOf,
      HotKeys hot,
      Tally tally) {
    this.hot = hot;
    this.views = List.copyOf(views);
    this.parts = List.copyOf(parts);
    this.uses = List.copyOf(uses);
    this.viewOfUse = uses.stream().mapToInt(use -> views.indexOf(use.view())).toArray();
    this.partOfView = new int[views.size()];
    this.placeOfView = new int[views.size()];
    for (int p = 0; p < parts.size(); p++) {
      for (int i = 0; i < parts.get(p).views().size(); i++) {
        partOfView[parts.get(p).views().get(i)] = p;
        placeOfView[parts.get(p).views().get(i)] = i;
      }
    }
    this.labelSchema = labelSchema;
    this.asOf = asOf;
    this.tally = tally;
  }

  /** The label rows, with the features of all uses. */
  StructType schema() {
    StructType schema = labelSchema;
    for (CompiledUse use : uses) {
      for (var field : use.columns().fields()) {
        schema = schema.add(field);
      }
    }
    return schema;
  }

  /**
   * Label rows with the features of all uses.
   *
   * @param events of the views
   * @param rows the label rows
   * @param keys of theirs, by which all views are joined
   */
  public PartitionedRows join(Partitions events, PartitionedRows rows, Keys keys, Runner runner) {
    Partitions labels = runner.byHash(SpineRows.of(rows, keys, hot, asOf), RowBuffer.SCHEMA);
    return new PartitionedRows(
        labels.zip(runner.byHash(events, RowBuffer.SCHEMA), Joined::new), schema());
  }

  public static String ambiguousRows(String use) {
    return "ambiguous-rows " + use;
  }

  public static String ambiguousEntities(String use) {
    return "ambiguous-entities " + use;
  }

  public static String skippedBounds(String use) {
    return "skipped-bounds " + use;
  }

  public static String repeatedBounds(String use) {
    return "repeated-bounds " + use;
  }

  private final class Joined implements ColumnRows {
    private final Task task;
    private final Iterator<InternalRow> labels;
    private final Iterator<InternalRow> events;
    private final Entities[] entities = new Entities[parts.size()];
    private final Keys.Writer[] keys = new Keys.Writer[parts.size()];

    /** To the columns of each use; null where they are its view's as they are. */
    private final UnsafeProjection[] taken = new UnsafeProjection[uses.size()];

    /** Null before rows are asked for as columns. */
    private JoinedColumns columns;

    private final boolean areHeld;

    /** The rows of {@link #columns} that are left. */
    private Iterator<InternalRow> held = Collections.emptyIterator();

    private final InternalRow[] empty;

    /** Copy a row together with the features of a use; the last one's stay beside it. */
    private final List<Lazy<UnsafeRowJoiner>> joiners = new ArrayList<>();

    /** What these copy, of rows that the sweep gives as they are. */
    private final List<Lazy<UnsafeProjection>> wholes = new ArrayList<>();

    private final JoinedRow joined = new JoinedRow();
    private final UnsafeRow label = new UnsafeRow(labelSchema.size());
    private final ViewSweep[] sweeps = new ViewSweep[views.size()];
    private final InternalRow[] features = new InternalRow[views.size()];
    private final Counts counts = new Counts();

    private final EventRow event = new EventRow();

    private UnsafeRow nextLabel;
    private UnsafeRow nextEvent;
    private final Arena arena;
    private final Blobs<byte[]> rows;
    private final IntBuffer[] entitiesOf = new IntBuffer[parts.size()];
    private final Entities.Entity[] of = new Entities.Entity[parts.size()];
    private final IndexSort sort;
    private LongBuffer instants = LongBuffer.allocate(16);
    private IntBuffer order = IntBuffer.allocate(16);
    private int size;
    private int at;
    private boolean isSlice;
    private boolean counted;
    private ColumnarBatch batch;
    private boolean untouched;

    Joined(Task task, Iterator<InternalRow> labels, Iterator<InternalRow> events) {
      this.task = task;
      this.labels = labels;
      this.events = events;
      this.arena = Arena.of(task.heapBytes(Arena.HEAP_BYTES), task::map);
      this.rows = Blobs.ofBytes(arena);
      this.sort = new IndexSort(arena);
      this.areHeld = events instanceof HeldRows;
      for (int p = 0; p < entities.length; p++) {
        Part part = parts.get(p);
        entities[p] =
            new Entities(
                part.views().stream().map(views::get).toList(),
                part.keys().schema(),
                view -> areHeld ? ViewSweep.ofHeld(view, arena) : ViewSweep.of(view, arena));
        entitiesOf[p] = IntBuffer.allocate(16);
        keys[p] = part.keys().writer();
      }
      StructType left = labelSchema;
      for (int i = 0; i < taken.length; i++) {
        CompiledUse use = uses.get(i);
        taken[i] = use.takesAll() ? null : use.projection();
        if (i < uses.size() - 1) {
          StructType before = left;
          joiners.add(Lazy.of(() -> GenerateUnsafeRowJoiner.create(before, use.columns())));
          wholes.add(Lazy.of(use::projection));
          for (StructField field : use.columns().fields()) {
            left = left.add(field);
          }
        }
      }
      this.empty = empty();
      advanceLabel();
      advanceEvent();
    }

    /** What a row sees that matches nothing. */
    private InternalRow[] empty() {
      InternalRow[] rows = new InternalRow[uses.size()];
      for (int u = 0; u < rows.length; u++) {
        ViewSweep view = ViewSweep.of(uses.get(u).view(), arena);
        view.sweep().begin();
        rows[u] = taken(u, view.at(Long.MIN_VALUE, "no entity")).copy();
      }
      return rows;
    }

    private void advanceLabel() {
      nextLabel = labels.hasNext() ? (UnsafeRow) labels.next() : null;
    }

    private void advanceEvent() {
      nextEvent = events.hasNext() ? (UnsafeRow) events.next() : null;
    }

    @Override
    public boolean hasNext() {
      return held.hasNext() || hasMore();
    }

    private boolean hasMore() {
      while (at == size && nextLabel != null) {
        fill();
      }
      boolean more = at < size;
      if (!more && !counted) {
        counted = true;
        counts.put(task.partition());
      }
      return more;
    }

    @Override
    public Optional<ColumnarBatch> columns() {
      if (!JoinedColumns.canHold(labelSchema)) {
        return Optional.empty();
      }
      if (columns == null) {
        columns = new JoinedColumns(labelSchema, uses, areHeld);
      }
      if (!held.hasNext()) {
        columns.clear();
        while (!columns.isFull() && hasMore()) {
          hold();
        }
        untouched = columns.rows() > 0;
        batch = columns.batch();
        held = batch.rowIterator();
      }
      return untouched ? Optional.of(batch) : Optional.empty();
    }

    @Override
    public void pass() {
      held = Collections.emptyIterator();
    }

    /** Puts the next row into columns. */
    private void hold() {
      int i = advance();
      columns.add(label);
      for (int u = 0; u < taken.length; u++) {
        int v = viewOfUse[u];
        if (!columns.looksUp(u)) {
          columns.put(u, featuresOf(u, i));
        } else if (sweeps[v] == null) {
          columns.lookNowhere(u);
        } else {
          count(u, i);
          columns.look(u, sweeps[v], instants.get(i), of[partOfView[v]]);
        }
      }
    }

    /** Takes in all of the next label's hash: label rows, then the events of their entities. */
    private void fill() {
      long hash = nextLabel.getLong(0);
      isSlice = !hot.areNone() && hot.isSlice(hash);
      for (Entities part : entities) {
        part.clear();
      }
      rows.clear();
      if (columns != null) {
        columns.forget();
      }
      size = 0;
      at = 0;
      while (nextLabel != null && nextLabel.getLong(0) == hash) {
        take(nextLabel.getBinary(RowBuffer.BYTES));
        advanceLabel();
      }
      while (nextEvent != null && nextEvent.getLong(0) < hash) {
        advanceEvent();
      }
      while (nextEvent != null && nextEvent.getLong(0) == hash) {
        event.point(nextEvent);
        Entities.Entity entity = entities[partOfView[event.view()]].find(event);
        if (entity != null) {
          entity.view(placeOfView[event.view()]).add(event);
        }
        advanceEvent();
      }
      for (Entities part : entities) {
        for (int i = 0; i < part.size(); i++) {
          part.get(i).begin();
        }
      }
      order = IndexSort.identity(arena, order, size);
      sort.sort(order, size, instants);
    }

    private void take(byte[] row) {
      int i = size++;
      instants = arena.longs(instants, size);
      rows.set(i, row);
      label.pointTo(row, row.length);
      boolean asks = asOf == TIMELESS || !label.isNullAt(asOf);
      for (int p = 0; p < entities.length; p++) {
        UnsafeRow key = asks ? keys[p].write(label) : null;
        entitiesOf[p] = arena.ints(entitiesOf[p], size);
        entitiesOf[p].put(
            i, key == null || key.anyNull() ? NO_ENTITY : entities[p].of(key).number());
      }
      instants.put(i, !asks ? Long.MIN_VALUE : asOf == TIMELESS ? 0 : label.getLong(asOf));
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      if (held.hasNext()) {
        untouched = false;
        return held.next();
      }
      int i = advance();
      UnsafeRow result = label;
      for (int u = 0; u < joiners.size(); u++) {
        InternalRow added = featuresOf(u, i);
        result =
            joiners
                .get(u)
                .get()
                .join(
                    result,
                    added instanceof UnsafeRow row ? row : wholes.get(u).get().apply(added));
      }
      return joined.apply(result, featuresOf(joiners.size(), i));
    }

    /** Moves all sweeps to the next row; its number. */
    private int advance() {
      int i = order.get(at++);
      for (int p = 0; p < of.length; p++) {
        int number = entitiesOf[p].get(i);
        of[p] = number == NO_ENTITY ? null : entities[p].get(number);
      }
      for (int v = 0; v < sweeps.length; v++) {
        Entities.Entity entity = of[partOfView[v]];
        sweeps[v] = entity == null ? null : entity.view(placeOfView[v]);
        features[v] = null;
        if (sweeps[v] != null) {
          sweeps[v].sweep().at(instants.get(i));
        }
      }
      byte[] row = rows.get(i);
      label.pointTo(row, row.length);
      return i;
    }

    private InternalRow taken(int u, InternalRow features) {
      return taken[u] == null ? features : taken[u].apply(features);
    }

    /** The features of a use for a row. */
    private InternalRow featuresOf(int u, int row) {
      int v = viewOfUse[u];
      if (sweeps[v] == null) {
        return empty[u];
      }
      if (features[v] == null) {
        features[v] = sweeps[v].read(instants.get(row), of[partOfView[v]]);
      }
      count(u, row);
      return taken(u, features[v]);
    }

    private void count(int u, int row) {
      int v = viewOfUse[u];
      counts.count(u, of[partOfView[v]], sweeps[v], instants.get(row), isSlice);
    }
  }

  /** Counts by use what a report has; refuses ambiguous ones where a view does. */
  private final class Counts {
    private final long[] rows = new long[uses.size()];
    private final long[] skippedBounds = new long[uses.size()];
    private final long[] repeatedBounds = new long[uses.size()];
    private final List<java.util.Set<java.nio.ByteBuffer>> entities = new ArrayList<>();

    /** Those that other tasks may count too, so that they are counted by name. */
    private final List<java.util.Set<java.nio.ByteBuffer>> sliced = new ArrayList<>();

    Counts() {
      uses.forEach(use -> entities.add(new java.util.HashSet<>()));
      uses.forEach(use -> sliced.add(new java.util.HashSet<>()));
    }

    void count(int u, Entities.Entity entity, ViewSweep view, long t, boolean isSlice) {
      if (view.sweep().hasSkippedBound()) {
        skippedBounds[u]++;
      }
      if (view.sweep().hasRepeatedBound()) {
        repeatedBounds[u]++;
      }
      if (!view.sweep().isAmbiguous()) {
        return;
      }
      if (view.compiled().refuseAmbiguity()) {
        throw new PlatformException(
            ErrorCode.INVALID_VALUE,
            "Cannot join view %s to %s at %s: two rows of equal times differ in their values, and the view refuses that. Declare a tie-break, or mend the data."
                .formatted(view.compiled().view(), SeenValue.of(entity), Micros.instant(t)));
      }
      rows[u]++;
      (isSlice ? sliced : entities).get(u).add(java.nio.ByteBuffer.wrap(entity.key()));
    }

    void put(int partition) {
      for (int u = 0; u < rows.length; u++) {
        tally.put(ambiguousRows(uses.get(u).name()), partition, rows[u]);
        String name = ambiguousEntities(uses.get(u).name());
        tally.put(name, partition, entities.get(u).size());
        for (java.nio.ByteBuffer key : sliced.get(u)) {
          tally.put(name + " " + java.util.HexFormat.of().formatHex(key.array()), partition, 1);
        }
        tally.put(skippedBounds(uses.get(u).name()), partition, skippedBounds[u]);
        tally.put(repeatedBounds(uses.get(u).name()), partition, repeatedBounds[u]);
      }
    }
  }
}
