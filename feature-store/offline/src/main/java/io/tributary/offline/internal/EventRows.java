package io.tributary.offline.internal;

import io.tributary.expression.CheckedSource;
import io.tributary.expression.Evaluator;
import io.tributary.expression.RowExpressions;
import io.tributary.offline.engine.OrderBytes;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeRowWriter;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The events of one view as they travel to their entity: hash and bytes of the key, the life of the
 * version, the evaluated arguments and what orders it among others. All views have the same
 * columns, so that several travel together. Events with a null in their key, or that the view's
 * filter leaves out, don't travel.
 */
final class EventRows implements Serializable {
  private static final long serialVersionUID = 1L;

  static final int KEY = 1;
  static final int VIEW = 2;
  static final int EVENT = 3;
  static final int KNOWN = 4;
  static final int UNTIL = 5;
  static final int AMBIGUOUS = 6;
  static final int TIE_LENGTH = 7;
  static final int ORDER = 8;
  static final int ARGUMENTS = 9;

  static final StructType SCHEMA =
      Shuffle.schema()
          .add("key", DataTypes.BinaryType, false)
          .add("view", DataTypes.IntegerType, false)
          .add("event", DataTypes.LongType, false)
          .add("known", DataTypes.LongType, false)
          .add("until", DataTypes.LongType, false)
          .add("ambiguous", DataTypes.BooleanType, false)
          .add("tie_length", DataTypes.IntegerType, false)
          .add("order", DataTypes.BinaryType, false)
          .add("arguments", DataTypes.BinaryType, false);

  private final int number;
  private final ViewTask task;
  private final Keys keys;
  private final Keys hashed;
  private final RowExpressions arguments;
  private final int event;
  private final int known;
  private final int until;
  private final int ambiguous;
  private final int[] order;
  private final DataType[] orderTypes;
  private final int tieBreak;
  private final Asked asked;

  private EventRows(
      int number,
      ViewTask task,
      Keys keys,
      Keys hashed,
      StructType schema,
      List<String> order,
      int tieBreak,
      Asked asked) {
    this.number = number;
    this.asked = asked;
    this.task = task;
    this.keys = keys;
    this.hashed = hashed;
    this.arguments = task.arguments().over(schema);
    this.event = task.isStatic() ? -1 : schema.fieldIndex(CheckedSource.EVENT_TIME);
    this.known = task.isStatic() ? -1 : schema.fieldIndex(CheckedSource.KNOWN_TIME);
    this.until = schema.fieldIndex(LifeRows.UNTIL);
    this.ambiguous = schema.fieldIndex(LifeRows.AMBIGUOUS);
    List<String> columns = task.plan().needsOrderBytes() ? order : List.of();
    this.order = columns.stream().mapToInt(schema::fieldIndex).toArray();
    this.orderTypes = Keys.types(schema, columns);
    this.tieBreak = task.plan().needsOrderBytes() ? tieBreak : 0;
  }

  /**
   * The events of a view.
   *
   * @param number of the view among those that travel together
   * @param lives rows of {@link LifeRows}
   * @param keys of the view's entity over them
   * @param hashed which of the keys decide where the events go
   * @param order columns that order events, the first {@code tieBreak} of them declared to
   * @param asked when features are asked for
   */
  static JavaRDD<InternalRow> of(
      int number,
      ViewTask task,
      SourceRows lives,
      Keys keys,
      int[] hashed,
      List<String> order,
      int tieBreak,
      Asked asked) {
    EventRows events =
        new EventRows(
            number, task, keys, keys.only(hashed), lives.schema(), order, tieBreak, asked);
    return lives.rows().mapPartitions(events::encode);
  }

  private Iterator<InternalRow> encode(Iterator<InternalRow> rows) {
    return new Encoded(rows);
  }

  private final class Encoded implements Iterator<InternalRow> {
    private static final byte[] NONE = {};

