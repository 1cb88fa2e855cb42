package io.tributary.notify;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;

/**
 * What receivers are told of a source that has no rows of a night when it should, and of their
 * arrival afterwards.
 *
 * @param id computed from what it reports, the same at every receiver and attempt
 * @param type {@link #OVERDUE} or {@link #ARRIVED}
 * @param replaces of an arrival the notice of what was overdue
 * @param thing the source
 * @param night the calendar day of the project's zone
 * @param by when rows were to be there
 * @param show the command that shows more
 */
@JsonPropertyOrder("version")
@JsonDeserialize
public record ArrivalNotice(
    String id,
    Instant at,
    String type,
    Optional<String> replaces,
    String project,
    Optional<NoticedLake> lake,
    String thing,
    LocalDate night,
    Instant by,
    String show)
    implements Dispatch {
  /** Nothing of the night was there when it should have been. */
  public static final String OVERDUE = "source.overdue";

  /** It has come since. */
  public static final String ARRIVED = "source.arrived";

  /** The version of the schema. */
  @JsonProperty
  public int version() {
    return 1;
  }

  @Override
  public String source() {
    return "sources/" + thing;
  }

  @Override
  public String title() {
    return (type.equals(OVERDUE)
            ? "%s: nothing of %s was delivered to source %s"
            : "%s: rows of %s have arrived at source %s")
        .formatted(project, night, thing);
  }

  @Override
  public String text() {
    return title()
        + ".\nExpected by: "
        + by
        + lake.map(l -> "\nLake: " + l.place()).orElse("")
        + "\nMore: "
        + show
        + "\n";
  }
}
