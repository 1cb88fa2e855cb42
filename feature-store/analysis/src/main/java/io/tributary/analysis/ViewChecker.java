package io.tributary.analysis;

import io.tributary.core.PlatformException;
import io.tributary.core.aggregate.AggregateLaws;
import io.tributary.core.aggregate.MergeableAggregate;
import io.tributary.definition.Aggregate.Argument;
import io.tributary.definition.Aggregate.Function;
import io.tributary.definition.ColumnType;
import io.tributary.definition.Derivation;
import io.tributary.definition.Feature;
import io.tributary.definition.FeatureView;
import io.tributary.definition.SqlText;
import io.tributary.expression.Division;
import io.tributary.expression.ResolvedExpression;
import io.tributary.expression.RowExpressions;
import io.tributary.expression.Scope;
import io.tributary.expression.SqlDialect;
import io.tributary.expression.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Types one feature view. */
final class ViewChecker {
  private static final String OF = "_of_";
  private static final String WHERE = "_where_";
  private static final String BY = "_by_";

  private final SourceChecker sources;
  private final Analysis analysis;
  private final FeatureView view;
  private final String thing;

  /** What its features are called where there is more to them than a name; else empty. */
  private final Optional<String> called;

  /** Names of argument columns by what they mean and how they are wrapped. */
  private final Map<String, String> argumentNames = new HashMap<>();

  private boolean failed;

  /** Whether there is a column that says which events the view sees. */
  private boolean filtered;

  ViewChecker(Analysis analysis, SourceChecker sources, FeatureView view) {
    this(analysis, sources, view, "view " + view.id(), Optional.empty());
  }

  /** A checker of what is computed as a view is, and is none to its user. */
  ViewChecker(
      Analysis analysis,
      SourceChecker sources,
      FeatureView view,
      String thing,
      Optional<String> called) {
    this.sources = sources;
    this.analysis = analysis;
    this.view = view;
    this.thing = thing;
    this.called = called;
  }

  private String called(Feature feature) {
    return called.orElseGet(() -> "feature \"" + feature.name() + "\"");
  }

  /** Empty where something is wrong, or its source is. */
  Optional<CheckedView> check() {
    Optional<AnalyzedSource> source = view.source().flatMap(sources::find);
    Scope input;
    if (view.isOnDemand()) {
      input = request();
    } else if (source.isPresent()) {
      input = source.get().columns();
      view.entity().forEach(column -> entity(column, source.get()));
      view.tieBreak().forEach(column -> tieBreak(column, source.get()));
    } else {
      return Optional.empty();
    }
    SqlDialect profile = new SqlDialect(view.zone(), Division.FAILS);
    Map<String, String> identities = source.map(AnalyzedSource::identities).orElse(Map.of());
    ExpressionAnalysis arguments =
        new ExpressionAnalysis(analysis, thing, profile, input, identities);
    filtered =
        view.where().isPresent()
            && Conditions.add(arguments, CheckedView.WHERE, view.where().get());
    List<FeatureComputation> computations = new ArrayList<>();
    Scope features = new Scope(thing, new StructType());
    for (Feature feature : view.features()) {
      Optional<FeatureComputation> computation = computation(feature, arguments, source);
      computation.ifPresent(computations::add);
      features =
          computation.isPresent()
              ? features.with(
                  new StructField(feature.name(), computation.get().type(), true, Metadata.empty()))
              : features.withBroken(feature.name());
    }
    ExpressionAnalysis derived = derived(features, identitiesOf(computations, arguments));
    if (failed
        || arguments.failed()
        || derived.failed()
        || source.isPresent() && source.get().checked().isEmpty()) {
      new Defaults(analysis, thing, view).check(derived.scope().schema());
      return Optional.empty();
    }
    RowExpressions completion = derived.finish().withInput();
    StructType schema = completion.schema();
    Optional<Map<String, Object>> defaults = new Defaults(analysis, thing, view).check(schema);
    if (defaults.isEmpty()) {
      return Optional.empty();
    }
    Set<String> reads = source.map(s -> reads(s, arguments)).orElse(Set.of());
    List<String> order = source.map(s -> order(s, reads)).orElse(List.of());
    ViewCanonicalForm meaning =
        new ViewCanonicalForm(view, source, arguments, computations, derived);
    return Optional.of(
        new CheckedView(
            view,
            source.flatMap(AnalyzedSource::checked),
            input.schema(),
            arguments.finish(),
            computations,
            completion,
            defaults.get(),
            schema,
            order,
            reads,
            meaning.digest(order),
            meaning.snapshotDigest(order)));
  }

