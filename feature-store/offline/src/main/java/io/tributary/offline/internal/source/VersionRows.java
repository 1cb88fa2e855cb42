package io.tributary.offline.internal.source;

import io.tributary.analysis.CheckedSource;
import io.tributary.core.Iterators;
import io.tributary.core.Lazy;
import io.tributary.offline.engine.OrderBytes;
import io.tributary.offline.engine.VersionPeriods;
import io.tributary.offline.internal.keys.Bytes;
import io.tributary.offline.internal.keys.KeyColumns;
import io.tributary.offline.internal.keys.Keys;
import io.tributary.offline.internal.values.SparkValues;
import io.tributary.rows.ColumnPacker;
import io.tributary.rows.ColumnRows;
import io.tributary.rows.PackedRows;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Partitions;
import io.tributary.rows.Runner;
import io.tributary.rows.Scala;
import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.SpecificInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.apache.spark.unsafe.Platform;

/**
 * Gives each version of a source the time until which it counts: rows are shuffled by event key,
 * and within one key the next version's known time ends the one before. Where no event key is
 * declared, each row is an event of its own that counts without end, and the rows are as they were.
 * Else the result has the live rows that count at some time, with {@link #UNTIL} and {@link
 * #DIFFERING} added; versions of one event are held in memory together.
 */
public final class VersionRows implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Microseconds, exclusive; {@link Long#MAX_VALUE} = without end. */
  public static final String UNTIL = "_until";

  /**
   * The columns in which the version differs from those over which it won by its values alone: a
   * bit for each column of a source's order, in as many such columns as it takes.
   */
  private static final String DIFFERING = "_differing";

  private final StructType schema;
  private final StructType shuffled;
  private final Keys keys;
  private final int[] first;
  private final int[] order;
  private final boolean knowledgeTime;
  private final int event;
  private final int known;
  private final int deleted;

  private VersionRows(
      StructType schema,
      List<String> eventKey,
      List<String> first,
      List<String> order,
      boolean knowledgeTime) {
    this.schema = schema;
    this.shuffled = withPeriod(schema, order).add(Runner.HASH, DataTypes.LongType, false);
    this.keys = Keys.of(schema, eventKey);
    this.first = first.stream().mapToInt(schema::fieldIndex).toArray();
    this.order = order.stream().mapToInt(schema::fieldIndex).toArray();
    this.knowledgeTime = knowledgeTime;
    boolean timed = List.of(schema.fieldNames()).contains(CheckedSource.KNOWN_TIME);
    this.event = timed ? schema.fieldIndex(CheckedSource.EVENT_TIME) : -1;
    this.known = timed ? schema.fieldIndex(CheckedSource.KNOWN_TIME) : -1;
    this.deleted = timed ? schema.fieldIndex(CheckedSource.DELETED) : -1;
  }

  /** The rows of a static source, which count always: of rows with the same key the greatest. */
  static PartitionedRows ofStatic(
      PartitionedRows source, List<String> key, List<String> order, Runner runner) {
    return of(source, key, List.of(), order, true, runner);
  }

  /**
   * The rows of a source with their valid periods; {@link #areEndless} without an event key.
   *
   * @param first columns that decide between versions of equal known time, tombstones too
   * @param order the columns that decide last between live ones
   */
  static PartitionedRows of(
      PartitionedRows source,
      List<String> eventKey,
      List<String> first,
      List<String> order,
      boolean knowledgeTime,
      Runner runner) {
    if (eventKey.isEmpty()) {
      return source;
    }
    VersionRows versions = new VersionRows(source.schema(), eventKey, first, order, knowledgeTime);
    Partitions hashed = source.rows().map((task, rows) -> versions.hashed(rows));
    Partitions resolved =
        runner.byHash(hashed, versions.shuffled).map((task, rows) -> versions.resolved(rows));
    return new PartitionedRows(resolved, versions.shuffled);
  }

  /** Rows with their end, of a source that has these columns in its order. */
  static StructType withPeriod(StructType schema, List<String> order) {
    StructType timed = schema.add(UNTIL, DataTypes.LongType, false);
    for (int word = 0; word <= order.size() / 64; word++) {
      timed = timed.add(DIFFERING + word, DataTypes.LongType, false);
    }
    return timed;
  }

  /** A bit for each of some columns of a source's order, as versions have them that differ. */
  public static long[] bits(List<String> order, Predicate<String> some) {
    long[] bits = new long[order.size() / 64 + 1];
    for (int i = 0; i < order.size(); i++) {
      bits[i / 64] |= some.test(order.get(i)) ? 1L << i : 0;
    }
    return bits;
  }

