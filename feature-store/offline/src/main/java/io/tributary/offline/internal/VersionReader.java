package io.tributary.offline.internal;

import io.tributary.expression.CheckedSource;
import io.tributary.expression.CheckedView;
import io.tributary.expression.Computation;
import io.tributary.expression.Evaluator;
import io.tributary.lake.LakeTable;
import io.tributary.offline.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** Makes versions of the rows of a source with their places, as one feature of a view sees them. */
final class VersionReader {
  private static final long ALWAYS = Long.MIN_VALUE;

  private final CheckedView view;
  private final CheckedSource source;
  private final Computation computation;
  private final StructType schema;
  private final boolean timed;
  private final List<Object> entity;
  private final Evaluator arguments;
  private final List<String> order;

  /**
   * @param entity the entity that is asked for: a row of the view's entity columns
   * @param schema of the rows
   */
  VersionReader(CheckedView view, Computation computation, InternalRow entity, StructType schema) {
    this.view = view;
    this.source = view.source().orElseThrow();
    this.computation = computation;
    this.schema = schema;
    this.timed = !source.definition().isStatic();
    StructType key = new StructType();
    for (String column : view.definition().entity()) {
      key = key.add(view.input().apply(column));
    }
    this.entity = PlainRows.fields(entity, key);
    this.arguments = view.arguments().over(schema).evaluator();
    List<String> ties = view.definition().tieBreak();
    this.order =
        Stream.concat(ties.stream(), source.order().stream().filter(c -> !ties.contains(c)))
            .toList();
  }

  Place place(InternalRow row) {
    return new Place(
        row.getUTF8String(at("_file")).toString(),
        row.getLong(at("_line")),
        row.getLong(at(LakeTable.DELIVERY)),
        row.getUTF8String(at("_run")).toString());
  }

  /**
   * The version that a row is.
   *
   * @param times the event times that are asked for
   */
  PlainReading.Version<Place> version(InternalRow row, int number, LongPredicate times) {
    List<String> eventKey = source.definition().eventKey();
    boolean deleted = timed && row.getBoolean(at(CheckedSource.DELETED));
    long time = timed && !deleted ? row.getLong(at(CheckedSource.EVENT_TIME)) : ALWAYS;
    boolean isAsked =
        !deleted && times.test(time) && values(row, view.definition().entity()).equals(entity);
    return new PlainReading.Version<>(
        place(row),
        number,
        eventKey.isEmpty() ? (Object) number : values(row, eventKey),
        time,
        timed ? row.getLong(at(CheckedSource.KNOWN_TIME)) : ALWAYS,
        deleted,
        isAsked,
        values(row, order),
        () -> taken(row));
  }

  private int at(String column) {
    return schema.fieldIndex(column);
  }

  private List<Object> values(InternalRow row, List<String> columns) {
    List<Object> values = new ArrayList<>();
    for (String column : columns) {
      DataType type = schema.fields()[at(column)].dataType();
      values.add(PlainRows.plain(row, at(column), type));
    }
    return values;
  }

  private PlainReading.Taken taken(InternalRow row) {
    UnsafeRow taken = arguments.evaluate(row, "explain", "view " + view.id());
    return new PlainReading.Taken(
        !view.hasFilter() || isTrue(taken, CheckedView.WHERE),
        computation.filter().map(f -> isTrue(taken, f)).orElse(true),
        computation.argument().map(a -> argument(taken, a)).orElse(null),
        computation.dimension().map(d -> argument(taken, d)).orElse(null));
  }

  private boolean isTrue(UnsafeRow taken, String column) {
    int i = view.arguments().schema().fieldIndex(column);
    return !taken.isNullAt(i) && taken.getBoolean(i);
  }

  private Object argument(UnsafeRow taken, String column) {
    int i = view.arguments().schema().fieldIndex(column);
    return PlainRows.plain(taken, i, view.arguments().schema().fields()[i].dataType());
  }
}