  private Scope request() {
    Scope input = new Scope("the request", new StructType());
    for (Map.Entry<String, ColumnType> column : view.request().entrySet()) {
      Optional<DataType> type = Types.of(column.getValue());
      if (type.isPresent()) {
        input = input.with(new StructField(column.getKey(), type.get(), true, Metadata.empty()));
      } else {
        problem(
            "request column \""
                + column.getKey()
                + "\" has no type that Spark knows: "
                + column.getValue()
                + ". Write one, as in bigint.");
        input = input.withBroken(column.getKey());
      }
    }
    return input;
  }

  private void entity(String column, AnalyzedSource source) {
    Optional<StructField> field = column(column, source);
    if (field.isPresent() && !Types.isKey(field.get().dataType())) {
      problem(
          "entity column \""
              + column
              + "\" is "
              + Types.name(field.get().dataType())
              + ", which can't be compared beyond doubt. Use whole numbers, decimals, text, booleans, dates or timestamps.");
    }
  }

  private void tieBreak(String column, AnalyzedSource source) {
    Optional<StructField> field = column(column, source);
    if (field.isPresent() && !Types.isOrdered(field.get().dataType())) {
      problem(
          "tie-break column \""
              + column
              + "\" is "
              + Types.name(field.get().dataType())
              + ", which has no order. Use another column.");
    }
  }

  private Optional<StructField> column(String column, AnalyzedSource source) {
    Optional<StructField> field = source.columns().find(column);
    failed |= field.isEmpty();
    return field;
  }

  private void problem(String why) {
    failed = true;
    analysis.problem(thing, view.location(), why);
  }

  private Optional<FeatureComputation> computation(
      Feature feature, ExpressionAnalysis arguments, Optional<AnalyzedSource> source) {
    if (feature instanceof Feature.Lookup lookup) {
      Optional<ResolvedExpression> value = arguments.type("_value", lookup.expression());
      return value.map(
          v -> {
            String column =
                argument(
                    arguments,
                    v,
                    OF + feature.name(),
                    guarded("%s", Optional.empty()),
                    lookup.expression());
            return new FeatureComputation(
                feature,
                Optional.of(column),
                Optional.empty(),
                Optional.empty(),
                v.column().dataType(),
                v.columns());
          });
    }
    Feature.Windowed windowed = (Feature.Windowed) feature;
    if (source.isEmpty() || source.get().definition().isStatic()) {
      failed = true;
      return Optional.empty();
    }
    Optional<String> filter = Optional.empty();
    boolean good = true;
    if (windowed.where().isPresent()) {
      filter = filter(arguments, WHERE + feature.name(), windowed.where().get());
      good = filter.isPresent();
    }
    Optional<Split> split = Optional.empty();
    if (good && windowed.by().isPresent()) {
      split = split(arguments, windowed, filter);
      good = split.isPresent();
    }
    Function function = windowed.aggregate().function();
    if (windowed.argument().isEmpty()) {
      boolean counts = function == Function.COUNT;
      return good
          ? Optional.of(
              new FeatureComputation(
                  feature,
                  Optional.empty(),
                  filter,
                  split.map(Split::column),
                  splitBy(split, type(function, DataTypes.LongType), function),
                  values(split, counts ? Set.of() : Set.of(CheckedSource.EVENT_TIME))))
          : Optional.empty();
    }
    SqlText sql = windowed.argument().get();
    Optional<ResolvedExpression> value = arguments.type("_value", sql);
    if (value.isEmpty() || !good) {
      return Optional.empty();
    }
    DataType type = value.get().column().dataType();
    Optional<DataType> result =
        function == Function.CUSTOM
            ? own(arguments, windowed, type, sql)
            : accepts(arguments, windowed, type, sql)
                ? Optional.of(type(function, type))
                : Optional.empty();
    if (result.isEmpty()) {
      return Optional.empty();
    }
    boolean counted = Types.isBoolean(type) && function.argument() == Argument.NUMBER_OR_BOOLEAN;
    String column =
        argument(
            arguments,
            value.get(),
            OF + feature.name(),
            guarded(counted ? "cast(%s as int)" : "%s", filter),
            sql);
    return Optional.of(
        new FeatureComputation(
            feature,
            Optional.of(column),
            filter,
            split.map(Split::column),
            splitBy(split, result.get(), function),
            values(split, value.get().columns())));
  }

