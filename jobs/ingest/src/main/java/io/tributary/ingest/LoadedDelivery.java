package io.tributary.ingest;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.events.facts.Duplicates;
import io.tributary.events.facts.RowCounts;
import io.tributary.ingest.gate.Gated;
import io.tributary.ingest.ledger.Delivery;
import io.tributary.ingest.ledger.LedgerEntry;
import io.tributary.quality.ExpectationResult;
import io.tributary.source.FoundFile;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What a run has of a delivery.
 *
 * @param files that were read now; empty where bronze had its rows already
 * @param read what was counted while reading
 * @param malformed lines, where they were read now
 * @param gated its rows as judged
 */
record LoadedDelivery(
    LedgerEntry entry,
    List<FoundFile> files,
    RowCounts read,
    Optional<Dataset<Row>> malformed,
    Gated gated,
    Optional<Duplicates> duplicates) {
  private static final String DISTINGUISH =
      "Add to event-key the column that distinguishes such rows, or declare with known-time or sequence which is later, or write on-duplicate-key: count and one of them counts";

  Delivery delivery() {
    return entry.delivery();
  }

  LoadedDelivery with(Gated judged, Optional<Duplicates> of) {
    return new LoadedDelivery(entry, files, read, malformed, judged, of);
  }

  boolean isAdmitted() {
    return gated.isAdmitted();
  }

  RowCounts counts() {
    return new RowCounts(
        read.lines(),
        read.malformed(),
        gated.quarantined(),
        gated.admitted(),
        gated.repeats(),
        read.shiftedTimes(),
        entry.delivery().release().isPresent() ? read.released() : -gated.taken());
  }

  /** Why it was not admitted, and what to do. */
  String rejection() {
    return "Cannot admit "
        + delivery().description()
        + ": "
        + why(v -> v.recorded().line())
        + ". Its rows are in quarantine."
        + delivery().source()
        + "; what was admitted before is as it was. "
        + (duplicates().isPresent()
            ? DISTINGUISH + "; or release"
            : "Correct the file or the expectation, or release")
        + " rows that are good as they are: tributary quarantine show "
        + delivery().source()
        + ".";
  }

  /** The expectations that rejected it, as each of its rows in quarantine states them. */
  String rejectedBy() {
    return "delivery "
        + delivery().number()
        + " was rejected: "
        + gated().verdicts().rejecting().stream()
            .map(ExpectationResult::expectation)
            .collect(Collectors.joining("; "));
  }

  /** The error that it, admitted by the former rules, would be rejected by the present ones. */
  PlatformException takenBack() {
    return new PlatformException(
        ErrorCode.EXPECTATIONS_FAILED,
        "Cannot rebuild validated.%s by its changed rules: %s, which was admitted by the former ones, now breaks %s. The table is as it was. %s"
            .formatted(
                delivery().source(),
                delivery().description(),
                why(ExpectationResult::message),
                duplicates().isPresent()
                    ? DISTINGUISH + "."
                    : "Correct the source's definition or what it looks up, or deliver corrected data under another source."));
  }

  private String why(Function<ExpectationResult, String> line) {
    return gated().verdicts().rejecting().stream().map(line).collect(Collectors.joining("; and "));
  }

  static List<Gated> admitted(List<LoadedDelivery> loaded) {
    return loaded.stream().filter(LoadedDelivery::isAdmitted).map(LoadedDelivery::gated).toList();
  }

  static Dataset<Row> union(
      List<Gated> deliveries, Function<Gated, Dataset<Row>> rows, Column[] columns) {
    return deliveries.stream()
        .map(g -> rows.apply(g).select(columns))
        .reduce(Dataset::union)
        .orElseThrow();
  }
}
