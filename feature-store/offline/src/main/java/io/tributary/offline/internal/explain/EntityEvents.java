package io.tributary.offline.internal.explain;

import io.tributary.analysis.CheckedSource;
import io.tributary.analysis.CheckedView;
import io.tributary.core.Iterators;
import io.tributary.offline.internal.keys.Keys;
import io.tributary.offline.internal.source.PinnedSources;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Runner;
import io.tributary.rows.Scala;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.expressions.XxHash64;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.sketch.BloomFilter;
import org.apache.spark.util.sketch.IncompatibleMergeException;

/**
 * The events of a source that have a version of one entity: with all their versions, for a later
 * one may be of another entity, and a tombstone of none. Some others may be among them. Travels.
 */
final class EntityEvents implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Events up to which hardly any other is among them. */
  private static final long EVENTS = 1 << 18;

  private static final long BITS = 8 * EVENTS;

  private final List<String> entity;
  private final UnsafeRow asked;
  private final List<String> key;
  private final BloomFilter events;

  private EntityEvents(List<String> entity, UnsafeRow asked, List<String> key, BloomFilter events) {
    this.entity = entity;
    this.asked = asked;
    this.key = key;
    this.events = events;
  }

  /**
   * The sources with these events alone of the view's; its key columns are read now.
   *
   * @param row a row of the view's entity columns
   */
  static PinnedSources of(PinnedSources sources, CheckedView view, InternalRow row) {
    CheckedSource source = view.source().orElseThrow();
    List<String> names = view.definition().entity();
    StructType entity = new StructType();
    for (String name : names) {
      entity = entity.add(view.input().apply(name));
    }
    UnsafeRow asked = Keys.of(entity, names).writer().write(row).copy();
    List<String> key = source.definition().eventKey();
    EntityEvents none = new EntityEvents(names, asked, key, BloomFilter.create(EVENTS, BITS));
    EntityEvents found =
        key.isEmpty() ? none : none.found(sources.rows(source.name(), none.columns()));
    return sources.with(source.name(), found::among);
  }

  private TreeSet<String> columns() {
    TreeSet<String> columns = new TreeSet<>(entity);
    columns.addAll(key);
    return columns;
  }

  private EntityEvents found(PartitionedRows rows) {
    StructType schema = rows.schema();
    return new EntityEvents(
        entity,
        asked,
        key,
        rows.rows().merged(part -> events(schema, part), EntityEvents::both).orElse(events));
  }

  private BloomFilter events(StructType schema, Iterator<InternalRow> rows) {
    Keys.Writer of = Keys.of(schema, entity).writer();
    UnsafeProjection hash = hash(schema, key);
    BloomFilter found = BloomFilter.create(EVENTS, BITS);
    while (rows.hasNext()) {
      InternalRow row = rows.next();
      if (isAsked(of.write(row))) {
        found.putLong(hash.apply(row).getLong(0));
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

  /** Rule 2: a null matches nothing. */
  private boolean isAsked(UnsafeRow of) {
    return !of.anyNull() && of.equals(asked);
  }

  private PartitionedRows among(PartitionedRows rows) {
    StructType schema = rows.schema();
    return rows.map(schema, (task, part) -> among(schema, part));
  }

  private Iterator<InternalRow> among(StructType schema, Iterator<InternalRow> rows) {
    if (key.isEmpty()) {
      Keys.Writer of = Keys.of(schema, entity).writer();
      return Iterators.mapSome(rows, row -> isAsked(of.write(row)) ? row : null);
    }
    UnsafeProjection hash = hash(schema, key);
    return Iterators.mapSome(
        rows, row -> events.mightContainLong(hash.apply(row).getLong(0)) ? row : null);
  }

  /** Of some columns. */
  private static UnsafeProjection hash(StructType schema, List<String> names) {
    return Scala.projection(List.of(hashOf(schema, names)));
  }

  private static Expression hashOf(StructType schema, List<String> names) {
    return new XxHash64(
        Scala.seq(
            names.stream()
                .<Expression>map(name -> Scala.column(schema, schema.fieldIndex(name)))
                .toList()),
        42L);
  }

  /** Rows with {@link Runner#HASH} last, those of one hash of these columns together. */
  static PartitionedRows together(PartitionedRows rows, List<String> names, Runner runner) {
    StructType schema = rows.schema();
    StructType hashed = schema.add(Runner.HASH, "bigint", false);
    PartitionedRows with =
        rows.map(
            hashed,
            (task, part) -> {
              List<Expression> columns = new ArrayList<>();
              for (int i = 0; i < schema.size(); i++) {
                columns.add(Scala.column(schema, i));
              }
              columns.add(hashOf(schema, names));
              return Iterators.map(part, Scala.projection(columns)::apply);
            });
    return new PartitionedRows(runner.byHash(with.rows(), hashed), hashed);
  }
}
