package io.tributary.quality;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tributary.core.SeenValue;
import io.tributary.quality.expectation.NullValues;
import io.tributary.quality.expectation.Severity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * How one expectation was met. Rows that break it are named by their place. Logs keep it as {@link
 * #recorded}, without what was measured of a column's values.
 *
 * @param position the expectation's place in its suite, from 1
 * @param type the expectation's name, {@code expect_column_values_to_not_be_null}
 * @param expectation its name and arguments
 * @param considered how many rows it was about: for values those that are not null; for the table
 *     as a whole 0
 * @param unexpected how many of them break it
 * @param mostly the least share of considered rows that must meet it; empty for the table as a
 *     whole
 * @param statistic what was measured of the table as a whole; empty where there was nothing to
 *     measure it of, and for rows and columns
 * @param observed what was seen of the columns themselves, a JSON value: a column's type, its place
 *     as a number, that there is none; as it is recorded {@link #ELSEWHERE} for a statistic of a
 *     column; else empty
 * @param samples places of a few rows that break it, the first by file and line; none where rows
 *     don't say where they are from
 */
public record ExpectationResult(
    int position,
    String type,
    String expectation,
    List<String> columns,
    Severity severity,
    boolean met,
    long considered,
    long unexpected,
    Optional<Double> mostly,
    Optional<Metric> statistic,
    Optional<JsonNode> observed,
    List<Place> samples) {
  /** What a log says in place of what was measured of a column's values, maybe some row's value. */
  public static final String ELSEWHERE = "… (" + MetricLog.TABLE + " has it)";

  private static final JsonNode RECORDED = TextNode.valueOf(ELSEWHERE);

  public ExpectationResult {
    // What JSON leaves out comes back as its null; lakes have an empty text, too.
    observed = observed.filter(node -> !node.isNull() && !node.asText().isEmpty());
    columns = List.copyOf(columns);
    samples = List.copyOf(samples);
  }

  /** The same as logs keep it; what it leaves out is in {@link #metrics}. */
  public ExpectationResult recorded() {
    return statistic.isEmpty() || columns.isEmpty() || observed.isPresent()
        ? this
        : new ExpectationResult(
            position,
            type,
            expectation,
            columns,
            severity,
            met,
            considered,
            unexpected,
            mostly,
            Optional.empty(),
            Optional.of(RECORDED),
            samples);
  }

  /** Whether a delivery is rejected for it. */
  public boolean rejects() {
    return !met && severity == Severity.CRITICAL;
  }

  /** The share of considered rows that meet it, 1 where none is considered. */
  public static double metShare(long considered, long unexpected) {
    return considered == 0 ? 1 : ((double) considered - unexpected) / considered;
  }

  /** All that was measured for it; nothing where there was no value to measure. */
  public List<Metric> metrics() {
    if (mostly.isEmpty()) {
      return statistic.map(List::of).orElse(List.of());
    }
    List<Metric> metrics = new ArrayList<>();
    metrics.add(new Metric("considered", considered));
    metrics.add(new Metric("unexpected", unexpected));
    if (considered > 0) {
      metrics.add(new Metric("unexpected_share", (double) unexpected / considered));
    }
    if (type.equals(NullValues.NOT_NULL)) {
      metrics.add(new Metric("nulls", unexpected));
    } else if (type.equals(NullValues.NULL)) {
      metrics.add(new Metric("nulls", (double) considered - unexpected));
    }
    return metrics;
  }

  /** What was expected and what was observed, in one line. */
  public String line() {
    return line(UnaryOperator.identity());
  }

  /** The same for the message of a {@link io.tributary.core.PlatformException}. */
  public String message() {
    return line(SeenValue::of);
  }

  private String line(UnaryOperator<String> measured) {
    StringBuilder line = new StringBuilder(expectation).append(": ");
    if (mostly.isPresent()) {
      line.append(
          "%,d of %,d break it, a share of %s meets it, at least %s must"
              .formatted(
                  unexpected,
                  considered,
                  shown(metShare(considered, unexpected)),
                  shown(mostly.get())));
    } else if (observed.isPresent()) {
      line.append(observed.get().isNumber() ? "observed column " : "observed ")
          .append(observed.get().asText());
    } else {
      line.append(
          statistic
              .map(s -> "observed " + measured.apply(number(s.value())))
              .orElse("observed no values"));
    }
    if (!samples.isEmpty()) {
      line.append(", as in ")
          .append(samples.stream().map(Place::toString).collect(Collectors.joining(", ")));
    }
    return line.toString();
  }

  /** Never rounded up: what falls short must not look as if it did not. */
  private static String shown(double share) {
    return BigDecimal.valueOf(share)
        .setScale(6, RoundingMode.DOWN)
        .stripTrailingZeros()
        .toPlainString();
  }

  /** A measured number as people read it. */
  public static String number(double value) {
    return Double.isFinite(value)
        ? BigDecimal.valueOf(value).stripTrailingZeros().toPlainString()
        : Double.toString(value);
  }
}
