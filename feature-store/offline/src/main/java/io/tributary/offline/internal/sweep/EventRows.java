package io.tributary.offline.internal.sweep;

import io.tributary.analysis.CheckedSource;
import io.tributary.analysis.CheckedView;
import io.tributary.core.Lazy;
import io.tributary.expression.Evaluator;
import io.tributary.expression.RowExpressions;
import io.tributary.expression.Selection;
import io.tributary.offline.engine.OrderBytes;
import io.tributary.offline.engine.Times;
import io.tributary.offline.internal.keys.Bytes;
import io.tributary.offline.internal.keys.HotKeys;
import io.tributary.offline.internal.keys.KeyColumns;
import io.tributary.offline.internal.keys.Keys;
import io.tributary.offline.internal.source.VersionRows;
import io.tributary.offline.internal.values.SparkValues;
import io.tributary.rows.ColumnPacker;
import io.tributary.rows.ColumnRows;
import io.tributary.rows.PackedRows;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Partitions;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/**
 * The events of one view as they travel to their entity: the hash of the key and an {@link
 * EventRow}, so that several views travel together. Events with a null in their key, or that the
 * view's filter leaves out, don't travel.
 */
public final class EventRows implements Serializable {
  private static final long serialVersionUID = 1L;

  /** In place of how much earlier: versions count without end. */
  public static final long FOR_EVER = Long.MIN_VALUE;

  private final int number;
  private final CompiledView compiled;
  private final Keys keys;
  private final Keys hashed;
  private final RowExpressions arguments;
  private final int event;
  private final int known;
  private final int until;
  private final long[] reads;
  private final int[] order;
  private final DataType[] orderTypes;
  private final int tieBreak;
  private final AsOfRange range;
  private final long earlier;
  private final HotKeys hot;

  private EventRows(
      int number,
      CompiledView compiled,
      Keys keys,
      Keys hashed,
      StructType schema,
      Optional<CheckedView> view,
      AsOfRange range) {
    this.number = number;
    this.range = range;
    this.earlier = 0;
    this.hot = HotKeys.NONE;
    this.compiled = compiled;
    this.keys = keys;
    this.hashed = hashed;
    this.arguments = compiled.arguments().over(schema);
    this.event = compiled.isStatic() ? -1 : schema.fieldIndex(CheckedSource.EVENT_TIME);
    this.known = compiled.isStatic() ? -1 : schema.fieldIndex(CheckedSource.KNOWN_TIME);
    this.until = VersionRows.placeOfUntil(schema);
    this.reads =
        view.filter(v -> !compiled.ofSnapshots())
            .map(v -> VersionRows.bits(v.source().orElseThrow().order(), v.reads()::contains))
            .orElse(new long[0]);
    Optional<CheckedView> ordered = view.filter(v -> compiled.plan().needsOrderBytes());
    List<String> columns = ordered.map(CompiledView::order).orElse(List.of());
    this.order = columns.stream().mapToInt(schema::fieldIndex).toArray();
    this.orderTypes = Keys.types(schema, columns);
    this.tieBreak = ordered.map(CompiledView::tieBreak).orElse(0);
  }

  /** The same but for how much earlier versions count, and for the slices. */
  private EventRows(EventRows like, long earlier, HotKeys hot) {
    this.number = like.number;
    this.range = like.range;
    this.earlier = earlier;
    this.hot = hot;
    this.compiled = like.compiled;
    this.keys = like.keys;
    this.hashed = like.hashed;
    this.arguments = like.arguments;
    this.event = like.event;
    this.known = like.known;
    this.until = like.until;
    this.reads = like.reads;
    this.order = like.order;
    this.orderTypes = like.orderTypes;
    this.tieBreak = like.tieBreak;
  }

