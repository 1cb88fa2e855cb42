package io.tributary.ingest;

import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.definition.ExpectedDelivery;
import io.tributary.definition.ExpectedDelivery.Overdue;
import io.tributary.definition.Project;
import io.tributary.definition.Source;
import io.tributary.events.CommitLog;
import io.tributary.events.TableHistory;
import io.tributary.events.TableRows;
import io.tributary.events.runs.LakeTables;
import io.tributary.lake.Lake;
import io.tributary.notify.Outbox;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Whether sources have rows of a night by when they should. A night without any is green and stale
 * otherwise: nothing fails where nothing is delivered.
 *
 * <p>What counts is a row that was admitted and whose event time lies in the night. No Spark.
 */
public final class Arrivals {
  private static final String EVENT_TIME = "_event_time";

  private final Project project;
  private final Lake lake;
  private final Outbox outbox;
  private final InstantSource clock;

  public Arrivals(Project project, Lake lake) {
    this(project, lake, InstantSource.system());
  }

  Arrivals(Project project, Lake lake, InstantSource clock) {
    this.project = project;
    this.lake = lake;
    this.outbox = Outbox.open(lake.uri());
    this.clock = clock;
  }

  /**
   * Looks at some sources after a night's ingest, and notes what is overdue and what has come since
   * it was.
   *
   * @param nights calendar days of the project's zone, or intervals of several; for a part of a day
   *     nothing is expected
   * @return what is overdue now, or has arrived, a sentence each
   * @throws PlatformException NOT_DELIVERED where what is overdue is to be tried again, after all
   *     is noted
   */
  public List<String> look(Collection<String> sources, Collection<Interval> nights) {
    List<String> said = new ArrayList<>();
    List<String> awaited = new ArrayList<>();
    for (Interval night : nights) {
      for (String name : sources) {
        Source source = project.sources().get(name);
        source.expected().ifPresent(expected -> look(source, expected, night, said, awaited));
      }
    }
    if (!awaited.isEmpty()) {
      throw new PlatformException(
          ErrorCode.NOT_DELIVERED,
          "Cannot go on: %s. Try again once it is delivered; what was ingested stays."
              .formatted(String.join("; ", awaited)));
    }
    return said;
  }

  private void look(
      Source source,
      ExpectedDelivery expected,
      Interval night,
      List<String> said,
      List<String> awaited) {
    for (Interval each : night.parts(project.zone())) {
      LocalDate day = first(each);
      if (!each.equals(Interval.day(day, project.zone()))) {
        continue;
      }
      Instant by = expected.deadline(day, project.zone());
      boolean overdue = !clock.instant().isBefore(by) && !hasRows(source.name(), each);
      boolean noted =
          outbox.noteArrival(
              project, source.name(), day, by, overdue, expected.overdue() != Overdue.TELL);
      if (overdue) {
        String what =
            "nothing of %s was delivered to source %s by %s"
                .formatted(day, source.name(), expected.by());
        said.add("WARN " + what);
        if (expected.overdue() == Overdue.RETRY) {
          awaited.add(what);
        }
      } else if (noted) {
        said.add("rows of %s have arrived at source %s".formatted(day, source.name()));
      }
    }
  }

  private LocalDate first(Interval day) {
    return Interval.dayOf(day.from(), project.zone());
  }

  private boolean hasRows(String source, Interval night) {
    String table = LakeTables.path(lake.uri(), TableName.of("validated", source));
    Optional<TableHistory> history = CommitLog.open(table).read();
    if (history.isEmpty()) {
      return false;
    }
    AtomicBoolean found = new AtomicBoolean();
    TableRows.read(
        table,
        history.get().version(),
        List.of(EVENT_TIME),
        EVENT_TIME,
        night,
        row -> found.set(true));
    return found.get();
  }
}
