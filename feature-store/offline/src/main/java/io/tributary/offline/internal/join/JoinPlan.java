package io.tributary.offline.internal.join;

import io.tributary.analysis.CheckedView;
import io.tributary.core.ErrorCode;
import io.tributary.core.Iterators;
import io.tributary.core.PlatformException;
import io.tributary.definition.Accuracy;
import io.tributary.definition.Derivation;
import io.tributary.definition.SqlText;
import io.tributary.definition.ViewId;
import io.tributary.definition.ViewUse;
import io.tributary.events.facts.JoinCounts;
import io.tributary.expression.RowExpressions;
import io.tributary.expression.RowFunction;
import io.tributary.offline.internal.keys.HotKeys;
import io.tributary.offline.internal.keys.Keys;
import io.tributary.offline.internal.snapshot.SnapshotLookup;
import io.tributary.offline.internal.snapshot.SnapshotRows;
import io.tributary.offline.internal.snapshot.StoredSnapshots;
import io.tributary.offline.internal.source.PinnedSources;
import io.tributary.offline.internal.sweep.AsOfRange;
import io.tributary.offline.internal.sweep.CompiledUse;
import io.tributary.offline.internal.sweep.CompiledView;
import io.tributary.offline.internal.sweep.EventRows;
import io.tributary.offline.internal.sweep.GroupSweep;
import io.tributary.rows.ColumnRows;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Partitions;
import io.tributary.rows.Scala;
import io.tributary.rows.Tally;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.expressions.codegen.GenerateUnsafeRowJoiner;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeRowJoiner;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Joins views to rows in as few shuffles of the rows as their keys allow: views whose keys contain
 * another view's key travel with that one. Views on demand are computed on the way.
 */
public final class JoinPlan {
  private final PinnedSources sources;
  private final StoredSnapshots stored;
  private final AsOfRange range;
  private final boolean allExact;
  private final Map<ViewId, SnapshotRows> snapshots = new HashMap<>();

  private JoinPlan(
      PinnedSources sources, StoredSnapshots stored, AsOfRange range, boolean allExact) {
    this.sources = sources;
    this.stored = stored;
    this.range = range;
    this.allExact = allExact;
  }

  /** For label rows of any as-of. */
  public static JoinPlan of(PinnedSources sources, StoredSnapshots snapshots) {
    return new JoinPlan(sources, snapshots, AsOfRange.ANY_TIME, false);
  }

  /** For label rows from one as-of to another, both inclusive, in microseconds. */
  public JoinPlan between(long least, long greatest) {
    return new JoinPlan(sources, stored, new AsOfRange(least, greatest, false), allExact);
  }

  /** The same with all views read from their sources, also those at the accuracy of snapshots. */
  public JoinPlan exact() {
    return new JoinPlan(sources, stored, range, true);
  }

  /** By which columns of the label rows views are joined, and as which types they compare. */
  private record JoinKey(List<String> columns, List<DataType> types) {
    boolean contains(JoinKey other) {
      for (int i = 0; i < other.columns.size(); i++) {
        int mine = columns.indexOf(other.columns.get(i));
        if (mine < 0 || !types.get(mine).equals(other.types.get(i))) {
          return false;
        }
      }
      return true;
    }
  }

  /** A view joined by given columns, in the order of its key there. */
  private record KeyedUse(CompiledUse use, CheckedView view, List<String> entity) {}

  /**
   * Label rows with the features of all uses, in the order of the uses, counted as they pass: what
   * {@link #counts} reads once all have been. Some of the rows may be read at once.
   *
   * @param asOf a timestamp column
   * @param last columns of the label rows that come after the features
   */
  public PartitionedRows join(
      PartitionedRows rows, String asOf, List<String> last, List<ViewUse> uses, Tally tally) {
    PartitionedRows counted = JoinTally.counted(rows, asOf, range, tally);
    return JoinTally.counted(joined(counted, rows, asOf, last, uses, tally), tally);
  }

  /** What was counted of these uses. */
  public JoinCounts counts(List<ViewUse> uses, Tally tally) {
    return JoinTally.counts(sources.project(), uses, tally);
  }