  /**
   * How a view's events are made.
   *
   * @param number of the view among those that travel together
   * @param schema of rows of {@link VersionRows}
   * @param keys of the view's entity over them
   * @param hashed which of the keys decide where the events go
   * @param view whose events they are; empty = one that has none in its project, whose order and
   *     ambiguity nobody reads
   * @param range of the label rows
   */
  public static EventRows of(
      int number,
      CompiledView compiled,
      StructType schema,
      Keys keys,
      int[] hashed,
      Optional<CheckedView> view,
      AsOfRange range) {
    return new EventRows(number, compiled, keys, keys.only(hashed), schema, view, range);
  }

  /**
   * The same in slices.
   *
   * @param keys hashes of the keys that decide where the events go
   */
  public EventRows slicedFor(HotKeys keys) {
    return new EventRows(this, earlier, keys);
  }

  /**
   * The same of versions that begin and cease to count earlier than they do.
   *
   * @param micros or {@link #FOR_EVER}
   */
  public EventRows earlierBy(long micros) {
    return new EventRows(this, micros, hot);
  }

  /** The events of views of the same versions, which are read once. */
  public static Partitions all(PartitionedRows versions, List<EventRows> views) {
    List<EventRows> made = List.copyOf(views);
    return versions.rows().map((task, rows) -> new Encoded(rows, made));
  }

  private static final class Encoded implements PackedRows {
    private final Iterator<InternalRow> rows;
    private final Encoder[] encoders;
    private InternalRow row;
    private int next;
    private Encoder ready;
    private Encoder last;
    private final Optional<ColumnRows> columns;
    private final List<Packer> packers;

    Encoded(Iterator<InternalRow> rows, List<EventRows> views) {
      this.rows = rows;
      this.columns =
          Optional.of(rows)
              .filter(r -> views.stream().allMatch(EventRows::canPack))
              .filter(ColumnRows.class::isInstance)
              .map(ColumnRows.class::cast);
      this.packers = columns.isEmpty() ? List.of() : views.stream().map(EventRows::packer).toList();
      this.encoders = views.stream().map(EventRows::encoder).toArray(Encoder[]::new);
      this.next = encoders.length;
    }

    @Override
    public boolean hasNext() {
      if (ready == null && last != null && last.takeSlice()) {
        ready = last;
      }
      while (ready == null) {
        if (next == encoders.length) {
          if (!rows.hasNext()) {
            break;
          }
          row = rows.next();
          next = 0;
        }
        Encoder encoder = encoders[next++];
        ready = encoder.take(row) ? encoder : null;
      }
      for (int i = 0; ready == null && i < encoders.length; i++) {
        ready = encoders[i].takeOld() ? encoders[i] : null;
      }
      return ready != null;
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      InternalRow event = ready.out.end();
      last = ready;
      ready = null;
      return event;
    }

    @Override
    public boolean pack(Room room) {
      if (columns.isEmpty() || next < encoders.length || ready != null) {
        return false;
      }
      Optional<ColumnarBatch> batch =
          columns.get().columns().filter(b -> packers.stream().allMatch(p -> p.takes(b)));
      batch.ifPresent(
          b -> {
            packers.forEach(packer -> packer.pack(b, room));
            columns.get().pass();
          });
      return batch.isPresent();
    }
  }

  /** Whether the events of rows in columns can be written together, each with its own row alone. */
  private boolean canPack() {
    return !compiled.isStatic()
        && until < 0
        && earlier == 0
        && order.length == 0
        && hot.areNone()
        && !range.listsEntities()
        && arguments.selection().filter(s -> s.filled().isEmpty()).isPresent()
        && canPackArguments()
        && KeyColumns.canRead(keys)
        && KeyColumns.canRead(hashed);
  }

  private boolean canPackArguments() {
    DataType[] types = argumentTypes();
    return ColumnPacker.canPack(types, types);
  }

  private DataType[] argumentTypes() {
    return Keys.types(arguments.schema(), List.of(arguments.schema().fieldNames()));
  }

  private Packer packer() {
    return new Packer();
  }

