package io.tributary.events.facts;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.time.LocalDate;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a monitor's run found.
 *
 * @param verdicts for each question that could be answered what breached, {@code []} if nothing did
 * @param judged how many verdicts on the interval there are
 * @param breaches what breached, with value and limit: of windows first, then in the order of the
 *     verdicts
 * @param wanted what the monitor wants done about a breach; empty without one
 * @param standing what of the windows that end with the interval breaches no more than the day
 *     before: a breach that goes on
 */
@JsonDeserialize
public record MonitoringFacts(
    Map<String, List<String>> verdicts,
    long judged,
    List<Breach> breaches,
    Optional<String> wanted,
    List<Breach> standing)
    implements RunFacts {
  static final String KIND = "monitoring";

  public MonitoringFacts {
    verdicts = Collections.unmodifiableMap(new LinkedHashMap<>(verdicts));
    breaches = List.copyOf(breaches);
    standing = List.copyOf(standing);
  }

  /**
   * A verdict that breached.
   *
   * @param question {@code inputs}, {@code predictions}, {@code bounds}, {@code actuals}, {@code
   *     population}
   * @param item an input's column, or what was measured
   * @param measure what the value is
   * @param limit that the value passed; of actuals it may be short of it, and nearer to it than to
   *     0
   * @param detail the measurement in words
   * @param model the version whose scores were judged, {@code late_arrival@3}
   * @param window the last day of the window that it is about; empty of the interval itself
   */
  @JsonDeserialize
  public record Breach(
      String question,
      String item,
      String measure,
      double value,
      double limit,
      String detail,
      String model,
      Optional<LocalDate> window) {
    /** Whether another interval breached in the same way. */
    public boolean isOfTheKind(Breach other) {
      return question.equals(other.question)
          && item.equals(other.item)
          && measure.equals(other.measure);
    }

    /** Whether both are on the same item of the same window. */
    public boolean isOfTheSameWindow(Breach other) {
      return isOfTheKind(other)
          && model.equals(other.model)
          && window.isPresent()
          && window.equals(other.window);
    }

    /** Whether it is of days together: what broke tonight is not what was found then. */
    public boolean isOfDays() {
      return window.isPresent();
    }

    /** As a clause for people, with the numbers to four digits. */
    public String words() {
      return switch (measure) {
        case "deviation" ->
            item.equals("interval")
                ? text(
                    "the %s as a whole are unlike those of training's intervals: deviation %.4g,"
                        + " limit %.4g",
                    question, value, limit)
                : text(
                    "%s is unlike training's intervals (%s): deviation %.4g, limit %.4g",
                    item, detail, value, limit);
        case "outside" -> text("%.0f %s", value, detail);
        case "mean-above" ->
            text("the mean score is %.4g, and must not be below %.4g, %s", value, limit, detail);
        case "mean-below" ->
            text("the mean score is %.4g, and must not be above %.4g, %s", value, limit, detail);
        case "psi", "beside-promise" -> item + " " + detail;
        case "rows" -> text("%.0f rows are fewer than %.0f: %s", value, limit, detail);
        default ->
            text("%s, %s %s: %.4g, limit %.4g (%s)", question, item, measure, value, limit, detail);
      };
    }

    private static String text(String format, Object... parts) {
      return String.format(Locale.ROOT, format, parts);
    }
  }

  /**
   * A sentence on the questions that could not be answered, for an interval without rows in force.
   */
  public Optional<String> unanswered() {
    return !verdicts.containsKey("bounds")
        ? Optional.of(
            "no row of it is in force, so that inputs, predictions and bounds are not judged")
        : Optional.empty();
  }

  @Override
  public String kind() {
    return KIND;
  }
}
