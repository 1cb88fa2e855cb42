package io.tributary.notify;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.tributary.definition.Receiver;
import io.tributary.events.Event;
import java.time.Instant;
import java.util.Optional;

/**
 * What receivers are told of one change in the registry, as its event has it.
 *
 * @param id that of the event
 * @param at when it was changed
 * @param type {@code registry.} and one of {@link Receiver#CHANGES}
 * @param lake in which it was changed; empty in notices of former builds
 * @param thing what was changed: {@code model:late_arrival@3}, {@code delivery:flights@17}
 * @param alias that was moved, to this version
 * @param former the version that the alias pointed to before
 * @param by who did it
 * @param reason empty where none is given
 * @param run the run that did it; empty when a person did
 * @param show the command that shows more
 */
@JsonPropertyOrder("version")
@JsonDeserialize
public record ChangeNotice(
    String id,
    Instant at,
    String type,
    String project,
    Optional<NoticedLake> lake,
    String thing,
    Optional<String> alias,
    Optional<String> former,
    String by,
    String reason,
    String run,
    String show)
    implements Dispatch {
  private static final String TYPE = "registry.";
  private static final String MODEL = "model:";

  /** What an event of the registry says beside its subject. */
  private record Body(Optional<String> alias, Optional<Long> former, Optional<String> reason) {}

  /** The change that an event of the registry is; empty where there are no notices of its kind. */
  static Optional<String> change(Event event) {
    String change = event.kind().equals("marked-suspect") ? "suspect" : event.kind();
    return Receiver.CHANGES.contains(change) ? Optional.of(change) : Optional.empty();
  }

  /** Which change it is, as a receiver asks for it. */
  String change() {
    return type.substring(TYPE.length());
  }

  static ChangeNotice of(Event event, String change, String project, NoticedLake lake) {
    Body body = event.body(Body.class);
    boolean mark = event.subject().contains(":");
    String model = event.subject().substring(0, Math.max(0, event.subject().lastIndexOf('@')));
    return new ChangeNotice(
        event.id(),
        event.at(),
        TYPE + change,
        project,
        Optional.of(lake),
        mark ? event.subject() : MODEL + event.subject(),
        body.alias(),
        body.former().map(number -> model + "@" + number),
        event.principal().name(),
        body.reason().orElse(""),
        event.run(),
        mark ? "tributary doctor" : "tributary registry history " + model);
  }

  /** The version of the schema. */
  @JsonProperty
  public int version() {
    return 1;
  }

  @Override
  public String source() {
    return "registry";
  }

  @Override
  public String title() {
    String name =
        thing.startsWith(MODEL) ? thing.substring(MODEL.length()) : thing.replace(':', ' ');
    String what =
        switch (type.substring(TYPE.length())) {
          case "promoted" -> "promoted " + name + " to " + alias.orElse("?");
          case "rolled-back" -> "rolled " + alias.orElse("?") + " back to " + name;
          case "suspect" -> "marked " + name + " as suspect";
          case "cleared" -> "cleared the mark of " + name;
          default -> type.substring(TYPE.length()) + " " + name;
        };
    return project + ": " + by + " " + what;
  }

  @Override
  public String text() {
    return title()
        + ".\n"
        + (reason.isEmpty() ? "" : "Reason: " + reason + "\n")
        + former.map(version -> "Before: " + version + "\n").orElse("")
        + (run.isEmpty() ? "" : "Run: " + run + "\n")
        + "At: "
        + at
        + lake.map(l -> "\nLake: " + l.place()).orElse("")
        + "\nMore: "
        + show
        + "\n";
  }
}
