package io.tributary.offline.internal.explain;

import io.tributary.analysis.CheckedView;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.Derivation;
import io.tributary.definition.Feature;
import io.tributary.definition.SqlText;
import io.tributary.definition.ViewUse;
import io.tributary.expression.ExpressionFailure;
import io.tributary.expression.RowExpressions;
import io.tributary.offline.explanation.Explanation;
import io.tributary.offline.internal.reference.ReferenceAggregates;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Runner;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/** One feature of a view on demand, of what one request brings. */
public final class OnDemandExplainer {
  private final CheckedView view;
  private final String feature;
  private final List<String> given;
  private final InternalRow request;

  private OnDemandExplainer(
      CheckedView view, String feature, List<String> given, InternalRow request) {
    this.view = view;
    this.feature = feature;
    this.given = given;
    this.request = request;
  }

  /**
   * @param request by the request's columns, as text or as the column's type; null = null. Those
   *     that the feature is not computed from may be missing
   * @throws PlatformException NOT_FOUND for a feature that is not there, INVALID_REQUEST for a view
   *     that is not on demand, and for columns that the request has not, lacks, or has of another
   *     type
   */
  public static OnDemandExplainer of(
      CheckedView view, String feature, Map<String, Object> request) {
    if (!view.definition().isOnDemand()) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot explain view %s for a request: it is computed from events. Give its entity (--key COLUMN=VALUE) and an instant (--at)."
              .formatted(view.id()));
    }
    TreeSet<String> needed = new TreeSet<>();
    for (String name : FeatureExplainer.features(view, feature)) {
      if (isComputed(view, name)) {
        needed.addAll(from(view, name));
      }
    }
    List<String> columns = List.of(view.input().fieldNames());
    if (!columns.containsAll(request.keySet()) || !request.keySet().containsAll(needed)) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot explain feature %s.%s for %s: the view's request is %s, and the feature is computed from %s. Give these columns (--request COLUMN=VALUE)."
              .formatted(
                  view.id(),
                  feature,
                  request.isEmpty() ? "no request" : request,
                  typed(view),
                  String.join(", ", needed)));
    }
    Object[] values = new Object[columns.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = typed(view, view.input().fields()[i], request.get(columns.get(i)));
    }
    List<String> given = columns.stream().filter(request::containsKey).toList();
    return new OnDemandExplainer(view, feature, given, new GenericInternalRow(values));
  }

  private static boolean isComputed(CheckedView view, String feature) {
    return view.definition().features().stream().anyMatch(f -> f.name().equals(feature));
  }

  private static SqlText expression(CheckedView view, String feature) {
    return Stream.concat(
            view.definition().features().stream()
                .map(f -> new Derivation(f.name(), ((Feature.Lookup) f).expression())),
            view.definition().derived().stream())
        .filter(d -> d.name().equals(feature))
        .findFirst()
        .orElseThrow()
        .expression();
  }

  /** The request's columns, or the features, that one is computed from. */
  private static List<String> from(CheckedView view, String feature) {
    return isComputed(view, feature)
        ? RowExpressions.compile(
                List.of(new Derivation("_" + feature, expression(view, feature))),
                view.input(),
                view.definition().zone())
            .columns()
        : FeatureExplainer.from(view, feature);
  }

  /** The request's columns with their types. */
  static String typed(CheckedView view) {
    return String.join(
        ", ",
        Arrays.stream(view.input().fields())
            .map(f -> f.name() + " " + f.dataType().catalogString())
            .toList());
  }

  private static Object typed(CheckedView view, StructField column, Object value) {
    DataType type = column.dataType();
    try {
      if (!(value instanceof String text) || type instanceof StringType) {
        return CatalystTypeConverters.createToCatalystConverter(type).apply(value);
      }
      SqlText sql = new SqlText("cast(text as " + type.sql() + ")", view.definition().location());
      RowExpressions cast =
          RowExpressions.compile(
              List.of(new Derivation(column.name(), sql)),
              new StructType().add("text", "string"),
              view.definition().zone());
      Object[] given = {UTF8String.fromString(text.strip())};
      return cast.evaluator().evaluate(new GenericInternalRow(given)).copy().get(0, type);
    } catch (ExpressionFailure
        | PlatformException
        | scala.MatchError
        | ClassCastException
        | IllegalArgumentException e) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot explain view %s for %s=%s: the request's column %s is %s. Give a value of that type."
              .formatted(view.id(), column.name(), value, column.name(), type.catalogString()),
          e);
    }
  }

  /** The label row: the request's columns, and {@link FeatureExplainer#AS_OF}, which is null. */
  public PartitionedRows labelRow(Runner runner) {
    StructType schema = view.input().add(FeatureExplainer.AS_OF, "timestamp");
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < view.input().size(); i++) {
      values.add(request.get(i, view.input().fields()[i].dataType()));
    }
    values.add(null);
    return runner.of(List.of(new GenericInternalRow(values.toArray())), schema);
  }

  /** The feature to join. */
  public ViewUse use() {
    return new ViewUse(view.id(), Map.of(), Optional.empty(), List.of(feature));
  }

  /**
   * How each feature on the way is computed.
   *
   * @param joined the label row with the feature last, as a join gives it
   * @throws PlatformException BUG where the join gives another value
   */
  public Explanation explain(PartitionedRows joined) {
    InternalRow before =
        view.onDemand().evaluator().evaluate(request, "explain", "view " + view.id());
    List<Explanation.Step> steps = new ArrayList<>();
    for (String name : FeatureExplainer.features(view, feature)) {
      steps.add(
          new Explanation.Step(
              name,
              expression(view, name).sql().strip(),
              java(before, name),
              from(view, name),
              Optional.empty()));
    }
    int last = joined.schema().size() - 1;
    DataType type = joined.schema().fields()[last].dataType();
    InternalRow row = FeatureExplainer.only(joined);
    Object given = ReferenceValues.plain(row, last, type);
    int i = view.schema().fieldIndex(feature);
    Object explained = ReferenceValues.plain(before, i, view.schema().fields()[i].dataType());
    Object fallback = ReferenceValues.plain(view.defaults().get(feature));
    boolean isDefault = explained == null && fallback != null;
    if (!ReferenceAggregates.same(isDefault ? fallback : explained, given)) {
      throw new PlatformException(
          ErrorCode.BUG,
          "Cannot explain feature %s.%s for %s: a join gives %s, but its expression %s. One of the two is wrong; report this as a bug."
              .formatted(view.id(), feature, values(), given, explained));
    }
    return new Explanation(
        view.id(),
        feature,
        Map.of(),
        values(),
        Optional.empty(),
        Optional.empty(),
        ReferenceValues.java(given, type),
        isDefault,
        true,
        Optional.empty(),
        Optional.empty(),
        steps,
        List.of());
  }

  private Map<String, Object> values() {
    Function<String, DataType> types = column -> view.input().apply(column).dataType();
    Map<String, Object> values =
        ReferenceValues.java(request, List.of(view.input().fieldNames()), types);
    values.keySet().retainAll(given);
    return values;
  }

  private Object java(InternalRow row, String name) {
    int i = view.schema().fieldIndex(name);
    DataType type = view.schema().fields()[i].dataType();
    return ReferenceValues.java(ReferenceValues.plain(row, i, type), type);
  }
}
