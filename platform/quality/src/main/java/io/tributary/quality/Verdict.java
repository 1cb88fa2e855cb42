package io.tributary.quality;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Optional;

/**
 * How one expectation was met.
 *
 * @param position the expectation's place in its suite, from 1
 * @param type the expectation's name, {@code expect_column_values_to_not_be_null}
 * @param expectation its name and arguments
 * @param considered how many rows it was about: for values those that are not null; for the table
 *     as a whole 0
 * @param unexpected how many of them break it
 * @param mostly the least share of considered rows that must meet it; empty for the table as a
 *     whole
 * @param observed a statistic, a count or a type; for rows the share that meets it, 1 where none is
 *     considered
 * @param samples a few rows that break it, the first by file and line
 */
public record Verdict(
    int position,
    String type,
    String expectation,
    List<String> columns,
    Severity severity,
    boolean met,
    long considered,
    long unexpected,
    Optional<Double> mostly,
    String observed,
    List<Sample> samples) {
  public Verdict {
    columns = List.copyOf(columns);
    samples = List.copyOf(samples);
  }

  /** Whether a delivery is rejected for it. */
  public boolean rejects() {
    return !met && severity == Severity.CRITICAL;
  }

  /** What was expected and what was observed, in one line. */
  public String line() {
    StringBuilder line = new StringBuilder(expectation).append(": ");
    if (mostly.isPresent()) {
      line.append(
          "%,d of %,d break it, a share of %s meets it, at least %s must"
              .formatted(
                  unexpected,
                  considered,
                  share(Double.parseDouble(observed)),
                  share(mostly.get())));
    } else {
      line.append("observed ").append(observed);
    }
    for (Sample sample : samples) {
      line.append("; ").append(sample);
    }
    return line.toString();
  }

  /** Never rounded up: what falls short must not look as if it did not. */
  private static String share(double share) {
    return BigDecimal.valueOf(share)
        .setScale(6, RoundingMode.DOWN)
        .stripTrailingZeros()
        .toPlainString();
  }
}
