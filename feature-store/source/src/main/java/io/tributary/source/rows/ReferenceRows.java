package io.tributary.source.rows;

import io.tributary.definition.Lookup;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Scala;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.LongConsumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.EvalMode;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The rows of a static source by their keys, on the heap: what a look-up puts beside each row. Safe
 * for threads once it is filled.
 */
final class ReferenceRows {
  private static final List<UnsafeRow> NONE = List.of();

  /** Bytes that a row and its key take beside their own. */
  private static final int BESIDE = 200;

  private final Lookup lookup;
  private final StructField field;
  private final Map<UnsafeRow, List<UnsafeRow>> byKey;

  private ReferenceRows(Lookup lookup, StructField field, Map<UnsafeRow, List<UnsafeRow>> byKey) {
    this.lookup = lookup;
    this.field = field;
    this.byKey = byKey;
  }

  /** Whether keys of these types are compared without Spark: equal ones, and integers. */
  static boolean compares(DataType one, DataType other) {
    return one.equals(other) || one instanceof IntegralType && other instanceof IntegralType;
  }

  /**
   * Reads the rows of a static source.
   *
   * @param keys its columns that the look-up goes by
   * @param field the column that a look-up gives
   * @param held is given how many more bytes are held; of several threads
   */
  static ReferenceRows of(
      Lookup lookup,
      PartitionedRows rows,
      List<String> keys,
      StructField field,
      LongConsumer held) {
    StructType columns = (StructType) field.dataType();
    List<List<UnsafeRow>> read =
        rows.rows()
            .each(
                part -> {
                  UnsafeProjection key = key(rows.schema(), keys);
                  UnsafeProjection kept = columns(rows.schema(), List.of(columns.fieldNames()));
                  List<UnsafeRow> pairs = new ArrayList<>();
                  while (part.hasNext()) {
                    InternalRow row = part.next();
                    UnsafeRow of = key.apply(row).copy();
                    UnsafeRow found = kept.apply(row).copy();
                    held.accept(of.getSizeInBytes() + found.getSizeInBytes() + BESIDE);
                    pairs.add(of);
                    pairs.add(found);
                  }
                  return pairs;
                });
    Map<UnsafeRow, List<UnsafeRow>> byKey = new HashMap<>();
    for (List<UnsafeRow> pairs : read) {
      for (int i = 0; i < pairs.size(); i += 2) {
        byKey.computeIfAbsent(pairs.get(i), k -> new ArrayList<>(1)).add(pairs.get(i + 1));
      }
    }
    return new ReferenceRows(lookup, field, byKey);
  }

  /** The same rows for another look-up of them. */
  ReferenceRows as(Lookup other, StructField given) {
    return new ReferenceRows(other, given, byKey);
  }

  private static UnsafeProjection key(StructType schema, List<String> names) {
    List<Expression> keys = new ArrayList<>();
    for (String name : names) {
      Expression column = Scala.column(schema, schema.fieldIndex(name));
      keys.add(
          column.dataType() instanceof IntegralType
              ? new Cast(column, DataTypes.LongType, scala.Option.empty(), EvalMode.ANSI())
              : column);
    }
    return Scala.projection(keys);
  }

  private static UnsafeProjection columns(StructType schema, List<String> names) {
    return Scala.projection(
        names.stream().<Expression>map(n -> Scala.column(schema, schema.fieldIndex(n))).toList());
  }

  /** Rows with the look-up's column behind their own. */
  StructType schema(StructType rows) {
    return rows.add(field);
  }

  /** Each row with what its key finds: as often as that is there, once with null where it isn't. */
  Iterator<InternalRow> beside(StructType schema, Iterator<InternalRow> rows) {
    UnsafeProjection key = key(schema, lookup.keys());
    GenericInternalRow found = new GenericInternalRow(1);
    JoinedRow both = new JoinedRow();
    return new Iterator<>() {
      private InternalRow row;
      private List<UnsafeRow> matches = NONE;
      private int next;

      @Override
      public boolean hasNext() {
        return next < matches.size() || rows.hasNext();
      }

      @Override
      public InternalRow next() {
        if (next == matches.size()) {
          if (!rows.hasNext()) {
            throw new NoSuchElementException();
          }
          row = rows.next();
          UnsafeRow of = key.apply(row);
          matches = of.anyNull() ? NONE : byKey.getOrDefault(of, NONE);
          next = 0;
        }
        found.update(0, matches.isEmpty() ? null : matches.get(next++));
        return both.apply(row, found);
      }
    };
  }
}
