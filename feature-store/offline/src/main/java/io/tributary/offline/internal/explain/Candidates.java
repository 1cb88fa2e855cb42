package io.tributary.offline.internal.explain;

import io.tributary.analysis.CheckedSource;
import io.tributary.analysis.CheckedView;
import io.tributary.analysis.FeatureComputation;
import io.tributary.core.Durations;
import io.tributary.core.Micros;
import io.tributary.definition.Feature;
import io.tributary.definition.Window;
import io.tributary.offline.engine.CalendarSpan;
import io.tributary.offline.explanation.Exclusion;
import io.tributary.offline.explanation.Place;
import io.tributary.offline.internal.reference.ReferenceEvaluator;
import io.tributary.rows.PartitionedRows;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * The versions of an entity's events that features of a view could be made of, where these take the
 * same from an event within the same window. Read in bounded memory, but for the versions of one
 * event.
 */
final class Candidates {
  /** Of so many events a value is computed again. */
  static final int CHECKED = 50_000;

  private static final int NEWEST = 100;

  private final CheckedView view;
  private final CheckedSource source;
  private final List<FeatureComputation> computations;
  private final long at;
  private final InternalRow entity;
  private final ReferenceEvaluator reading;

  /**
   * @param computations that differ in their aggregates alone; look-ups also in their arguments
   */
  Candidates(CheckedView view, List<FeatureComputation> computations, long at, InternalRow entity) {
    this.view = view;
    this.source = view.source().orElseThrow();
    this.computations = List.copyOf(computations);
    this.at = at;
    this.entity = entity;
    this.reading = new ReferenceEvaluator(feature(), view.definition().knowledgeTime(), span(), at);
  }

  /** What features must share to have the same candidates. */
  static List<Object> sharedBy(FeatureComputation computation) {
    return computation.feature() instanceof Feature.Windowed windowed
        ? List.of(
            windowed.window(),
            computation.argument(),
            computation.filter(),
            computation.dimension())
        : List.of();
  }

  /**
   * What became of the candidates.
   *
   * @param won how many are winners
   * @param winners newest first; all of them, up to {@link #CHECKED} or more
   * @param lost how many others each rule excludes
   * @param losers the newest of these
   * @param looked which candidates there are, in words
   */
  record Found(
      long won,
      List<ReferenceEvaluator.Version<Place>> winners,
      Map<Exclusion, Long> lost,
      List<ReferenceEvaluator.Outcome<Place>> losers,
      String looked) {
    boolean hasAllWinners() {
      return won == winners.size();
    }
  }

  /**
   * Reads them.
   *
   * @param rows as {@link EntityEvents} has them, with all events of {@link #reach}
   * @param most how many of the losers are needed
   */
  Found read(PartitionedRows rows, int most) {
    int newest = NEWEST;
    TimeRange range = range(rows, newest);
    CandidateTally tally = tally(rows, range, most);
    while (range.leavesOlder() && tally.passed() == 0) {
      newest *= 10;
      range = range(rows, newest);
      tally = tally(rows, range, most);
    }
    return found(tally, range, most);
  }

  private Found found(CandidateTally tally, TimeRange range, int most) {
    List<ReferenceEvaluator.Version<Place>> winners = new ArrayList<>();
    List<ReferenceEvaluator.Outcome<Place>> losers = new ArrayList<>();
    for (ReferenceEvaluator.Outcome<Place> outcome : reading.ranked(tally.newest())) {
      if (outcome.exclusion().isEmpty()) {
        winners.add(outcome.version());
      } else if (losers.size() < most) {
        losers.add(outcome);
      }
    }
    long won = tally.passed();
    Map<Exclusion, Long> lost = tally.excluded();
    if (isLookup() && won > 1) {
      lost.put(Exclusion.OUTRANKED, won - 1);
      won = 1;
    }
    return new Found(won, winners, lost, losers, range.text());
  }

