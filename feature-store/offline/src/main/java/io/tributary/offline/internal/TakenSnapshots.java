package io.tributary.offline.internal;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Micros;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Source;
import io.tributary.events.facts.SnapshotFacts;
import io.tributary.events.runs.CommitFacts;
import io.tributary.expression.CheckedProject;
import io.tributary.expression.CheckedView;
import io.tributary.lake.Commit;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import io.tributary.offline.FeatureStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * The snapshots of a view that its table holds at a version, and the commit that took each. A
 * commit that takes an interval again stands for all of it.
 */
public final class TakenSnapshots {
  private final CheckedView view;
  private final LakeTable table;
  private final TableVersion version;
  private final NavigableMap<Instant, Commit> commits;

  /** Whether the log still has all commits. */
  private final boolean whole;

  private TakenSnapshots(
      CheckedView view,
      LakeTable table,
      TableVersion version,
      NavigableMap<Instant, Commit> commits,
      boolean whole) {
    this.view = view;
    this.table = table;
    this.version = version;
    this.commits = commits;
    this.whole = whole;
  }

  /**
   * The pin of the version that the newest snapshot was written by. No Spark.
   *
   * @throws PlatformException NOT_FOUND when none was taken
   */
  public static Pin newest(Lake lake, CheckedView view) {
    LakeTable table = lake.table(view.id().table());
    List<Commit> all = table.commits();
    for (int i = all.size() - 1; i >= 0; i--) {
      if (interval(all.get(i)).isPresent()) {
        return Pin.of(all.get(i).version());
      }
    }
    throw new PlatformException(
        ErrorCode.NOT_FOUND,
        "Cannot read the snapshots of view "
            + view.id()
            + ": table "
            + table.name()
            + " has none, and the view says accuracy: snapshot. Materialize it first: tributary materialize "
            + view.id()
            + " --from … --to …");
  }

  /** Those of the pinned version. No Spark. */
  public static TakenSnapshots of(
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
                        "Cannot read the snapshots of view "
                            + view.id()
                            + ": no pin names table "
                            + name
                            + ". Report this as a bug."));
    Source source = view.source().orElseThrow().definition();
    NavigableMap<Instant, Commit> commits = new TreeMap<>();
    LakeTable table = lake.table(name);
    List<Commit> all =
        table.commits().stream().filter(c -> c.version().version() <= version.version()).toList();
    for (Commit commit : all) {
      Interval interval = interval(commit).orElse(null);
      if (interval != null) {
        commits.subMap(interval.from(), true, interval.to(), false).clear();
        for (Instant instant : instants(commit, interval, source, project)) {
          commits.put(instant, commit);
        }
      }
    }
    boolean whole = !all.isEmpty() && all.get(0).version().version() == 0;
    return new TakenSnapshots(view, table, version, commits, whole);
  }

  private static Optional<Interval> interval(Commit commit) {
    return commit.facts().filter(CommitFacts::commitPoint).flatMap(f -> f.key().interval());
  }

  private static List<Instant> instants(
      Commit commit, Interval interval, Source source, CheckedProject project) {
    return facts(commit)
        .map(SnapshotFacts::instants)
        .orElseGet(() -> instants(project, source, interval));
  }

  /**
   * The instants at which an interval's snapshots are taken: the last of each day; of reference
   * data, which has no time, the last of all.
   */
  public static List<Instant> instants(CheckedProject project, Source source, Interval interval) {
    return source.isStatic()
        ? List.of(interval.snapshotInstant())
        : interval.days(project.project().zone()).stream().map(Interval::snapshotInstant).toList();
  }

  private static Optional<SnapshotFacts> facts(Commit commit) {
    return commit.facts().flatMap(f -> f.facts(SnapshotFacts.class));
  }

  /** The digest of the engine and of what snapshots of a view hold. */
  public static Digest definition(CheckedView view) {
    return Digest.of(FeatureStore.ENGINE + " " + view.snapshotDigest());
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
          "Cannot explain view "
              + view.id()
              + " at "
              + instant
              + ": "
              + why
              + ", and its features are those of a key without events. Name an instant at which a snapshot is served.");
    }
    return Map.entry(newest.getKey(), newest.getValue().facts().orElseThrow().inputs());
  }

  /**
   * The snapshots.
   *
   * @throws PlatformException NOT_FOUND when one was taken by another definition
   */
  Snapshots read() {
    Digest definition = definition(view);
    for (Map.Entry<Instant, Commit> taken : commits.entrySet()) {
      if (facts(taken.getValue()).filter(f -> !f.definition().equals(definition)).isPresent()) {
        throw outdated(
            "its snapshot at " + taken.getKey() + " was taken when it was defined otherwise",
            interval(taken.getValue()).orElseThrow());
      }
    }
    Dataset<Row> rows = table.read(version);
    requireFeatures(rows.schema());
    return new Snapshots(rows, instants(rows));
  }

  private long[] instants(Dataset<Row> rows) {
    List<Instant> instants = new ArrayList<>(commits.keySet());
    if (!whole) {
      // What the log has lost is told by the rows.
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
            new Interval(
                commits.isEmpty() ? Instant.EPOCH : commits.firstKey(),
                commits.isEmpty() ? Instant.EPOCH : commits.lastKey()));
      }
    }
  }

  private PlatformException outdated(String why, Interval interval) {
    return new PlatformException(
        ErrorCode.NOT_FOUND,
        "Cannot join view "
            + view.id()
            + ": "
            + why
            + ". Materialize "
            + interval
            + " again, or give the changed view a new version.");
  }
}
