package io.tributary.offline.internal.explain;

import io.tributary.analysis.CheckedSource;
import io.tributary.analysis.CheckedView;
import io.tributary.analysis.FeatureComputation;
import io.tributary.definition.Feature;
import io.tributary.expression.Evaluator;
import io.tributary.expression.RowExpressions;
import io.tributary.lake.LakeTable;
import io.tributary.offline.explanation.Place;
import io.tributary.offline.internal.reference.ReferenceEvaluator;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.lang3.SerializationUtils;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * Makes versions of the rows of a source with their places, as features of a view see them that
 * take the same from an event. Not for several threads.
 */
final class VersionReader implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final long ALWAYS = Long.MIN_VALUE;

  private final String view;
  private final boolean hasFilter;
  private final boolean timed;
  private final StructType schema;
  private final int[] eventKey;
  private final int[] entityColumns;
  private final ArrayList<Object> entity;
  private final int[] rank;
  private final int[] values;
  private final int[] order;
  private final RowExpressions expressions;
  private final int filter;
  private final int[] arguments;
  private final int dimension;
  private transient Evaluator evaluator;

  /**
   * @param computations with the same filter and dimension, and the same argument; look-ups each
   *     with its own, and then a version's value is the list of them
   * @param entity the entity that is explained: a row of the view's entity columns
   * @param schema of the rows
   */
  VersionReader(
      CheckedView view,
      List<FeatureComputation> computations,
      InternalRow entity,
      StructType schema) {
    CheckedSource source = view.source().orElseThrow();
    this.view = "view " + view.id();
    this.hasFilter = view.hasFilter();
    this.timed = !source.definition().isStatic();
    this.schema = schema;
    this.eventKey = places(source.definition().eventKey());
    this.entityColumns = places(view.definition().entity());
    StructType key = new StructType();
    for (String column : view.definition().entity()) {
      key = key.add(view.input().apply(column));
    }
    this.entity = comparable(ReferenceValues.fields(entity, key));
    this.rank =
        places(
            Stream.concat(source.sequence().stream(), view.definition().tieBreak().stream())
                .toList());
    this.values = places(source.order());
    this.order = places(view.order());
    this.expressions = view.arguments().over(schema);
    FeatureComputation first = computations.get(0);
    this.filter = argument(first.filter());
    boolean isLookup = first.feature() instanceof Feature.Lookup;
    this.arguments =
        computations.stream()
            .limit(isLookup ? computations.size() : 1)
            .mapToInt(c -> argument(c.argument()))
            .toArray();
    this.dimension = argument(first.dimension());
  }

  /** The same for another thread. */
  VersionReader own() {
    return SerializationUtils.clone(this);
  }

  private int[] places(List<String> columns) {
    return columns.stream().mapToInt(schema::fieldIndex).toArray();
  }

  private int argument(Optional<String> column) {
    return column.map(expressions.schema()::fieldIndex).orElse(-1);
  }

  /**
   * The version that a row is.
   *
   * @param range which event times are read
   */
  ReferenceEvaluator.Version<Place> version(InternalRow row, TimeRange range) {
    boolean deleted = timed && row.getBoolean(at(CheckedSource.DELETED));
    long time = timed && !deleted ? row.getLong(at(CheckedSource.EVENT_TIME)) : ALWAYS;
    Place place =
        new Place(
            row.getUTF8String(at("_file")).toString(),
            row.getLong(at("_line")),
            row.getLong(at(LakeTable.DELIVERY)),
            row.getUTF8String(at("_run")).toString());
    boolean isAsked =
        !deleted && range.has(time) && comparable(values(row, entityColumns)).equals(entity);
    return new ReferenceEvaluator.Version<>(
        place,
        eventKey.length == 0 ? (Object) place : comparable(values(row, eventKey)),
        time,
        timed ? row.getLong(at(CheckedSource.KNOWN_TIME)) : ALWAYS,
        deleted,
        isAsked,
        values(row, rank),
        values(row, values),
        values(row, order),
        () -> taken(row));
  }

  private int at(String column) {
    return schema.fieldIndex(column);
  }

  private ArrayList<Object> values(InternalRow row, int[] columns) {
    ArrayList<Object> values = new ArrayList<>();
    for (int column : columns) {
      values.add(ReferenceValues.plain(row, column, schema.fields()[column].dataType()));
    }
    return values;
  }

  /** Values that are equal where their content is. */
  private static ArrayList<Object> comparable(List<Object> values) {
    ArrayList<Object> comparable = new ArrayList<>();
    values.forEach(v -> comparable.add(v instanceof byte[] bytes ? ByteBuffer.wrap(bytes) : v));
    return comparable;
  }

  private ReferenceEvaluator.Taken taken(InternalRow row) {
    if (evaluator == null) {
      evaluator = expressions.evaluator();
    }
    UnsafeRow taken = evaluator.evaluate(row, "explain", view);
    Object value = null;
    if (arguments.length == 1) {
      value = argument(taken, arguments[0]);
    } else {
      ArrayList<Object> values = new ArrayList<>();
      for (int argument : arguments) {
        values.add(argument(taken, argument));
      }
      value = values;
    }
    return new ReferenceEvaluator.Taken(
        !hasFilter || isTrue(taken, expressions.schema().fieldIndex(CheckedView.WHERE)),
        filter < 0 || isTrue(taken, filter),
        value,
        argument(taken, dimension));
  }

  private static boolean isTrue(UnsafeRow taken, int i) {
    return !taken.isNullAt(i) && taken.getBoolean(i);
  }

  private Object argument(UnsafeRow taken, int i) {
    if (i < 0) {
      return null;
    }
    DataType type = expressions.schema().fields()[i].dataType();
    return ReferenceValues.plain(taken, i, type);
  }
}
