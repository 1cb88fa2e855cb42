package io.tributary.ingest;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What a source handed over at once: the files that were new when somebody looked.
 *
 * @param number from 1, by source
 */
public record Delivery(String source, long number, List<DeliveredFile> files) {
  public Delivery {
    files = List.copyOf(files);
  }

  /** {@code delivery 2 of source flights (data/flights.csv.gz)}, for messages. */
  public String description() {
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