  /** Writes a view's events of rows in columns. */
  private final class Packer {
    private final Selection selection = arguments.selection().orElseThrow();
    private final ColumnPacker packer = ColumnPacker.of(argumentTypes());
    private final KeyColumns keyColumns = new KeyColumns(keys);
    private final KeyColumns hashColumns =
        hashed.equals(keys) ? keyColumns : new KeyColumns(hashed);
    private final PackedBuffer out = new PackedBuffer();

    /** Whether all rows have their times. */
    boolean takes(ColumnarBatch batch) {
      return !batch.column(event).hasNull() && !batch.column(known).hasNull();
    }

    void pack(ColumnarBatch batch, PackedRows.Room room) {
      ColumnVector[] columns = ColumnRows.of(batch);
      ColumnVector[] values = ColumnRows.of(ColumnRows.some(batch, selection.columns()));
      boolean hasKnown = columns[known] != columns[event];
      choose(columns, values, batch.numRows());
      measureKeys(EventRow.bytesBeforeKey(hasKnown));
      packer.measure(values, out.rows(), out.count(), out.sizes());
      out.place(room);
      writeTimes(columns[event], columns[known], hasKnown, room.bases());
      writeKeys(room.bases());
      packer.write(values, out.rows(), out.count(), room.bases(), out.ends());
    }

    // Each loop by itself: small ones are compiled soon.

    private void measureKeys(int before) {
      int[] rows = out.rows();
      int[] sizes = out.sizes();
      for (int i = 0; i < out.count(); i++) {
        sizes[i] += before + keyColumns.size(rows[i]);
      }
    }

    private void writeTimes(
        ColumnVector eventTimes, ColumnVector knownTimes, boolean hasKnown, Object[] bases) {
      int[] rows = out.rows();
      long[] ends = out.ends();
      for (int i = 0; i < out.count(); i++) {
        ends[i] +=
            EventRow.begin(
                bases[i],
                ends[i],
                number,
                keyColumns.size(rows[i]),
                eventTimes.getLong(rows[i]),
                knownTimes.getLong(rows[i]),
                hasKnown);
      }
    }

    private void writeKeys(Object[] bases) {
      int[] rows = out.rows();
      long[] ends = out.ends();
      for (int i = 0; i < out.count(); i++) {
        keyColumns.write(rows[i], bases[i], ends[i]);
        ends[i] += keyColumns.size(rows[i]);
      }
    }

    /** The rows whose events can matter. */
    private void choose(ColumnVector[] columns, ColumnVector[] values, int n) {
      keyColumns.read(columns, n);
      if (hashColumns != keyColumns) {
        hashColumns.read(columns, n);
      }
      out.begin(n);
      for (int i = 0; i < n; i++) {
        long eventTime = columns[event].getLong(i);
        if (!keyColumns.isNull(i)
            && matters(eventTime, columns[known].getLong(i))
            && (compiled.filter() < 0
                || (!values[compiled.filter()].isNullAt(i)
                    && values[compiled.filter()].getBoolean(i)))) {
          out.add(i, hashColumns.hash(i));
        }
      }
    }

    private boolean matters(long eventTime, long knownTime) {
      long begins = compiled.knowledgeTime() ? Math.max(eventTime, knownTime) : eventTime;
      return begins <= range.greatest()
          && begins < Long.MAX_VALUE
          && compiled.leaves(eventTime) > range.least();
    }
  }

  private Encoder encoder() {
    return new Encoder();
  }

  /** Writes a view's events. */
  private final class Encoder {
    private final Lazy<Keys.Writer> keyWriter = Lazy.of(keys::writer);
    private final Lazy<Keys.Writer> hashWriter =
        hashed.equals(keys) ? keyWriter : Lazy.of(hashed::writer);
    private final Lazy<Evaluator> evaluator = Lazy.of(arguments::evaluator);
    private final String what = "view " + compiled.view();
    private final OrderBytes bytes = new OrderBytes();
    private final RowBuffer out = new RowBuffer();
    private final OldEvents old = new OldEvents();
    private final Lazy<UnsafeRow> noArguments = Lazy.of(this::noArguments);
    private Iterator<OldEvents.Old> rest;

