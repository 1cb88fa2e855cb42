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
 *     only in such commits
 * @param widened columns of {@code bronze} whose type was widened, as {@code amount int to bigint}
 * @param judged the deliveries that passed through the gate; empty before, and if there were none
 * @param validated the content of {@code validated} as of the commit with these facts; empty if
 *     there was no such commit
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
   * Deliveries that passed through the gate.
   *
   * @param deliveries their numbers
   * @param counts of their lines
   * @param newSuiteFrom the first of them judged by another suite than the delivery before: a
   *     changed suite applies from there on
   * @param readOtherwiseFrom the first of them whose files were read otherwise than those of the
   *     delivery before: a changed way of reading applies from there on
   * @param duplicates events in rows that contradict one another, by delivery
   * @param unmet expectations that were not met, in readable form, at most 20
   * @param verdicts what the ledger of deliveries records after the commit
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
   * The content of {@code validated}.
   *
   * @param lastDelivery the last delivery in it
   * @param rules the digest of the rules and look-ups that made all its rows
   * @param rebuilt whether this commit rebuilt it from all deliveries
   * @param knownFrom when the first row was known, for each delivery with rows that this commit
   *     wrote; empty for reference data
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

  /** The same for a commit of some deliveries' rows to {@code bronze} or {@code quarantine}. */
  public IngestFacts bringing(List<Long> deliveries) {
    return new IngestFacts(deliveries, widened, judged, validated);
  }
}
