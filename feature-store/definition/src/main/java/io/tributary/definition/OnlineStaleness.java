package io.tributary.definition;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Comparator;
import java.util.Optional;

/**
 * How old the online store's answer for a view can be, as far as a project's definitions say: the
 * time from the instant that a snapshot is true for to the read.
 *
 * @param most inclusive, the time that runs take left out; empty = nothing bounds it
 * @param by what bounds it, or why nothing does
 */
public record OnlineStaleness(Optional<Duration> most, String by) {
  /** Long enough for a leap year's day to have come twice. */
  private static final LocalDate FIRST = LocalDate.of(2020, 1, 1);

  private static final LocalDate LAST = LocalDate.of(2025, 1, 1);

  /**
   * A pipeline that publishes the view does so at its schedule, for the last instant of the day
   * before; what it published is read until the next time. An answer that is older than the view's
   * max-staleness is none.
   *
   * @param view one over a source
   */
  public static OnlineStaleness of(Project project, FeatureView view) {
    if (!view.online()) {
      return new OnlineStaleness(Optional.empty(), "online: false");
    }
    Optional<OnlineStaleness> scheduled =
        project.pipelines().values().stream()
            .filter(pipeline -> publishes(pipeline, view))
            .map(pipeline -> scheduled(pipeline, view, project.zone()))
            .filter(age -> age.most().isPresent())
            .min(Comparator.comparing(age -> age.most().orElseThrow()));
    Optional<Duration> stale = view.maxStaleness();
    if (stale.isPresent()
        && scheduled
            .flatMap(OnlineStaleness::most)
            .map(s -> stale.get().compareTo(s) < 0)
            .orElse(true)) {
      return new OnlineStaleness(stale, "max-staleness");
    }
    return scheduled.orElseGet(
        () -> new OnlineStaleness(Optional.empty(), "no pipeline publishes it by a schedule"));
  }

  private static boolean publishes(Pipeline pipeline, FeatureView view) {
    return pipeline.steps().stream()
        .filter(step -> step.verb().equals("publish"))
        .anyMatch(step -> step.subject().map(view.id().toString()::equals).orElse(true));
  }

  private static OnlineStaleness scheduled(Pipeline pipeline, FeatureView view, ZoneId zone) {
    ExecutionTime schedule =
        ExecutionTime.forCron(
            new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX))
                .parse(pipeline.schedule()));
    Optional<Duration> longest = Optional.empty();
    Optional<ZonedDateTime> before = Optional.empty();
    Optional<ZonedDateTime> run = schedule.nextExecution(FIRST.atStartOfDay(zone).minusSeconds(1));
    while (run.isPresent() && run.get().toLocalDate().isBefore(LAST)) {
      ZonedDateTime day = run.get().toLocalDate().atStartOfDay(zone);
      if (before.isPresent()) {
        Instant served = day.toInstant().plus(view.publishDelay());
        Instant read = run.get().toInstant().isAfter(served) ? run.get().toInstant() : served;
        Duration age = Duration.between(before.get().toInstant(), read);
        longest = longest.filter(l -> l.compareTo(age) >= 0).or(() -> Optional.of(age));
      }
      before = Optional.of(day);
      run = schedule.nextExecution(day.plusDays(1).minusSeconds(1));
    }
    return new OnlineStaleness(
        longest, "pipeline " + pipeline.name() + ", \"" + pipeline.schedule() + "\"");
  }
}
