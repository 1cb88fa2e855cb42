package io.tributary.definition;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Comparator;
import java.util.Optional;

/**
 * How old the online store's answer for a view can be, as far as a project's definitions say: the
 * time from the instant that a snapshot is true for to the question.
 *
 * @param most inclusive, the time that runs take left out; empty = nothing bounds it
 * @param by what bounds it, or why nothing does
 */
public record ServedAge(Optional<Duration> most, String by) {
  /** Long enough for each month's last days, leap years and weekdays to have met. */
  private static final int DAYS = 28 * 366;

  private static final LocalDate FIRST = LocalDate.of(2020, 1, 1);

  /**
   * A pipeline that publishes the view does so at its schedule, for the last instant of the day
   * before; what it published is read until the next time. An answer that is older than the view's
   * max-staleness is none.
   *
   * @param view one over a source
   */
  public static ServedAge of(Project project, FeatureView view) {
    if (!view.online()) {
      return new ServedAge(Optional.empty(), "online: false");
    }
    Optional<ServedAge> scheduled =
        project.pipelines().values().stream()
            .filter(pipeline -> publishes(pipeline, view))
            .map(pipeline -> scheduled(pipeline, view, project.zone()))
            .filter(age -> age.most().isPresent())
            .min(Comparator.comparing(age -> age.most().orElseThrow()));
    Optional<Duration> stale = view.maxStaleness();
    if (stale.isPresent()
        && scheduled.flatMap(ServedAge::most).map(s -> stale.get().compareTo(s) < 0).orElse(true)) {
      return new ServedAge(stale, "max-staleness");
    }
    return scheduled.orElseGet(
        () -> new ServedAge(Optional.empty(), "no pipeline publishes it by a schedule"));
  }

  private static boolean publishes(Pipeline pipeline, FeatureView view) {
    return pipeline.steps().stream()
        .filter(step -> step.verb().equals("publish"))
        .anyMatch(step -> step.subject().map(view.id().toString()::equals).orElse(true));
  }

  private static ServedAge scheduled(Pipeline pipeline, FeatureView view, ZoneId zone) {
    Optional<Duration> longest = Optional.empty();
    Optional<CronSchedule> schedule = CronSchedule.parse(pipeline.schedule());
    Optional<LocalDate> before = Optional.empty();
    for (int i = 0; i < DAYS && schedule.isPresent(); i++) {
      LocalDate day = FIRST.plusDays(i);
      if (!schedule.get().runsOn(day)) {
        continue;
      }
      if (before.isPresent()) {
        Instant runs = day.atTime(schedule.get().firstTime()).atZone(zone).toInstant();
        Instant served = day.atStartOfDay(zone).toInstant().plus(view.publishDelay());
        Duration age =
            Duration.between(
                before.get().atStartOfDay(zone).toInstant(), runs.isAfter(served) ? runs : served);
        longest = longest.filter(l -> l.compareTo(age) >= 0).or(() -> Optional.of(age));
      }
      before = Optional.of(day);
    }
    return new ServedAge(
        longest, "pipeline " + pipeline.name() + ", \"" + pipeline.schedule() + "\"");
  }
}
