package io.tributary.events;

import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
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
 *     rolled-back}; readers pass over kinds that they do not know
 * @param subject what it happened to
 * @param principal who did it
 * @param run the run that did it; empty when a person did
 * @param format the version of the body's shape, from 1; a later one adds fields, which older
 *     readers pass over
 * @param needs the least level of a reader that may go on past the event: one below it refuses the
 *     log, as what it would conclude without understanding the event could be wrong
 * @param body everything else, as JSON text
 */
public record Event(
    String id,
    Instant at,
    String kind,
    String subject,
    Principal principal,
    String run,
    int format,
    int needs,
    String body) {
  /** The level of the readers of this build: it understands every event that needs no more. */
  public static final int LEVEL = 1;

  public Event {
    require(id, "id");
    require(kind, "kind");
    Objects.requireNonNull(subject, "subject");
    Objects.requireNonNull(principal, "principal");
    Objects.requireNonNull(run, "run");
    Objects.requireNonNull(body, "body");
    at = at.truncatedTo(ChronoUnit.MICROS);
  }

  /** An event in format 1, which every reader may read. */
  public Event(
      String id,
      Instant at,
      String kind,
      String subject,
      Principal principal,
      String run,
      String body) {
    this(id, at, kind, subject, principal, run, 1, 1, body);
  }

  /** An event with a new random id; the body is a value that {@link Json} can write. */
  public static Event of(
      Instant at, String kind, String subject, Principal principal, String run, Object body) {
    return new Event(
        UUID.randomUUID().toString(), at, kind, subject, principal, run, Json.write(body));
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
