package io.tributary.ingest.ledger;

import io.tributary.source.DeliveredFile;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a source handed over at once: the files that were new when somebody looked; or rows that a
 * person released from quarantine.
 *
 * @param number from 1, by source
 * @param files none where rows were released
 */
public record Delivery(
    String source, long number, List<DeliveredFile> files, Optional<Release> release) {
  public Delivery {
    files = List.copyOf(files);
  }

  /** A delivery of files. */
  public Delivery(String source, long number, List<DeliveredFile> files) {
    this(source, number, files, Optional.empty());
  }

  /** {@code delivery 2 of source flights (data/flights.csv.gz)}, for messages. */
  public String description() {
    if (release.isPresent()) {
      return "delivery %d of source %s (%,d rows that %s released)"
          .formatted(number, source, release.get().count(), release.get().by());
    }
    String named =
        files.stream().limit(3).map(DeliveredFile::path).collect(Collectors.joining(", "));
    return "delivery "
        + number
        + " of source "
        + source
        + " ("
        + named
        + (files.size() > 3 ? " and " + (files.size() - 3) + " more" : "")
        + ")";
  }
}
