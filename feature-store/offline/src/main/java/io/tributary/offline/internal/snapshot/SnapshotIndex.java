package io.tributary.offline.internal.snapshot;

import io.tributary.analysis.CheckedProject;
import io.tributary.analysis.CheckedView;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Micros;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.definition.FeatureView;
import io.tributary.events.facts.SnapshotFacts;
import io.tributary.events.runs.CommitFacts;
import io.tributary.lake.Commit;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import io.tributary.offline.engine.EngineDigest;
import io.tributary.offline.internal.sweep.SnapshotSweep;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * The snapshots of a view that its table holds at a version, and the commit that took each: the
 * newest of its instant.
 */
public final class SnapshotIndex {
  private static final int LISTED = 5;

  private final CheckedView view;
  private final LakeTable table;
  private final TableVersion version;
  private final NavigableMap<Instant, Commit> commits;

  /** Whether the log still has all commits. */
  private final boolean whole;

  private final ZoneId zone;

  private SnapshotIndex(
      CheckedView view,
      LakeTable table,
      TableVersion version,
      NavigableMap<Instant, Commit> commits,
      boolean whole,
      ZoneId zone) {
    this.view = view;
    this.table = table;
    this.version = version;
    this.commits = commits;
    this.whole = whole;
    this.zone = zone;
  }

  /**
   * The pin of the version that the newest snapshot was written by. No Spark.
   *
   * @throws PlatformException NOT_FOUND when none was taken
   */
  public static Pin newest(Lake lake, CheckedView view) {
    return newest(lake, view, interval -> true).orElseThrow(() -> none(view));
  }

  /**
   * The same of the snapshots before an instant, which those taken later leave as they are; of all
   * where there is none.
   */
  public static Pin newestBefore(Lake lake, CheckedView view, Instant instant) {
    return newest(lake, view, interval -> interval.from().isBefore(instant))
        .orElseGet(() -> newest(lake, view));
  }

  private static Optional<Pin> newest(Lake lake, CheckedView view, Predicate<Interval> counts) {
    List<Commit> all = lake.table(view.id().table()).commits();
    for (int i = all.size() - 1; i >= 0; i--) {
      if (interval(all.get(i)).filter(counts).isPresent()) {
        return Optional.of(Pin.of(all.get(i).version()));
      }
    }
    return Optional.empty();
  }

  private static PlatformException none(CheckedView view) {
    return new PlatformException(
        ErrorCode.NOT_FOUND,
        "Cannot read the snapshots of view %s: table %s has none, and the view says accuracy: snapshot. Materialize it first: tributary materialize %s --night YYYY-MM-DD"
            .formatted(view.id(), view.id().table(), view.id()));
  }

  /** Those of the pinned version. No Spark. */
  public static SnapshotIndex of(
      CheckedProject project, Lake lake, CheckedView view, List<Pin> pins) {
    TableName name = view.id().table();
    TableVersion version =
        pins.stream()
            .map(Pin::version)
            .filter(v -> v.table().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new PlatformException(
                        ErrorCode.BUG,
                        "Cannot read the snapshots of view %s: no pin names table %s. Report this as a bug."
                            .formatted(view.id(), name)));
    NavigableMap<Instant, Commit> commits = new TreeMap<>();
    LakeTable table = lake.table(name);
    List<Commit> all =
        table.commits().stream().filter(c -> c.version().version() <= version.version()).toList();
    for (Commit commit : all) {
      facts(commit).ifPresent(f -> f.instants().forEach(at -> commits.put(at, commit)));
    }
    boolean whole = !all.isEmpty() && all.get(0).version().version() == 0;
    return new SnapshotIndex(view, table, version, commits, whole, project.project().zone());
  }

