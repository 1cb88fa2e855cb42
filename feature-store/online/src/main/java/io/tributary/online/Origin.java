package io.tributary.online;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.util.Optional;

/**
 * Whose rows are published. A store may be reached from several lakes, as when a project was copied
 * with its address.
 *
 * @param lake the lake's id
 * @param replacesOthers whether what was published from another lake is replaced by this, as if it
 *     were not there; otherwise publishing is refused
 */
public record Origin(String lake, boolean replacesOthers) {
  public static Origin of(String lake) {
    return new Origin(lake, false);
  }

  /**
   * What a publication stands beside: what is published, unless that is another lake's.
   *
   * @throws PlatformException REFUSED where that is not to be replaced
   */
  public Optional<Publication> beside(
      Optional<Publication> present, PublishedSnapshot snapshot, String address) {
    if (present.isEmpty() || isOf(lake, present.get(), snapshot)) {
      return present;
    }
    if (replacesOthers) {
      return Optional.empty();
    }
    Publication other = present.get();
    throw new PlatformException(
        ErrorCode.REFUSED,
        "Cannot publish view %1$s: what %2$s has of it, publication %3$d of %4$s, comes from another lake, and this is lake %5$s. Name another database, server or folder in \"online\"; to replace what is there: tributary publish %1$s --replace."
            .formatted(
                other.view().id(),
                address,
                other.sequence(),
                other
                    .lake()
                    .map(id -> "lake " + id)
                    .orElse(other.snapshots().get(0).snapshot().toString()),
                lake));
  }

  /**
   * Whether a publication is of a lake: by the table of its snapshots where a build before wrote
   * it, which kept no lake.
   *
   * @param own a snapshot of that lake
   */
  public static boolean isOf(String lake, Publication publication, PublishedSnapshot own) {
    return publication
        .lake()
        .map(lake::equals)
        .orElseGet(
            () -> publication.snapshots().get(0).snapshot().id().equals(own.snapshot().id()));
  }
}
