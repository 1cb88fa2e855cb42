package io.tributary.offline.internal.label;

import io.tributary.analysis.CheckedSource;
import io.tributary.core.Iterators;
import io.tributary.core.Micros;
import io.tributary.definition.TrainingSet;
import io.tributary.expression.Evaluator;
import io.tributary.offline.engine.Times;
import io.tributary.offline.internal.keys.Bytes;
import io.tributary.offline.internal.keys.Keys;
import io.tributary.offline.internal.snapshot.SnapshotLookup;
import io.tributary.offline.internal.source.VersionRows;
import io.tributary.offline.internal.sweep.CompiledView;
import io.tributary.offline.internal.sweep.SpanRows;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Partitions;
import io.tributary.rows.Runner;
import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Supplier;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeRowWriter;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The as-of between which an event is in both the features and the label of a row, or in neither.
 * An event shows itself to features by the version that counts then, to the label by the one that
 * counts once the label is mature; both may be the same, or differ in time and entity.
 */
final class OverlapSpans implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Where a version's times are. */
  record Places(int event, int known, int until) implements Serializable {
    static Places of(StructType versions) {
      return new Places(
          versions.fieldIndex(CheckedSource.EVENT_TIME),
          versions.fieldIndex(CheckedSource.KNOWN_TIME),
          VersionRows.placeOfUntil(versions));
    }
  }

  /**
   * A feature that takes events in.
   *
   * @param filter the column of the view's arguments that says which, -1 = all
   * @param span how far it looks back, in microseconds; {@link Long#MAX_VALUE} = without bound
   */
  record Taker(int filter, long span) implements Serializable {}

  /**
   * One that sees events: a view, or the label.
   *
   * @param takers the features that are taken of it
   * @param served how its snapshots are served; null = it is read at the as-of
   * @param keys of its entity over rows of {@code versions}
   * @param both the number of the count of events in both
   * @param neither the same in neither, -1 = not counted
   */
  record View(
      CompiledView compiled,
      List<Taker> takers,
      SnapshotLookup served,
      Keys keys,
      Places places,
      StructType versions,
      int both,
      int neither)
      implements Serializable {
    View {
      takers = List.copyOf(takers);
    }

    /** The label, which is made of all events that its filter lets through. */
    static View ofLabel(CompiledView compiled, Keys keys, StructType versions) {
      List<Taker> all = List.of(new Taker(-1, Long.MAX_VALUE));
      return new View(compiled, all, null, keys, Places.of(versions), versions, -1, -1);
    }

    Seer seer() {
      return new Seer(this);
    }

    long longest() {
      return takers.stream().mapToLong(Taker::span).max().orElse(0);
    }
  }

  /**
   * A version of an event as a view sees it: of which entity, from when to when, and when it has
   * left the last feature that takes it in.
   */
  private record Seen(int side, long event, long from, long until, long reach, UnsafeRow key) {}

  /** Reads versions for one view. For one thread. */
  private static final class Seer {
    private final View view;
    private final Keys.Writer keys;
    private final Evaluator arguments;

    Seer(View view) {
      this.view = view;
      this.keys = view.keys().writer();
      this.arguments = view.compiled().arguments().over(view.versions()).evaluator();
    }

    /** Null where the view does not see the version at any time. */
    Seen see(InternalRow row, int side) {
      UnsafeRow key = keys.write(row);
      long span = key.anyNull() ? -1 : span(row);
      if (span < 0) {
        return null;
      }
      long event = row.getLong(view.places().event());
      return new Seen(
          side,
          event,
          view.compiled().knowledgeTime() ? row.getLong(view.places().known()) : Long.MIN_VALUE,
          VersionRows.until(row, view.places().until()),
          Times.leaves(event, span),
          key.copy());
    }

    /** How far the features look back that take the version in; -1 = none does. */
    private long span(InternalRow row) {
      int filter = view.compiled().filter();
      UnsafeRow values =
          filter >= 0 || view.takers().stream().anyMatch(t -> t.filter() >= 0)
              ? arguments.evaluate(row, "compute", "view " + view.compiled().view())
              : null;
      if (filter >= 0 && (values.isNullAt(filter) || !values.getBoolean(filter))) {
        return -1;
      }
      long longest = -1;
      for (Taker taker : view.takers()) {
        int own = taker.filter();
        if (own < 0 || (!values.isNullAt(own) && values.getBoolean(own))) {
          longest = Math.max(longest, taker.span());
        }
      }
      return longest;
    }
  }

  private final View label;
  private final List<View> views;
  private final long after;
  private final long until;
  private final long matures;

  private OverlapSpans(View label, List<View> views, long after, long until, long matures) {
    this.label = label;
    this.views = List.copyOf(views);
    this.after = after;
    this.until = until;
    this.matures = matures;
  }

  /** Between views and the label of an outcome over an interval. */
  static OverlapSpans of(TrainingSet.Outcome outcome, View label, List<View> views) {
    return new OverlapSpans(
        label,
        views,
        Micros.of(outcome.during().after()),
        Micros.of(outcome.during().until()),
        OutcomeLabels.matures(outcome));
  }

  /**
   * Where the label is a value of the row's own event: the spans in which a view shows that event
   * to its row.
   *
   * @param versions of each view
   * @param types as which the event key compares with the rows'
   */
  static Partitions ofOwnEvents(
      List<View> views, List<PartitionedRows> versions, List<String> eventKey, DataType[] types) {
    Partitions all = null;
    for (int u = 0; u < views.size(); u++) {
      View view = views.get(u);
      Keys own = Keys.of(versions.get(u).schema(), eventKey, types);
      Keys both = own.and(view.keys());
      Partitions spans =
          versions
              .get(u)
              .rows()
              .map(
                  (task, part) -> {
                    Seer seer = view.seer();
                    Keys.Writer ownKeys = own.writer();
                    Keys.Writer bothKeys = both.writer();
                    SpanRows writer = new SpanRows();
                    ArrayDeque<UnsafeRow> found = new ArrayDeque<>();
                    return new Emitted(
                        found,
                        () -> {
                          if (!part.hasNext()) {
                            return false;
                          }
                          InternalRow row = part.next();
                          Seen seen = seer.see(row, 0);
                          if (seen != null) {
                            long hash = Bytes.hash(ownKeys.write(row));
                            UnsafeRow key = bothKeys.write(row);
                            for (long[] span : shown(view, seen)) {
                              found.add(
                                  writer.write(hash, key, view.both(), span[0], span[1]).copy());
                            }
                          }
                          return true;
                        });
                  });
      all = all == null ? spans : all.union(spans);
    }
    return all;
  }

  /** The as-of at which the view shows the event: pairs, ascending. */
  private static List<long[]> shown(View view, Seen seen) {
    long from = Math.max(seen.event(), seen.from());
    long end = Math.min(seen.until(), seen.reach());
    if (from >= end) {
      return List.of();
    }
    return view.served() == null
        ? List.of(new long[] {from, end})
        : view.served().spans(from, end, seen.event());
  }

  /** Where each row is an event of its own. */
  Partitions rowByRow(PartitionedRows versions) {
    return versions
        .rows()
        .map(
            (task, part) -> {
              List<Seer> seers = seers();
              Finder finder = new Finder();
              return new Emitted(
                  finder.found,
                  () -> {
                    if (!part.hasNext()) {
                      return false;
                    }
                    InternalRow row = part.next();
                    List<Seen> seen = new ArrayList<>();
                    for (int side = 0; side < seers.size(); side++) {
                      Seen one = seers.get(side).see(row, side);
                      if (one != null) {
                        seen.add(one);
                      }
                    }
                    finder.find(seen);
                    return true;
                  });
            });
  }

  private List<Seer> seers() {
    List<Seer> seers = new ArrayList<>(List.of(label.seer()));
    views.forEach(view -> seers.add(view.seer()));
    return seers;
  }

  private static final StructType VERSIONS =
      Runner.schema()
          .add("event_key", DataTypes.BinaryType, false)
          .add("side", DataTypes.IntegerType, false)
          .add("event", DataTypes.LongType, false)
          .add("from", DataTypes.LongType, false)
          .add("until", DataTypes.LongType, false)
          .add("reach", DataTypes.LongType, false)
          .add("key", DataTypes.BinaryType, false);

  /**
   * Where events have keys: what each view and the label see of one event comes together.
   *
   * @param versions of each view
   */
  Partitions byEventKey(
      PartitionedRows labels,
      List<PartitionedRows> versions,
      List<String> eventKey,
      Runner runner) {
    Partitions all = versions(label, labels, eventKey, 0);
    for (int u = 0; u < views.size(); u++) {
      all = all.union(versions(views.get(u), versions.get(u), eventKey, u + 1));
    }
    return runner
        .byHash(all, VERSIONS)
        .map(
            (task, part) -> {
              Finder finder = new Finder();
              Groups groups = new Groups(part, sideSizes());
              return new Emitted(
                  finder.found,
                  () -> {
                    List<List<Seen>> events = groups.next();
                    events.forEach(finder::find);
                    return !events.isEmpty();
                  });
            });
  }

  private int[] sideSizes() {
    int[] sizes = new int[views.size() + 1];
    sizes[0] = label.keys().types().length;
    for (int u = 0; u < views.size(); u++) {
      sizes[u + 1] = views.get(u).keys().types().length;
    }
    return sizes;
  }

  private static Partitions versions(
      View view, PartitionedRows versions, List<String> eventKey, int side) {
    Keys own = Keys.of(versions.schema(), eventKey);
    return versions
        .rows()
        .map(
            (task, part) -> {
              Seer seer = view.seer();
              Keys.Writer ownKeys = own.writer();
              UnsafeRowWriter writer = new UnsafeRowWriter(VERSIONS.size(), 128);
              return Iterators.mapSome(
                  part,
                  row -> {
                    Seen seen = seer.see(row, side);
                    if (seen == null) {
                      return null;
                    }
                    UnsafeRow key = ownKeys.write(row);
                    writer.reset();
                    writer.zeroOutNullBytes();
                    writer.write(0, Bytes.hash(key));
                    writer.write(1, Bytes.of(key));
                    writer.write(2, seen.side());
                    writer.write(3, seen.event());
                    writer.write(4, seen.from());
                    writer.write(5, seen.until());
                    writer.write(6, seen.reach());
                    writer.write(7, Bytes.of(seen.key()));
                    return writer.getRow();
                  });
            });
  }

  /** Versions of one hash at a time, by event key. */
  private static final class Groups {
    private final Iterator<InternalRow> rows;
    private final int[] sizes;
    private InternalRow next;

    Groups(Iterator<InternalRow> rows, int[] sizes) {
      this.rows = rows;
      this.sizes = sizes;
      advance();
    }

    private void advance() {
      next = rows.hasNext() ? rows.next() : null;
    }

    /** None at the end. */
    List<List<Seen>> next() {
      List<byte[]> keys = new ArrayList<>();
      List<List<Seen>> events = new ArrayList<>();
      long hash = next == null ? 0 : next.getLong(0);
      while (next != null && next.getLong(0) == hash) {
        byte[] key = next.getBinary(1);
        int g = 0;
        while (g < keys.size() && !Arrays.equals(keys.get(g), key)) {
          g++;
        }
        if (g == keys.size()) {
          keys.add(key);
          events.add(new ArrayList<>());
        }
        int side = next.getInt(2);
        events
            .get(g)
            .add(
                new Seen(
                    side,
                    next.getLong(3),
                    next.getLong(4),
                    next.getLong(5),
                    next.getLong(6),
                    Bytes.row(next.getBinary(7), sizes[side])));
        advance();
      }
      return events;
    }
  }

  /** Finds the spans of one event after another. For one thread. */
  private final class Finder {
    private final SpanRows writer = new SpanRows();
    private final ArrayDeque<UnsafeRow> found = new ArrayDeque<>();
    private final JoinedRow joined = new JoinedRow();
    private final List<UnsafeProjection> composed = new ArrayList<>();

    Finder() {
      for (View view : views) {
        composed.add(UnsafeProjection.create(label.keys().and(view.keys()).schema()));
      }
    }

    void find(List<Seen> event) {
      for (Seen told : event) {
        if (told.side() == 0) {
          for (int u = 0; u < views.size(); u++) {
            int side = u + 1;
            List<Seen> shown = event.stream().filter(s -> s.side() == side).toList();
            findBoth(told, shown, u);
            if (views.get(u).neither() >= 0) {
              findNeither(told, shown, views.get(u));
            }
          }
        }
      }
    }

    private void findBoth(Seen told, List<Seen> shown, int u) {
      View view = views.get(u);
      long from = Math.max(toldFrom(told), Times.minus(told.event(), until));
      long end = Math.min(toldUntil(told), Times.minus(told.event(), after));
      for (Seen seen : shown) {
        for (long[] span : shown(view, seen)) {
          long begin = Math.max(from, span[0]);
          long stop = Math.min(end, span[1]);
          if (begin < stop) {
            UnsafeRow key = composed.get(u).apply(joined.apply(told.key(), seen.key()));
            emit(told, key, view.both(), begin, stop);
          }
        }
      }
    }

    /** Of the time in which the event could be in the label, what no feature showed. */
    private void findNeither(Seen told, List<Seen> shown, View view) {
      long begin = Math.max(toldFrom(told), Times.minus(told.event(), after));
      long stop = Math.min(toldUntil(told), Times.leaves(told.event(), view.longest()));
      List<long[]> ofEntity =
          shown.stream()
              .filter(s -> s.key().equals(told.key()))
              .flatMap(s -> shown(view, s).stream())
              .sorted(Comparator.comparingLong(span -> span[0]))
              .toList();
      for (long[] span : ofEntity) {
        if (span[1] > begin) {
          if (begin < Math.min(span[0], stop)) {
            emit(told, told.key(), view.neither(), begin, Math.min(span[0], stop));
          }
          begin = Math.max(begin, span[1]);
        }
      }
      if (begin < stop) {
        emit(told, told.key(), view.neither(), begin, stop);
      }
    }

    private long toldFrom(Seen told) {
      return Times.minus(told.from(), matures);
    }

    private long toldUntil(Seen told) {
      return Times.minus(told.until(), matures);
    }

    /** As-of become the instants at which labels are read. */
    private void emit(Seen told, UnsafeRow key, int number, long from, long end) {
      found.add(
          writer
              .write(
                  Bytes.hash(told.key()),
                  key,
                  number,
                  Times.plus(from, until),
                  Times.plus(end, until))
              .copy());
    }
  }

  /** The spans of one step after another. */
  private static final class Emitted implements Iterator<InternalRow> {
    private final ArrayDeque<UnsafeRow> found;
    private final Supplier<Boolean> step;

    /**
     * @param found where a step puts what it finds
     * @param step false at the end
     */
    Emitted(ArrayDeque<UnsafeRow> found, Supplier<Boolean> step) {
      this.found = found;
      this.step = step;
    }

    @Override
    public boolean hasNext() {
      while (found.isEmpty() && step.get()) {}
      return !found.isEmpty();
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return found.remove();
    }
  }
}
