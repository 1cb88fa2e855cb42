package io.tributary.online;

import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/** All rows of one publication, whether or not it is in force. Safe for threads. */
public interface PublishedRows extends AutoCloseable {
  /** The row of each key, one value an entity column; nothing for a key with a null. */
  List<Optional<StoredRow>> findAll(List<? extends List<?>> keys);

  /** {@link #findAll} of one key. */
  default Optional<StoredRow> find(List<?> key) {
    return findAll(List.of(key)).get(0);
  }

  /** Hands over each row once, with the bytes of its key, in their order. */
  void forEach(BiConsumer<byte[], StoredRow> reader);

  /** How many rows there are, by the store's own account. */
  long count();

  @Override
  void close();
}
