package io.tributary.offline.internal.source;

import io.tributary.analysis.CheckedProject;
import io.tributary.analysis.CheckedSource;
import io.tributary.analysis.CheckedSpine;
import io.tributary.analysis.CheckedTrainingSet;
import io.tributary.analysis.CheckedView;
import io.tributary.core.Pin;
import io.tributary.core.TableName;
import io.tributary.definition.SourceInput;
import io.tributary.definition.TrainingSet.Spine;
import io.tributary.lake.LakeTable;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Runner;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The rows of a project's sources as pins name them, and the valid periods of their versions. These
 * are made once for each source, pins and order of versions: what was shuffled for one view serves
 * the next. Safe for threads.
 */
public final class Sources {
  /** The columns of a validated table that say where a row came from. */
  static final List<String> PLACE = List.of(LakeTable.DELIVERY, "_file", "_line", "_run");

  private static final String LAYER = "validated";

  private final CheckedProject project;
  private final StoredRows stored;
  private final Runner runner;
  private final Map<List<Object>, PartitionedRows> versions = new HashMap<>();

  /** Of some sources the rows that are read in place of all. */
  private final Map<String, PartitionedRows> some;

  public Sources(CheckedProject project, StoredRows stored, Runner runner) {
    this(project, stored, runner, Map.of());
  }

  private Sources(
      CheckedProject project, StoredRows stored, Runner runner, Map<String, PartitionedRows> some) {
    this.project = project;
    this.stored = stored;
    this.runner = runner;
    this.some = some;
  }

  /** The same, of one source these rows alone. */
  Sources with(String source, PartitionedRows these) {
    return new Sources(project, stored, runner, Map.of(source, these));
  }

  /** The same, of a source that is stored as it is these rows alone, where that saves reading. */
  Sources where(String source, Wanted wanted) {
    return project.source(source).definition().isQuery()
        ? this
        : new Sources(project, stored.where(wanted), runner, some);
  }

  /** The size of the files that some sources are read from. */
  long bytes(Collection<String> names, List<Pin> pins) {
    return names.stream()
        .map(project::base)
        .distinct()
        .mapToLong(name -> stored.bytes(project.source(name), pins))
        .sum();
  }

  /**
   * Why Spark must read a source.
   *
   * @param beside columns that are read beside those of its rows
   */
  Optional<String> leftToSpark(String source, List<String> beside, List<Pin> pins) {
    return stored.leftToSpark(project.source(project.base(source)), beside, pins);
  }

  /** They as some pins name them. */
  public PinnedSources at(List<Pin> pins) {
    return new PinnedSources(this, pins);
  }

  CheckedProject project() {
    return project;
  }

  public Runner runner() {
    return runner;
  }

  /** The table that holds a source's rows, or those that a query source is made of. */
  public static TableName table(CheckedProject project, String source) {
    return TableName.of(LAYER, project.base(source));
  }

  /** All rows of a source, tombstones too, with these of its columns or more. */
  PartitionedRows rows(String name, Collection<String> columns, List<Pin> pins) {
    return rows(name, columns, Set.of(), pins);
  }

  /**
   * The same.
   *
   * @param ranking columns that must be computable for tombstones too
   */
  private PartitionedRows rows(
      String name, Collection<String> columns, Set<String> ranking, List<Pin> pins) {
    CheckedSource source = project.source(name);
    if (some.containsKey(name)) {
      return some.get(name);
    }
    return source.definition().input() instanceof SourceInput.Query query
        ? queried(source, query, ranking, pins)
        : stored.rows(source, columns, pins);
  }

  /**
   * All rows of a source with all its columns and, behind them, where each came from: {@link
   * #PLACE}.
   *
   * @param ranking columns that must be computable for tombstones too
   */
  PartitionedRows placed(String name, Set<String> ranking, List<Pin> pins) {
    CheckedSource source = project.source(name);
    return source.definition().input() instanceof SourceInput.Query query
        ? QueryRows.of(
            source,
            placed(query.source(), QueryRows.below(source, query, ranking), pins),
            ranking,
            PLACE)
        : stored.placed(source, pins);
  }

