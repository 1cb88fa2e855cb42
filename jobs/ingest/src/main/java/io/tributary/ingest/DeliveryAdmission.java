package io.tributary.ingest;

import io.tributary.events.facts.DeliveryVerdict.Outcome;
import io.tributary.ingest.gate.DeliveryReport;
import io.tributary.ingest.gate.Measurements;
import io.tributary.ingest.gate.QualityLog;
import io.tributary.ingest.ledger.Delivery;
import io.tributary.ingest.ledger.DeliveryLedger;
import io.tributary.ingest.ledger.LedgerEntry;
import io.tributary.ingest.ledger.Release;
import io.tributary.lake.Lake;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * How the rows of a delivery came to be validated.
 *
 * @param delivery its number
 * @param description source and files, or who released its rows
 * @param suite the expectations that it was last judged by; empty for released rows, and where it
 *     has not been judged
 * @param warnings of that suite, each in one line
 * @param releasedBy who released its rows from quarantine; empty for a delivery of files
 * @param because why they did
 */
public record DeliveryAdmission(
    long delivery,
    String description,
    Optional<String> suite,
    List<String> warnings,
    Optional<String> releasedBy,
    Optional<String> because) {
  public DeliveryAdmission {
    warnings = List.copyOf(warnings);
  }

  /** All deliveries of a source that files or tables were read for, by number. No Spark. */
  public static Map<Long, DeliveryAdmission> of(Lake lake, String source) {
    Map<Long, DeliveryReport> reports = QualityLog.of(lake).reports(source);
    Measurements measurements = new Measurements(lake, source);
    Map<Long, DeliveryAdmission> admissions = new LinkedHashMap<>();
    for (LedgerEntry entry : new DeliveryLedger(lake.events(DeliveryLedger.LOG)).entries(source)) {
      Delivery delivery = entry.delivery();
      Optional<DeliveryReport> report =
          Optional.ofNullable(reports.get(delivery.number()))
              .filter(r -> delivery.release().isEmpty())
              .filter(r -> entry.is(Outcome.ADMITTED) || entry.is(Outcome.REJECTED));
      admissions.put(
          delivery.number(),
          new DeliveryAdmission(
              delivery.number(),
              delivery.description(),
              report.map(r -> r.verdicts().suite()),
              report.stream()
                  .flatMap(r -> r.verdicts().warnings().stream())
                  .map(v -> measurements.in(v.line(), delivery.number(), UnaryOperator.identity()))
                  .toList(),
              delivery.release().map(r -> r.by().name()),
              delivery.release().map(Release::because)));
    }
    return admissions;
  }

  /** The same in a line, as in {@code admitted by suite flights}. */
  public String verdict() {
    if (releasedBy.isPresent()) {
      return "released from quarantine by %s: %s".formatted(releasedBy.get(), because.orElse(""));
    }
    return suite
        .map(
            s ->
                "admitted by suite %s%s"
                    .formatted(s, warnings.isEmpty() ? "" : ", which warns: " + warnings))
        .orElse("not judged yet");
  }
}
