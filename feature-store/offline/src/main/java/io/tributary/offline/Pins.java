package io.tributary.offline;

import io.tributary.analysis.CheckedProject;
import io.tributary.analysis.CheckedSource;
import io.tributary.analysis.CheckedView;
import io.tributary.core.ErrorCode;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.definition.Accuracy;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.definition.TrainingSet;
import io.tributary.definition.ViewUse;
import io.tributary.events.facts.IngestFacts;
import io.tributary.lake.Commit;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import io.tributary.offline.internal.snapshot.SnapshotIndex;
import io.tributary.offline.internal.source.Sources;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the tables that features and labels are read from hold: of a validated table "delivery ≤ n",
 * of one with the snapshots of a view at the accuracy of snapshots, in place of the view's source,
 * a version. A query source is pinned by the table that it is made of. Pins are sorted by table;
 * there are none without a lake. No Spark.
 */
public final class Pins {
  private final StoreSession session;
  private final CheckedProject project;

  Pins(StoreSession session) {
    this.session = session;
    this.project = session.project();
  }

  /**
   * What sources hold now.
   *
   * @throws PlatformException NOT_FOUND for a source that has not been validated yet
   */
  public List<Pin> ofSources(Collection<String> sources) {
    return of(sources, List.of());
  }

  /**
   * What views read now.
   *
   * @throws PlatformException NOT_FOUND for a source that has not been validated yet, and for a
   *     view at the accuracy of snapshots that was never materialized
   */
  public List<Pin> ofViews(Collection<ViewUse> uses) {
    return of(List.of(), uses);
  }

  /** The same of all that a training set reads: spine, label and views. */
  public List<Pin> of(TrainingSet set) {
    return of(List.of(set.rows().source(), set.label().source()), set.features());
  }

  private List<Pin> of(Collection<String> sources, Collection<ViewUse> uses) {
    if (session.lake().isEmpty()) {
      return List.of();
    }
    Lake lake = session.requireLake();
    TreeSet<String> names = new TreeSet<>(sources);
    TreeMap<TableName, Pin> pins = new TreeMap<>();
    for (ViewUse use : uses) {
      CheckedView view = project.view(use.view());
      if (isReadFromSnapshots(view)) {
        pins.put(view.id().table(), SnapshotIndex.newest(lake, view));
      } else {
        view.source().map(CheckedSource::name).ifPresent(names::add);
      }
    }
    TreeSet<TableName> tables = new TreeSet<>();
    names.forEach(source -> tables.add(Sources.table(project, source)));
    tables.forEach(table -> pins.put(table, pin(lake.table(table), Optional.empty())));
    return List.copyOf(pins.values());
  }

  /**
   * What sources and views hold of the time before an instant: of sources as known by then, of
   * views as {@link #before(FeatureView, Instant)}; of a view at the accuracy of snapshots the
   * newest commit of one before it, where there is one.
   */
  public List<Pin> before(Collection<String> sources, Collection<ViewUse> uses, Instant instant) {
    TreeMap<TableName, Pin> pins = new TreeMap<>();
    for (String source : sources) {
      later(pins, before(source, instant));
    }
    for (ViewUse use : uses) {
      CheckedView view = project.view(use.view());
      if (isReadFromSnapshots(view)) {
        later(pins, SnapshotIndex.newestBefore(session.requireLake(), view, instant));
      } else if (view.source().isPresent()) {
        later(pins, before(view, instant));
      }
    }
    return List.copyOf(pins.values());
  }

  private static boolean isReadFromSnapshots(CheckedView view) {
    return view.definition().accuracy() == Accuracy.SNAPSHOT;
  }

  /** Of two pins of one table the one that shows more. */
  private static void later(TreeMap<TableName, Pin> pins, Pin pin) {
    pins.merge(
        pin.version().table(),
        pin,
        (a, b) -> a.deliveries().orElse(0L) >= b.deliveries().orElse(0L) ? a : b);
  }

  /**
   * What a view reads of the time before an instant: without the deliveries behind the last one of
   * which a row was known by then, which change nothing. All deliveries count for a view of
   * reference data, one without knowledge time, one of a query with known times of its own, and
   * where ingest did not record when rows were known.
   */
  public Pin before(FeatureView view, Instant instant) {
    return before(project.view(view.id()), instant);
  }

  /**
   * A row that is known later changes nothing before: neither its own event nor, as a correction,
   * another version of it is seen by then. That is certain only where the times that count are
   * those of the table.
   */
  private Pin before(CheckedView view, Instant instant) {
    String source = view.source().orElseThrow().name();
    return view.definition().knowledgeTime()
        ? before(source, instant)
        : pin(table(source), Optional.empty());
  }

  private Pin before(String source, Instant instant) {
    return pin(table(source), Optional.of(instant).filter(i -> hasTimesOfTable(project, source)));
  }

  private LakeTable table(String source) {
    return session.requireLake().table(Sources.table(project, source));
  }

  private static boolean hasTimesOfTable(CheckedProject project, String name) {
    Source source = project.source(name).definition();
    return !source.isStatic()
        && (!(source.input() instanceof SourceInput.Query query)
            || (source.knownTime().isEmpty()
                && source.availabilityDelay().isEmpty()
                && hasTimesOfTable(project, query.source())));
  }

  private static Pin pin(LakeTable table, Optional<Instant> before) {
    if (table.version().isEmpty()) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot read source %s: table %s is not there. Run ingest first."
              .formatted(table.name().subject(), table.name()));
    }
    List<Commit> commits = table.commits();
    long last = 0;
    for (int i = commits.size() - 1; i >= 0 && last == 0; i--) {
      last = last(commits.get(i));
    }
    if (last == 0) {
      throw new PlatformException(
          ErrorCode.CORRUPT,
          "Cannot pin table %s: no commit says which delivery is the last in it. Run ingest again."
              .formatted(table.name()));
    }
    return table.pin(before.isPresent() ? lastKnown(commits, before.get()) : last);
  }

  /** The last delivery of which a row was known before an instant, or when isn't known. */
  private static long lastKnown(List<Commit> commits, Instant before) {
    long lastKnown = 0;
    long least = Long.MAX_VALUE;
    boolean whole = false;
    for (int i = commits.size() - 1; i >= 0 && !whole; i--) {
      Commit commit = commits.get(i);
      Optional<Map<Long, Instant>> knownFrom =
          validated(commit).flatMap(IngestFacts.Validated::knownFrom);
      if (knownFrom.isEmpty()) {
        lastKnown = Math.max(lastKnown, last(commit));
      } else {
        for (Map.Entry<Long, Instant> delivery : knownFrom.get().entrySet()) {
          least = Math.min(least, delivery.getKey());
          if (delivery.getValue().isBefore(before)) {
            lastKnown = Math.max(lastKnown, delivery.getKey());
          }
        }
      }
      whole = commit.version().version() == 0 || commit.rebuilds();
    }
    // What commits brought that the log has lost, nothing is known of.
    return whole || least == Long.MAX_VALUE ? lastKnown : Math.max(lastKnown, least - 1);
  }

  private static long last(Commit commit) {
    return validated(commit).map(IngestFacts.Validated::lastDelivery).orElse(0L);
  }

  private static Optional<IngestFacts.Validated> validated(Commit commit) {
    return commit.facts().flatMap(f -> f.facts(IngestFacts.class)).flatMap(IngestFacts::validated);
  }
}
