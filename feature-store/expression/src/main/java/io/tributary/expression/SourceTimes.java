package io.tributary.expression;

import io.tributary.definition.Source;
import io.tributary.definition.SqlText;
import io.tributary.expression.internal.Resolved;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.types.DataType;

/** The times of a source's rows: when it happened, when it was known, whether it is withdrawn. */
final class SourceTimes {
  /** In a query, the known time of the row that it reads. */
  static final String BASE_KNOWN = "_source_known_time";

  /** In a query, whether the row that it reads is withdrawn. */
  static final String BASE_DELETED = "_source_deleted";

  private SourceTimes() {}

  /**
   * Adds the times that rows have; as many as could be typed.
   *
   * @param base what a query reads, unless that is static
   */
  static List<Resolved> add(Source source, Compilation rows, Optional<SourceFacts> base) {
    List<Resolved> times = new ArrayList<>();
    if (source.isStatic() || source.eventTime().isEmpty()) {
      return times;
    }
    SqlText sql = source.eventTime().get();
    Optional<Resolved> typed = rows.type(CheckedSource.EVENT_TIME, sql);
    boolean known = source.knownTime().isPresent() || source.availabilityDelay().isPresent();
    if (typed.isPresent()) {
      DataType type = typed.get().column().dataType();
      if (Types.isDay(type) && !known && base.isEmpty()) {
        rows.problem(
            sql,
            "the event time is a day, which would be known when it begins. Write \"availability-delay\", as in 1d.");
      }
      if (Types.isInstant(type)) {
        rows.accept(typed.get(), sql);
        times.add(typed.get());
      } else if (Types.isDay(type)) {
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
    return times;
  }

  private static Optional<Resolved> knownTime(
      Source source, Compilation rows, Optional<SourceFacts> base, boolean hasEventTime) {
    if (source.knownTime().isPresent()) {
      SqlText sql = source.knownTime().get();
      Optional<Resolved> typed = rows.type(CheckedSource.KNOWN_TIME, sql);
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
          rows.addOwn(CheckedSource.KNOWN_TIME, new SqlText(BASE_KNOWN, source.mark())));
    }
    if (!hasEventTime) {
      return Optional.empty();
    }
    long micros = source.availabilityDelay().map(d -> d.toNanos() / 1_000).orElse(0L);
    String text =
        micros == 0
            ? CheckedSource.EVENT_TIME
            : "timestamp_micros(unix_micros(" + CheckedSource.EVENT_TIME + ") + " + micros + "L)";
    if (base.isPresent()) {
      text = "if(" + BASE_DELETED + ", " + BASE_KNOWN + ", " + text + ")";
    }
    return Optional.of(rows.addOwn(CheckedSource.KNOWN_TIME, new SqlText(text, source.mark())));
  }

  private static Optional<Resolved> deleted(
      Source source, Compilation rows, Optional<SourceFacts> base) {
    String inherited = base.isPresent() ? BASE_DELETED : "false";
    if (source.tombstone().isEmpty()) {
      return Optional.of(rows.addOwn(CheckedSource.DELETED, new SqlText(inherited, source.mark())));
    }
    SqlText sql = source.tombstone().get();
    Optional<Resolved> typed = rows.type(CheckedSource.DELETED, sql);
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
