package io.tributary.offline.internal.sweep;

import io.tributary.analysis.CheckedView;
import io.tributary.analysis.FeatureComputation;
import io.tributary.definition.Derivation;
import io.tributary.definition.Feature;
import io.tributary.definition.Source;
import io.tributary.definition.SqlText;
import io.tributary.expression.RowExpressions;
import io.tributary.offline.engine.InputType;
import io.tributary.offline.engine.Times;
import io.tributary.offline.engine.UserAggregate;
import io.tributary.offline.engine.ViewPlan;
import io.tributary.offline.internal.values.SparkValues;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;

/**
 * What a task needs to compute a view, in a form that travels.
 *
 * @param view its name, for messages
 * @param plan of the sweep
 * @param arguments what an event brings, evaluated before the shuffle
 * @param filter the column of {@code arguments} that says whether the view sees the event, -1 = it
 *     sees all
 * @param inputs of the plan: each an argument column and a filter column of {@code arguments}, -1 =
 *     none
 * @param computed the features that the sweep computes
 * @param completion adds derived features
 * @param features all features
 * @param isStatic whether its source has no times: every row counts at any instant
 * @param knowledgeTime whether known time bounds what is visible
 * @param refuseAmbiguity whether an ambiguous label row is an error
 * @param empty of a view at the accuracy of snapshots the features of an entity that is not in one;
 *     then the last of {@code features} is the snapshot's instant. Else null
 */
