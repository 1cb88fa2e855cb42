package io.tributary.offline.internal;

import io.tributary.core.Iterators;
import io.tributary.core.Pin;
import io.tributary.expression.CheckedSource;
import io.tributary.expression.CheckedTrainingSet;
import io.tributary.expression.CheckedView;
import io.tributary.expression.RowExpressions;
import io.tributary.lake.Tally;
import io.tributary.offline.engine.ViewPlan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The labels that are read for rows that ask (rule 14). */
public final class LabelPlan {
  /** Names of what is counted. */
  public static final String ASKED = "asked";

  public static final String UNKNOWN = "unknown";
  public static final String FILTERED = "filtered";
  public static final String MISSING = "missing";
  public static final String LAST_KNOWN = "last-known";

  private final Sources sources;
  private final Shuffle shuffle;
  private final List<Pin> pins;

  public LabelPlan(Sources sources, Shuffle shuffle, List<Pin> pins) {
    this.sources = sources;
    this.shuffle = shuffle;
    this.pins = pins;
  }

  /**
   * The rows that have a label, with it as their last column.
   *
   * @param rows with the label source's event key
   * @param knownUntil microseconds, inclusive; {@link Long#MAX_VALUE} = all that is pinned
   */
  public SourceRows labelled(
      CheckedTrainingSet set, SourceRows rows, long knownUntil, Tally tally) {
    CheckedSource source = set.labelSource();
    List<String> eventKey = source.definition().eventKey();
    SourceRows lives = sources.lives(source, List.of(), true, pins);
    DataType[] types =
        Keys.common(
            "of label " + set.definition().label().name(),
            eventKey,
            Keys.types(rows.schema(), eventKey),
            Keys.types(lives.schema(), eventKey));
    ViewTask task = task(set);
    int known = lives.index(CheckedSource.KNOWN_TIME);
    int until = LifeRows.placeOfUntil(lives.schema());
    JavaRDD<InternalRow> last =
        lives.rows().mapPartitions(part -> known(part, known, until, knownUntil, tally));
    JavaRDD<InternalRow> events =
        EventRows.all(
            new SourceRows(last, lives.schema()),
            List.of(
                EventRows.of(
                    0,
                    task,
                    lives.schema(),
                    Keys.of(lives.schema(), eventKey, types),
                    IntStream.range(0, types.length).toArray(),
                    List.of(),
                    0,
                    Asked.ANY_TIME)));
    Keys keys = Keys.of(rows.schema(), eventKey, types);
    StructType found = new StructType(set.label().schema().fields());
    UseTask use = new UseTask("label", task, new int[] {0, 1}, new java.io.Serializable[2], found);
    GroupSweep sweep =
        new GroupSweep(
            List.of(task),
            List.of(new GroupSweep.Part(keys, List.of(0))),
            List.of(use),
            rows.schema(),
            GroupSweep.TIMELESS,
            tally);
    JavaRDD<InternalRow> joined =
        sweep.join(
            shuffle.byHash(events, RowBuffer.SCHEMA),
            shuffle.byHash(LabelRows.of(rows, keys), RowBuffer.SCHEMA));
    StructType both = sweep.schema();
    int label = rows.schema().size();
    StructType result = rows.schema().add(both.fields()[label]);
    return new SourceRows(joined.mapPartitions(part -> kept(part, both, label, tally)), result);
  }

  /**
   * The versions that count at an instant; says the greatest known time among those known by then.
   */
  private static Iterator<InternalRow> known(
      Iterator<InternalRow> rows, int known, int until, long at, Tally tally) {
    long[] greatest = {Long.MIN_VALUE};
    return Iterators.atEnd(
        Iterators.mapSome(
            rows,
            row -> {
              long from = row.getLong(known);
              if (from > at) {
                return null;
              }
              greatest[0] = Math.max(greatest[0], from);
              long end = LifeRows.until(row, until);
              if (end <= at && end != Long.MAX_VALUE) {
                greatest[0] = Math.max(greatest[0], end);
              }
              return end > at || end == Long.MAX_VALUE ? row : null;
            }),
        () -> {
          if (greatest[0] != Long.MIN_VALUE) {
            tally.put(LAST_KNOWN, greatest[0]);
          }
        });
  }

  private static ViewTask task(CheckedTrainingSet set) {
    StructType columns = set.label().schema();
    StructType values = new StructType();
    for (StructField field : columns.fields()) {
      values = values.add(field.name(), field.dataType(), true);
    }
    RowExpressions same =
        RowExpressions.compile(List.of(), values, set.labelSource().definition().zone())
            .withInput();
    String name = "label " + set.definition().label().name() + " of training set " + set.name();
    return new ViewTask(
        name,
        ViewPlan.lookups(
            name, Arrays.stream(values.fields()).map(f -> SparkValues.type(f.dataType())).toList()),
        set.label(),
        -1,
        new int[][] {{0, -1}, {1, -1}},
        values,
        same,
        values,
        true,
        true,
        false);
  }

  private static Iterator<InternalRow> kept(
      Iterator<InternalRow> rows, StructType schema, int label, Tally tally) {
    if (!schema.fields()[label + 1].name().equals(CheckedView.WHERE)) {
      throw new IllegalStateException("the label's filter is not beside it");
    }
    List<Expression> columns = new ArrayList<>();
    for (int i = 0; i <= label; i++) {
      columns.add(Scala.column(schema, i));
    }
    UnsafeProjection projection = Scala.projection(columns);
    long[] counts = new long[4];
    return Iterators.atEnd(
        Iterators.mapSome(
            rows,
            row -> {
              counts[0]++;
              if (row.isNullAt(label + 1)) {
                counts[1]++;
              } else if (!row.getBoolean(label + 1)) {
                counts[2]++;
              } else if (row.isNullAt(label)) {
                counts[3]++;
              } else {
                return projection.apply(row);
              }
              return null;
            }),
        () -> {
          tally.put(ASKED, counts[0]);
          tally.put(UNKNOWN, counts[1]);
          tally.put(FILTERED, counts[2]);
          tally.put(MISSING, counts[3]);
        });
  }
}
