package io.tributary.offline.internal.explain;

import io.tributary.analysis.CheckedSource;
import io.tributary.analysis.CheckedView;
import io.tributary.core.Iterators;
import io.tributary.core.Lazy;
import io.tributary.offline.internal.keys.Keys;
import io.tributary.offline.internal.source.PinnedSources;
import io.tributary.offline.internal.source.Wanted;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Partitions;
import io.tributary.rows.Runner;
import io.tributary.rows.Scala;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.expressions.XxHash64;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.sketch.BloomFilter;
import org.apache.spark.util.sketch.IncompatibleMergeException;

/**
 * The events of a source that have a version of one entity in a range of time: with all their
 * versions, for a later one may be of another entity or time, and a tombstone of none. Some others
 * may be among them. Travels.
 */
final class EntityEvents implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Events up to which hardly any other is among them. */
  private static final long EVENTS = 1 << 18;

  private static final long BITS = 8 * EVENTS;

  /** The column that has a hash of the event. */
  static final String EVENT = "_event_hash";

  private final List<String> entity;
  private final UnsafeRow asked;
  private final List<String> key;
  private final boolean timed;
  private final TimeRange range;
  private final BloomFilter events;

  private EntityEvents(
      List<String> entity,
      UnsafeRow asked,
      List<String> key,
      boolean timed,
      TimeRange range,
      BloomFilter events) {
    this.entity = entity;
    this.asked = asked;
    this.key = key;
    this.timed = timed;
    this.range = range;
    this.events = events;
  }

  /**
   * Their rows with all columns, {@link PinnedSources#placed places} and {@link #EVENT}, those of
   * one hash together; brought together once, however often they are read. What tells which events
   * they are is read now.
   *
   * @param row a row of the view's entity columns
   */
  static PartitionedRows of(
      PinnedSources sources, CheckedView view, InternalRow row, TimeRange range) {
    CheckedSource source = view.source().orElseThrow();
    List<String> names = view.definition().entity();
    StructType entity = new StructType();
    for (String name : names) {
      entity = entity.add(view.input().apply(name));
    }
    UnsafeRow asked = Keys.of(entity, names).writer().write(row).copy();
    List<String> key = source.definition().eventKey();
    EntityEvents none =
        new EntityEvents(
            names,
            asked,
            key,
            !source.definition().isStatic(),
            range,
            BloomFilter.create(EVENTS, BITS));
    Wanted within = Wanted.between(range.least(), range.greatest());
    EntityEvents found =
        key.isEmpty()
            ? none
            : none.found(sources.where(source.name(), within).rows(source.name(), none.columns()));
    Wanted versions = key.isEmpty() ? within : Wanted.where(key, found::isAmong);
    return found.together(
        sources.where(source.name(), versions).placed(source.name(), view.definition().tieBreak()),
        sources.runner());
  }

  private TreeSet<String> columns() {
    TreeSet<String> columns = new TreeSet<>(entity);
    columns.addAll(key);
    if (timed) {
      columns.addAll(List.of(CheckedSource.EVENT_TIME, CheckedSource.DELETED));
    }
    return columns;
  }

  private EntityEvents found(PartitionedRows rows) {
    StructType schema = rows.schema();
    BloomFilter found =
        rows.rows().merged(part -> events(schema, part), EntityEvents::both).orElse(events);
    return new EntityEvents(entity, asked, key, timed, range, found);
  }

  private BloomFilter events(StructType schema, Iterator<InternalRow> rows) {
    Predicate<InternalRow> isAsked = isAsked(schema);
    Lazy<UnsafeProjection> hash = Lazy.of(() -> Scala.projection(List.of(hash(schema))));
    BloomFilter found = BloomFilter.create(EVENTS, BITS);
    while (rows.hasNext()) {
      InternalRow row = rows.next();
      if (isAsked.test(row)) {
        found.putLong(hash.get().apply(row).getLong(0));
      }
    }
    return found;
  }

  private static BloomFilter both(BloomFilter one, BloomFilter other) {
    try {
      return one.mergeInPlace(other);
    } catch (IncompatibleMergeException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether a row is a version of the entity within the range. Rule 2: a null matches nothing. */
  private Predicate<InternalRow> isAsked(StructType schema) {
    int time = timed ? schema.fieldIndex(CheckedSource.EVENT_TIME) : -1;
    int deleted = timed ? schema.fieldIndex(CheckedSource.DELETED) : -1;
    Keys.Writer writer = Keys.of(schema, entity).writer();
    return row -> {
      if (timed && (row.getBoolean(deleted) || !range.has(row.getLong(time)))) {
        return false;
      }
      UnsafeRow of = writer.write(row);
      return !of.anyNull() && of.equals(asked);
    };
  }

  private PartitionedRows together(PartitionedRows rows, Runner runner) {
    StructType schema = rows.schema();
    StructType hashed = schema.add(Runner.HASH, DataTypes.LongType, false);
    Partitions some = rows.rows().map((task, part) -> hashed(schema, part));
    return new PartitionedRows(
        runner.byHash(some, hashed), schema.add(EVENT, DataTypes.LongType, false));
  }

  private Iterator<InternalRow> hashed(StructType schema, Iterator<InternalRow> rows) {
    List<Expression> columns = new ArrayList<>();
    for (int i = 0; i < schema.size(); i++) {
      columns.add(Scala.column(schema, i));
    }
    columns.add(hash(schema));
    Lazy<UnsafeProjection> whole = Lazy.of(() -> Scala.projection(columns));
    return Iterators.map(among(schema, rows), row -> whole.get().apply(row));
  }

  private Iterator<InternalRow> among(StructType schema, Iterator<InternalRow> rows) {
    Predicate<InternalRow> isAmong = key.isEmpty() ? isAsked(schema) : isAmong(schema);
    return Iterators.mapSome(rows, row -> isAmong.test(row) ? row : null);
  }

  private Predicate<InternalRow> isAmong(StructType schema) {
    UnsafeProjection hash = Scala.projection(List.of(hash(schema)));
    return row -> events.mightContainLong(hash.apply(row).getLong(0));
  }

  /** Of the event that a row is a version of. */
  private Expression hash(StructType schema) {
    List<String> names = key.isEmpty() ? List.of("_file", "_line") : key;
    return new XxHash64(
        Scala.seq(
            names.stream()
                .<Expression>map(name -> Scala.column(schema, schema.fieldIndex(name)))
                .toList()),
        42L);
  }
}
