package io.tributary.offline.internal;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import io.tributary.core.Durations;
import io.tributary.core.ErrorCode;
import io.tributary.core.Micros;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.definition.Aggregate;
import io.tributary.definition.Derivation;
import io.tributary.definition.Feature;
import io.tributary.definition.Window;
import io.tributary.expression.CheckedSource;
import io.tributary.expression.CheckedView;
import io.tributary.expression.Computation;
import io.tributary.offline.Candidate;
import io.tributary.offline.Exclusion;
import io.tributary.offline.Explanation;
import io.tributary.offline.Place;
import io.tributary.offline.Ruling;
import io.tributary.offline.engine.CalendarSpan;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;

/**
 * One feature of one entity at one instant: reads the versions of the entity's events with their
 * places, and lets {@link PlainReading} say what became of each.
 */
public final class Explaining {
  /** The asking row's instant. */
  public static final String AS_OF = "_as_of";

  private static final int NEWEST = 100;
  private static final int MOST = 200_000;

  private final CheckedView view;
  private final Computation computation;
  private final CheckedSource source;
  private final long at;
  private final Dataset<Row> asking;
  private final InternalRow entity;

  private Explaining(
      CheckedView view, Computation computation, long at, Dataset<Row> asking, InternalRow entity) {
    this.view = view;
    this.computation = computation;
    this.source = view.source().orElseThrow();
    this.at = at;
    this.asking = asking;
    this.entity = entity;
  }

  /**
   * @param key by entity column, as text or as the column's type
   * @throws PlatformException NOT_FOUND for a feature that is not there, INVALID_REQUEST for one
   *     that no events are taken into, and for another key than the view's
   */
  public static Explaining of(
      SparkSession spark,
      CheckedView view,
      String feature,
      Map<String, Object> key,
      Instant instant) {
    Computation computation = computation(view, feature);
    requireKey(view, key);
    long at = Micros.of(instant);
    List<Column> columns = new ArrayList<>();
    for (String name : view.definition().entity()) {
      columns.add(lit(key.get(name)).cast(type(view, name)).as(name));
    }
    Dataset<Row> entity = spark.range(1).select(columns.toArray(Column[]::new));
    Dataset<Row> asking = entity.withColumn(AS_OF, lit(Micros.instant(at)));
    try {
      return new Explaining(view, computation, at, asking, collected(entity, 1).get(0));
    } catch (RuntimeException e) {
      if (e instanceof SparkThrowable) {
        throw new PlatformException(
            ErrorCode.INVALID_REQUEST,
            "Cannot explain view %s for %s: its entity is %s. Give values of these types."
                .formatted(view.id(), key, typed(view)),
            e);
      }
      throw e;
    }
  }

