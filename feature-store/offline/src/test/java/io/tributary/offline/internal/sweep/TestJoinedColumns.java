package io.tributary.offline.internal.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.definition.Derivation;
import io.tributary.definition.SourceLocation;
import io.tributary.definition.SqlText;
import io.tributary.expression.RowExpressions;
import io.tributary.offline.engine.Arena;
import io.tributary.offline.engine.ViewPlan;
import io.tributary.offline.internal.values.SparkValues;
import io.tributary.rows.GatheredColumn;
import java.io.Serializable;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.apache.spark.unsafe.Platform;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TestJoinedColumns {
  private static final StructType LABELS = new StructType().add("id", "bigint");
  private static final StructType EVENTS = new StructType().add("x", "bigint").add("y", "double");

  /** Beside the heap, as the rows of an exchange. */
  private final long memory = Platform.allocateMemory(1_024);

  private final EventRow event = new EventRow();
  private final ViewSweep sweep = ViewSweep.ofHeld(view(), Arena.heap());

  @AfterEach
  void free() {
    Platform.freeMemory(memory);
  }

  /** A view that looks up columns of its events as they are. */
  private static CompiledView view() {
    List<Derivation> columns =
        Stream.of(EVENTS.fieldNames())
            .map(name -> new Derivation(name, new SqlText(name, new SourceLocation("test", 1))))
            .toList();
    RowExpressions same = RowExpressions.compile(columns, EVENTS, ZoneOffset.UTC);
    return new CompiledView(
        "view@1",
        ViewPlan.lookups(
                "view@1",
                Stream.of(EVENTS.fields())
                    .map(StructField::dataType)
                    .map(SparkValues::type)
                    .toList())
            .orderedBy(new int[0], 0),
        same,
        -1,
        new int[][] {{0, -1}, {1, -1}},
        EVENTS,
        same,
        EVENTS,
        false,
        true,
        false);
  }

  private JoinedColumns columns() {
    CompiledUse use =
        new CompiledUse("view", sweep.compiled(), new int[] {1, 0}, new Serializable[2], taken());
    return new JoinedColumns(LABELS, List.of(use), true);
  }

  private static StructType taken() {
    return new StructType().add("view__y", DataTypes.DoubleType).add("view__x", "bigint");
  }

  /** An entity's only event, at second 1. */
  private void deliver(long x, double y) {
    UnsafeRow key =
        UnsafeProjection.create(LABELS).apply(new GenericInternalRow(new Object[] {7L})).copy();
    UnsafeRow arguments =
        UnsafeProjection.create(EVENTS).apply(new GenericInternalRow(new Object[] {x, y}));
    RowBuffer out = new RowBuffer();
    out.begin(0);
    EventRow.write(
        out, 0, key, 1_000_000, 1_000_000, Long.MAX_VALUE, false, new byte[0], 0, 0, arguments);
    UnsafeRow row = out.end();
    Platform.copyMemory(
        row.getBaseObject(), row.getBaseOffset(), null, memory, row.getSizeInBytes());
    row.pointTo(null, memory, row.getSizeInBytes());
    event.point(row);
    sweep.add(event);
    sweep.sweep().begin();
  }

  private void ask(JoinedColumns columns, long id, long t) {
    columns.add(
        UnsafeProjection.create(LABELS).apply(new GenericInternalRow(new Object[] {id})).copy());
    sweep.sweep().at(t);
    columns.look(0, sweep, t, "entity");
  }

  private static GatheredColumn gathered(ColumnarBatch batch, int column) {
    return (GatheredColumn) batch.column(column);
  }

  @Test
  void anEventThatWinsIsReadWhereItLiesWhenAllRowsAreThere() {
    JoinedColumns columns = columns();
    deliver(3, 0.5);
    ask(columns, 1, 2_000_000);
    ask(columns, 2, 3_000_000);
    // Behind the bits of what is null.
    Platform.putLong(null, event.argumentsOffset() + 8, 4);
    ColumnarBatch batch = columns.batch();

    assertThat(columns.looksUp(0)).isTrue();
    assertThat(gathered(batch, 2).getLong(1)).isEqualTo(4);
    assertThat(gathered(batch, 1).getDouble(0)).isEqualTo(0.5);
    assertThat(gathered(batch, 1).count()).isEqualTo(1);
    assertThat(gathered(batch, 1).from()).isSameAs(gathered(batch, 2).from());
  }

  @Test
  void anEventThatWinsBeforeAndAfterTheColumnsWereClearedIsInBoth() {
    JoinedColumns columns = columns();
    deliver(3, 0.5);
    ask(columns, 1, 500_000);
    ask(columns, 2, 2_000_000);
    ColumnarBatch before = columns.batch();
    assertThat(before.column(1).isNullAt(0)).isTrue();
    assertThat(before.column(2).getLong(1)).isEqualTo(3);
    columns.clear();
    ask(columns, 3, 3_000_000);
    ColumnarBatch after = columns.batch();

    assertThat(after.numRows()).isEqualTo(1);
    assertThat(after.column(0).getLong(0)).isEqualTo(3);
    assertThat(after.column(2).isNullAt(0)).isFalse();
    assertThat(after.column(2).getLong(0)).isEqualTo(3);
  }
}