    private final Iterator<InternalRow> rows;
    private final Keys.Writer keyWriter = keys.writer();
    private final Keys.Writer hashWriter = hashed.equals(keys) ? keyWriter : hashed.writer();
    private final Evaluator evaluator = arguments.evaluator();
    private final String what = "view " + task.view();
    private final OrderBytes bytes = new OrderBytes();
    private final UnsafeRowWriter writer = new UnsafeRowWriter(SCHEMA.size(), 256);
    private final OldEvents old = new OldEvents();
    private final UnsafeRow noArguments = noArguments();
    private Iterator<OldEvents.Old> rest;
    private boolean ready;

    Encoded(Iterator<InternalRow> rows) {
      this.rows = rows;
    }

    private UnsafeRow noArguments() {
      StructType schema = arguments.schema();
      return UnsafeProjection.create(schema)
          .apply(new GenericInternalRow(new Object[schema.size()]))
          .copy();
    }

    @Override
    public boolean hasNext() {
      while (!ready && rows.hasNext()) {
        ready = take(rows.next());
      }
      if (!ready && asked.listsEntities()) {
        rest = rest == null ? old.all() : rest;
        if (rest.hasNext()) {
          OldEvents.Old event = rest.next();
          begin(event.hash(), event.key(), event.event(), event.known(), event.until(), false);
          order(null);
          writer.write(ARGUMENTS, Bytes.of(noArguments));
          ready = true;
        }
      }
      return ready;
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      ready = false;
      return writer.getRow();
    }

    /** Writes an event, unless it can't matter. */
    private boolean take(InternalRow row) {
      long eventTime = task.isStatic() ? Long.MIN_VALUE : row.getLong(event);
      long knownTime = task.isStatic() ? Long.MIN_VALUE : row.getLong(known);
      long end = row.getLong(until);
      long start = task.knowledgeTime() ? Math.max(eventTime, knownTime) : eventTime;
      boolean gone = end <= asked.least();
      boolean unreached = reachedUntil(eventTime) <= asked.least();
      if (start > asked.greatest() || start >= end) {
        return false;
      }
      if ((gone || unreached) && !asked.listsEntities()) {
        return false;
      }
      UnsafeRow key = keyWriter.write(row);
      if (key.anyNull()) {
        return false;
      }
      UnsafeRow values = evaluator.evaluate(row, "compute", what);
      if (task.filter() >= 0
          && (values.isNullAt(task.filter()) || !values.getBoolean(task.filter()))) {
        return false;
      }
      long hash = Bytes.hash(hashed.equals(keys) ? key : hashWriter.write(row));
      if (gone || (unreached && start <= asked.least() && end == Long.MAX_VALUE)) {
        old.add(key, hash, eventTime, knownTime, end);
        return false;
      }
      begin(hash, key, eventTime, knownTime, end, row.getBoolean(ambiguous));
      order(row);
      writer.write(ARGUMENTS, Bytes.of(values));
      return true;
    }

    /** When an event has left the longest window. */
    private long reachedUntil(long eventTime) {
      long longest = task.plan().longestSpan();
      long left = eventTime + longest;
      return longest == Long.MAX_VALUE || left < eventTime ? Long.MAX_VALUE : left;
    }

    private void begin(
        long hash, UnsafeRow key, long eventTime, long knownTime, long end, boolean isAmbiguous) {
      writer.reset();
      writer.zeroOutNullBytes();
      writer.write(0, hash);
      writer.write(KEY, Bytes.of(key));
      writer.write(VIEW, number);
      writer.write(EVENT, eventTime);
      writer.write(KNOWN, knownTime);
      writer.write(UNTIL, end);
      writer.write(AMBIGUOUS, isAmbiguous);
    }

    /** Writes what orders a row among others; nothing for one that stands for many. */
    private void order(InternalRow row) {
      if (order.length == 0 || row == null) {
        writer.write(TIE_LENGTH, 0);
        writer.write(ORDER, NONE);
        return;
      }
      bytes.clear();
      int tie = 0;
      for (int i = 0; i < order.length; i++) {
        if (i == tieBreak) {
          tie = bytes.length();
        }
        SparkValues.order(bytes, row, order[i], orderTypes[i]);
      }
      writer.write(TIE_LENGTH, tieBreak == order.length ? bytes.length() : tie);
      writer.write(ORDER, bytes.toByteArray());
    }
  }
}
