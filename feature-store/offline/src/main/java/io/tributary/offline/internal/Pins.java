package io.tributary.offline.internal;

import io.tributary.analysis.CheckedProject;
import io.tributary.analysis.CheckedView;
import io.tributary.core.ErrorCode;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.events.facts.IngestFacts;
import io.tributary.lake.Commit;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Pins of validated tables as they are now. */
public final class Pins {
  private Pins() {}

  public static List<Pin> of(CheckedProject project, Lake lake, Collection<String> sources) {
    TreeSet<TableName> tables = new TreeSet<>();
    sources.forEach(source -> tables.add(Sources.table(project, source)));
    return tables.stream().map(table -> pin(lake.table(table), Optional.empty())).toList();
  }

  /**
   * The pin of what a view reads, without the deliveries behind the last one of which a row was
   * known before an instant. A row that is known later changes nothing before that: neither its own
   * event nor, as a correction, another version of it is seen by then. That can be told only where
   * the times that count are those of the table.
   */
  public static Pin before(CheckedProject project, Lake lake, CheckedView view, Instant instant) {
    String source = view.source().orElseThrow().name();
    return view.definition().knowledgeTime()
        ? before(project, lake, source, instant)
        : pin(lake.table(Sources.table(project, source)), Optional.empty());
  }

  /** The same of a source whose rows are looked at as they are known at an instant. */
  public static Pin before(CheckedProject project, Lake lake, String source, Instant instant) {
    return pin(
        lake.table(Sources.table(project, source)),
        hasTimesOfTable(project, source) ? Optional.of(instant) : Optional.empty());
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
          "Cannot read source "
              + table.name().subject()
              + ": table "
              + table.name()
              + " is not there. Run ingest first.");
    }
    List<Commit> commits = table.commits();
    long last = 0;
    for (int i = commits.size() - 1; i >= 0 && last == 0; i--) {
      last = last(commits.get(i));
    }
    if (last == 0) {
      throw new PlatformException(
          ErrorCode.CORRUPT,
          "Cannot pin table "
              + table.name()
              + ": no commit says which delivery is the last in it. Run ingest again.");
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
