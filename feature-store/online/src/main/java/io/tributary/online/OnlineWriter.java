package io.tributary.online;

import io.tributary.core.PlatformException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The publication of one snapshot while it is written: executors write partitions, each with a
 * writer of its own, and what they wrote is published at once. Without that nothing has changed for
 * readers.
 */
public interface OnlineWriter extends AutoCloseable {
  /** Opens a writer for each partition, also on other machines. */
  PartitionWriter.Factory partitions();

  /**
   * Whether partitions are written as what they change of the publication before, so that its rows
   * are read meanwhile.
   */
  boolean writesDifferences();

  /** From now on partitions are written whole; what was written before is given up. */
  void writeWhole();

  /**
   * Adds to partitions, once all are written, what says which former rows are withdrawn.
   *
   * @param partitions in any order; no key is in two of them
   * @return what to publish. Empty where most rows have changed: then partitions are written whole
   *     from now on, and all have to be written once more
   */
  Optional<WrittenRows> complete(List<WrittenPartition> partitions);

  /**
   * Publishes what was written; a reader sees all of it or nothing.
   *
   * <p>The rows replace all rows of earlier instants and those of the same instant: what is not
   * among them is gone. Only where the snapshot of an earlier instant knows deliveries that no
   * later one knows, its rows stand beside: a key that the later ones lack is added, and a row
   * replaces a later one if its event is newer, by event time, then known time. So what is stored
   * does not depend on the order in which instants are published.
   *
   * @param written what {@link #complete} has returned
   * @param record what made it, for the run log
   * @throws PlatformException CONFLICT if another process published the view meanwhile; nothing is
   *     changed then. REFUSED for an earlier instant with other columns than the published ones
   */
  Publication publish(WrittenRows written, Map<String, Object> record);

  /** Gives up what was written and is not published, as far as the store can be reached. */
  @Override
  void close();
}