  private static Computation computation(CheckedView view, String feature) {
    if (view.definition().isOnDemand()) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot explain view %s: it is computed on demand, from a request alone. Look at its expressions with tributary show %s."
              .formatted(view.id(), view.id()));
    }
    Optional<Computation> found =
        view.computations().stream().filter(c -> c.feature().name().equals(feature)).findFirst();
    Optional<Derivation> derived =
        view.definition().derived().stream().filter(d -> d.name().equals(feature)).findFirst();
    if (derived.isPresent()) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot explain feature %s.%s: it is computed from other features, %s. Explain these."
              .formatted(view.id(), feature, derived.get().expression().sql().strip()));
    }
    return found.orElseThrow(
        () ->
            new PlatformException(
                ErrorCode.NOT_FOUND,
                "Cannot find feature \"%s\" of view %s: there is none of that name. It has %s."
                    .formatted(
                        feature, view.id(), String.join(", ", view.definition().featureNames()))));
  }

  private static void requireKey(CheckedView view, Map<String, Object> key) {
    List<String> entity = view.definition().entity();
    if (key.size() != entity.size() || !key.keySet().containsAll(entity)) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot explain view %s for %s: its entity is %s. Give each of its columns, and no other."
              .formatted(view.id(), key.isEmpty() ? "no key" : key, typed(view)));
    }
  }

  private static String typed(CheckedView view) {
    return String.join(
        ", ",
        view.definition().entity().stream()
            .map(name -> name + " " + type(view, name).catalogString())
            .toList());
  }

  private static DataType type(CheckedView view, String column) {
    return view.input().fields()[view.input().fieldIndex(column)].dataType();
  }

  /** The row that asks: the entity's columns and {@link #AS_OF}. */
  public Dataset<Row> asking() {
    return asking;
  }

  /**
   * What became of each candidate.
   *
   * @param joined the asking row with its feature last, as a join gives it
   * @throws PlatformException BUG where the join says otherwise; INVALID_REQUEST where there are
   *     too many candidates to show
   */
  public Explanation explain(Sources sources, Pin pin, List<Pin> pins, Dataset<Row> joined) {
    Dataset<Row> all = sources.placed(source.name(), pins);
    Dataset<Row> live =
        source.definition().isStatic()
            ? all.where(isAsked())
            : all.where(isAsked()).where(not(col(CheckedSource.DELETED)));
    PlainReading reading =
        new PlainReading(computation.feature(), view.definition().knowledgeTime(), span(), at);
    int newest = NEWEST;
    Range range = range(live, newest);
    List<PlainReading.Outcome<Place>> outcomes =
        reading.outcomes(versions(all, range.of(live), range));
    while (range.leavesOlder() && winners(outcomes).isEmpty()) {
      newest *= 10;
      range = range(live, newest);
      outcomes = reading.outcomes(versions(all, range.of(live), range));
    }
    List<PlainReading.Version<Place>> winners = winners(outcomes);
    Object computed = value(reading, winners);
    Object fallback = PlainRows.plain(view.defaults().get(computation.feature().name()));
    boolean isDefault = computed == null && fallback != null;
    DataType type = joined.schema().fields()[joined.schema().size() - 1].dataType();
    Object value = PlainRows.plain(collected(joined, 1).get(0), joined.schema().size() - 1, type);
    requireSame(isDefault ? fallback : computed, value);
    return new Explanation(
        view.id(),
        computation.feature().name(),
        definition(),
        keyOf(),
        Micros.instant(at),
        Optional.empty(),
        PlainRows.java(value, type),
        isDefault,
        pin.version().table().subject(),
        pin,
        range.text(),
        outcomes.stream().filter(o -> o.exclusion().isEmpty()).map(this::candidate).toList(),
        outcomes.stream().filter(o -> o.exclusion().isPresent()).map(this::candidate).toList());
  }

  /**
   * The same of a view that is read from its snapshots.
   *
   * @param then the value explained at the instant of the snapshot that is read
   * @param joined the asking row with its feature last, as a join gives it
   * @throws PlatformException BUG where the join says otherwise; INVALID_REQUEST where the
   *     snapshot's row has expired since
   */
  public Explanation ofSnapshot(Explanation then, Dataset<Row> joined) {
    DataType type = joined.schema().fields()[joined.schema().size() - 1].dataType();
    Object plain = PlainRows.plain(collected(joined, 1).get(0), joined.schema().size() - 1, type);
    Object value = PlainRows.java(plain, type);
    if (!Objects.deepEquals(value, then.value())) {
      Optional<Duration> ttl = view.definition().servedTtl();
      for (Candidate winner : then.winners()) {
        Instant event = winner.event().orElse(Instant.MAX);
        if (ttl.isPresent() && event.isBefore(Micros.instant(at).minus(ttl.get()))) {
          throw new PlatformException(
              ErrorCode.INVALID_REQUEST,
              "Cannot explain feature %s.%s for %s at %s: there it reads as that of a key without events, for the newest event of its snapshot of %s, of %s, is older than the TTL, %s. Explain an earlier instant."
                  .formatted(
                      view.id(),
                      computation.feature().name(),
                      keyOf(),
                      Micros.instant(at),
                      then.at(),
                      event,
                      Durations.print(ttl.get())));
        }
      }
      requireSame(then.value(), value);
    }
    return new Explanation(
        then.view(),
        then.feature(),
        then.definition(),
        then.key(),
        Micros.instant(at),
        Optional.of(then.at()),
        value,
        then.isDefault(),
        then.source(),
        then.read(),
        then.looked(),
        then.winners(),
        then.ruledOut());
  }

  private static List<PlainReading.Version<Place>> winners(
      List<PlainReading.Outcome<Place>> outcomes) {
    return outcomes.stream()
        .filter(o -> o.exclusion().isEmpty())
        .map(PlainReading.Outcome::version)
        .toList();
  }

  private Map<String, Object> keyOf() {
    Map<String, Object> key = new LinkedHashMap<>();
    List<String> names = view.definition().entity();
    for (int i = 0; i < names.size(); i++) {
      DataType type = type(view, names.get(i));
      key.put(names.get(i), PlainRows.java(PlainRows.plain(entity, i, type), type));
    }
    return key;
  }

  /** Rule 2: a null matches nothing. */
  private Column isAsked() {
    Column same = lit(true);
    List<String> names = view.definition().entity();
    for (int i = 0; i < names.size(); i++) {
      DataType type = type(view, names.get(i));
      Object value = PlainRows.java(PlainRows.plain(entity, i, type), type);
      same = same.and(col("`" + names.get(i) + "`").equalTo(lit(value).cast(type)));
    }
    return same;
  }

  /**
   * Which event times candidates have, both inclusive.
   *
   * @param leavesOlder whether there are older events that could win
   * @param text the same in words
   */
  private record Range(long least, long greatest, boolean timed, boolean leavesOlder, String text) {
    boolean has(long time) {
      return !timed || time >= least && time <= greatest;
    }

    Dataset<Row> of(Dataset<Row> rows) {
      return timed
          ? rows.where(
              col(CheckedSource.EVENT_TIME)
                  .geq(lit(Micros.instant(least)))
                  .and(col(CheckedSource.EVENT_TIME).leq(lit(Micros.instant(greatest)))))
          : rows;
    }
  }

  private Range range(Dataset<Row> live, int newest) {
    if (source.definition().isStatic()) {
      return new Range(
          Long.MIN_VALUE, Long.MAX_VALUE, false, false, "all rows of the newest delivery");
    }
    if (span().isPresent()) {
      long twice = 2 * span().get();
      return new Range(
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
    return new Range(
        before.isEmpty() ? at : before.get(before.size() - 1),
        after.isEmpty() ? at : after.get(after.size() - 1),
        true,
        before.size() == newest,
        "no TTL, so the %d newest by event time, and as many behind the instant".formatted(newest));
  }

  private static List<Long> times(Dataset<Row> rows, int most) {
    return collected(rows.select(col(CheckedSource.EVENT_TIME)), most).stream()
        .map(row -> row.getLong(0))
        .toList();
  }

  /** All versions of the candidates' events. */
  private List<PlainReading.Version<Place>> versions(
      Dataset<Row> all, Dataset<Row> candidates, Range range) {
    List<String> eventKey = source.definition().eventKey();
    Dataset<Row> rows = candidates;
    if (!eventKey.isEmpty()) {
      Column[] columns = columns(eventKey);
      rows =
          all.join(candidates.select(columns).distinct(), Scala.seq(eventKey), "left_semi")
              .select(columns(List.of(all.columns())));
    }
    List<InternalRow> read = collected(rows, MOST + 1);
    if (read.size() > MOST) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot explain feature %s.%s: the entity has more than %,d versions of events with %s. Explain a feature with a shorter window."
              .formatted(view.id(), computation.feature().name(), MOST, range.text()));
    }
    VersionReader reader = new VersionReader(view, computation, entity, rows.schema());
    List<InternalRow> byPlace = new ArrayList<>(read);
    byPlace.sort(
        Comparator.comparing(
            reader::place,
            Comparator.comparingLong(Place::delivery)
                .thenComparing(Place::file)
                .thenComparingLong(Place::line)));
    List<PlainReading.Version<Place>> versions = new ArrayList<>();
    for (int i = 0; i < byPlace.size(); i++) {
      InternalRow row = byPlace.get(i);
      versions.add(reader.version(row, i, time -> range.has(time)));
    }
    return versions;
  }

  private static Column[] columns(List<String> names) {
    return names.stream().map(n -> col("`" + n + "`")).toArray(Column[]::new);
  }

  private static List<InternalRow> collected(Dataset<Row> rows, int most) {
    return Scala.rows(rows.limit(most)).map(InternalRow::copy).collect();
  }

  private boolean isLookup() {
    return computation.feature() instanceof Feature.Lookup;
  }

  /** The window or the TTL in microseconds, at the instant. */
  private Optional<Long> span() {
    if (computation.feature() instanceof Feature.Windowed w
        && w.window() instanceof Window.CalendarDays days) {
      return Optional.of(at - new CalendarSpan(days).lower(at));
    }
    Optional<Duration> span =
        computation.feature() instanceof Feature.Windowed w
                && w.window() instanceof Window.Physical physical
            ? Optional.of(physical.length())
            : source.definition().isStatic() ? Optional.empty() : view.definition().ttl();
    return span.map(Micros::of);
  }

  private Object value(PlainReading reading, List<PlainReading.Version<Place>> winners) {
    Object value = reading.value(winners);
    return value instanceof Long micros && is(Aggregate.Function.TIME_SINCE_LAST)
        ? (Object) (micros / 1e6)
        : value;
  }

  private boolean is(Aggregate.Function function) {
    return computation.feature() instanceof Feature.Windowed w
        && w.aggregate().function() == function;
  }

  private void requireSame(Object explained, Object joined) {
    if (!PlainValues.same(explained, joined)) {
      throw new PlatformException(
          ErrorCode.BUG,
          "Cannot explain feature %s.%s for %s at %s: a join gives %s, but what the contract says of the entity's events gives %s. One of the two is wrong; report this as a bug."
              .formatted(
                  view.id(),
                  computation.feature().name(),
                  keyOf(),
                  Micros.instant(at),
                  joined,
                  explained));
    }
  }

  private String definition() {
    if (computation.feature() instanceof Feature.Windowed w) {
      String parameters =
          String.join(
              "",
              w.aggregate().parameters().stream()
                  .map(
                      p -> ", " + new BigDecimal(p.toString()).stripTrailingZeros().toPlainString())
                  .toList());
      return "%s(%s%s) over %s%s"
          .formatted(
              w.aggregate().text(),
              w.argument()
                  .map(a -> a.sql().strip())
                  .orElse(w.aggregate().function() == Aggregate.Function.COUNT ? "*" : ""),
              parameters,
              w.window(),
              w.by().map(d -> " by " + d.sql().strip()).orElse("")
                  + w.where().map(f -> " where " + f.sql().strip()).orElse(""));
    }
    String ttl =
        span().map(s -> ", ttl " + Durations.print(Duration.ofNanos(s * 1_000))).orElse("");
    return ((Feature.Lookup) computation.feature()).expression().sql().strip()
        + (source.definition().isStatic() ? " of the row" : " of the newest event")
        + ttl;
  }

  private Candidate candidate(PlainReading.Outcome<Place> outcome) {
    PlainReading.Version<Place> version = outcome.version();
    boolean timed = !source.definition().isStatic();
    return new Candidate(
        timed ? Optional.of(Micros.instant(version.time())) : Optional.empty(),
        timed ? Optional.of(Micros.instant(version.known())) : Optional.empty(),
        hasValue(outcome) ? Optional.ofNullable(taken(version)) : Optional.empty(),
        version.row(),
        outcome
            .exclusion()
            .map(e -> new Ruling(e, rule(e), outcome.by().map(PlainReading.Version::row))));
  }

  private static boolean hasValue(PlainReading.Outcome<Place> outcome) {
    return outcome
        .exclusion()
        .map(e -> e == Exclusion.TOO_OLD || e == Exclusion.OUTRANKED)
        .orElse(true);
  }

  private Object taken(PlainReading.Version<Place> version) {
    Object value = version.taken().get().value();
    return computation
        .argument()
        .map(
            a ->
                PlainRows.java(
                    value,
                    view.arguments()
                        .schema()
                        .fields()[view.arguments().schema().fieldIndex(a)]
                        .dataType()))
        .orElse(null);
  }

  private int rule(Exclusion exclusion) {
    return switch (exclusion) {
      case NOT_YET_KNOWN, NOT_YET_HAPPENED -> 3;
      case CORRECTED, WITHDRAWN, LEFT_OUT_BY_VIEW, LEFT_OUT_BY_FEATURE -> 4;
      case NULL -> 7;
      case TOO_OLD -> isLookup() ? 5 : 6;
      case OUTRANKED -> 5;
    };
  }
}
