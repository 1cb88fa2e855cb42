package io.tributary.console.airflow;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A DAG whose runs are nights, and which of its runs, there or to come, is which night.
 *
 * @param dag its id
 */
public record NightlyDag(Airflow airflow, String dag, Nights nights) {
  /**
   * The runs of a night, by id; those that people triggered among them, and where there is none
   * those that people triggered for a range of nights, then those that assets started.
   */
  public List<DagRun> runs(LocalDate night) {
    Instant end = nights.end(night);
    // A run's logical date is the begin or the end of its interval, and months are of several
    // lengths.
    Duration longest = shift(airflow.dag("look for night " + night, dag)).plus(Duration.ofDays(8));
    List<DagRun> found = new ArrayList<>(airflow.runs(dag, end.minus(longest), end.plus(longest)));
    found.addAll(airflow.runsWith(dag, night.toString()));
    return Stream.<Supplier<List<DagRun>>>of(
            () -> of(night, found),
            () -> of(night, airflow.runsWith(dag, "from")),
            () -> startedByAssets(night))
        .map(Supplier::get)
        .filter(runs -> !runs.isEmpty())
        .findFirst()
        .orElse(List.of());
  }

  /** A night's data can't have come before it ended. */
  private List<DagRun> startedByAssets(LocalDate night) {
    return airflow.runsByAssets(dag).stream()
        .filter(run -> !run.runAfter().isBefore(nights.end(night)))
        .filter(
            run ->
                airflow.intervalsOfEvents(run).stream()
                    .anyMatch(interval -> nights.ofEvent(interval).contains(night)))
        .toList();
  }

  private List<DagRun> of(LocalDate night, List<DagRun> found) {
    Map<String, DagRun> runs = new TreeMap<>();
    found.stream()
        .filter(run -> nights.all(run).contains(night))
        .forEach(run -> runs.put(run.dagRunId(), run));
    return List.copyOf(runs.values());
  }

  /**
   * The one run of a night.
   *
   * @param doing what for
   * @throws PlatformException NOT_FOUND or INVALID_REQUEST where there is none, or are several
   */
  public DagRun run(String doing, LocalDate night) {
    List<DagRun> runs = runs(night);
    if (runs.isEmpty()) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot %s of night %s: DAG %s has none. Trigger it: tributary airflow trigger --night %s."
              .formatted(doing, night, dag, night));
    }
    if (runs.size() > 1) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot %s of night %s: DAG %s has several. Name one of %s."
              .formatted(doing, night, dag, runs.stream().map(DagRun::dagRunId).toList()));
    }
    return runs.get(0);
  }

  /**
   * A span of nights as a backfill sees it.
   *
   * @param span the logical dates that it would ask for
   * @param starts the nights that it would start, in order
   * @param there the newest run of each night of the span that has one
   */
  public record Plan(Airflow.Span span, List<LocalDate> starts, Map<LocalDate, DagRun> there) {}

  /**
   * Finds out which nights of {@code [from, to)} a backfill would run; it changes nothing.
   *
   * @throws PlatformException REFUSED where the DAG has no schedule, or would run none of them
   */
  public Plan plan(LocalDate from, LocalDate to, int maxActive, String reprocess) {
    String doing = "backfill DAG " + dag;
    Dag known = airflow.dag(doing, dag);
    Duration shift = shift(known);
    Airflow.Span wide =
        new Airflow.Span(
            dag,
            nights.end(from).minus(shift).minus(Duration.ofDays(1)),
            nights.end(to).minus(shift).plus(Duration.ofDays(1)),
            maxActive,
            reprocess);
    List<Instant> dates =
        airflow.wouldBackfill(wide).stream()
            .filter(date -> isIn(nights.of(date, shift), from, to))
            .sorted()
            .toList();
    Map<LocalDate, DagRun> there = there(wide, from, to);
    if (dates.isEmpty()) {
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot %s: it would run none of the nights from %s to before %s%s."
              .formatted(
                  doing,
                  from,
                  to,
                  there.isEmpty()
                      ? ", which its schedule (%s) or its start date leaves out"
                          .formatted(known.timetableSummary().orElse("none"))
                      : ", as %d of them have runs. To run those again, add --reprocess failed or completed"
                          .formatted(there.size())));
    }
    return new Plan(
        new Airflow.Span(dag, dates.get(0), dates.get(dates.size() - 1), maxActive, reprocess),
        dates.stream().map(date -> nights.of(date, shift)).toList(),
        there);
  }

  private static boolean isIn(LocalDate night, LocalDate from, LocalDate to) {
    return !night.isBefore(from) && night.isBefore(to);
  }

  private Map<LocalDate, DagRun> there(Airflow.Span wide, LocalDate from, LocalDate to) {
    Map<LocalDate, DagRun> there = new TreeMap<>();
    airflow.runs(dag, wide.from(), wide.to()).stream()
        .sorted(Comparator.comparing(DagRun::runAfter))
        .forEach(
            run ->
                nights.all(run).stream()
                    .filter(night -> isIn(night, from, to))
                    .forEach(night -> there.put(night, run)));
    return there;
  }

  /**
   * From a run's logical date to the end of its data interval: nothing where the timetable
   * triggers, a day where it has intervals of one.
   */
  private Duration shift(Dag known) {
    if (known.nextDagrunLogicalDate().isPresent()
        && known.nextDagrunDataIntervalEnd().isPresent()) {
      return Duration.between(
          known.nextDagrunLogicalDate().get(), known.nextDagrunDataIntervalEnd().get());
    }
    return airflow
        .lastRun(dag)
        .filter(run -> run.logicalDate().isPresent() && run.dataIntervalEnd().isPresent())
        .map(run -> Duration.between(run.logicalDate().get(), run.dataIntervalEnd().get()))
        .orElse(Duration.ZERO);
  }

  /** The runs of a backfill, by night. */
  public Map<LocalDate, DagRun> runs(Backfill backfill) {
    Map<LocalDate, DagRun> runs = new TreeMap<>();
    airflow.runs(dag, backfill.fromDate(), backfill.toDate()).stream()
        .filter(run -> run.runType().equals("backfill"))
        .forEach(run -> nights.of(run).ifPresent(night -> runs.put(night, run)));
    return runs;
  }
}
