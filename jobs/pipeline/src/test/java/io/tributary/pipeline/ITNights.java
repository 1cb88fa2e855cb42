package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Outcome;
import io.tributary.core.PlatformException;
import io.tributary.core.RunnerChoice;
import io.tributary.definition.Pipeline;
import io.tributary.definition.PipelineGraph;
import io.tributary.definition.ProjectReader;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.runtime.JobRunner;
import io.tributary.testing.DrawnRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nights of a tiny project in any order, twice, at the same time, in one go or one by one. */
class ITNights {
  private static final LakeSession SESSION = LakeSession.lazy();

  @TempDir Path folder;
  private CheckedProject checked;

  @AfterAll
  static void stop() {
    SESSION.close();
  }

  @Test
  void threeNightsInAnyWayLeaveTheSame() throws Exception {
    anyWay(3);
  }

  @Test
  @Tag("long")
  void thirtyNightsInAnyWayLeaveTheSame() throws Exception {
    anyWay(30);
  }

  private void anyWay(int count) throws Exception {
    // From the second night on all rides are one driver's: what inputs say of it is kept, too.
    TinyProject.writeWatched(
        folder.resolve("project"), count, night -> driver -> night > 0 ? "a" : driver);
    checked = withShiftsCalledOff(folder.resolve("project"), count);
    ZoneId zone = checked.project().zone();
    List<Interval> nights = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      nights.add(
          Interval.of(
              TinyProject.FIRST_NIGHT.plusDays(i).atStartOfDay(zone).toInstant(),
              TinyProject.FIRST_NIGHT.plusDays(i + 1L).atStartOfDay(zone).toInstant()));
    }
    Map<String, String> inOneGo;
    try (Lake lake = lake("in one go")) {
      flow(lake, Flow::runAll);
      inOneGo = Contents.of(lake);
    }

    try (Lake lake = lake("shuffled")) {
      history(lake);
      List<Interval> shuffled = new ArrayList<>(nights);
      Collections.shuffle(shuffled, new Random(count));
      Interval atOnce = shuffled.remove(0);
      shuffled.forEach(night -> flow(lake, f -> f.runNights(night)));
      twiceAtOnce(lake, atOnce);
      assertThat(Contents.of(lake)).isEqualTo(inOneGo);

      Collections.reverse(shuffled);
      for (Interval night : shuffled.subList(0, Math.min(2, shuffled.size()))) {
        List<StepRun> again = flow(lake, f -> f.runNights(night));
        assertThat(again)
            .extracting(s -> s.record().outcome())
            .as("%s", night)
            .containsOnly(Outcome.UNCHANGED);
      }
      assertThat(Contents.of(lake)).isEqualTo(inOneGo);
    }
  }

  /**
   * Adds a view whose every event has been withdrawn by the last night: a later night says less of
   * a driver than an earlier one.
   */
  private static CheckedProject withShiftsCalledOff(Path project, int nights) throws IOException {
    Files.writeString(
        project.resolve("sources/shifts.yaml"),
        """
        source: shifts
        read: {format: csv, path: data/shifts.csv, header: true}
        columns: {id: int, driver: string, starts: timestamp, told: timestamp, called_off: boolean}
        event-key: [id]
        event-time: starts
        known-time: told
        tombstone: called_off
        """);
    Files.writeString(
        project.resolve("features/shifts.yaml"),
        """
        view: shifts@1
        entity: [driver]
        source: shifts
        features:
          shifts: count(*) over 7d
          newest: last(id) over 7d
        """);
    StringBuilder csv = new StringBuilder("id,driver,starts,told,called_off\n");
    Instant first = TinyProject.FIRST_NIGHT.atTime(8, 0).toInstant(ZoneOffset.UTC);
    for (int day = -3; day < nights - 1; day++) {
      Instant starts = first.plus(Duration.ofDays(day));
      csv.append("%d,d,%s,%s,false\n".formatted(day, starts, first.minus(Duration.ofDays(5))));
      csv.append("%d,d,%s,%s,true\n".formatted(day, starts, starts.plus(Duration.ofDays(1))));
    }
    Files.writeString(project.resolve("data/shifts.csv"), csv.toString());
    return CheckedProject.check(ProjectReader.read(project, Map.of(), Optional.empty()));
  }

  /** All that comes before the nights. */
  private void history(Lake lake) {
    try (OnlineStore online = online(lake);
        JobRunner runner = JobRunner.open(lake)) {
      Jobs jobs = new Jobs(checked, lake, online, RunnerChoice.valueOf(DrawnRunner.name()));
      jobs.ingest().forEach(runner::run);
      Interval history = checked.project().pipelines().get("nightly").history().orElseThrow();
      jobs.materialize(Optional.empty(), history).forEach(runner::run);
      runner.run(jobs.trainingSetOf("lateness"));
      runner.run(jobs.train("lateness"));
    }
  }

  /**
   * Two at the same time: each finds a job done, or is told who works on it. Where a step has
   * several jobs, each of the two may be told so of another job; a run after them does the rest.
   */
  private void twiceAtOnce(Lake lake, Interval night) throws Exception {
    CyclicBarrier both = new CyclicBarrier(2);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<List<StepRun>>> runs = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        runs.add(
            threads.submit(
                () -> {
                  both.await();
                  return flow(lake, f -> f.runNights(night));
                }));
      }
      for (Future<List<StepRun>> run : runs) {
        try {
          run.get();
        } catch (ExecutionException e) {
          assertThat(e.getCause())
              .isInstanceOfSatisfying(
                  PlatformException.class, p -> assertThat(p.code()).isEqualTo(ErrorCode.CONFLICT))
              .hasMessageContaining(" works on it");
        }
      }
    } finally {
      threads.shutdownNow();
    }
    flow(lake, f -> f.runNights(night));
  }

  private List<StepRun> flow(Lake lake, Consumer<Flow> work) {
    try (OnlineStore online = online(lake);
        JobRunner runner = JobRunner.open(lake)) {
      Pipeline nightly = checked.project().pipelines().get("nightly");
      Flow flow =
          new Flow(
              new Jobs(checked, lake, online, RunnerChoice.valueOf(DrawnRunner.name())),
              nightly,
              PipelineGraph.of(checked.project(), nightly),
              checked.project().zone(),
              runner);
      work.accept(flow);
      return flow.done();
    }
  }

  private static OnlineStore online(Lake lake) {
    return OnlineStores.open("rocksdb:" + Path.of(lake.uri()).resolve("online"));
  }

  private Lake lake(String name) {
    return Lake.open(folder.resolve(name).toString(), Lake.DEFAULT_RETENTION, SESSION);
  }
}
