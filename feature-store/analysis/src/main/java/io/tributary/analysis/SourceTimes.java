package io.tributary.analysis;

import io.tributary.core.Micros;
import io.tributary.definition.AvailabilityDelay;
import io.tributary.definition.LateDays;
import io.tributary.definition.Source;
import io.tributary.definition.SqlText;
import io.tributary.expression.ResolvedExpression;
import io.tributary.expression.Types;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.types.DataType;

/**
 * The times of a source's rows: when it happened, when it was known, whether it is withdrawn, and
 * in which sequence a query's versions follow.
 */
final class SourceTimes {
  /** In a query, the known time of the row that it reads. */
  static final String BASE_KNOWN = "_source_known_time";

  /** In a query, whether the row that it reads is withdrawn. */
  static final String BASE_DELETED = "_source_deleted";

  /** In a query, the sequence of the row that it reads. */
  static final String BASE_SEQUENCE = "_source_sequence";

  private SourceTimes() {}

  /**
   * Adds the times that rows have; as many as could be typed.
   *
   * @param base what a query reads, unless that is static
   */
  static List<ResolvedExpression> add(
      Source source, ExpressionAnalysis rows, Optional<AnalyzedSource> base) {
    List<ResolvedExpression> times = new ArrayList<>();
    if (source.isStatic() || source.eventTime().isEmpty()) {
      return times;
    }
    SqlText sql = source.eventTime().get();
    Optional<ResolvedExpression> typed = rows.type(CheckedSource.EVENT_TIME, sql);
    boolean isDay = typed.filter(t -> Types.isDay(t.column().dataType())).isPresent();
    boolean known = source.knownTime().isPresent() || source.availabilityDelay().isPresent();
    if (typed.isPresent()) {
      DataType type = typed.get().column().dataType();
      if (isDay && !known && base.isEmpty()) {
        rows.problem(sql, LateDays.KNOWN_AS_IT_BEGINS);
      }
      if (Types.isInstant(type)
          && source.availabilityDelay().filter(AvailabilityDelay::isAfterDay).isPresent()) {
        rows.problem(
            sql,
            "the event time is an instant, and \"end-of-day\" is for days. Write a duration, as in 6h.");
      } else if (Types.isInstant(type)) {
        rows.accept(typed.get(), sql);
        times.add(typed.get());
      } else if (isDay) {
        times.add(rows.addAround(CheckedSource.EVENT_TIME, "cast(%s as timestamp)", sql));
      } else {
        rows.problem(
            sql,
            "an event time is a timestamp or a date, but this is "
                + Types.name(type)
                + ". Write one.");
      }
    }
    knownTime(source, rows, base, !times.isEmpty()).ifPresent(times::add);
    deleted(source, rows, base).ifPresent(times::add);
    if (takesSequence(source, base)) {
      times.add(rows.addOwn(CheckedSource.SEQUENCE, new SqlText(BASE_SEQUENCE, source.location())));
    }
    return times;
  }

  /** Whether a query's versions follow in the sequence of the rows that it reads. */
  static boolean takesSequence(Source source, Optional<AnalyzedSource> base) {
    return base.flatMap(AnalyzedSource::sequence).isPresent()
        && source.sequence().isEmpty()
        && !source.eventKey().isEmpty();
  }

  private static Optional<ResolvedExpression> knownTime(
      Source source, ExpressionAnalysis rows, Optional<AnalyzedSource> base, boolean hasEventTime) {
    if (source.knownTime().isPresent()) {
      SqlText sql = source.knownTime().get();
      Optional<ResolvedExpression> typed = rows.type(CheckedSource.KNOWN_TIME, sql);
      if (typed.isPresent() && !Types.isInstant(typed.get().column().dataType())) {
        rows.problem(
            sql,
            "a known time is a timestamp, but this is "
                + Types.name(typed.get().column().dataType())
                + ". Write one.");
        return Optional.empty();
      }
      if (typed.isPresent() && base.isPresent()) {
        // What a query says of its rows is not true of a withdrawal: that is known when its source
        // knows it.
        String around = "if(" + BASE_DELETED + ", " + BASE_KNOWN + ", %s)";
        return Optional.of(rows.addAround(CheckedSource.KNOWN_TIME, around, sql));
      }
      typed.ifPresent(r -> rows.accept(r, sql));
      return typed;
    }
    if (source.availabilityDelay().isEmpty() && base.isPresent()) {
      return Optional.of(
          rows.addOwn(CheckedSource.KNOWN_TIME, new SqlText(BASE_KNOWN, source.location())));
    }
    if (!hasEventTime) {
      return Optional.empty();
    }
    String delayed =
        delayed(source.availabilityDelay().orElse(AvailabilityDelay.of(Duration.ZERO)));
    String around =
        base.isPresent()
            ? "if(" + BASE_DELETED + ", " + BASE_KNOWN + ", " + delayed + ")"
            : delayed;
    return Optional.of(
        rows.addAround(CheckedSource.KNOWN_TIME, around, source.eventTime().orElseThrow()));
  }

  /** The known time that a delay gives, with {@code %s} for what the source calls event time. */
  private static String delayed(AvailabilityDelay delay) {
    long micros = Micros.of(delay.duration());
    // The end of a day goes by the calendar: with a change of clocks it has 23 or 25 hours.
    return delay.isAfterDay()
        ? after("cast(date_add(%s, 1) as timestamp)", micros - 1)
        : after(CheckedSource.EVENT_TIME, micros);
  }

  private static String after(String instant, long micros) {
    return micros == 0
        ? instant
        : "timestamp_micros(unix_micros(" + instant + ") + " + micros + "L)";
  }

  private static Optional<ResolvedExpression> deleted(
      Source source, ExpressionAnalysis rows, Optional<AnalyzedSource> base) {
    String inherited = base.isPresent() ? BASE_DELETED : "false";
    if (source.tombstone().isEmpty()) {
      return Optional.of(
          rows.addOwn(CheckedSource.DELETED, new SqlText(inherited, source.location())));
    }
    SqlText sql = source.tombstone().get();
    Optional<ResolvedExpression> typed = rows.type(CheckedSource.DELETED, sql);
    if (typed.isEmpty()) {
      return typed;
    }
    if (!Types.isBoolean(typed.get().column().dataType())) {
      rows.problem(
          sql,
          "a tombstone is true or false, but this is "
              + Types.name(typed.get().column().dataType())
              + ". Write a condition.");
      return Optional.empty();
    }
    String around =
        base.isPresent() ? "coalesce(%s, false) or " + BASE_DELETED : "coalesce(%s, false)";
    return Optional.of(rows.addAround(CheckedSource.DELETED, around, sql));
  }
}
