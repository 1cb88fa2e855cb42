package io.tributary.online;

import io.tributary.definition.ViewId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The newest published feature values by entity key. Safe for threads. */
public interface OnlineStore extends AutoCloseable {
  /** What is published of a view. */
  Optional<Publication> publication(ViewId view);

  /**
   * The answers for one entity at an instant, one a feature in the view's order.
   *
   * @param key one value an entity column, as {@link KeyCodec} takes them; a null in it matches
   *     nothing
   */
  List<Answer> read(ViewId view, List<?> key, Instant at);

  @Override
  void close();
}