  /**
   * The newest commit that took the snapshot of an interval's last instant. No Spark.
   *
   * @throws PlatformException NOT_FOUND when none did, or by another definition
   */
  public static Commit commit(
      CheckedProject project, Lake lake, CheckedView view, Interval interval) {
    Instant at = interval.snapshotInstant();
    Commit newest = null;
    for (Commit commit : lake.table(view.id().table()).commits()) {
      if (facts(commit).filter(f -> f.instants().contains(at)).isPresent()) {
        newest = commit;
      }
    }
    String why = null;
    if (newest == null) {
      why = "it was never taken";
    } else if (!facts(newest).orElseThrow().definition().equals(definition(view))) {
      why = "it was taken when the view was defined otherwise";
    }
    if (why != null) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot read the snapshot of view %s at %s: %s. Take it first: tributary materialize %s %s"
              .formatted(view.id(), at, why, view.id(), interval.option(project.project().zone())));
    }
    return newest;
  }

  private static Optional<Interval> interval(Commit commit) {
    return commit.facts().filter(CommitFacts::commitPoint).flatMap(f -> f.key().interval());
  }

  private static Optional<SnapshotFacts> facts(Commit commit) {
    return commit.facts().flatMap(f -> f.facts(SnapshotFacts.class));
  }

  /** The digest of the engine and of what snapshots of a view hold. */
  public static Digest definition(CheckedView view) {
    return EngineDigest.of(view.snapshotDigest());
  }

  /**
   * The instant of the snapshot that is read at an instant, and what it was taken from.
   *
   * @throws PlatformException INVALID_REQUEST when there is none, or it is stale
   */
  public Map.Entry<Instant, List<Pin>> readAt(Instant instant) {
    FeatureView definition = view.definition();
    Map.Entry<Instant, Commit> newest =
        commits.floorEntry(instant.minus(definition.publishDelay()));
    String why = null;
    if (newest == null) {
      why = "no snapshot of it is served by then";
    } else if (definition
        .maxStaleness()
        .filter(most -> newest.getKey().isBefore(instant.minus(most)))
        .isPresent()) {
      why = "the newest snapshot by then, of " + newest.getKey() + ", is older than max-staleness";
    }
    if (why != null) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot explain view %s at %s: %s, and its features are those of a key without events. Name an instant at which a snapshot is served."
              .formatted(view.id(), instant, why));
    }
    return Map.entry(newest.getKey(), newest.getValue().facts().orElseThrow().inputs());
  }

  /**
   * The snapshots.
   *
   * @throws PlatformException NOT_FOUND when one was taken by another definition
   */
  SnapshotRows read() {
    Digest definition = definition(view);
    List<Interval> others =
        commits.values().stream()
            .filter(c -> !facts(c).orElseThrow().definition().equals(definition))
            .flatMap(c -> interval(c).stream())
            .toList();
    if (!others.isEmpty()) {
      throw outdated("some of its snapshots were taken when it was defined otherwise", others);
    }
    Dataset<Row> rows = table.read(version);
    requireFeatures(rows.schema());
    return new SnapshotRows(rows, instants(rows));
  }

  private long[] instants(Dataset<Row> rows) {
    List<Instant> instants = new ArrayList<>(commits.keySet());
    if (!whole) {
      // Instants whose commits the log has lost are in the rows.
      rows.select(SnapshotSweep.AT).distinct().collectAsList().stream()
          .map(row -> row.getTimestamp(0).toInstant())
          .filter(instant -> !commits.containsKey(instant))
          .forEach(instants::add);
    }
    return instants.stream().mapToLong(Micros::of).sorted().toArray();
  }

  private void requireFeatures(StructType schema) {
    for (var feature : view.schema().fields()) {
      boolean same =
          Arrays.stream(schema.fields())
              .anyMatch(
                  f ->
                      f.name().equals(feature.name())
                          && f.dataType()
                              .catalogString()
                              .equals(feature.dataType().catalogString()));
      if (!same) {
        throw outdated(
            "its snapshots have no feature "
                + feature.name()
                + " "
                + feature.dataType().catalogString(),
            commits.values().stream().flatMap(c -> interval(c).stream()).toList());
      }
    }
  }

  private PlatformException outdated(String why, List<Interval> intervals) {
    List<String> options =
        intervals.stream()
            .distinct()
            .sorted(Comparator.comparing(Interval::from))
            .map(interval -> interval.option(zone))
            .toList();
    String others = options.stream().skip(1).limit(LISTED - 1L).collect(Collectors.joining(", "));
    String more = options.size() > LISTED ? " and " + (options.size() - LISTED) + " more" : "";
    return new PlatformException(
        ErrorCode.NOT_FOUND,
        "Cannot join view %s: %s. Take them again: tributary materialize %s %s%s; or give the changed view a new version."
            .formatted(
                view.id(),
                why,
                view.id(),
                options.stream().findFirst().orElse("--night YYYY-MM-DD"),
                others.isEmpty() ? "" : " (then " + others + more + ")"));
  }
}
