package io.tributary.offline.internal;

import io.tributary.core.ErrorCode;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.definition.Derivation;
import io.tributary.definition.SqlText;
import io.tributary.definition.ViewUse;
import io.tributary.expression.CheckedProject;
import io.tributary.expression.CheckedSource;
import io.tributary.expression.CheckedView;
import io.tributary.expression.RowExpressions;
import io.tributary.expression.RowFunction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.expressions.codegen.GenerateUnsafeRowJoiner;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeRowJoiner;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Joins views to rows: one shuffle of the rows for each different key, whatever the number of views
 * that are joined by it, narrow ones first; views on demand are computed on the way.
 */
public final class JoinPlan {
  private final CheckedProject project;
  private final Sources sources;
  private final Shuffle shuffle;
  private final List<Pin> pins;

  public JoinPlan(CheckedProject project, Sources sources, Shuffle shuffle, List<Pin> pins) {
    this.project = project;
    this.sources = sources;
    this.shuffle = shuffle;
    this.pins = pins;
  }

  /** The name under which the ambiguous rows of a role are counted. */
  public static String ambiguousRows(String role) {
    return GroupSweep.ambiguousRows(role);
  }

  /** The name under which the ambiguous entities of a role are counted. */
  public static String ambiguousEntities(String role) {
    return GroupSweep.ambiguousEntities(role);
  }

  /** By which columns of the asking rows views are joined, and as which types they compare. */
  private record By(List<String> columns, List<DataType> types) {}

  /** A view joined by given columns, in the order of its key there. */
  private record Member(UseTask use, CheckedView view, List<String> entity) {}

  /**
   * The asking rows with the features of all uses, in the order of the uses.
   *
   * @param asOf a timestamp column
   */
  public SourceRows join(SourceRows asking, String asOf, List<ViewUse> uses, Tally tally) {
    Map<By, List<Member>> groups = new LinkedHashMap<>();
    List<StructField> columns = new ArrayList<>(List.of(asking.schema().fields()));
    List<ViewUse> onDemand = new ArrayList<>();
    Map<List<Object>, ViewTask> tasks = new LinkedHashMap<>();
    for (ViewUse use : uses) {
      CheckedView view = project.view(use.view());
      for (String feature : taken(use, view)) {
        DataType type = view.schema().apply(feature).dataType();
        columns.add(
            new StructField(
                use.column(feature), type, true, org.apache.spark.sql.types.Metadata.empty()));
      }
      if (view.definition().isOnDemand()) {
        onDemand.add(use);
      } else {
        Map.Entry<By, Member> member = member(asking.schema(), use, view, tasks);
        groups.computeIfAbsent(member.getKey(), k -> new ArrayList<>()).add(member.getValue());
      }
    }
    requireDistinct(columns);
    SourceRows rows = asking;
    List<Map.Entry<By, List<Member>>> narrowFirst = new ArrayList<>(groups.entrySet());
    narrowFirst.sort(
        java.util.Comparator.comparingInt(
            g -> g.getValue().stream().mapToInt(m -> m.use().columns().size()).sum()));
    for (Map.Entry<By, List<Member>> group : narrowFirst) {
      rows = joined(rows, asOf, group.getKey(), group.getValue(), tally);
    }
    for (ViewUse use : onDemand) {
      rows = computed(rows, use, project.view(use.view()));
    }
    return ordered(rows, new StructType(columns.toArray(StructField[]::new)));
  }

  private static List<String> taken(ViewUse use, CheckedView view) {
    List<String> all = List.of(view.schema().fieldNames());
    for (String feature : use.take()) {
      if (!all.contains(feature)) {
        throw new PlatformException(
            ErrorCode.INVALID_REQUEST,
            "Cannot take feature \""
                + feature
                + "\" of view "
                + use.view()
                + ": it has none of that name. Take of "
                + all
                + ".");
      }
    }
    return use.take().isEmpty() ? all : all.stream().filter(use.take()::contains).toList();
  }

  private static void requireDistinct(List<StructField> columns) {
    List<String> names =
        columns.stream().map(c -> c.name().toLowerCase(java.util.Locale.ROOT)).toList();
    for (String name : names) {
      if (names.indexOf(name) != names.lastIndexOf(name)) {
        throw new PlatformException(
            ErrorCode.INVALID_REQUEST,
            "Cannot join features: there would be two columns \""
                + name
                + "\". Give one use of the view another role.");
      }
    }
  }

  private Map.Entry<By, Member> member(
      StructType asking, ViewUse use, CheckedView view, Map<List<Object>, ViewTask> tasks) {
    TreeMap<String, String> entityOf = new TreeMap<>();
    for (String entity : view.definition().entity()) {
      String column = use.keys().getOrDefault(entity, entity);
      require(asking, column, use);
      if (entityOf.put(column, entity) != null) {
        throw new PlatformException(
            ErrorCode.INVALID_REQUEST,
            "Cannot join view "
                + use.view()
                + ": two of its keys are column \""
                + column
                + "\". Name another one.");
      }
    }
    List<String> columns = List.copyOf(entityOf.keySet());
    List<String> entity = List.copyOf(entityOf.values());
    DataType[] types =
        Keys.common(
            use.view().toString(),
            columns,
            Keys.types(asking, columns),
            Keys.types(view.input(), entity));
    List<String> taken = taken(use, view);
    StructType named = new StructType();
    for (String feature : taken) {
      named = named.add(use.column(feature), view.schema().apply(feature).dataType(), true);
    }
    List<StructField> features = taken.stream().map(f -> view.schema().apply(f)).toList();
    UseTask task =
        new UseTask(
            use.prefix(),
            tasks.computeIfAbsent(List.of(view.id(), entity), k -> ViewTask.of(view)),
            taken.stream().mapToInt(f -> view.schema().fieldIndex(f)).toArray(),
            UseTask.defaults(view.defaults(), features),
            named);
    return Map.entry(new By(columns, Arrays.asList(types)), new Member(task, view, entity));
  }