  /** Whether a row's version won by its values alone over one that differs in some columns. */
  public static boolean isAmbiguous(InternalRow row, int placeOfUntil, long[] columns) {
    for (int word = 0; placeOfUntil >= 0 && word < columns.length; word++) {
      if ((row.getLong(placeOfUntil + 1 + word) & columns[word]) != 0) {
        return true;
      }
    }
    return false;
  }

  /** Whether rows have no end written: each counts without end. */
  static boolean areEndless(StructType schema) {
    return !Arrays.asList(schema.fieldNames()).contains(UNTIL);
  }

  /** Where rows have their end, for {@link #until}. */
  public static int placeOfUntil(StructType schema) {
    return areEndless(schema) ? -1 : schema.fieldIndex(UNTIL);
  }

  /** When a row no longer counts. */
  public static long until(InternalRow row, int place) {
    return place < 0 ? Long.MAX_VALUE : row.getLong(place);
  }

  private Iterator<InternalRow> hashed(Iterator<InternalRow> rows) {
    Lazy<Function<InternalRow, InternalRow>> hashing = Lazy.of(this::hashing);
    Iterator<InternalRow> each = Iterators.map(rows, row -> hashing.get().apply(row));
    DataType[] types = types(shuffled);
    return rows instanceof ColumnRows columns
            && ColumnPacker.canPack(types, types)
            && KeyColumns.canRead(keys)
        ? PackedRows.of(columns, each, new Hashed(types)::pack)
        : each;
  }

  private Function<InternalRow, InternalRow> hashing() {
    Keys.Writer writer = keys.writer();
    JoinedRow joined = new JoinedRow();
    int hash = shuffled.size() - schema.size() - 1;
    SpecificInternalRow added =
        new SpecificInternalRow(
            Scala.seq(Collections.<DataType>nCopies(hash + 1, DataTypes.LongType)));
    for (int i = 1; i < hash; i++) {
      added.setLong(i, 0);
    }
    added.setLong(0, Long.MAX_VALUE);
    UnsafeProjection result = UnsafeProjection.create(shuffled);
    return row -> {
      added.setLong(hash, Bytes.hash(writer.write(row)));
      return result.apply(joined.apply(row, added));
    };
  }

  private static DataType[] types(StructType schema) {
    return Keys.types(schema, List.of(schema.fieldNames()));
  }

  /** The same of rows in columns, together. */
  private final class Hashed {
    private final ColumnPacker packer;
    private final KeyColumns keyColumns = new KeyColumns(keys);
    private long[] hashes = {};
    private int[] sizes = {};
    private int[] numbers = {};

    Hashed(DataType[] types) {
      this.packer = ColumnPacker.of(types);
    }

    void pack(ColumnarBatch batch, PackedRows.Room room) {
      int n = batch.numRows();
      if (sizes.length < n) {
        hashes = new long[n];
        sizes = new int[n];
        numbers = IntStream.range(0, n).toArray();
      }
      ColumnVector[] columns = Arrays.copyOf(ColumnRows.of(batch), shuffled.size());
      columns[schema.size()] = ColumnRows.all(DataTypes.LongType, Long.MAX_VALUE);
      for (int c = schema.size() + 1; c < columns.length; c++) {
        columns[c] = ColumnRows.all(DataTypes.LongType, 0);
      }
      keyColumns.read(columns, n);
      for (int i = 0; i < n; i++) {
        hashes[i] = keyColumns.hash(i);
      }
      Arrays.fill(sizes, 0, n, 0);
      packer.measure(columns, numbers, n, sizes);
      room.take(n, hashes, sizes);
      packer.write(columns, numbers, n, room.bases(), room.offsets());
      int hash = columns.length - 1;
      long at = UnsafeRow.calculateBitSetWidthInBytes(columns.length) + 8L * hash;
      for (int i = 0; i < n; i++) {
        Platform.putLong(room.bases()[i], room.offsets()[i] + at, hashes[i]);
      }
    }
  }

  private Iterator<InternalRow> resolved(Iterator<InternalRow> rows) {
    return new Resolved(rows);
  }

  /** Groups rows of one hash, then of one key, and resolves each group. */
  private final class Resolved implements Iterator<InternalRow> {
    private final Iterator<InternalRow> rows;
    private final Keys.Writer writer = keys.writer();
    private final VersionPeriods periods = new VersionPeriods(order.length);
    private final Versions ranked = new Versions();
    private final ArrayDeque<UnsafeRow> ready = new ArrayDeque<>();
    private UnsafeRow next;
    private long nextHash;

    /** The rows of two turns: one is out while the other is looked at. */
    private final Held[] held = {new Held(shuffled.size()), new Held(shuffled.size())};

