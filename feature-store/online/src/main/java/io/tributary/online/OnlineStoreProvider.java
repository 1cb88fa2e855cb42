package io.tributary.online;

import io.tributary.definition.OnlineAddress;
import java.util.Optional;
import java.util.Set;

/**
 * A kind of online store, found by {@link java.util.ServiceLoader}: named in {@code
 * META-INF/services/io.tributary.online.OnlineStoreProvider}.
 */
public interface OnlineStoreProvider {
  /** What its addresses begin with, as {@code rocksdb} in {@code rocksdb:FOLDER}. */
  Set<String> schemes();

  /** How its addresses are written, for messages: {@code rocksdb:FOLDER}. */
  String form();

  /**
   * Why there can be no store at an address of these schemes, or none for this credential, and what
   * to do: {@code <why>. <what to do>.} Known from the text alone: nothing is reached for.
   */
  Optional<String> problem(OnlineAddress address);

  /** The store at an address of these schemes that has no problem. */
  OnlineStore open(OnlineAddress address);
}
