package io.tributary.offline.internal.label;

import io.tributary.analysis.CheckedProject;
import io.tributary.analysis.CheckedSource;
import io.tributary.analysis.CheckedTrainingSet;
import io.tributary.analysis.CheckedUse;
import io.tributary.analysis.CheckedView;
import io.tributary.analysis.FeatureComputation;
import io.tributary.definition.Accuracy;
import io.tributary.definition.Derivation;
import io.tributary.definition.TrainingSet;
import io.tributary.events.facts.SharedEvents;
import io.tributary.expression.RowExpressions;
import io.tributary.offline.engine.ViewPlan;
import io.tributary.offline.internal.keys.Keys;
import io.tributary.offline.internal.snapshot.SnapshotLookup;
import io.tributary.offline.internal.snapshot.StoredSnapshots;
import io.tributary.offline.internal.source.PinnedSources;
import io.tributary.offline.internal.source.Sources;
import io.tributary.offline.internal.sweep.CompiledUse;
import io.tributary.offline.internal.sweep.CompiledView;
import io.tributary.offline.internal.sweep.EventRows;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Partitions;
import io.tributary.rows.Tally;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * How many events a row has in both its features and its label, and how many in neither (rule 14).
 * Each event is, for rows of one key, in both (or in neither) from one as-of to another: such a
 * span of time is swept as an event that is visible as long as it lasts, and counted.
 *
 * <p>Views over the label's table are compared: by event key; where none is declared, only those
 * over the same source, row by row. A view at the accuracy of snapshots shows what its snapshots
 * see, as if each was taken of what is pinned.
 */
public final class Overlaps {
  /** Nothing is compared. */
  public static final Overlaps NONE = new Overlaps(null, null, null, List.of());

  private final PinnedSources sources;
  private final StoredSnapshots snapshots;
  private final CheckedTrainingSet set;
  private final List<CheckedUse> compared;

  private Overlaps(
      PinnedSources sources,
      StoredSnapshots snapshots,
      CheckedTrainingSet set,
      List<CheckedUse> compared) {
    this.sources = sources;
    this.snapshots = snapshots;
    this.set = set;
    this.compared = compared;
  }

  /** Of a training set's label and each of its views that can be compared with it. */
  public static Overlaps of(
      PinnedSources sources, StoredSnapshots snapshots, CheckedTrainingSet set) {
    List<CheckedUse> compared =
        set.uses().stream().filter(use -> isComparable(set, use, sources.project())).toList();
    return new Overlaps(sources, snapshots, set, compared);
  }

  private static boolean isComparable(
      CheckedTrainingSet set, CheckedUse use, CheckedProject project) {
    Optional<CheckedSource> source = use.view().source();
    CheckedSource label = set.labelSource();
    if (source.isEmpty() || source.get().definition().isStatic()) {
      return false;
    }
    List<String> key = label.definition().eventKey();
    if (key.isEmpty()) {
      return source.get().name().equals(label.name());
    }
    return Sources.shareTable(project, source.get(), label)
        && source.get().definition().eventKey().equals(key)
        && Arrays.equals(Keys.types(source.get().schema(), key), Keys.types(label.schema(), key));
  }

  /** What was counted, by role. */
  public SharedEvents counts(Tally tally) {
    return new SharedEvents(
        counts(tally, use -> true, Overlaps::both),
        counts(tally, this::isOfLabelsEntity, Overlaps::neither));
  }

  private Map<String, SharedEvents.Count> counts(
      Tally tally, Predicate<CheckedUse> some, UnaryOperator<String> of) {
    Map<String, SharedEvents.Count> counts = new TreeMap<>();
    compared.stream()
        .filter(some)
        .map(use -> use.definition().prefix())
        .forEach(
            role ->
                counts.put(
                    role,
                    new SharedEvents.Count(
                        tally.total(events(of.apply(role))), tally.total(rows(of.apply(role))))));
    return counts;
  }

  boolean isEmpty() {
    return compared.isEmpty();
  }

  /** What is counted of a role, for its names. */
  static String both(String role) {
    return "both " + role;
  }

  static String neither(String role) {
    return "neither " + role;
  }

  /** The name under which events are counted, once a row. */
  static String events(String of) {
    return "events in " + of;
  }

  /** The name under which rows are counted that have such events. */
  static String rows(String of) {
    return "rows with events in " + of;
  }

  private boolean isOfLabelsEntity(CheckedUse use) {
    Optional<TrainingSet.Outcome> outcome = set.definition().label().outcome();
    return outcome.isPresent()
        && use.keys().size() == outcome.get().keys().size()
        && names(use.keys().values()).equals(names(outcome.get().keys().values()));
  }

  private static Set<String> names(java.util.Collection<String> columns) {
    Set<String> names = new LinkedHashSet<>();
    columns.forEach(c -> names.add(c.toLowerCase(java.util.Locale.ROOT)));
    return names;
  }

  /**
   * A column of counts.
   *
   * @param keys of the label rows
   */
  record Counted(Keys keys, CompiledUse use) {}

