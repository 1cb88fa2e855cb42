package io.tributary.events.internal;

import io.tributary.core.Digest;
import io.tributary.core.Micros;
import io.tributary.events.Event;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * An event as stored in the log.
 *
 * @param commit the version that added it; −1 when unknown
 * @param slot the slot that it decided; empty for an event that was only appended
 * @param generation which decision of the slot it belongs to, from 1; 0 without a slot
 * @param previous the digest of the slot's previous decision; empty without a slot and for the
 *     first
 */
public record Entry(
    long commit, Event event, Optional<String> slot, long generation, Optional<Digest> previous) {
  static final long UNKNOWN = -1;

  /** An event to append. */
  public static Entry appended(Event event) {
    return new Entry(UNKNOWN, event, Optional.empty(), 0, Optional.empty());
  }

  /** An event of a decision to make. */
  public static Entry decided(
      Event event, String slot, long generation, Optional<Digest> previous) {
    return new Entry(UNKNOWN, event, Optional.of(slot), generation, previous);
  }

  /**
   * The digest of a decision's entries in their order, each with the digest of the decision before:
   * the SHA-256 of their fields, each as its length in bytes, a colon and its text.
   */
  public static Digest digest(List<Entry> decision) {
    MessageDigest sha = Digest.sha256();
    for (Entry entry : decision) {
      Event event = entry.event;
      for (String field :
          List.of(
              event.id(),
              String.valueOf(Micros.of(event.at())),
              event.kind(),
              event.subject(),
              event.principal().name(),
              event.principal().establishedBy(),
              event.run(),
              String.valueOf(event.format()),
              String.valueOf(event.needs()),
              event.body(),
              entry.slot.orElse(""),
              String.valueOf(entry.generation),
              entry.previous.map(Digest::hex).orElse(""))) {
        byte[] bytes = field.getBytes(StandardCharsets.UTF_8);
        sha.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
        sha.update(bytes);
      }
    }
    return new Digest(HexFormat.of().formatHex(sha.digest()));
  }
}
