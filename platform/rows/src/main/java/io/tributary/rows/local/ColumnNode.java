package io.tributary.rows.local;

import io.tributary.rows.GatheredColumn;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarArray;

/**
 * A field of a row group, and how its values get into the columns below it: a struct has those of
 * its fields, an array those of its elements, a plain value one. Levels are Parquet's: all may be
 * null, so that a value of a field counts one more than the field, and an element of an array three
 * more than what holds the array. Not thread-safe.
 */
abstract sealed class ColumnNode {
  private ColumnNode() {}

  static boolean canBe(DataType type) {
    if (type instanceof StructType struct) {
      return !struct.isEmpty() && Stream.of(struct.fields()).allMatch(f -> canBe(f.dataType()));
    }
    return type instanceof ArrayType array ? canBe(array.elementType()) : PlainColumn.canBe(type);
  }

  /**
   * A field without values.
   *
   * @param stored the columns of all fields, of which this takes its own
   * @param to gets the columns, in the same order
   */
  static ColumnNode of(DataType type, Iterator<ColumnDescriptor> stored, List<PlainColumn> to) {
    return of(type, stored, to, 0);
  }

  private static ColumnNode of(
      DataType type, Iterator<ColumnDescriptor> stored, List<PlainColumn> to, int repetition) {
    if (type instanceof StructType struct) {
      ColumnNode[] fields = new ColumnNode[struct.size()];
      for (int i = 0; i < fields.length; i++) {
        StructField field = struct.fields()[i];
        fields[i] = of(field.dataType(), stored, to, repetition);
      }
      return new Struct(fields);
    }
    if (type instanceof ArrayType array) {
      return new Elements(of(array.elementType(), stored, to, repetition + 1), repetition + 1);
    }
    PlainColumn column = PlainColumn.of(type, stored.next());
    to.add(column);
    return new Plain(column);
  }

  /**
   * Adds a value, and gives about how many bytes it takes.
   *
   * @param repetition the level at which it repeats
   * @param definition how much there is of what holds it
   */
  final int add(SpecializedGetters from, int place, int repetition, int definition) {
    if (from.isNullAt(place)) {
      missing(repetition, definition);
      return 0;
    }
    return take(from, place, repetition, definition + 1);
  }

  /** Adds the values of rows, and gives about how many bytes they take. */
  int addAll(ColumnVector from, int n) {
    SpecializedGetters rows = new ColumnarArray(from, 0, n);
    int bytes = 0;
    for (int i = 0; i < n; i++) {
      bytes += add(rows, i, 0, 0);
    }
    return bytes;
  }

  /** Whether rows can share values. */
  boolean canShare() {
    return false;
  }

  /** Has the rows to come share values; empty = each has its own. */
  void share(Optional<Gathering> values) {}

  /** Adds that there is none. */
  abstract void missing(int repetition, int definition);

  abstract int take(SpecializedGetters from, int place, int repetition, int definition);

  private static final class Plain extends ColumnNode {
    private final PlainColumn column;

    Plain(PlainColumn column) {
      this.column = column;
    }

    @Override
    boolean canShare() {
      return true;
    }

    @Override
    void share(Optional<Gathering> values) {
      column.gather(values);
    }

    @Override
    int addAll(ColumnVector from, int n) {
      return from instanceof GatheredColumn gathered
          ? column.share(gathered.values(), gathered.count())
          : column.add(from, n);
    }

    @Override
    void missing(int repetition, int definition) {
      column.level(repetition, definition);
    }

    @Override
    int take(SpecializedGetters from, int place, int repetition, int definition) {
      column.level(repetition, definition);
      return column.take(from, place);
    }
  }

  private static final class Struct extends ColumnNode {
    private final ColumnNode[] fields;
    private final UnsafeRow held;

    Struct(ColumnNode[] fields) {
      this.fields = fields;
      this.held = new UnsafeRow(fields.length);
    }

    @Override
    void missing(int repetition, int definition) {
      for (ColumnNode field : fields) {
        field.missing(repetition, definition);
      }
    }

    @Override
    int take(SpecializedGetters from, int place, int repetition, int definition) {
      InternalRow struct = held;
      if (from instanceof UnsafeRow row) {
        // As getStruct does, without an object for each.
        long at = row.getLong(place);
        held.pointTo(row.getBaseObject(), row.getBaseOffset() + (at >>> 32), (int) at);
      } else {
        struct = from.getStruct(place, fields.length);
      }
      int bytes = 0;
      for (int i = 0; i < fields.length; i++) {
        bytes += fields[i].add(struct, i, repetition, definition);
      }
      return bytes;
    }
  }

  private static final class Elements extends ColumnNode {
    private final ColumnNode element;
    private final int level;
    private final UnsafeArrayData held = new UnsafeArrayData();

    Elements(ColumnNode element, int level) {
      this.element = element;
      this.level = level;
    }

    @Override
    void missing(int repetition, int definition) {
      element.missing(repetition, definition);
    }

    @Override
    int take(SpecializedGetters from, int place, int repetition, int definition) {
      ArrayData array = held;
      if (from instanceof UnsafeRow row) {
        long at = row.getLong(place);
        held.pointTo(row.getBaseObject(), row.getBaseOffset() + (at >>> 32), (int) at);
      } else {
        array = from.getArray(place);
      }
      int size = array.numElements();
      if (size == 0) {
        element.missing(repetition, definition);
      }
      // Of an element that is null there are its levels alone.
      int bytes = 2 * size;
      for (int i = 0; i < size; i++) {
        bytes += element.add(array, i, i == 0 ? repetition : level, definition + 1);
      }
      return bytes;
    }
  }
}
