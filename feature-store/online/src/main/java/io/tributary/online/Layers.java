package io.tributary.online;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.ViewId;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The snapshots that a publication is made of, as a store keeps each; rule 11 for every store. */
public final class Layers {
  private Layers() {}

  /**
   * The layers that count once one is added, the latest instant first.
   *
   * @param added the snapshot's own
   * @param present what is published, and the layers that this is made of
   * @param published the snapshot of a layer
   * @throws PlatformException REFUSED for an earlier instant with other columns than the published
   */
  public static <L> List<L> counting(
      StoredView view,
      PublishedSnapshot snapshot,
      L added,
      Optional<Publication> present,
      List<L> layers,
      Function<L, PublishedSnapshot> published) {
    if (present.isEmpty()) {
      return List.of(added);
    }
    if (!present.get().view().hasColumnsOf(view)) {
      if (!snapshot.instant().isBefore(present.get().instant())) {
        return List.of(added);
      }
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot publish view %1$s at %2$s: its columns differ from those published at %3$s. Publish that instant with the new columns first: tributary materialize %1$s --at %3$s, tributary publish %1$s --at %3$s."
              .formatted(view.id(), snapshot.instant(), present.get().instant()));
    }
    return PublishedSnapshot.counting(layers.stream().map(published).toList(), snapshot).stream()
        .map(
            counting ->
                counting.equals(snapshot)
                    ? added
                    : layers.stream()
                        .filter(layer -> published.apply(layer).equals(counting))
                        .findFirst()
                        .orElseThrow())
        .toList();
  }

  /** A position among rows, by key. Not for several threads. */
  public interface Rows extends AutoCloseable {
    /** Whether it is at a row, and not behind the last. */
    boolean isValid();

    byte[] key();

    /** The row as {@link RowCodec} encodes it. */
    byte[] value();

    StoredRow row();

    void next();

    @Override
    default void close() {}
  }

  /**
   * Writes the rows of two layers: of a key that both have the later one's, unless the earlier one
   * has a greater event time and known time. Rows of the earlier one say then that they are true
   * for its instant.
   */
  public static void merge(Rows later, Rows earlier, PartitionWriter to) {
    while (later.isValid() || earlier.isValid()) {
      int order =
          !later.isValid()
              ? 1
              : !earlier.isValid() ? -1 : Arrays.compareUnsigned(later.key(), earlier.key());
      boolean takeEarlier =
          order > 0 || (order == 0 && earlier.row().hasNewerEventThan(later.row()));
      if (takeEarlier) {
        to.add(earlier.key(), RowCodec.encode(earlier.row()));
      } else {
        to.add(later.key(), later.value());
      }
      if (order <= 0) {
        later.next();
      }
      if (order >= 0) {
        earlier.next();
      }
    }
  }

  /** The error of whoever comes second. */
  public static PlatformException publishedMeanwhile(ViewId view, Throwable cause) {
    return new PlatformException(
        ErrorCode.CONFLICT,
        "Cannot publish view %s: another run published it meanwhile. Nothing was changed; run it again."
            .formatted(view),
        cause);
  }
}
