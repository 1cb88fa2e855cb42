package io.tributary.ingest.gate;

import io.tributary.core.Digest;
import io.tributary.events.Event;
import io.tributary.events.EventLog;
import io.tributary.ingest.ledger.Stamp;
import io.tributary.lake.Lake;
import io.tributary.quality.Suite;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How deliveries fared at the gate, and the suites that they were judged by: the event log {@code
 * platform.quality}. Safe for threads.
 */
public final class QualityLog {
  /** The log's name. */
  static final String LOG = "quality";

  private static final String JUDGED = "judged";
  private static final String SUITE = "suite-used";

  private final EventLog log;

  private QualityLog(EventLog log) {
    this.log = log;
  }

  public static QualityLog of(Lake lake) {
    return new QualityLog(lake.events(LOG));
  }

  /**
   * A suite as it was when deliveries were judged by it.
   *
   * @param digest of its {@link Suite#meaning}
   * @param written its expectations as {@link Suite#written} has them, so that what is rebuilt has
   *     the names that it had
   */
  record UsedSuite(String name, Digest digest, String written) {}

  /** Keeps a suite, so that it is there when the deliveries that it judged are rebuilt. */
  public void keep(String source, Suite suite, Stamp stamp) {
    UsedSuite used = new UsedSuite(suite.name(), suite.digest(), suite.written());
    log.append(List.of(stamp.event(SUITE, source, source + "/" + used.digest(), used)));
  }

  /** A suite that was kept for a source. */
  public Optional<Suite> suite(String source, Digest digest) {
    return log.read().events().stream()
        .filter(e -> e.kind().equals(SUITE) && e.subject().equals(source))
        .map(e -> e.body(UsedSuite.class))
        .filter(s -> s.digest().equals(digest))
        .findFirst()
        .map(s -> Suite.of(s.name(), s.written()));
  }

  public void record(String source, List<DeliveryReport> reports, Stamp stamp) {
    if (!reports.isEmpty()) {
      log.append(
          reports.stream()
              .map(r -> stamp.event(JUDGED, source, source + "/" + r.delivery(), r.recorded()))
              .toList());
    }
  }

  /**
   * The last report on each delivery of a source, by number, as it was recorded. One that the
   * ledger does not say is judged is of a run that ended before it decided.
   */
  public Map<Long, DeliveryReport> reports(String source) {
    Map<Long, DeliveryReport> reports = new LinkedHashMap<>();
    for (Event event : log.read().events()) {
      if (event.kind().equals(JUDGED) && event.subject().equals(source)) {
        DeliveryReport report = event.body(DeliveryReport.class);
        reports.put(report.delivery(), report);
      }
    }
    return reports;
  }
}
