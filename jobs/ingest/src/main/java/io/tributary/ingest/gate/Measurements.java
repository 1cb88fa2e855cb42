package io.tributary.ingest.gate;

import io.tributary.lake.Lake;
import io.tributary.quality.ExpectationResult;
import io.tributary.quality.MetricLog;
import io.tributary.quality.MetricLog.Measured;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;

/** What was measured of a source's deliveries, for whoever reads what logs say without it. */
public final class Measurements {
  private final Lake lake;
  private final String source;
  private List<Measured> all = List.of();

  public Measurements(Lake lake, String source) {
    this.lake = lake;
    this.source = source;
  }

  /**
   * What a log records of how a delivery met expectations, with the numbers; where there are none,
   * as it is.
   *
   * @param shown how a number is shown
   */
  public String in(String text, long delivery, UnaryOperator<String> shown) {
    if (!text.contains(ExpectationResult.ELSEWHERE)) {
      return text;
    }
    if (all.isEmpty()) {
      all =
          MetricLog.open(lake.uri()).read(source::equals).stream()
              .sorted(Comparator.comparing(Measured::at).reversed())
              .toList();
    }
    String said = text;
    for (Measured measured : all) {
      if (measured.delivery() == delivery && !measured.expectation().isEmpty()) {
        String observed = measured.expectation() + ": observed ";
        said =
            said.replace(
                observed + ExpectationResult.ELSEWHERE,
                observed + shown.apply(ExpectationResult.number(measured.metric().value())));
      }
    }
    return said;
  }
}