  private PartitionedRows joined(
      PartitionedRows spine,
      PartitionedRows estimated,
      String asOf,
      List<String> last,
      List<ViewUse> uses,
      Tally tally) {
    Map<JoinKey, List<KeyedUse>> groups = new LinkedHashMap<>();
    List<StructField> columns = new ArrayList<>();
    List<StructField> after = new ArrayList<>();
    for (StructField field : spine.schema().fields()) {
      (last.contains(field.name()) ? after : columns).add(field);
    }
    List<ViewUse> onDemand = new ArrayList<>();
    Map<List<Object>, CompiledView> compiled = new LinkedHashMap<>();
    for (ViewUse use : uses) {
      CheckedView view = sources.project().view(use.view());
      for (String feature : taken(use, view)) {
        DataType type = view.schema().apply(feature).dataType();
        columns.add(
            new StructField(
                use.column(feature), type, true, org.apache.spark.sql.types.Metadata.empty()));
      }
      if (view.definition().isOnDemand()) {
        onDemand.add(use);
      } else {
        Map.Entry<JoinKey, KeyedUse> member = member(spine.schema(), use, view, compiled);
        groups.computeIfAbsent(member.getKey(), k -> new ArrayList<>()).add(member.getValue());
      }
    }
    columns.addAll(after);
    requireDistinct(columns);
    Map<JoinKey, Map<JoinKey, List<KeyedUse>>> shuffles = shuffles(groups);
    Map<JoinKey, HotKeys> hot = hotKeys(estimated, asOf, shuffles.keySet());
    PartitionedRows rows = spine;
    for (ViewUse use : uses) {
      CheckedView view = sources.project().view(use.view());
      if (!isExact(view)) {
        long[] instants = snapshots(view).instants();
        rows = SnapshotLookup.counted(rows, asOf, use.prefix(), view, instants, tally);
      }
    }
    for (Map.Entry<JoinKey, Map<JoinKey, List<KeyedUse>>> shuffled : shuffles.entrySet()) {
      JoinKey by = shuffled.getKey();
      rows = joined(rows, asOf, by, shuffled.getValue(), hot.get(by), tally);
    }
    for (ViewUse use : onDemand) {
      rows = computed(rows, use, sources.project().view(use.view()));
    }
    return ordered(rows, new StructType(columns.toArray(StructField[]::new)));
  }