    private int turn;

    Resolved(Iterator<InternalRow> rows) {
      this.rows = rows;
      advance();
    }

    private void advance() {
      if (rows.hasNext()) {
        turn = 1 - turn;
        next = held[turn].hold((UnsafeRow) rows.next());
        nextHash = next.getLong(shuffled.size() - 1);
      } else {
        next = null;
      }
    }

    @Override
    public boolean hasNext() {
      while (ready.isEmpty() && next != null) {
        fill();
      }
      return !ready.isEmpty();
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return ready.remove();
    }

    private void fill() {
      UnsafeRow first = next;
      long hash = nextHash;
      advance();
      if (next == null || nextHash != hash) {
        if (deleted < 0 || !first.getBoolean(deleted)) {
          ready.add(first);
        }
        return;
      }
      List<UnsafeRow> same = new ArrayList<>(List.of(first.copy()));
      while (next != null && nextHash == hash) {
        same.add(next.copy());
        advance();
      }
      for (List<UnsafeRow> versions : byKey(same)) {
        resolve(versions);
      }
    }

    /** Different keys of one hash are rare, and separated here. */
    private List<List<UnsafeRow>> byKey(List<UnsafeRow> same) {
      List<byte[]> found = new ArrayList<>();
      List<List<UnsafeRow>> groups = new ArrayList<>();
      for (UnsafeRow row : same) {
        byte[] key = Bytes.copy(writer.write(row));
        int g = 0;
        while (g < found.size() && !Arrays.equals(found.get(g), key)) {
          g++;
        }
        if (g == found.size()) {
          found.add(key);
          groups.add(new ArrayList<>());
        }
        groups.get(g).add(row);
      }
      return groups;
    }

    private void resolve(List<UnsafeRow> versions) {
      int n = versions.size();
      long[] events = new long[n];
      long[] knowns = new long[n];
      boolean[] tombstones = new boolean[n];
      for (int i = 0; i < n; i++) {
        UnsafeRow row = versions.get(i);
        if (known >= 0) {
          tombstones[i] = row.getBoolean(deleted);
          events[i] = tombstones[i] ? 0 : row.getLong(event);
          knowns[i] = row.getLong(known);
        }
      }
      periods.resolve(
          n,
          events,
          knowns,
          tombstones,
          ranked.of(versions),
          knowledgeTime,
          (v, from, until, differing) -> {
            UnsafeRow row = versions.get(v);
            row.setLong(schema.size(), until);
            for (int word = 0; word < differing.length; word++) {
              row.setLong(schema.size() + 1 + word, differing[word]);
            }
            ready.add(row);
          });
    }
  }

  /** A row kept while others are read. */
  private static final class Held {
    private final UnsafeRow row;
    private byte[] bytes = new byte[256];

    Held(int columns) {
      row = new UnsafeRow(columns);
    }

    UnsafeRow hold(UnsafeRow other) {
      int size = other.getSizeInBytes();
      if (size > bytes.length) {
        bytes = new byte[Math.max(size, 2 * bytes.length)];
      }
      Platform.copyMemory(
          other.getBaseObject(), other.getBaseOffset(), bytes, Platform.BYTE_ARRAY_OFFSET, size);
      row.pointTo(bytes, size);
      return row;
    }
  }

  /** Compares versions by their columns, which are written only where two versions tie. */
  private final class Versions implements VersionPeriods.VersionOrder {
    private final OrderBytes left = new OrderBytes();
    private final OrderBytes right = new OrderBytes();
    private List<UnsafeRow> rows = List.of();

    Versions of(List<UnsafeRow> rows) {
      this.rows = rows;
      return this;
    }

    @Override
    public int compare(int a, int b) {
      return compare(a, b, first);
    }

    @Override
    public int compareValues(int a, int b) {
      return compare(a, b, order);
    }

    @Override
    public void differences(int a, int b, long[] columns) {
      for (int i = 0; i < order.length; i++) {
        if (compare(a, b, order[i]) != 0) {
          columns[i / 64] |= 1L << i;
        }
      }
    }

    private int compare(int a, int b, int[] columns) {
      int c = 0;
      for (int i = 0; c == 0 && i < columns.length; i++) {
        c = compare(a, b, columns[i]);
      }
      return c;
    }

    private int compare(int a, int b, int column) {
      write(left, a, column);
      write(right, b, column);
      return Arrays.compareUnsigned(
          left.array(), 0, left.length(), right.array(), 0, right.length());
    }

    private void write(OrderBytes out, int version, int column) {
      out.clear();
      SparkValues.order(out, rows.get(version), column, schema.fields()[column].dataType());
    }
  }
}
