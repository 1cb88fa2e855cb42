package io.tributary.events;

import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.UUID;

/**
 * Something that happened, as a log keeps it.
 *
 * @param id unique in its log; an event that can be derived twice gets its id from what it stands
 *     for
 * @param at when it happened, by the clock of whoever says so; microseconds at most, finer parts
 *     are cut off
 * @param kind what happened, in kebab-case, as a participle: {@code registered}, {@code
 *     rolled-back}
 * @param subject what it happened to
 * @param actor who did it
 * @param run the run that did it; empty when a person did
 * @param body everything else, as JSON text
 */
public record Event(
    String id, Instant at, String kind, String subject, String actor, String run, String body) {
  public Event {
    require(id, "id");
    require(kind, "kind");
    Objects.requireNonNull(subject, "subject");
    Objects.requireNonNull(actor, "actor");
    Objects.requireNonNull(run, "run");
    Objects.requireNonNull(body, "body");
    at = at.truncatedTo(ChronoUnit.MICROS);
  }

  /** An event with a new random id; the body is a value that {@link Json} can write. */
  public static Event of(
      Instant at, String kind, String subject, String actor, String run, Object body) {
    return new Event(UUID.randomUUID().toString(), at, kind, subject, actor, run, Json.write(body));
  }

  /** The body, read as {@code type}. */
  public <T> T body(Class<T> type) {
    return Json.read(body, type);
  }

  private static void require(String text, String what) {
    if (text.isBlank()) {
      throw new PlatformException(
          ErrorCode.BUG, "Cannot make an event: its " + what + " is empty. Report this as a bug.");
    }
  }
}
