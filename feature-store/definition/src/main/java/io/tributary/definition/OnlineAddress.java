package io.tributary.definition;

import java.util.Optional;

/**
 * Where a project's features are published.
 *
 * @param text {@code SCHEME:REST}; what may follow which scheme is for the store of that kind to
 *     say
 * @param credential how to sign in there: the project's {@code credentials.online}
 * @param project whose features; a store of several projects keeps them apart by it
 * @param location where the project's file names it; empty for an address that no file has
 */
public record OnlineAddress(
    String text,
    Optional<Credential> credential,
    Optional<String> project,
    Optional<SourceLocation> location) {

  /** An address that no file has, of a store that nobody signs in at. */
  public static OnlineAddress of(String text) {
    return new OnlineAddress(text, Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** {@code rocksdb} of {@code rocksdb:/srv/online}. */
  public String scheme() {
    return text.substring(0, Math.max(0, text.indexOf(':')));
  }

  /** {@code /srv/online} of {@code rocksdb:/srv/online}. */
  public String rest() {
    return text.substring(text.indexOf(':') + 1);
  }

  /** What may be a password, before an {@code @}, is not printed. */
  @Override
  public String toString() {
    return text.replaceFirst("//.*@", "//…@");
  }
}