  private static Set<String> values(Optional<Split> split, Set<String> argument) {
    Set<String> values = new TreeSet<>(argument);
    split.ifPresent(s -> values.addAll(s.columns()));
    return values;
  }

  /** The type of a result of the project's own aggregate, whose laws are tried. */
  private Optional<DataType> own(
      ExpressionAnalysis arguments, Feature.Windowed feature, DataType type, SqlText sql) {
    String name = Types.name(type);
    String why;
    try {
      MergeableAggregate<Object> aggregate = UserAggregates.make(feature.aggregate());
      if (!AggregateLaws.accepts(name)) {
        why =
            "an aggregate of a class takes numbers, booleans and text, not "
                + name
                + ". Cast the expression.";
      } else {
        String result = aggregate.resultType(name);
        Optional<String> broken =
            AggregateLaws.isResultType(result)
                ? AggregateLaws.broken(aggregate, name)
                : Optional.of(
                    "its result is "
                        + result
                        + ", and may be bigint, double, boolean, string or an array of one of these");
        if (broken.isEmpty()) {
          return Optional.of(DataType.fromDDL(result));
        }
        why =
            "class "
                + feature.aggregate().text()
                + " is no aggregate: "
                + broken.get()
                + ". Correct the class.";
      }
    } catch (IllegalArgumentException e) {
      why =
          feature.aggregate().text()
              + " does not take "
              + name
              + ": "
              + e.getMessage()
              + ". Give it another expression.";
    } catch (PlatformException e) {
      why = e.getMessage();
    }
    arguments.problem(sql, "feature \"" + feature.name() + "\": " + why);
    return Optional.empty();
  }

  /** A dimension's column and its type. */
  private record Split(String column, DataType type, Set<String> columns) {}

  private Optional<Split> split(
      ExpressionAnalysis arguments, Feature.Windowed feature, Optional<String> filter) {
    SqlText sql = feature.by().orElseThrow();
    Optional<ResolvedExpression> typed = arguments.type("_by", sql);
    if (typed.isEmpty()) {
      return Optional.empty();
    }
    DataType type = typed.get().column().dataType();
    if (!Types.isMapKey(type)) {
      arguments.problem(
          sql,
          called(feature)
              + ": a dimension needs values that can be a map's keys, but "
              + sql.sql().strip()
              + " is "
              + Types.name(type)
              + ". Split by another expression.");
      return Optional.empty();
    }
    String column =
        argument(arguments, typed.get(), BY + feature.name(), guarded("%s", filter), sql);
    return Optional.of(new Split(column, type, typed.get().columns()));
  }

  private Optional<String> filter(ExpressionAnalysis arguments, String name, SqlText sql) {
    Optional<ResolvedExpression> typed = arguments.type("_filter", sql);
    if (typed.isEmpty()) {
      return Optional.empty();
    }
    if (!Types.isBoolean(typed.get().column().dataType())) {
      arguments.problem(
          sql,
          "a filter is true or false, but this is "
              + Types.name(typed.get().column().dataType())
              + ". Write a condition.");
      return Optional.empty();
    }
    return Optional.of(
        argument(
            arguments, typed.get(), name, guarded("coalesce(%s, false)", Optional.empty()), sql));
  }

  /** What is computed only where the filters are true: it may fail where they are not. */
  private String guarded(String around, Optional<String> filter) {
    List<String> filters = new ArrayList<>();
    if (filtered) {
      filters.add(CheckedView.WHERE);
    }
    filter.ifPresent(column -> filters.add("`" + column + "`"));
    return filters.isEmpty()
        ? around
        : "if(" + String.join(" and ", filters) + ", " + around + ", null)";
  }

