package io.tributary.events.facts;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.tributary.core.Digest;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What an ingest did.
 *
 * @param brought the deliveries whose rows a commit to {@code bronze} or {@code quarantine} wrote;
 *     in such commits alone
 * @param widened columns of {@code bronze} that got a wider type, as {@code amount int to bigint}
 * @param judged what became of the deliveries that were put to the gate; empty before they were,
 *     and where there were none
 * @param validated what is in {@code validated} with the commit that says so; empty where none was
 *     made
 */
@JsonDeserialize
public record IngestFacts(
    List<Long> brought,
    List<String> widened,
    Optional<Judged> judged,
    Optional<Validated> validated)
    implements RunFacts {
  static final String KIND = "ingest";

  /** Nothing done yet. */
  public static final IngestFacts NONE =
      new IngestFacts(List.of(), List.of(), Optional.empty(), Optional.empty());

  /**
   * Deliveries that were put to the gate.
   *
   * @param deliveries their numbers
   * @param counts what became of their lines
   * @param newSuiteFrom the first of them that was judged by another suite than the last delivery
   *     before: a changed suite counts from there on
   * @param readOtherwiseFrom the first of them whose files were read otherwise than those of the
   *     last delivery before: a changed way of reading counts from there on
   * @param duplicates by delivery that brings them: events in rows that contradict one another
   * @param unmet expectations that were not met, as people read them, at most 20
   * @param verdicts what the ledger of deliveries is told once the commit stands
   */
  public record Judged(
      List<Long> deliveries,
      RowCounts counts,
      Optional<Long> newSuiteFrom,
      Optional<Long> readOtherwiseFrom,
      Map<Long, Duplicates> duplicates,
      List<String> unmet,
      List<DeliveryVerdict> verdicts) {
    public Judged {
      deliveries = List.copyOf(deliveries);
      duplicates = Collections.unmodifiableMap(new TreeMap<>(duplicates));
      unmet = List.copyOf(unmet);
      verdicts = List.copyOf(verdicts);
    }
  }

  /**
   * What is in {@code validated}.
   *
   * @param lastDelivery the last delivery in it
   * @param rules the digest of the rules and look-ups that all its rows are made by
   * @param rebuilt whether this commit made it anew from all deliveries
   * @param knownFrom by delivery whose rows this commit wrote: when the first of them was known; of
   *     a delivery without rows nothing. Empty for reference data
   */
  public record Validated(
      long lastDelivery, Digest rules, boolean rebuilt, Optional<Map<Long, Instant>> knownFrom) {
    public Validated {
      knownFrom = knownFrom.map(known -> Collections.unmodifiableMap(new TreeMap<>(known)));
    }
  }

  public IngestFacts {
    brought = List.copyOf(brought);
    widened = List.copyOf(widened);
  }

  @Override
  public String kind() {
    return KIND;
  }

  /** The same in a commit to {@code bronze} or {@code quarantine} of some deliveries' rows. */
  public IngestFacts bringing(List<Long> deliveries) {
    return new IngestFacts(deliveries, widened, judged, validated);
  }
}
