package io.tributary.online;

import java.util.List;

/**
 * All that is written of a publication, as {@link OnlineWriter#complete} has it.
 *
 * @param partitions also those of rows that are withdrawn
 */
public record WrittenRows(List<WrittenPartition> partitions) {
  public WrittenRows {
    partitions = List.copyOf(partitions);
  }

  /** How many rows readers see of them. */
  public long rows() {
    return partitions.stream().mapToLong(WrittenPartition::rows).sum();
  }

  public long bytes() {
    return partitions.stream().mapToLong(WrittenPartition::bytes).sum();
  }

  /** The receipts of partitions for which something had to be written. */
  public List<String> receipts() {
    return partitions.stream().flatMap(partition -> partition.receipt().stream()).toList();
  }
}
