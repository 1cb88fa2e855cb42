package io.tributary.offline.internal.sweep;

import io.tributary.offline.internal.keys.Keys;
import io.tributary.rows.Scala;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.expressions.Coalesce;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.If;
import org.apache.spark.sql.catalyst.expressions.IsNull;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * What a task needs to join a view in one role, in a form that travels.
 *
 * @param name the columns' prefix, for counts
 * @param take the features that are taken, by their place in the view
 * @param defaults what replaces a null of them, null = nothing
 * @param columns as they are named in the result
 */
public record CompiledUse(
    String name, CompiledView view, int[] take, Serializable[] defaults, StructType columns)
    implements Serializable {
  public static Serializable[] defaults(Map<String, Object> defaults, List<StructField> features) {
    return features.stream()
        .map(f -> (Serializable) defaults.get(f.name()))
        .toArray(Serializable[]::new);
  }

  /** Whether its columns are the view's features as they are. */
  boolean takesAll() {
    return isPlain() && Arrays.equals(take, IntStream.range(0, view.features().size()).toArray());
  }

  /** Whether its columns are some of the view's features as they are. */
  boolean isPlain() {
    return view.empty() == null && Arrays.stream(defaults).allMatch(Objects::isNull);
  }

  /** Whether each of its columns has what one event has that wins. */
  boolean onlyLooksUp() {
    return isPlain()
        && view.plan().onlyLooksUp()
        && view.features().size() == view.computed().size();
  }

  /**
   * The arguments that its columns are, of the event that wins; empty where one is not an argument
   * as it is.
   */
  Optional<int[]> arguments() {
    if (!onlyLooksUp()) {
      return Optional.empty();
    }
    int[] places = new int[take.length];
    DataType[] types =
        Keys.types(view.arguments().schema(), List.of(view.arguments().schema().fieldNames()));
    for (int i = 0; i < take.length; i++) {
      int[] input = view.inputs()[view.plan().input(take[i])];
      DataType type = columns.fields()[i].dataType();
      if (input[0] < 0 || input[1] >= 0 || !types[input[0]].equals(type)) {
        return Optional.empty();
      }
      places[i] = input[0];
    }
    return Optional.of(places);
  }

  /** From a view's features to the columns that are taken, nulls replaced by their defaults. */
  public UnsafeProjection projection() {
    return projection(view.features(), take, view.empty(), defaults);
  }

  public static UnsafeProjection projection(
      StructType features, int[] take, Serializable[] defaults) {
    return projection(features, take, null, defaults);
  }

  private static UnsafeProjection projection(
      StructType features, int[] take, Serializable[] empty, Serializable[] defaults) {
    List<Expression> expressions = new ArrayList<>();
    for (int i = 0; i < take.length; i++) {
      DataType type = features.fields()[take[i]].dataType();
      Expression feature = Scala.column(take[i], type);
      if (empty != null && empty[take[i]] != null) {
        Expression snapshot = Scala.column(features, features.size() - 1);
        feature = new If(new IsNull(snapshot), new Literal(empty[take[i]], type), feature);
      }
      expressions.add(
          defaults[i] == null
              ? feature
              : new Coalesce(Scala.seq(List.of(feature, Literal.create(defaults[i], type)))));
    }
    return Scala.projection(expressions);
  }
}