public record CompiledView(
    String view,
    ViewPlan plan,
    RowExpressions arguments,
    int filter,
    int[][] inputs,
    StructType computed,
    RowExpressions completion,
    StructType features,
    boolean isStatic,
    boolean knowledgeTime,
    boolean refuseAmbiguity,
    Serializable[] empty)
    implements Serializable {
  /** One that the engine computes from events: an entity without any needs no values. */
  public CompiledView(
      String view,
      ViewPlan plan,
      RowExpressions arguments,
      int filter,
      int[][] inputs,
      StructType computed,
      RowExpressions completion,
      StructType features,
      boolean isStatic,
      boolean knowledgeTime,
      boolean refuseAmbiguity) {
    this(
        view,
        plan,
        arguments,
        filter,
        inputs,
        computed,
        completion,
        features,
        isStatic,
        knowledgeTime,
        refuseAmbiguity,
        null);
  }

  /** When an event has left the longest window; {@link Long#MAX_VALUE} = never. */
  long leaves(long eventTime) {
    return Times.leaves(eventTime, plan.longestSpan());
  }

  /** Whether its events are snapshots that were taken of the view. */
  public boolean ofSnapshots() {
    return empty != null;
  }

  /** Of a view's snapshots: a look-up, of which an entity has at most one event at an instant. */
  public static CompiledView ofSnapshots(CheckedView view) {
    StructType served = view.schema().add(SnapshotSweep.AT, DataTypes.TimestampType, true);
    List<Derivation> columns = new ArrayList<>();
    List<InputType> types = new ArrayList<>();
    int[][] inputs = new int[served.size()][];
    for (int i = 0; i < inputs.length; i++) {
      StructField field = served.fields()[i];
      columns.add(
          new Derivation(
              field.name(), new SqlText("`" + field.name() + "`", view.definition().location())));
      types.add(SparkValues.type(field.dataType()));
      inputs[i] = new int[] {i, -1};
    }
    RowExpressions same = RowExpressions.compile(columns, served, view.definition().zone());
    String name = view.id().toString();
    return new CompiledView(
        name,
        ViewPlan.lookups(name, types).orderedBy(new int[0], 0),
        same,
        -1,
        inputs,
        served,
        same,
        served,
        false,
        true,
        false,
        EmptyValues.literals(view));
  }

  public static CompiledView of(CheckedView view) {
    StructType arguments = view.arguments().schema();
    List<ViewPlan.Input> inputs = new ArrayList<>();
    StructType computed = new StructType();
    for (FeatureComputation c : view.computations()) {
      inputs.add(new ViewPlan.Input(c.argument(), c.filter(), c.dimension()));
      computed = computed.add(c.feature().name(), c.type(), true);
    }
    List<ViewPlan.Input> distinct = ViewPlan.distinct(inputs);
    List<InputType> types =
        distinct.stream()
            .map(
                input ->
                    input
                        .argument()
                        .map(a -> SparkValues.type(type(arguments, a)))
                        .orElse(InputType.INTEGER))
            .toList();
    boolean isStatic = view.source().orElseThrow().definition().isStatic();
    ViewPlan plan =
        ViewPlan.of(
            view.definition(),
            inputs,
            types,
            isStatic ? Optional.empty() : view.definition().ttl(),
            view.computations().stream()
                .map(c -> own(view, arguments, c))
                .collect(Collectors.toList()));
    return new CompiledView(
        view.id().toString(),
        plan.ordersEvents() ? ordered(plan, view, distinct) : plan,
        view.arguments(),
        view.hasFilter() ? arguments.fieldIndex(CheckedView.WHERE) : -1,
        distinct.stream()
            .map(
                input ->
                    new int[] {
                      input.argument().map(arguments::fieldIndex).orElse(-1),
                      input.filter().map(arguments::fieldIndex).orElse(-1)
                    })
            .toArray(int[][]::new),
        computed,
        view.completion(),
        view.schema(),
        isStatic,
        view.definition().knowledgeTime(),
        view.definition().refuseAmbiguity());
  }

  private static UserAggregate own(CheckedView view, StructType arguments, FeatureComputation c) {
    return c.feature() instanceof Feature.Windowed windowed
            && windowed.aggregate().implementation().isPresent()
        ? new SparkUserAggregate(
            view.id() + "." + windowed.name(),
            windowed.aggregate(),
            type(arguments, c.argument().orElseThrow()),
            c.dimension().isPresent() ? ((MapType) c.type()).valueType() : c.type())
        : null;
  }

  /** Has the plan order ties by its inputs where these have all columns that decide. */
  private static ViewPlan ordered(ViewPlan plan, CheckedView view, List<ViewPlan.Input> distinct) {
    Map<String, Integer> inputOf = new HashMap<>();
    for (FeatureComputation c : view.computations()) {
      if (c.feature() instanceof Feature.Lookup lookup && c.filter().isEmpty()) {
        int input =
            distinct.indexOf(new ViewPlan.Input(c.argument(), Optional.empty(), Optional.empty()));
        inputOf.put(lookup.expression().sql().strip(), input);
      }
    }
    List<Integer> inputs = new ArrayList<>();
    for (String column : order(view)) {
      if (!inputOf.containsKey(column)) {
        return plan;
      }
      inputs.add(inputOf.get(column));
    }
    return plan.orderedBy(inputs.stream().mapToInt(Integer::intValue).toArray(), tieBreak(view));
  }

  /** The columns that decide between events of one entity and equal event and known time. */
  static List<String> order(CheckedView view) {
    return view.order().stream().filter(column -> !isEqualInTies(view, column)).toList();
  }

  /** How many of these, the first, are declared to break ties. */
  static int tieBreak(CheckedView view) {
    return (int)
        view.definition().tieBreak().stream()
            .filter(column -> !isEqualInTies(view, column))
            .count();
  }

  /** Whether events of one entity and equal event and known time have the same value. */
  private static boolean isEqualInTies(CheckedView view, String column) {
    Source source = view.source().orElseThrow().definition();
    DataType type = type(view.input(), column);
    return view.definition().entity().contains(column)
        || type instanceof MapType
        || ((type instanceof TimestampType || type instanceof DateType)
            && Stream.of(source.eventTime(), source.knownTime())
                .flatMap(Optional::stream)
                .anyMatch(time -> time.sql().strip().equals(column)));
  }

  private static DataType type(StructType schema, String column) {
    return schema.fields()[schema.fieldIndex(column)].dataType();
  }
}
