package io.tributary.online;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.ViewId;
import java.io.Serializable;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The newest published feature values by entity key, by rules 9 to 11 of the point-in-time
 * contract.
 *
 * <p>A publication appears whole or not at all: an answer, or the answers of one {@link #readAll},
 * are of a single publication. Reads answer from the publication <em>in force</em>, which the first
 * read of a view finds and each {@link #refresh()} brings up to date. A store refreshes by itself,
 * off the path of reads, one second after it last did, and at once for what it publishes; a new
 * store answers of the newest. Between refreshes a read reaches for nothing but the row. Where a
 * refresh of the store's own fails, that is logged, and reads go on from what is in force: {@link
 * Answer#publishedFor} says for when that is true, and a view's {@code max-staleness} how long it
 * may be.
 *
 * <p>Safe for threads. Any number of processes may read while others publish. Nothing may be called
 * after {@link #close()}. Each store passes {@code OnlineStoreContract}, in this module's tests.
 */
public interface OnlineStore extends AutoCloseable {
  /** As messages name it, and as {@link OnlineStores#open} opens it. */
  String address();

  /** Opens this store on other machines. */
  Factory factory();

  /** What executors open a store with: its address, and how it signs in there. */
  interface Factory extends Serializable {
    OnlineStore open();
  }

  /**
   * What is answered of each key at an instant, in the order of the keys; the answers of a key are
   * one a feature, in the view's order.
   *
   * <p>What is stored is what is published, whatever {@code at} is: an instant before the publish
   * instant brings the same values, and only decides what has expired. A key never published, or
   * with a null, is {@code ABSENT}.
   *
   * @param keys one value an entity column each, as {@link KeyCodec} encodes them
   * @param at the instant of the question: what is too old then is {@code EXPIRED}
   * @throws PlatformException NOT_FOUND if the view was never published, INVALID_REQUEST for a key
   *     with other columns than the entity's, CORRUPT or STORAGE if rows can't be read
   */
  List<List<Answer>> readAll(ViewId view, List<? extends List<?>> keys, Instant at);

  /** {@link #readAll} of one key. */
  default List<Answer> read(ViewId view, List<?> key, Instant at) {
    return readAll(view, List.of(key), at).get(0);
  }

  /** The publication that reads of a view answer from; NOT_FOUND if it was never published. */
  Publication inForce(ViewId view);

  /**
   * Puts the newest publication of each view that was read in force. Those that it replaces are
   * closed once no read uses them.
   *
   * @throws PlatformException what is wrong with the newest publication of a view; the former one
   *     stays in force
   */
  void refresh();

  /** Views that have a publication, in name order. */
  List<ViewId> views();

  /** The newest publication of a view, as it is stored now. */
  Optional<Publication> publication(ViewId view);

  /** The newest publication of a view; an error that names the published ones if it has none. */
  default Publication published(ViewId view) {
    return publication(view).orElseThrow(() -> neverPublished(view));
  }

  /** The error of reading a view that was never published. */
  default PlatformException neverPublished(ViewId view) {
    List<ViewId> known = views();
    return new PlatformException(
        ErrorCode.NOT_FOUND,
        "Cannot read features of %s: it was never published to %s. %s"
            .formatted(
                view,
                address(),
                known.isEmpty()
                    ? "Publish it first."
                    : "Publish it first, or ask for one of " + known + "."));
  }

  /** The publication of a view with this sequence. */
  Optional<Publication> publication(ViewId view, long sequence);

  /** All publications of a view, oldest first. */
  List<Publication> publications(ViewId view);

  /** The rows of a publication, until they are closed. */
  PublishedRows rows(Publication publication);

  /**
   * Begins to publish a snapshot; nobody sees anything of it before it is published.
   *
   * @throws PlatformException REFUSED where what is published is another lake's
   */
  OnlineWriter begin(StoredView view, PublishedSnapshot snapshot, Origin origin);

  /** What the comparison of a publication with its snapshots found; empty while there was none. */
  Optional<Parity> parity(Publication publication);

  /** Keeps what the comparison of a publication with its snapshots found; the first one stays. */
  void keep(Publication publication, Parity parity);

  /** What belongs to no publication: being written, or left by a writer that was stopped. */
  List<StoredPiece> unused();

  /**
   * Publications that may go: each that was replaced before an instant, but for the one that the
   * newest replaced, with which that is compared. Nothing is removed.
   *
   * @param asked whether a view is asked about, by its newest publication: a store may be of
   *     several lakes
   * @throws PlatformException what is wrong with a publication: then nothing can be told
   */
  FormerPublications former(Instant replacedBefore, Predicate<Publication> asked);

  /** Removes a piece that {@link #former} or {@link #unused} named, while nobody publishes. */
  void remove(String piece);

  @Override
  void close();
}
