package io.tributary.source.place;

import io.tributary.source.DeliveredFile;
import io.tributary.source.FoundFile;
import java.util.List;
import java.util.Optional;

/** Where a source's deliveries come from. Not safe for threads. */
public interface Intake {
  /**
   * What is there to be loaded, by path; what has been loaded may be among it.
   *
   * @throws io.tributary.core.PlatformException UNREADABLE_FILE when something is missing or can't
   *     be read, SERVER when a server does not answer
   */
  List<FoundFile> find();

  /** A file of an earlier delivery, if it is still there as it was. */
  Optional<FoundFile> find(DeliveredFile delivered);

  /** Whether other bytes lie now where a file was found; false where nothing does. */
  boolean isReplaced(FoundFile file);

  /** Lets go of what was kept for deliveries that have been admitted or withdrawn. */
  default void settled() {}

  /** The files that had to be read and will be recognized from now on. */
  default List<DeliveredFile> recognizable() {
    return List.of();
  }

  /** Why there is nothing at all, for messages. */
  String nothing();

  /**
   * Looks whether what is named is there, without reading it.
   *
   * @throws io.tributary.core.PlatformException as {@link #find()} does
   */
  default void look() {}
}
