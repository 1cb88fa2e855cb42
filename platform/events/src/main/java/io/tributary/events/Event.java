package io.tributary.events;

import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Something that happened, as recorded in a log. The body of an event that was read is decoded on
 * each access, so that readers of other fields don't pay for it.
 */
public final class Event {
  /** The reader level of this build: it understands every event that needs no higher one. */
  public static final int LEVEL = 1;

  private final String id;
  private final Instant at;
  private final String kind;
  private final String subject;
  private final Principal principal;
  private final String run;
  private final int format;
  private final int needs;
  private final Supplier<String> body;

  /**
   * An event read from a log.
   *
   * @param body decodes the body; throws as reading the log does
   */
  public Event(
      String id,
      Instant at,
      String kind,
      String subject,
      Principal principal,
      String run,
      int format,
      int needs,
      Supplier<String> body) {
    require(id, "id");
    require(kind, "kind");
    this.id = id;
    this.at = at.truncatedTo(ChronoUnit.MICROS);
    this.kind = kind;
    this.subject = Objects.requireNonNull(subject, "subject");
    this.principal = Objects.requireNonNull(principal, "principal");
    this.run = Objects.requireNonNull(run, "run");
    this.format = format;
    this.needs = needs;
    this.body = Objects.requireNonNull(body, "body");
  }

  /** An event of any format and level. */
  public Event(
      String id,
      Instant at,
      String kind,
      String subject,
      Principal principal,
      String run,
      int format,
      int needs,
      String body) {
    this(id, at, kind, subject, principal, run, format, needs, text(body));
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

  private static Supplier<String> text(String body) {
    Objects.requireNonNull(body, "body");
    return () -> body;
  }

  /**
   * Unique in its log; an event that can be derived twice has an id computed from what it records.
   */
  public String id() {
    return id;
  }

  /** When it happened, by the writer's clock; truncated to microseconds. */
  public Instant at() {
    return at;
  }

  /**
   * What happened, in kebab-case, as a participle: {@code registered}, {@code rolled-back}; readers
   * ignore unknown kinds.
   */
  public String kind() {
    return kind;
  }

  /** What it happened to. */
  public String subject() {
    return subject;
  }

  /** Who did it. */
  public Principal principal() {
    return principal;
  }

  /** The run that did it; empty when a person did. */
  public String run() {
    return run;
  }

  /**
   * The version of the body's shape, from 1; a later one adds fields, which older readers ignore.
   */
  public int format() {
    return format;
  }

  /**
   * The minimum level of a reader that may skip the event: one below it refuses the log, as its
   * conclusions without the event could be wrong.
   */
  public int needs() {
    return needs;
  }

  /** Everything else, as JSON text. */
  public String body() {
    return body.get();
  }

  /** The body, read as {@code type}. */
  public <T> T body(Class<T> type) {
    return Json.read(body(), type);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Event that
        && id.equals(that.id)
        && at.equals(that.at)
        && kind.equals(that.kind)
        && subject.equals(that.subject)
        && principal.equals(that.principal)
        && run.equals(that.run)
        && format == that.format
        && needs == that.needs
        && body().equals(that.body());
  }

  @Override
  public int hashCode() {
    return id.hashCode();
  }

  @Override
  public String toString() {
    return "%s %s of %s by %s at %s: %s".formatted(id, kind, subject, principal, at, body());
  }

  private static void require(String text, String what) {
    if (text.isBlank()) {
      throw new PlatformException(
          ErrorCode.BUG, "Cannot make an event: its " + what + " is empty. Report this as a bug.");
    }
  }
}
