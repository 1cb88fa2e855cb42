package io.tributary.offline.internal.label;

import io.tributary.core.Iterators;
import io.tributary.rows.Runner;
import io.tributary.rows.Scala;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Rows that ask, each beside one that is the same and holds a label; beside nulls where there is
 * none. Both come sorted by hash; those of one hash are held in memory.
 */
final class SameRows implements Iterator<InternalRow> {
  /**
   * In front of the columns of both: the hash, the digest of what makes a row the same, and that of
   * its other columns, which prefers one of several.
   */
  static final StructType SENT =
      Runner.schema()
          .add("_row", DataTypes.BinaryType, false)
          .add("_others", DataTypes.BinaryType, false);

  private static final int HASH = 0;
  private static final int ROW = 1;
  private static final int OTHERS = 2;

  private final Side asked;
  private final Side holding;
  private final UnsafeProjection apart;
  private final UnsafeProjection together;
  private final InternalRow none;
  private final JoinedRow joined = new JoinedRow();
  private boolean hasCopies;
  private Iterator<Pair> pairs = List.<Pair>of().iterator();

  /**
   * @param apart columns of the asking rows by which one row is there several times
   */
  SameRows(
      Iterator<InternalRow> asked,
      StructType askedSchema,
      int[] apart,
      Iterator<InternalRow> holding,
      StructType holdingSchema) {
    this.asked = new Side(asked, askedSchema);
    this.holding = new Side(holding, holdingSchema);
    this.apart = projection(askedSchema, Arrays.stream(apart));
    this.together = projection(holdingSchema, IntStream.empty());
    this.none = new GenericInternalRow(columns(holdingSchema).size());
  }

  /** What stands behind {@link #SENT}. */
  static StructType columns(StructType sent) {
    return new StructType(
        Arrays.stream(sent.fields()).skip(SENT.size()).toArray(StructField[]::new));
  }

  private static UnsafeProjection projection(StructType schema, IntStream columns) {
    return Scala.projection(columns.<Expression>mapToObj(i -> Scala.column(schema, i)).toList());
  }

  /** Some of the rows of which several are the same; none if no row is there twice. */
  Iterator<InternalRow> copies() {
    return Iterators.mapSome(this, row -> hasCopies ? row : null);
  }

  private record Pair(InternalRow asked, InternalRow label) {}

  /** A row of either side: what it is compared by, and its columns. */
  private record Sent(ByteBuffer row, ByteBuffer others, ByteBuffer apart, UnsafeRow columns) {}

  private static final class Side {
    private final Iterator<InternalRow> rows;
    private final UnsafeProjection columns;
    private InternalRow next;

    Side(Iterator<InternalRow> rows, StructType schema) {
      this.rows = rows;
      this.columns = projection(schema, IntStream.range(SENT.size(), schema.size()));
      advance();
    }

    void advance() {
      next = rows.hasNext() ? rows.next() : null;
    }

    boolean isAt(long hash) {
      return next != null && next.getLong(HASH) == hash;
    }

    Sent take(UnsafeProjection apart) {
      Sent sent =
          new Sent(
              ByteBuffer.wrap(next.getBinary(ROW)),
              ByteBuffer.wrap(next.getBinary(OTHERS)),
              ByteBuffer.wrap(apart.apply(next).copy().getBytes()),
              columns.apply(next).copy());
      advance();
      return sent;
    }
  }

  @Override
  public boolean hasNext() {
    if (!pairs.hasNext() && asked.next != null) {
      pairs = ofNextHash().iterator();
    }
    return pairs.hasNext();
  }

  @Override
  public InternalRow next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    Pair pair = pairs.next();
    return joined.apply(pair.asked(), pair.label());
  }

  private List<Pair> ofNextHash() {
    long hash = asked.next.getLong(HASH);
    while (holding.next != null && holding.next.getLong(HASH) < hash) {
      holding.advance();
    }
    Map<List<ByteBuffer>, List<Sent>> asking = new LinkedHashMap<>();
    while (asked.isAt(hash)) {
      Sent row = asked.take(apart);
      asking.computeIfAbsent(List.of(row.row(), row.apart()), same -> new ArrayList<>()).add(row);
    }
    Map<ByteBuffer, List<Sent>> held = new HashMap<>();
    while (holding.isAt(hash)) {
      Sent row = holding.take(together);
      held.computeIfAbsent(row.row(), same -> new ArrayList<>()).add(row);
    }
    // By their labels too: which of several a row gets must not depend on which came first.
    held.values()
        .forEach(
            rows ->
                rows.sort(
                    Comparator.comparing(Sent::others)
                        .thenComparing(row -> ByteBuffer.wrap(row.columns().getBytes()))));
    hasCopies =
        Stream.concat(asking.values().stream(), held.values().stream())
            .anyMatch(rows -> rows.size() > 1);
    List<Pair> found = new ArrayList<>();
    asking.forEach((of, rows) -> pair(rows, held.getOrDefault(of.get(0), List.of()), found));
    return found;
  }

  /** Pairs rows that are the same: first those whose others are the same too. */
  private void pair(List<Sent> asking, List<Sent> held, List<Pair> found) {
    asking.sort(Comparator.comparing(Sent::others));
    Deque<Sent> free = new ArrayDeque<>();
    List<Sent> rest = new ArrayList<>();
    int next = 0;
    for (Sent row : asking) {
      while (next < held.size() && held.get(next).others().compareTo(row.others()) < 0) {
        free.add(held.get(next++));
      }
      if (next < held.size() && held.get(next).others().equals(row.others())) {
        found.add(new Pair(row.columns(), held.get(next++).columns()));
      } else {
        rest.add(row);
      }
    }
    free.addAll(held.subList(next, held.size()));
    for (Sent row : rest) {
      Sent label = free.poll();
      found.add(new Pair(row.columns(), label == null ? none : label.columns()));
    }
  }
}