  /** The columns of counts, in the order of the numbers of their spans. */
  List<Counted> counted(StructType rows, Keys labelKeys) {
    List<Counted> counted = new ArrayList<>();
    for (CheckedUse use : compared) {
      String role = use.definition().prefix();
      counted.add(
          new Counted(
              labelKeys.and(Keys.of(rows, columns(use), types(use, rows))), count(both(role))));
      if (isOfLabelsEntity(use)) {
        counted.add(new Counted(labelKeys, count(neither(role))));
      }
    }
    return counted;
  }

  private static CompiledUse count(String name) {
    StructType computed = new StructType().add("count", DataTypes.LongType, true);
    RowExpressions nothing =
        RowExpressions.compile(List.of(), new StructType(), java.time.ZoneOffset.UTC);
    CompiledView compiled =
        new CompiledView(
            name,
            ViewPlan.count(name),
            nothing,
            -1,
            new int[0][],
            computed,
            RowExpressions.compile(List.of(), computed, java.time.ZoneOffset.UTC).withInput(),
            computed,
            false,
            true,
            false);
    return new CompiledUse(
        name,
        compiled,
        new int[] {0},
        new java.io.Serializable[1],
        new StructType().add("_" + name.replace(' ', '_'), DataTypes.LongType, true));
  }

  /** The label rows' columns that a use is joined by, the label's first and in its order. */
  private List<String> columns(CheckedUse use) {
    return entity(use).stream().map(use.keys()::get).toList();
  }

  private List<String> entity(CheckedUse use) {
    if (!isOfLabelsEntity(use)) {
      return List.copyOf(use.keys().keySet());
    }
    TrainingSet.Outcome outcome = set.definition().label().outcome().orElseThrow();
    List<String> ordered = new ArrayList<>();
    for (String column : set.outcome().orElseThrow().definition().entity()) {
      String wanted = outcome.keys().get(column);
      use.keys().entrySet().stream()
          .filter(e -> e.getValue().equalsIgnoreCase(wanted))
          .forEach(e -> ordered.add(e.getKey()));
    }
    return ordered;
  }

  private DataType[] types(CheckedUse use, StructType rows) {
    List<String> entity = entity(use);
    return Keys.common(
        use.definition().view().toString(),
        entity,
        Keys.types(rows, columns(use)),
        Keys.types(use.view().input(), entity));
  }

  /**
   * The spans of all that is counted, as rows of {@link EventRows}.
   *
   * @param rows the label rows' columns
   * @param labelKeys of them
   * @param first the number of the first count among the views
   */
  Partitions spans(StructType rows, Keys labelKeys, int first) {
    int number = first;
    List<OverlapSpans.View> views = new ArrayList<>();
    List<PartitionedRows> versionsOf = new ArrayList<>();
    for (CheckedUse use : compared) {
      CheckedView view = use.view();
      PartitionedRows versions =
          sources.versions(
              view.source().orElseThrow(),
              view.definition().tieBreak(),
              view.definition().knowledgeTime());
      int neither = isOfLabelsEntity(use) ? number + 1 : -1;
      views.add(
          new OverlapSpans.View(
              CompiledView.of(view),
              takers(use),
              view.definition().accuracy() == Accuracy.SNAPSHOT
                  ? new SnapshotLookup(
                      view.definition(), snapshots.of(view, sources.pins()).instants())
                  : null,
              Keys.of(versions.schema(), entity(use), types(use, rows)),
              OverlapSpans.Places.of(versions.schema()),
              versions.schema(),
              number,
              neither));
      versionsOf.add(versions);
      number += neither < 0 ? 1 : 2;
    }
    List<String> eventKey = set.labelSource().definition().eventKey();
    if (set.outcome().isEmpty()) {
      return OverlapSpans.ofOwnEvents(views, versionsOf, eventKey, labelKeys.types());
    }
    PartitionedRows labels = sources.versions(set.labelSource());
    List<String> entity = set.outcome().get().definition().entity();
    OverlapSpans spans =
        OverlapSpans.of(
            set.definition().label().outcome().orElseThrow(),
            OverlapSpans.View.ofLabel(
                CompiledView.of(set.outcome().get()),
                Keys.of(labels.schema(), entity, labelKeys.types()),
                labels.schema()),
            views);
    return eventKey.isEmpty()
        ? spans.rowByRow(labels)
        : spans.byEventKey(labels, versionsOf, eventKey, sources.runner());
  }

  /** The features of a use that events go into: those that are taken, and what they are made of. */
  private static List<OverlapSpans.Taker> takers(CheckedUse use) {
    CheckedView view = use.view();
    Set<String> taken = new TreeSet<>();
    use.features().forEach(feature -> taken.add(feature.name()));
    List<Derivation> derived = view.definition().derived();
    for (int i = derived.size() - 1; i >= 0; i--) {
      if (taken.contains(derived.get(i).name())) {
        taken.addAll(
            RowExpressions.compile(List.of(derived.get(i)), view.schema(), view.definition().zone())
                .columns());
      }
    }
    CompiledView compiled = CompiledView.of(view);
    StructType arguments = view.arguments().schema();
    List<OverlapSpans.Taker> takers = new ArrayList<>();
    for (int i = 0; i < view.computations().size(); i++) {
      FeatureComputation feature = view.computations().get(i);
      if (taken.contains(feature.feature().name())) {
        takers.add(
            new OverlapSpans.Taker(
                feature.filter().map(arguments::fieldIndex).orElse(-1), compiled.plan().span(i)));
      }
    }
    return takers;
  }
}
