package io.tributary.console.init;

import io.tributary.console.init.ColumnProfile.Look;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The guessed time of rows.
 *
 * @param column the column with the time
 * @param derived a column to derive from it, with its expression; empty if it is a time itself
 * @param day whether it names days, not instants
 */
record EventTime(
    GuessedColumn column,
    Optional<String> derived,
    String sql,
    boolean day,
    Instant first,
    Instant last,
    double missingShare) {
  private static final Pattern NEVER =
      Pattern.compile(".*(birth|dob|expir|valid_(to|until|from)|founded|released?_date).*");
  private static final Pattern LATER =
      Pattern.compile(".*(updated|modified|deliver|shipped|due|end|until|closed|returned|paid).*");
  private static final Pattern LIKELY =
      Pattern.compile(
          ".*(time|timestamp|date|created|ordered|occurred|event|started|start|when|day).*|.*_at|ts|at");
  private static final Pattern EPOCH = Pattern.compile(".*(time|timestamp|epoch).*|.*_ts|ts|.*_at");

  /** The best of all columns; empty where none is a time. */
  static Optional<EventTime> guess(
      List<GuessedColumn> columns, Choices choices, List<String> attention) {
    List<EventTime> found = new ArrayList<>();
    List<GuessedColumn> ambiguous = new ArrayList<>();
    for (GuessedColumn column : columns) {
      if (choices.time().filter(t -> !t.equals(column.name())).isPresent()) {
        continue;
      }
      if (column.profile().isAmbiguous(choices.dayFirst())) {
        ambiguous.add(column);
      } else {
        of(column, choices)
            .filter(t -> choices.time().isPresent() || t.score() > 0)
            .ifPresent(found::add);
      }
    }
    if (choices.time().isPresent() && found.isEmpty() && ambiguous.isEmpty()) {
      throw refused(
          "column "
              + choices.time().get()
              + " "
              + (columns.stream().anyMatch(c -> c.name().equals(choices.time().get()))
                  ? "holds no times. Name one that does with --time"
                  : "is not in the file. Its columns are "
                      + String.join(", ", columns.stream().map(GuessedColumn::name).toList())));
    }
    for (GuessedColumn column : ambiguous) {
      String example = column.profile().example(Look.CALENDAR);
      if (found.isEmpty()) {
        throw refused(
            "column %s may begin with the day or with the month, as in %s, and nothing in the file shows which. Choose --dates dmy or --dates mdy"
                .formatted(column.name(), example));
      }
      attention.add(
          "column %s may begin with the day or with the month (%s): it is read as text. Choose --dates dmy or --dates mdy"
              .formatted(column.name(), example));
    }
    found.sort(Comparator.comparing(EventTime::score).reversed());
    if (found.size() > 1) {
      attention.add(
          "the time of a row is read from %s; it could also be %s (--time COLUMN)"
              .formatted(
                  found.get(0).column().name(),
                  String.join(", ", found.stream().skip(1).map(t -> t.column().name()).toList())));
    }
    return found.stream().findFirst();
  }

  private static Optional<EventTime> of(GuessedColumn column, Choices choices) {
    ColumnProfile p = column.profile();
    if (column.type().equals("timestamp") || column.type().equals("date")) {
      return Optional.of(
          new EventTime(
              column,
              Optional.empty(),
              column.name(),
              column.type().equals("date"),
              column.first(),
              column.last(),
              column.missingShare()));
    }
    boolean named =
        EPOCH.matcher(column.name().toLowerCase(Locale.ROOT)).matches()
            || choices.time().isPresent();
    if (named && (column.type().equals("int") || column.type().equals("bigint"))) {
      if (p.least() >= 5e8 && p.greatest() < 5e9) {
        return epoch(column, "timestamp_seconds", 1);
      }
      if (p.least() >= 5e11 && p.greatest() < 5e12) {
        return epoch(column, "timestamp_millis", 1000);
      }
    }
    return Optional.empty();
  }

  private static Optional<EventTime> epoch(GuessedColumn column, String function, int aSecond) {
    ColumnProfile p = column.profile();
    return Optional.of(
        new EventTime(
            column,
            Optional.of(column.name() + "_time"),
            function + "(" + column.name() + ")",
            false,
            Instant.ofEpochMilli((long) (p.least() / aSecond * 1000)),
            Instant.ofEpochMilli((long) (p.greatest() / aSecond * 1000)),
            column.missingShare()));
  }

  private double score() {
    String name = column.name().toLowerCase(Locale.ROOT);
    if (NEVER.matcher(name).matches() || missingShare > 0.2) {
      return 0;
    }
    double score = day ? 4 : 6;
    score += LIKELY.matcher(name).matches() ? 4 : 0;
    score -= LATER.matcher(name).matches() ? 5 : 0;
    score -= missingShare > 0 ? 3 : 0;
    return Math.max(score, 0.5);
  }

  private static PlatformException refused(String why) {
    return new PlatformException(ErrorCode.INVALID_REQUEST, "Cannot make a project: " + why + ".");
  }
}
