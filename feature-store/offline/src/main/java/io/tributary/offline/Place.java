package io.tributary.offline;

/**
 * Where a validated row came from.
 *
 * @param file relative to the project's folder where it lies in it
 * @param line from 1, as ingest numbered it
 * @param delivery by which the row was admitted
 * @param run that admitted it
 */
public record Place(String file, long line, long delivery, String run) {
  /** {@code data/flights.csv:12}. */
  @Override
  public String toString() {
    return file + ":" + line;
  }
}
