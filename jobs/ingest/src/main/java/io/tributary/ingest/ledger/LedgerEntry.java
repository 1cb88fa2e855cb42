package io.tributary.ingest.ledger;

import io.tributary.core.Digest;
import io.tributary.events.facts.DeliveryVerdict;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A delivery and its verdict, as the ledger records them.
 *
 * @param verdict the last one; empty while it has not been judged
 */
public record LedgerEntry(Delivery delivery, Optional<DeliveryVerdict> verdict) {
  /**
   * What the last delivery that has one was judged by.
   *
   * @param part its suite, or how its files were read
   */
  public static Optional<Digest> last(
      List<LedgerEntry> entries, Function<DeliveryVerdict, Optional<Digest>> part) {
    return entries.stream()
        .flatMap(e -> e.verdict().flatMap(part).stream())
        .reduce((before, last) -> last);
  }

  public boolean is(DeliveryVerdict.Outcome outcome) {
    return verdict.filter(v -> v.outcome() == outcome).isPresent();
  }
}