  /** The column of an argument; arguments that mean the same share the first one's. */
  private String argument(
      ExpressionAnalysis arguments,
      ResolvedExpression typed,
      String name,
      String around,
      SqlText sql) {
    return argumentNames.computeIfAbsent(
        around + typed.identity(),
        key -> {
          if (around.equals("%s")) {
            arguments.accept(typed.named(name), sql);
          } else {
            arguments.addAround(name, around, sql);
          }
          return name;
        });
  }

  private boolean accepts(
      ExpressionAnalysis arguments, Feature.Windowed feature, DataType type, SqlText sql) {
    Function function = feature.aggregate().function();
    boolean good =
        switch (function.argument()) {
          case NUMBER_OR_BOOLEAN -> Types.isNumeric(type) || Types.isBoolean(type);
          case NUMBER -> Types.isNumeric(type);
          case ANY, ANY_OR_ALL, NONE -> true;
          case ORDERED -> Types.isOrdered(type);
          case MAP_KEY -> Types.isMapKey(type);
          case OWN -> throw new IllegalArgumentException(feature.name());
        };
    if (!good) {
      arguments.problem(
          sql,
          called(feature)
              + ": "
              + function.text()
              + " needs "
              + function.argument().text()
              + ", but "
              + sql.sql().strip()
              + " is "
              + Types.name(type)
              + ". Aggregate another expression.");
    }
    return good;
  }

  private static DataType splitBy(Optional<Split> split, DataType type, Function function) {
    return split
        .<DataType>map(s -> DataTypes.createMapType(s.type(), type, !function.counts()))
        .orElse(type);
  }

  private static DataType type(Function function, DataType argument) {
    return switch (function.result()) {
      case COUNT -> DataTypes.LongType;
      case SUM -> Types.sum(argument);
      case DOUBLE -> DataTypes.DoubleType;
      case VALUE -> argument;
      case LIST -> DataTypes.createArrayType(argument);
      case HISTOGRAM -> DataTypes.createMapType(argument, DataTypes.LongType, false);
      case OWN -> throw new IllegalArgumentException(function.text());
    };
  }

  private ExpressionAnalysis derived(Scope features, Map<String, String> identities) {
    SqlDialect profile = new SqlDialect(view.zone(), Division.NULL_WHERE_ZERO);
    ExpressionAnalysis derived =
        new ExpressionAnalysis(analysis, thing, profile, features, identities);
    for (Derivation d : view.derived()) {
      derived.add(d.name(), d.expression());
    }
    return derived;
  }

  private Map<String, String> identitiesOf(
      List<FeatureComputation> computations, ExpressionAnalysis arguments) {
    Map<String, String> identities = new HashMap<>();
    for (FeatureComputation c : computations) {
      identities.put(Scope.key(c.feature().name()), ViewCanonicalForm.of(c, arguments));
    }
    return identities;
  }

  /** The columns that the source declares itself on which the view depends. */
  private Set<String> reads(AnalyzedSource source, ExpressionAnalysis arguments) {
    Set<String> used = new HashSet<>();
    view.entity().forEach(column -> used.add(Scope.key(column)));
    for (ResolvedExpression argument : arguments.accepted()) {
      for (String path : argument.columns()) {
        int dot = path.indexOf('.');
        used.add(dot < 0 ? path : path.substring(0, dot));
      }
    }
    Set<String> reads = new HashSet<>();
    used.forEach(column -> reads.addAll(source.declared().getOrDefault(column, Set.of())));
    return reads;
  }

  private List<String> order(AnalyzedSource source, Set<String> reads) {
    List<String> last =
        source.identifying().stream()
            .filter(c -> reads.contains(c) && !isEqualInTies(source, c))
            .toList();
    List<String> values = source.values();
    int end = last.isEmpty() ? 0 : values.size();
    for (int i = end; i < values.size(); i++) {
      end = reads.contains(values.get(i)) ? i + 1 : end;
    }
    return Stream.of(view.tieBreak(), values.subList(0, end), last)
        .flatMap(List::stream)
        .distinct()
        .toList();
  }

  /** Whether events of one entity and equal times have the same value in a column. */
  private boolean isEqualInTies(AnalyzedSource source, String column) {
    return view.entity().contains(column)
        || Stream.of(source.definition().eventTime(), source.definition().knownTime())
            .flatMap(Optional::stream)
            .anyMatch(time -> time.sql().strip().equals(column));
  }
}
