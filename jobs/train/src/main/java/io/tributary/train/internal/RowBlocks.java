package io.tributary.train.internal;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.xxhash64;

import io.tributary.model.Input;
import io.tributary.model.InputRows;
import io.tributary.model.ModelSignature;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;

/** Collects the columns that a model needs from a frame to the driver, in blocks by column. */
public final class RowBlocks {
  private static final int BLOCK_ROWS = 16_384;

  private RowBlocks() {}

  /** All rows that have a label and an as-of, and how many have none. */
  public record Collected(RowBlock rows, long withoutLabel) {}

  /** A block of a task. */
  private record Part(RowBlock rows, long withoutLabel) implements Serializable {}

  /**
   * Reads the frame once.
   *
   * @param slices columns that are read as text
   * @param by columns by whose hash rows are dealt
   */
  public static Collected collect(
      Dataset<Row> frame,
      ModelSignature signature,
      List<Input> slices,
      List<String> by,
      String salt) {
    List<Input> inputs = signature.inputs();
    List<Column> columns = new ArrayList<>();
    List<Column> hashed = new ArrayList<>();
    for (Input input : inputs) {
      Column column = name(input.column());
      columns.add(column.cast(input.categorical() ? "string" : "double"));
      // The hash skips nulls, in whatever column.
      hashed.add(column.isNull());
      hashed.add(column);
    }
    for (Input slice : slices) {
      columns.add(name(slice.column()).cast("string"));
    }
    hashed.add(name(signature.label()));
    columns.add(expr("unix_micros(_as_of)"));
    columns.add(name(signature.label()));
    columns.add(xxhash64(hashed.toArray(new Column[0])));
    List<DataType> key = new ArrayList<>();
    for (String column : by) {
      columns.add(name(column));
      key.add(frame.schema().apply(column).dataType());
    }
    List<Part> parts =
        frame
            .select(columns.toArray(new Column[0]))
            .queryExecution()
            .toRdd()
            .toJavaRDD()
            .mapPartitions(rows -> new Blocks(rows, inputs, slices, new KeyDealer(key, salt)))
            .collect();
    int total = parts.stream().mapToInt(part -> part.rows.rows()).sum();
    long withoutLabel = parts.stream().mapToLong(part -> part.withoutLabel).sum();
    RowBlock all = new RowBlock(inputs, slices, total);
    parts.forEach(part -> all.appendAll(part.rows));
    return new Collected(all, withoutLabel);
  }

  private static Column name(String column) {
    return col("`" + column.replace("`", "``") + "`");
  }

  /** The blocks of a partition, created lazily. */
  private static final class Blocks implements Iterator<Part> {
    private final Iterator<InternalRow> rows;
    private final List<Input> inputs;
    private final List<Input> slices;
    private final KeyDealer dealer;

    Blocks(Iterator<InternalRow> rows, List<Input> inputs, List<Input> slices, KeyDealer dealer) {
      this.rows = rows;
      this.inputs = inputs;
      this.slices = slices;
      this.dealer = dealer;
    }

    @Override
    public boolean hasNext() {
      return rows.hasNext();
    }

    @Override
    public Part next() {
      RowBlock block = new RowBlock(inputs, slices, BLOCK_ROWS);
      long withoutLabel = 0;
      int last = inputs.size() + slices.size();
      while (rows.hasNext() && block.rows() < BLOCK_ROWS) {
        InternalRow row = rows.next();
        if (row.isNullAt(last) || row.isNullAt(last + 1)) {
          withoutLabel++;
          continue;
        }
        block.append(
            row.getLong(last),
            row.getBoolean(last + 1),
            row.getLong(last + 2),
            dealer.bucket(row, last + 3));
        fill(row, 0, inputs, block.inputs());
        fill(row, inputs.size(), slices, block.slices());
      }
      return new Part(block, withoutLabel);
    }

    private static void fill(InternalRow row, int at, List<Input> inputs, InputRows to) {
      for (int i = 0; i < inputs.size(); i++) {
        if (!row.isNullAt(at + i)) {
          if (inputs.get(i).categorical()) {
            to.text(i, row.getUTF8String(at + i).toString());
          } else {
            to.number(i, row.getDouble(at + i));
          }
        }
      }
    }
  }
}
