package io.tributary.rows.local;

import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Runner;
import io.tributary.rows.Scala;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.SpecificInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.expressions.XXH64;
import org.apache.spark.sql.catalyst.optimizer.NormalizeFloatingNumbers$;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.Platform;

/** One row for each value of some columns with the least of another: by task, then by hash. */
final class Least {
  /** Values that a task holds before it sends what it has. */
  private static final int HELD = 100_000;

  private static final StructType SENT =
      Runner.schema()
          .add("least", DataTypes.LongType, false)
          .add("others", DataTypes.BinaryType, false);

  private Least() {}

  static PartitionedRows of(Runner runner, PartitionedRows rows, String column) {
    StructType schema = rows.schema();
    int place = rows.index(column);
    List<Expression> others = new ArrayList<>();
    List<Expression> back = new ArrayList<>();
    for (int i = 0; i < schema.size(); i++) {
      if (i == place) {
        back.add(Scala.column(schema.size() - 1, schema.apply(i).dataType()));
      } else {
        back.add(Scala.column(others.size(), schema.apply(i).dataType()));
        // Zeros are one value, and so are all that are no number, as where Spark groups.
        others.add(NormalizeFloatingNumbers$.MODULE$.normalize(Scala.column(schema, i)));
      }
    }
    var sent =
        rows.rows()
            .map(
                (task, part) -> {
                  UnsafeProjection key = Scala.projection(others);
                  return new Merged(
                      part,
                      row -> 0,
                      row -> key.apply(row).copy().getBytes(),
                      row -> row.isNullAt(place) ? Long.MAX_VALUE : row.getLong(place),
                      sent());
                });
    return new PartitionedRows(
        runner
            .byHash(sent, SENT)
            .map(
                (task, part) ->
                    new Merged(
                        part,
                        row -> row.getLong(0),
                        row -> row.getBinary(2),
                        row -> row.getLong(1),
                        whole(others.size(), Scala.projection(back)))),
        schema);
  }

  /** What becomes of a value and the least that was found of it. */
  private interface Row {
    InternalRow of(byte[] value, long least);
  }

  private static Row sent() {
    UnsafeProjection projection = UnsafeProjection.create(SENT);
    SpecificInternalRow row = new SpecificInternalRow(SENT);
    return (value, least) -> {
      row.setLong(0, XXH64.hashUnsafeBytes(value, Platform.BYTE_ARRAY_OFFSET, value.length, 42));
      row.setLong(1, least);
      row.update(2, value);
      return projection.apply(row);
    };
  }

  private static Row whole(int fields, UnsafeProjection projection) {
    UnsafeRow others = new UnsafeRow(fields);
    SpecificInternalRow last = new SpecificInternalRow(Scala.seq(List.of(DataTypes.LongType)));
    JoinedRow joined = new JoinedRow(others, last);
    return (value, least) -> {
      others.pointTo(value, value.length);
      if (least == Long.MAX_VALUE) {
        last.setNullAt(0);
      } else {
        last.setLong(0, least);
      }
      return projection.apply(joined);
    };
  }

  /** The least of each value, among rows of one group that follow one another. */
  private static final class Merged implements Iterator<InternalRow> {
    private final Iterator<InternalRow> rows;
    private final ToLongFunction<InternalRow> group;
    private final Function<InternalRow, byte[]> value;
    private final ToLongFunction<InternalRow> least;
    private final Row result;
    private final Map<ByteBuffer, Long> found = new HashMap<>();
    private Iterator<Map.Entry<ByteBuffer, Long>> out =
        Map.<ByteBuffer, Long>of().entrySet().iterator();
    private InternalRow next;

    Merged(
        Iterator<InternalRow> rows,
        ToLongFunction<InternalRow> group,
        Function<InternalRow, byte[]> value,
        ToLongFunction<InternalRow> least,
        Row result) {
      this.rows = rows;
      this.group = group;
      this.value = value;
      this.least = least;
      this.result = result;
      advance();
    }

    private void advance() {
      next = rows.hasNext() ? rows.next() : null;
    }

    @Override
    public boolean hasNext() {
      if (!out.hasNext() && next != null) {
        found.clear();
        long of = group.applyAsLong(next);
        while (next != null && group.applyAsLong(next) == of && found.size() < HELD) {
          found.merge(ByteBuffer.wrap(value.apply(next)), least.applyAsLong(next), Math::min);
          advance();
        }
        out = found.entrySet().iterator();
      }
      return out.hasNext();
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Map.Entry<ByteBuffer, Long> entry = out.next();
      return result.of(entry.getKey().array(), entry.getValue());
    }
  }
}
