package io.tributary.ingest.gate;

import io.tributary.core.Digest;
import io.tributary.core.RunId;
import io.tributary.events.facts.RowCounts;
import io.tributary.quality.ExpectationResult;
import io.tributary.quality.Metric;
import io.tributary.quality.MetricLog.Measured;
import io.tributary.quality.SuiteResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a delivery fared at the gate.
 *
 * @param admitted whether its rows are in {@code validated}, but for those in quarantine
 */
public record DeliveryReport(
    long delivery, boolean admitted, RowCounts counts, SuiteResult verdicts) {
  /** The same as logs keep it. */
  DeliveryReport recorded() {
    return new DeliveryReport(delivery, admitted, counts, verdicts.recorded());
  }

  /** All that was measured of it: what became of its lines, then by expectation. */
  public List<Measured> measured(String source, Instant at, RunId run) {
    List<Measured> measured = new ArrayList<>();
    for (Metric metric :
        List.of(
            new Metric("lines", counts.lines()),
            new Metric("malformed", counts.malformed()),
            new Metric("quarantined", counts.quarantined()),
            new Metric("admitted", counts.admitted()),
            new Metric("repeats", counts.repeats()),
            new Metric("shifted_times", counts.shiftedTimes()),
            new Metric("released", counts.released()),
            new Metric("rows", verdicts.rows()))) {
      measured.add(new Measured(at, source, delivery, "", metric, "", Optional.empty(), run));
    }
    Optional<Digest> suite = Optional.of(verdicts.digest());
    for (ExpectationResult verdict : verdicts.verdicts()) {
      String columns = String.join(", ", verdict.columns());
      for (Metric metric : verdict.metrics()) {
        measured.add(
            new Measured(at, source, delivery, columns, metric, verdict.expectation(), suite, run));
      }
    }
    return measured;
  }
}