  private static void require(StructType asking, String column, ViewUse use) {
    if (!Arrays.asList(asking.fieldNames()).contains(column)) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot join view "
              + use.view()
              + ": the rows have no column \""
              + column
              + "\"."
              + io.tributary.core.Nearest.hint(column, Arrays.asList(asking.fieldNames())));
    }
  }

  private SourceRows joined(
      SourceRows asking, String asOf, By by, List<Member> members, Tally tally) {
    DataType[] types = by.types().toArray(DataType[]::new);
    List<ViewTask> views = members.stream().map(m -> m.use().view()).distinct().toList();
    List<JavaRDD<InternalRow>> events = new ArrayList<>();
    for (int number = 0; number < views.size(); number++) {
      ViewTask task = views.get(number);
      Member member =
          members.stream().filter(m -> m.use().view().equals(task)).findFirst().orElseThrow();
      events.add(events(number, task, member.view(), member.entity(), types));
    }
    Keys keys = Keys.of(asking.schema(), by.columns(), types);
    GroupSweep sweep =
        new GroupSweep(
            views,
            members.stream().map(Member::use).toList(),
            keys.schema(),
            asking.schema(),
            tally);
    JavaRDD<InternalRow> labels =
        shuffle.byHash(LabelRows.of(asking.rows(), asking.schema(), keys, asOf), LabelRows.SCHEMA);
    return new SourceRows(
        sweep.join(shuffle.byHash(union(events), EventRows.SCHEMA), labels), sweep.schema());
  }

  private JavaRDD<InternalRow> union(List<JavaRDD<InternalRow>> events) {
    JavaRDD<InternalRow> all = events.get(0);
    for (JavaRDD<InternalRow> more : events.subList(1, events.size())) {
      all = all.union(more);
    }
    return all;
  }

  /** A view's events, on their way to their entity. */
  public JavaRDD<InternalRow> events(
      int number, ViewTask task, CheckedView view, List<String> entity, DataType[] types) {
    CheckedSource source = view.source().orElseThrow();
    List<String> tieBreak = view.definition().tieBreak();
    SourceRows lives = sources.lives(source, tieBreak, view.definition().knowledgeTime(), pins);
    Keys keys = Keys.of(lives.schema(), entity, types);
    return EventRows.of(number, task, lives, keys, view.order(), tieBreak.size());
  }

  private SourceRows computed(SourceRows rows, ViewUse use, CheckedView view) {
    List<Derivation> request = new ArrayList<>();
    for (StructField column : view.input().fields()) {
      String from = use.keys().getOrDefault(column.name(), column.name());
      require(rows.schema(), from, use);
      request.add(
          new Derivation(
              column.name(),
              new SqlText(
                  "cast(`" + from + "` as " + column.dataType().sql() + ")",
                  view.definition().mark())));
    }
    RowExpressions expressions =
        RowExpressions.compile(request, rows.schema(), view.definition().zone())
            .then(view.onDemand());
    List<String> taken = taken(use, view);
    StructType added = new StructType();
    for (String feature : taken) {
      added = added.add(use.column(feature), view.schema().apply(feature).dataType(), true);
    }
    int[] take = taken.stream().mapToInt(f -> view.schema().fieldIndex(f)).toArray();
    var defaults =
        UseTask.defaults(view.defaults(), taken.stream().map(f -> view.schema().apply(f)).toList());
    StructType columns = added;
    StructType before = rows.schema();
    StructType after = before;
    for (StructField field : columns.fields()) {
      after = after.add(field);
    }
    StructType features = view.schema();
    RowFunction compute = RowFunction.of(expressions, "view " + use.view());
    JavaRDD<InternalRow> result =
        rows.rows()
            .mapPartitions(
                part -> {
                  OneRow given = new OneRow();
                  var computed = compute.apply(given);
                  UnsafeProjection projection = UseTask.projection(features, take, defaults);
                  UnsafeRowJoiner joiner = GenerateUnsafeRowJoiner.create(before, columns);
                  UnsafeProjection whole = UnsafeProjection.create(before);
                  return Iterators.map(
                      part,
                      row -> {
                        UnsafeRow unsafe = row instanceof UnsafeRow u ? u : whole.apply(row);
                        given.set(unsafe);
                        return joiner.join(unsafe, projection.apply(computed.next()));
                      });
                });
    return new SourceRows(result, after);
  }

  private static SourceRows ordered(SourceRows rows, StructType schema) {
    StructType from = rows.schema();
    int[] places = Arrays.stream(schema.fieldNames()).mapToInt(from::fieldIndex).toArray();
    boolean same = true;
    for (int i = 0; i < places.length; i++) {
      same &= places[i] == i;
    }
    if (same) {
      return new SourceRows(rows.rows(), schema);
    }
    return new SourceRows(
        rows.rows()
            .mapPartitions(
                part -> {
                  List<org.apache.spark.sql.catalyst.expressions.Expression> columns =
                      new ArrayList<>();
                  for (int place : places) {
                    columns.add(Scala.column(from, place));
                  }
                  UnsafeProjection projection = Scala.projection(columns);
                  return Iterators.map(part, projection::apply);
                }),
        schema);
  }
}
