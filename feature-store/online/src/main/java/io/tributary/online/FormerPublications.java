package io.tributary.online;

import java.util.List;

/**
 * Publications of a store that may go, and those that stay.
 *
 * @param gone of all views, the oldest of each first
 * @param staying of all views
 * @param pieces that only the former have, in the order in which they have to be removed, so that
 *     no publication is there without its rows
 */
public record FormerPublications(
    List<Publication> gone, List<Publication> staying, List<StoredPiece> pieces) {
  public FormerPublications {
    gone = List.copyOf(gone);
    staying = List.copyOf(staying);
    pieces = List.copyOf(pieces);
  }
}