  private PartitionedRows queried(
      CheckedSource source, SourceInput.Query query, Set<String> ranking, List<Pin> pins) {
    Set<String> needed = new LinkedHashSet<>(source.rows().columns());
    source.filter().ifPresent(filter -> needed.addAll(filter.columns()));
    Set<String> below = QueryRows.below(source, query, ranking);
    return QueryRows.of(source, rows(query.source(), needed, below, pins), ranking, List.of());
  }

  /**
   * The live versions of a source, each with the time until which it counts.
   *
   * @param tieBreak columns that decide between versions of equal known time, after the sequence
   * @param knowledgeTime whether known time bounds what is visible; if not, each event has its last
   *     version alone
   */
  synchronized PartitionedRows versions(
      CheckedSource source, List<String> tieBreak, boolean knowledgeTime, List<Pin> pins) {
    Object content = stored.content(project.base(source.name()), pins);
    List<Object> key = List.of(source.name(), content, tieBreak, knowledgeTime);
    PartitionedRows known = versions.get(key);
    if (known == null) {
      forget(source.name(), content);
      known = made(source, tieBreak, knowledgeTime, pins);
      versions.put(key, known);
    }
    return known;
  }

  /** Versions of other pins will hardly be read again. */
  private void forget(String source, Object content) {
    versions.keySet().removeIf(key -> key.get(0).equals(source) && !key.get(1).equals(content));
  }

  private PartitionedRows made(
      CheckedSource source, List<String> tieBreak, boolean knowledgeTime, List<Pin> pins) {
    PartitionedRows rows = rows(source.name(), needed(source), Set.copyOf(tieBreak), pins);
    if (source.definition().isStatic()) {
      return VersionRows.ofStatic(rows, source.definition().eventKey(), source.order(), runner);
    }
    List<String> first =
        Stream.concat(source.sequence().stream(), tieBreak.stream()).distinct().toList();
    return VersionRows.of(
        rows, source.definition().eventKey(), first, source.order(), knowledgeTime, runner);
  }

  /**
   * The columns of a source that anything in the project reads; all of one whose rows are label
   * rows themselves.
   */
  private Set<String> needed(CheckedSource source) {
    Set<String> columns = new TreeSet<>(source.definition().eventKey());
    columns.addAll(
        List.of(CheckedSource.EVENT_TIME, CheckedSource.KNOWN_TIME, CheckedSource.DELETED));
    columns.addAll(source.order());
    source.sequence().ifPresent(columns::add);
    project.views().values().forEach(view -> columns.addAll(needed(view, source)));
    for (String name : project.project().trainingSets().keySet()) {
      CheckedTrainingSet set = project.trainingSet(name);
      if (set.spine().source().name().equals(source.name())) {
        columns.addAll(columns(set.spine()));
      }
      if (set.outcome().isPresent()) {
        columns.addAll(needed(set.outcome().get(), source));
      } else if (set.labelSource().name().equals(source.name())) {
        columns.addAll(set.label().columns());
      }
    }
    return columns;
  }

  /** The columns of their source that label rows are made of, its times aside. */
  private static List<String> columns(CheckedSpine spine) {
    if (!(spine.definition() instanceof Spine.Periodic periodic)) {
      return List.of(spine.source().schema().fieldNames());
    }
    List<String> columns = new ArrayList<>(periodic.entity());
    spine.filter().ifPresent(filter -> columns.addAll(filter.columns()));
    return columns;
  }

  private static Set<String> needed(CheckedView view, CheckedSource source) {
    Set<String> columns = new TreeSet<>();
    if (view.source().filter(s -> s.name().equals(source.name())).isPresent()) {
      columns.addAll(view.definition().entity());
      columns.addAll(view.definition().tieBreak());
      columns.addAll(view.arguments().columns());
      columns.addAll(view.order());
    }
    return columns;
  }

  /** Whether rows of both are made of the same table. */
  public static boolean shareTable(CheckedProject project, CheckedSource one, CheckedSource other) {
    return project.base(one.name()).equals(project.base(other.name()));
  }
}
