package io.tributary.ingest;

import io.tributary.core.Digest;
import io.tributary.events.facts.DeliveryVerdict;
import java.util.List;
import java.util.Optional;

/**
 * What the ledger says of a delivery.
 *
 * @param verdict the last one; empty while it has not been judged
 */
public record LedgerEntry(Delivery delivery, Optional<DeliveryVerdict> verdict) {
  /** The suite that judged the last delivery that one has judged. */
  static Optional<Digest> lastSuite(List<LedgerEntry> entries) {
    return entries.stream()
        .flatMap(e -> e.verdict().flatMap(DeliveryVerdict::suite).stream())
        .reduce((before, last) -> last);
  }

  boolean is(DeliveryVerdict.Outcome outcome) {
    return verdict.filter(v -> v.outcome() == outcome).isPresent();
  }
}