  /** Before defaults, in plain values; of all winners. */
  Object value(FeatureComputation computation, Found found) {
    Object value = reading.value(computation.feature(), found.winners());
    return isLookup() && computations.size() > 1 && value instanceof List<?> values
        ? values.get(computations.indexOf(computation))
        : value;
  }

  private CandidateTally tally(PartitionedRows rows, TimeRange range, int most) {
    VersionReader reader = new VersionReader(view, computations, entity, rows.schema());
    ReferenceEvaluator ruled = reading;
    int hash = rows.index(EntityEvents.EVENT);
    int passed = isLookup() ? most + 1 : Math.max(most, CHECKED);
    return rows.rows()
        .merged(
            part -> ruled(part, hash, reader.own(), range, ruled, passed, most),
            CandidateTally::merge)
        .orElse(new CandidateTally(passed, most));
  }

  /** Rows come hash by hash. */
  private static CandidateTally ruled(
      Iterator<InternalRow> rows,
      int hash,
      VersionReader reader,
      TimeRange range,
      ReferenceEvaluator reading,
      int passed,
      int excluded) {
    CandidateTally tally = new CandidateTally(passed, excluded);
    Map<Object, List<ReferenceEvaluator.Version<Place>>> events = new LinkedHashMap<>();
    long last = 0;
    while (rows.hasNext()) {
      InternalRow row = rows.next().copy();
      if (row.getLong(hash) != last) {
        add(tally, events, reading);
        last = row.getLong(hash);
      }
      ReferenceEvaluator.Version<Place> version = reader.version(row, range);
      events.computeIfAbsent(version.event(), e -> new ArrayList<>()).add(version);
    }
    add(tally, events, reading);
    return tally;
  }

  /** Of events that have a candidate. */
  private static void add(
      CandidateTally tally,
      Map<Object, List<ReferenceEvaluator.Version<Place>>> events,
      ReferenceEvaluator reading) {
    for (List<ReferenceEvaluator.Version<Place>> event : events.values()) {
      if (event.stream().anyMatch(ReferenceEvaluator.Version::asked)) {
        reading.ofEvent(event).forEach(tally::add);
      }
    }
    events.clear();
  }

  /** Which event times they have, as far as that is known before any was read. */
  TimeRange reach() {
    if (source.definition().isStatic() || span().isEmpty()) {
      return TimeRange.ALL;
    }
    long twice = 2 * span().get();
    return new TimeRange(
        at - twice,
        at + twice,
        true,
        false,
        "event time within twice the %s, %s, of the instant"
            .formatted(
                isLookup() ? "TTL" : "window",
                Durations.print(Duration.of(twice, ChronoUnit.MICROS))));
  }

  private TimeRange range(PartitionedRows rows, int newest) {
    if (source.definition().isStatic() || span().isPresent()) {
      return reach();
    }
    VersionReader reader = new VersionReader(view, computations, entity, rows.schema());
    long instant = at;
    NearestTimes near =
        rows.rows()
            .merged(
                part -> NearestTimes.of(part, reader.own(), instant, newest), NearestTimes::merge)
            .orElse(new NearestTimes(at, newest));
    return new TimeRange(
        near.least(),
        near.greatest(),
        true,
        near.leavesOlder(),
        "no TTL, so the %,d newest by event time, and as many behind the instant"
            .formatted(newest));
  }

  private Feature feature() {
    return computations.get(0).feature();
  }

  private boolean isLookup() {
    return feature() instanceof Feature.Lookup;
  }

  /** The window or the TTL in microseconds, at the instant. */
  private Optional<Long> span() {
    if (feature() instanceof Feature.Windowed w && w.window() instanceof Window.CalendarDays days) {
      return Optional.of(at - new CalendarSpan(days).lower(at));
    }
    Optional<Duration> span =
        feature() instanceof Feature.Windowed w && w.window() instanceof Window.Physical physical
            ? Optional.of(physical.length())
            : source.definition().isStatic() ? Optional.empty() : view.definition().ttl();
    return span.map(Micros::of);
  }
}