  private static List<String> taken(ViewUse use, CheckedView view) {
    List<String> all = List.of(view.schema().fieldNames());
    for (String feature : use.take()) {
      if (!all.contains(feature)) {
        throw new PlatformException(
            ErrorCode.INVALID_REQUEST,
            "Cannot take feature \"%s\" of view %s: it has none of that name. Take of %s."
                .formatted(feature, use.view(), all));
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
            "Cannot join features: there would be two columns \"%s\". Give one use of the view another role."
                .formatted(name));
      }
    }
  }

  private Map.Entry<JoinKey, KeyedUse> member(
      StructType spine, ViewUse use, CheckedView view, Map<List<Object>, CompiledView> compiled) {
    TreeMap<String, String> entityOf = new TreeMap<>();
    for (String entity : view.definition().entity()) {
      String column = use.keys().getOrDefault(entity, entity);
      require(spine, column, use);
      if (entityOf.put(column, entity) != null) {
        throw new PlatformException(
            ErrorCode.INVALID_REQUEST,
            "Cannot join view %s: two of its keys are column \"%s\". Name another one."
                .formatted(use.view(), column));
      }
    }
    List<String> columns = List.copyOf(entityOf.keySet());
    List<String> entity = List.copyOf(entityOf.values());
    DataType[] types =
        Keys.common(
            use.view().toString(),
            columns,
            Keys.types(spine, columns),
            Keys.types(view.input(), entity));
    List<String> taken = taken(use, view);
    StructType named = new StructType();
    for (String feature : taken) {
      named = named.add(use.column(feature), view.schema().apply(feature).dataType(), true);
    }
    List<StructField> features = taken.stream().map(f -> view.schema().apply(f)).toList();
    CompiledUse compiledUse =
        new CompiledUse(
            use.prefix(),
            compiled.computeIfAbsent(
                List.of(view.id(), entity),
                k -> isExact(view) ? CompiledView.of(view) : CompiledView.ofSnapshots(view)),
            taken.stream().mapToInt(f -> view.schema().fieldIndex(f)).toArray(),
            CompiledUse.defaults(view.defaults(), features),
            named);
    return Map.entry(
        new JoinKey(columns, Arrays.asList(types)), new KeyedUse(compiledUse, view, entity));
  }

  private static void require(StructType spine, String column, ViewUse use) {
    if (!Arrays.asList(spine.fieldNames()).contains(column)) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot join view %s: the rows have no column \"%s\".%s"
              .formatted(
                  use.view(),
                  column,
                  io.tributary.core.Nearest.hint(column, Arrays.asList(spine.fieldNames()))));
    }
  }

  /**
   * What travels together: a key that contains no other one, and all keys that contain it. A key
   * that contains several goes with the one that has most different values, which spreads best.
   * Keys of few values come first, so that the last shuffle leaves rows spread; among equals narrow
   * ones, so that rows grow late.
   */
  private Map<JoinKey, Map<JoinKey, List<KeyedUse>>> shuffles(Map<JoinKey, List<KeyedUse>> groups) {
    Map<JoinKey, Map<JoinKey, List<KeyedUse>>> shuffles = new LinkedHashMap<>();
    List<JoinKey> contained = new ArrayList<>();
    for (JoinKey by : groups.keySet()) {
      if (groups.keySet().stream().anyMatch(other -> !other.equals(by) && by.contains(other))) {
        contained.add(by);
      } else {
        shuffles.put(by, new LinkedHashMap<>(Map.of(by, groups.get(by))));
      }
    }
    if (shuffles.size() < 2) {
      contained.forEach(by -> shuffles.values().iterator().next().put(by, groups.get(by)));
      return shuffles;
    }
    Map<JoinKey, Integer> values = values(shuffles);
    for (JoinKey by : contained) {
      JoinKey most =
          shuffles.keySet().stream()
              .filter(by::contains)
              .max(Comparator.comparing(values::get))
              .orElseThrow();
      shuffles.get(most).put(by, groups.get(by));
    }
    Map<JoinKey, Map<JoinKey, List<KeyedUse>>> fewFirst = new LinkedHashMap<>();
    shuffles.entrySet().stream()
        .sorted(
            Comparator.comparingInt((Map.Entry<JoinKey, ?> e) -> values.get(e.getKey()))
                .thenComparingInt(e -> features(shuffles.get(e.getKey()))))
        .forEach(e -> fewFirst.put(e.getKey(), e.getValue()));
    return fewFirst;
  }

  /**
   * How many values each key has in the events of the first view that is joined by it, up to a
   * bound.
   */
  private Map<JoinKey, Integer> values(Map<JoinKey, Map<JoinKey, List<KeyedUse>>> shuffles) {
    Map<PartitionedRows, Map<JoinKey, Keys>> bySource = new LinkedHashMap<>();
    shuffles.forEach(
        (by, groups) -> {
          KeyedUse member = groups.get(by).get(0);
          PartitionedRows versions = versions(member.use().view(), member.view());
          bySource
              .computeIfAbsent(versions, l -> new LinkedHashMap<>())
              .put(by, Keys.of(versions.schema(), member.entity()));
        });
    Map<JoinKey, Integer> values = new LinkedHashMap<>();
    bySource.forEach(
        (versions, keys) -> {
          int[] counts = KeyCounts.of(versions, List.copyOf(keys.values()));
          int i = 0;
          for (JoinKey by : keys.keySet()) {
            values.put(by, counts[i++]);
          }
        });
    return values;
  }

  private boolean isExact(CheckedView view) {
    return allExact || view.definition().accuracy() == Accuracy.EXACT;
  }

  private SnapshotRows snapshots(CheckedView view) {
    return snapshots.computeIfAbsent(view.id(), id -> stored.of(view, sources.pins()));
  }

  private PartitionedRows versions(CompiledView compiled, CheckedView view) {
    if (compiled.ofSnapshots()) {
      return SnapshotLookup.of(view, snapshots(view), range);
    }
    return sources.versions(
        view.source().orElseThrow(),
        view.definition().tieBreak(),
        view.definition().knowledgeTime());
  }

  private static int features(Map<JoinKey, List<KeyedUse>> groups) {
    return groups.values().stream()
        .flatMap(List::stream)
        .mapToInt(member -> member.use().columns().size())
        .sum();
  }

  private Map<JoinKey, HotKeys> hotKeys(PartitionedRows spine, String asOf, Set<JoinKey> shuffles) {
    List<JoinKey> all = List.copyOf(shuffles);
    List<Keys> keys = all.stream().map(by -> keys(spine, by)).toList();
    List<HotKeys> found =
        sources.runner().isWhole() || keys.isEmpty()
            ? Collections.nCopies(keys.size(), HotKeys.NONE)
            : HotKeys.of(spine, spine.index(asOf), keys, sources.runner());
    Map<JoinKey, HotKeys> hot = new LinkedHashMap<>();
    for (int i = 0; i < keys.size(); i++) {
      hot.put(all.get(i), found.get(i));
    }
    return hot;
  }

  private static Keys keys(PartitionedRows spine, JoinKey by) {
    return Keys.of(spine.schema(), by.columns(), by.types().toArray(DataType[]::new));
  }

  private PartitionedRows joined(
      PartitionedRows spine,
      String asOf,
      JoinKey by,
      Map<JoinKey, List<KeyedUse>> groups,
      HotKeys hot,
      Tally tally) {
    List<CompiledView> views = new ArrayList<>();
    List<CompiledUse> uses = new ArrayList<>();
    List<GroupSweep.Part> parts = new ArrayList<>();
    Map<PartitionedRows, List<EventRows>> events = new LinkedHashMap<>();
    for (Map.Entry<JoinKey, List<KeyedUse>> group : groups.entrySet()) {
      DataType[] types = group.getKey().types().toArray(DataType[]::new);
      List<Integer> numbers = new ArrayList<>();
      for (KeyedUse member : group.getValue()) {
        uses.add(member.use());
        if (!views.contains(member.use().view())) {
          numbers.add(views.size());
          int[] hashed =
              by.columns().stream().mapToInt(group.getKey().columns()::indexOf).toArray();
          PartitionedRows versions = versions(member.use().view(), member.view());
          events
              .computeIfAbsent(versions, l -> new ArrayList<>())
              .add(
                  events(
                      views.size(),
                      member.use().view(),
                      member.view(),
                      versions.schema(),
                      Keys.of(versions.schema(), member.entity(), types),
                      hashed,
                      range,
                      hot));
          views.add(member.use().view());
        }
      }
      parts.add(
          new GroupSweep.Part(Keys.of(spine.schema(), group.getKey().columns(), types), numbers));
    }
    GroupSweep sweep =
        new GroupSweep(views, parts, uses, spine.schema(), spine.index(asOf), hot, tally);
    Keys keys = keys(spine, by);
    return sweep.join(union(events), spine, keys, sources.runner());
  }

  private static Partitions union(Map<PartitionedRows, List<EventRows>> events) {
    return events.entrySet().stream()
        .map(e -> EventRows.all(e.getKey(), e.getValue()))
        .reduce(Partitions::union)
        .orElseThrow();
  }

  private static EventRows events(
      int number,
      CompiledView compiled,
      CheckedView view,
      StructType versions,
      Keys keys,
      int[] hashed,
      AsOfRange range,
      HotKeys hot) {
    return EventRows.of(number, compiled, versions, keys, hashed, Optional.of(view), range)
        .slicedFor(hot);
  }

  private PartitionedRows computed(PartitionedRows rows, ViewUse use, CheckedView view) {
    List<Derivation> request = new ArrayList<>();
    for (StructField column : view.input().fields()) {
      String from = use.keys().getOrDefault(column.name(), column.name());
      require(rows.schema(), from, use);
      request.add(
          new Derivation(
              column.name(),
              new SqlText(
                  "cast(`" + from + "` as " + column.dataType().sql() + ")",
                  view.definition().location())));
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
        CompiledUse.defaults(
            view.defaults(), taken.stream().map(f -> view.schema().apply(f)).toList());
    StructType columns = added;
    StructType before = rows.schema();
    StructType after = before;
    for (StructField field : columns.fields()) {
      after = after.add(field);
    }
    StructType features = view.schema();
    RowFunction compute = RowFunction.of(expressions, "view " + use.view());
    Partitions result =
        rows.rows()
            .map(
                (task, part) -> {
                  OneRow given = new OneRow();
                  var computed = compute.apply(given);
                  UnsafeProjection projection = CompiledUse.projection(features, take, defaults);
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
    return new PartitionedRows(result, after);
  }

  private static PartitionedRows ordered(PartitionedRows rows, StructType schema) {
    StructType from = rows.schema();
    int[] places = Arrays.stream(schema.fieldNames()).mapToInt(from::fieldIndex).toArray();
    boolean same = true;
    for (int i = 0; i < places.length; i++) {
      same &= places[i] == i;
    }
    if (same) {
      return new PartitionedRows(rows.rows(), schema);
    }
    return new PartitionedRows(
        rows.rows()
            .map(
                (task, part) -> {
                  List<org.apache.spark.sql.catalyst.expressions.Expression> columns =
                      new ArrayList<>();
                  for (int place : places) {
                    columns.add(Scala.column(from, place));
                  }
                  UnsafeProjection projection = Scala.projection(columns);
                  Iterator<InternalRow> each = Iterators.map(part, projection::apply);
                  return part instanceof ColumnRows given
                      ? ColumnRows.of(
                          each,
                          () ->
                              given
                                  .columns()
                                  .map(
                                      batch ->
                                          ColumnRows.some(
                                              batch, Arrays.stream(places).boxed().toList())),
                          given::pass)
                      : each;
                }),
        schema);
  }
}
