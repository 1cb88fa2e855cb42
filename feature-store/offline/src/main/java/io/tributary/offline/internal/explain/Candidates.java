package io.tributary.offline.internal.explain;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

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
import io.tributary.rows.Scala;
import io.tributary.rows.spark.SparkRows;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;

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
   * @param placed the source's rows with their places
   * @param most how many of the losers are needed
   */
  Found read(Dataset<Row> placed, int most) {
    Dataset<Row> live =
        source.definition().isStatic()
            ? placed.where(isAsked())
            : placed.where(isAsked()).where(not(col(CheckedSource.DELETED)));
    int newest = NEWEST;
    TimeRange range = range(live, newest);
    CandidateTally tally = tally(placed, live, range, most);
    while (range.leavesOlder() && tally.passed() == 0) {
      newest *= 10;
      range = range(live, newest);
      tally = tally(placed, live, range, most);
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

  private CandidateTally tally(Dataset<Row> all, Dataset<Row> live, TimeRange range, int most) {
    List<String> eventKey = source.definition().eventKey();
    Dataset<Row> rows = range.of(live);
    if (!eventKey.isEmpty()) {
      Column[] columns = columns(eventKey);
      rows =
          all.join(rows.select(columns).distinct(), Scala.seq(eventKey), "left_semi")
              .select(columns(List.of(all.columns())))
              .repartition(columns)
              .sortWithinPartitions(columns);
    }
    JavaRDD<InternalRow> versions = SparkRows.rdd(rows);
    VersionReader reader = new VersionReader(view, computations, entity, rows.schema());
    ReferenceEvaluator ruled = reading;
    int passed = isLookup() ? most + 1 : Math.max(most, CHECKED);
    return versions
        .mapPartitions(part -> List.of(ruled(part, reader, range, ruled, passed, most)).iterator())
        .treeAggregate(
            new CandidateTally(passed, most), CandidateTally::merge, CandidateTally::merge, 2);
  }

  /** Rows come event by event. */
  private static CandidateTally ruled(
      Iterator<InternalRow> rows,
      VersionReader reader,
      TimeRange range,
      ReferenceEvaluator reading,
      int passed,
      int excluded) {
    CandidateTally tally = new CandidateTally(passed, excluded);
    List<ReferenceEvaluator.Version<Place>> event = new ArrayList<>();
    while (rows.hasNext()) {
      ReferenceEvaluator.Version<Place> version = reader.version(rows.next().copy(), range);
      if (!event.isEmpty() && !event.get(0).event().equals(version.event())) {
        reading.ofEvent(event).forEach(tally::add);
        event.clear();
      }
      event.add(version);
    }
    reading.ofEvent(event).forEach(tally::add);
    return tally;
  }

  private static Column[] columns(List<String> names) {
    return names.stream().map(n -> col("`" + n + "`")).toArray(Column[]::new);
  }

  /** Rule 2: a null matches nothing. */
  private Column isAsked() {
    Column same = lit(true);
    List<String> names = view.definition().entity();
    for (int i = 0; i < names.size(); i++) {
      DataType type = view.input().apply(names.get(i)).dataType();
      Object value = ReferenceValues.java(ReferenceValues.plain(entity, i, type), type);
      same = same.and(col("`" + names.get(i) + "`").equalTo(lit(value).cast(type)));
    }
    return same;
  }

  private TimeRange range(Dataset<Row> live, int newest) {
    if (source.definition().isStatic()) {
      return new TimeRange(
          Long.MIN_VALUE, Long.MAX_VALUE, false, false, "all rows of the newest delivery");
    }
    if (span().isPresent()) {
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
    Column time = col(CheckedSource.EVENT_TIME);
    Column instant = lit(Micros.instant(at));
    List<Long> before = times(live.where(time.leq(instant)).orderBy(time.desc()), newest);
    List<Long> after = times(live.where(time.gt(instant)).orderBy(time.asc()), newest);
    return new TimeRange(
        before.isEmpty() ? at : before.get(before.size() - 1),
        after.isEmpty() ? at : after.get(after.size() - 1),
        true,
        before.size() == newest,
        "no TTL, so the %,d newest by event time, and as many behind the instant"
            .formatted(newest));
  }

  private static List<Long> times(Dataset<Row> rows, int most) {
    return SparkRows.rdd(rows.select(col(CheckedSource.EVENT_TIME)).limit(most))
        .map(row -> row.getLong(0))
        .collect();
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