    private long hash;
    private long start;
    private long left;
    private long[] cuts;
    private int slice;

    private UnsafeRow noArguments() {
      StructType schema = arguments.schema();
      return UnsafeProjection.create(schema)
          .apply(new GenericInternalRow(new Object[schema.size()]))
          .copy();
    }

    /** Writes one of those that stand for many old ones, after all others. */
    boolean takeOld() {
      rest = rest == null ? old.all() : rest;
      if (!rest.hasNext()) {
        return false;
      }
      OldEvents.Old event = rest.next();
      bytes.clear();
      write(
          event.hash(),
          event.key(),
          event.event(),
          event.known(),
          event.until(),
          false,
          0,
          noArguments.get());
      return true;
    }

    /** Writes an event, unless it can't matter. */
    boolean take(InternalRow row) {
      long eventTime = compiled.isStatic() ? Long.MIN_VALUE : row.getLong(event);
      long knownTime = compiled.isStatic() ? Long.MIN_VALUE : row.getLong(known);
      long end = VersionRows.until(row, until);
      if (earlier != 0) {
        knownTime = earlier == FOR_EVER ? knownTime : Times.minus(knownTime, earlier);
        end = earlier == FOR_EVER ? Long.MAX_VALUE : Times.minus(end, earlier);
      }
      start = compiled.knowledgeTime() ? Math.max(eventTime, knownTime) : eventTime;
      boolean gone = end <= range.least();
      long reached = compiled.leaves(eventTime);
      boolean unreached = reached <= range.least();
      if (start > range.greatest() || start >= end) {
        return false;
      }
      if ((gone || unreached) && !range.listsEntities()) {
        return false;
      }
      UnsafeRow key = keyWriter.get().write(row);
      if (key.anyNull()) {
        return false;
      }
      UnsafeRow values = evaluator.get().evaluate(row, "compute", what);
      if (compiled.filter() >= 0
          && (values.isNullAt(compiled.filter()) || !values.getBoolean(compiled.filter()))) {
        return false;
      }
      hash = Bytes.hash(hashed.equals(keys) ? key : hashWriter.get().write(row));
      if (gone || (unreached && start <= range.least() && end == Long.MAX_VALUE)) {
        old.add(key, hash, eventTime, knownTime, end);
        return false;
      }
      boolean isAmbiguous = VersionRows.isAmbiguous(row, until, reads);
      write(hash, key, eventTime, knownTime, end, isAmbiguous, order(row), values);
      cuts = hot.cutsOf(hash);
      if (cuts == null) {
        return true;
      }
      left = Math.min(end, reached);
      slice = 0;
      return takeSlice();
    }

    /** Has the event that was written go to the next slice in which it can be visible. */
    boolean takeSlice() {
      if (cuts == null) {
        return false;
      }
      while (slice <= cuts.length) {
        int s = slice++;
        boolean begins = s == cuts.length || start < cuts[s];
        boolean lasts = s == 0 || left > cuts[s - 1];
        if (begins && lasts) {
          out.redirect(HotKeys.hash(hash, s));
          return true;
        }
      }
      cuts = null;
      return false;
    }

    private void write(
        long hash,
        UnsafeRow key,
        long eventTime,
        long knownTime,
        long end,
        boolean isAmbiguous,
        int tieSize,
        UnsafeRow values) {
      out.begin(hash);
      EventRow.write(
          out,
          number,
          key,
          eventTime,
          knownTime,
          end,
          isAmbiguous,
          bytes.array(),
          bytes.length(),
          tieSize,
          values);
    }

    /** Takes in what orders a row among others; how many bytes are of tie-break columns. */
    private int order(InternalRow row) {
      bytes.clear();
      int tie = 0;
      for (int i = 0; i < order.length; i++) {
        if (i == tieBreak) {
          tie = bytes.length();
        }
        SparkValues.order(bytes, row, order[i], orderTypes[i]);
      }
      return tieBreak == order.length ? bytes.length() : tie;
    }
  }
}
