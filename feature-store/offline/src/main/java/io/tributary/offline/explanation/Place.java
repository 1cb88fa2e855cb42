package io.tributary.offline.explanation;

import io.tributary.core.RowPlace;
import java.io.Serializable;
import java.util.Comparator;

/**
 * Where a validated row came from. Places are in the order of deliveries, files and lines.
 *
 * @param file relative to the project's folder where it lies in it
 * @param line from 1, as ingest numbered it
 * @param delivery by which the row was admitted
 * @param run that admitted it
 */
public record Place(String file, long line, long delivery, String run)
    implements Comparable<Place>, Serializable {
  private static final Comparator<Place> ORDER =
      Comparator.comparingLong(Place::delivery)
          .thenComparing(Place::file)
          .thenComparingLong(Place::line);

  @Override
  public int compareTo(Place other) {
    return ORDER.compare(this, other);
  }

  /** {@code data/flights.csv:12}. */
  @Override
  public String toString() {
    return new RowPlace(file, line).toString();
  }
}
