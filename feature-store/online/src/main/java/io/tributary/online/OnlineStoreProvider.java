package io.tributary.online;

/**
 * A kind of online store, found by {@link java.util.ServiceLoader}: named in {@code
 * META-INF/services/io.tributary.online.OnlineStoreProvider} of the module that has it.
 */
public interface OnlineStoreProvider {
  /** What its addresses begin with, as {@code rocksdb} in {@code rocksdb:FOLDER}. */
  String scheme();

  /** How its addresses are written, for messages: {@code rocksdb:FOLDER}. */
  String form();

  /** The store at an address of this scheme; what is wrong with the address is an error. */
  OnlineStore open(String address);
}
