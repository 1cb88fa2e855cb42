package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.Digest;
import io.tributary.core.Interval;
import io.tributary.core.Outcome;
import io.tributary.core.RunnerChoice;
import io.tributary.core.TableName;
import io.tributary.definition.ProjectReader;
import io.tributary.definition.ViewId;
import io.tributary.lake.ContentDigest;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.runtime.Job;
import io.tributary.runtime.JobRunner;
import io.tributary.testing.DrawnRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Snapshots of a long interval are taken again for a delivery that says something of it, and for no
 * other. Shifts may be told long before they start, and be called off.
 */
class ITLaterDeliveries {
  private static final String KNOWN_FROM = "knownFrom";

  private static final LakeSession SESSION = LakeSession.lazy();
  private static final Interval MARCH_1_TO_3 =
      Interval.parse("2024-03-01T00:00:00Z/2024-03-04T00:00:00Z");

  /** The view of the source itself, one of a query on it, and two that must see every delivery. */
  private static final String BY_DRIVER = "by_driver@1";

  private static final String OF_QUERY = "of_query@1";
  private static final String OF_TIMED_QUERY = "of_timed_query@1";
  private static final String ALL_KNOWN = "all_known@1";
  private static final String[] VIEWS = {BY_DRIVER, OF_QUERY, OF_TIMED_QUERY, ALL_KNOWN};

  private static final Map<String, String> FILES =
      Map.of(
          "tributary.yaml",
          """
          project: shifts
          zone: UTC
          lake: lake
          online: rocksdb:${lake}/online
          """,
          "sources/shifts.yaml",
          """
          source: shifts
          read: {format: csv, path: "data/*.csv", header: true}
          columns: {id: int, driver: string, starts: timestamp, told: timestamp, off: boolean}
          event-key: [id]
          event-time: starts
          known-time: told
          tombstone: off
          """,
          "sources/named.yaml",
          """
          source: named
          query: select id, driver, starts from shifts where driver is not null
          event-key: [id]
          event-time: starts
          """,
          "sources/planned.yaml",
          """
          source: planned
          query: select id, driver, starts from shifts
          event-key: [id]
          event-time: starts
          known-time: starts - interval 7 days
          """,
          "features/by_driver.yaml",
          view(BY_DRIVER, "shifts"),
          "features/of_query.yaml",
          view(OF_QUERY, "named"),
          "features/of_timed_query.yaml",
          view(OF_TIMED_QUERY, "planned"),
          "features/all_known.yaml",
          view(ALL_KNOWN, "shifts") + "knowledge-time: off\n");

  @TempDir Path folder;
  private CheckedProject checked;

  private static String view(String id, String source) {
    return """
    view: %s
    entity: [driver]
    source: %s
    features:
      shifts: count(*) over 7d
      newest: last(id) over 7d
    """
        .formatted(id, source);
  }

  @AfterAll
  static void stop() {
    SESSION.close();
  }

  @BeforeEach
  void writeProject() throws IOException {
    for (Map.Entry<String, String> file : FILES.entrySet()) {
      Path path = folder.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.getValue());
    }
    deliver(
        "1",
        "1,a,2024-03-01T08:00:00Z,2024-02-20T00:00:00Z,false",
        "2,b,2024-03-02T08:00:00Z,2024-02-20T00:00:00Z,false");
    checked = CheckedProject.check(ProjectReader.read(folder, Map.of(), Optional.empty()));
  }

  private void deliver(String name, String... lines) throws IOException {
    Files.createDirectories(folder.resolve("data"));
    Files.writeString(
        folder.resolve("data/" + name + ".csv"),
        "id,driver,starts,told,off\n" + String.join("\n", lines) + "\n");
  }

  @Test
  void aDeliveryOfALaterDayLeavesEarlierDaysAsTheyAre() throws IOException {
    try (Lake lake = lake("lake")) {
      assertThat(run(lake, VIEWS)).containsOnlyKeys(VIEWS);
      deliver("2", "3,a,2024-03-04T08:00:00Z,2024-03-04T00:00:00Z,false");
      Map<String, Outcome> expected = new TreeMap<>();
      expected.put(BY_DRIVER, Outcome.UNCHANGED);
      expected.put(OF_QUERY, Outcome.UNCHANGED);
      expected.put(OF_TIMED_QUERY, Outcome.SUCCEEDED);
      expected.put(ALL_KNOWN, Outcome.SUCCEEDED);
      assertThat(run(lake, VIEWS)).isEqualTo(expected);

      deliver("3", "1,a,2024-03-01T08:00:00Z,2024-03-05T00:00:00Z,true");
      assertThat(run(lake, VIEWS)).isEqualTo(expected);
      assertThat(contents(lake, VIEWS)).isEqualTo(contentsInOneGo(VIEWS));
    }
  }

  @Test
  void aLateDeliveryTakesEarlierDaysAgainWithAllBeforeIt() throws IOException {
    try (Lake lake = lake("lake")) {
      run(lake, BY_DRIVER);
      deliver("2", "3,a,2024-03-04T08:00:00Z,2024-03-04T00:00:00Z,false");
      assertThat(run(lake, BY_DRIVER)).containsEntry(BY_DRIVER, Outcome.UNCHANGED);
      deliver("3", "4,b,2024-03-03T08:00:00Z,2024-03-03T23:59:59.999999Z,false");
      assertThat(run(lake, BY_DRIVER)).containsEntry(BY_DRIVER, Outcome.SUCCEEDED);
      Digest late = contents(lake, BY_DRIVER).get(BY_DRIVER);
      deliver("4", "2,b,2024-03-09T08:00:00Z,2024-02-25T00:00:00Z,false");
      assertThat(run(lake, BY_DRIVER))
          .as("a correction moves an event behind the interval")
          .containsEntry(BY_DRIVER, Outcome.SUCCEEDED);
      assertThat(contents(lake, BY_DRIVER))
          .doesNotContainValue(late)
          .isEqualTo(contentsInOneGo(BY_DRIVER));
    }
  }

  @Test
  void whatWasDeliveredBeforeKnownTimesWereRecordedCounts() throws IOException {
    try (Lake lake = lake("lake")) {
      run(lake, BY_DRIVER);
      deliver("2", "3,a,2024-03-04T08:00:00Z,2024-03-04T00:00:00Z,false");
      run(lake, BY_DRIVER);
    }
    Path log = folder.resolve("lake/validated/shifts/_delta_log");
    Path commit = log.resolve("00000000000000000001.json");
    String text = Files.readString(commit);
    assertThat(text).contains(KNOWN_FROM);
    Files.writeString(commit, text.replace(KNOWN_FROM, "forgotten"));
    Files.deleteIfExists(log.resolve(".00000000000000000001.json.crc"));
    try (Lake lake = lake("lake")) {
      assertThat(run(lake, BY_DRIVER)).containsEntry(BY_DRIVER, Outcome.SUCCEEDED);
      deliver("3", "4,a,2024-03-05T08:00:00Z,2024-03-05T00:00:00Z,false");
      assertThat(run(lake, BY_DRIVER)).containsEntry(BY_DRIVER, Outcome.UNCHANGED);
    }
  }

  /** Ingests what was delivered, and takes the snapshots of views. */
  private Map<String, Outcome> run(Lake lake, String... views) {
    Map<String, Outcome> outcomes = new TreeMap<>();
    try (OnlineStore online = OnlineStores.open("rocksdb:" + folder.resolve("online"));
        JobRunner runner = JobRunner.open(lake)) {
      Jobs jobs = new Jobs(checked, lake, online, RunnerChoice.valueOf(DrawnRunner.name()));
      jobs.ingest().forEach(runner::run);
      for (String view : views) {
        for (Job job : jobs.materialize(Optional.of(view), MARCH_1_TO_3)) {
          outcomes.put(view, runner.run(job).outcome());
        }
      }
    }
    return outcomes;
  }

  private Map<String, Digest> contentsInOneGo(String... views) {
    try (Lake lake = lake("in one go")) {
      run(lake, views);
      return contents(lake, views);
    }
  }

  private static Map<String, Digest> contents(Lake lake, String... views) {
    Map<String, Digest> contents = new TreeMap<>();
    for (String view : views) {
      TableName table = ViewId.parse(view).table();
      contents.put(
          view,
          ContentDigest.of(lake.table(table).read(lake.table(table).requireVersion())).digest());
    }
    return contents;
  }

  private Lake lake(String name) {
    return Lake.open(folder.resolve(name).toString(), Lake.DEFAULT_RETENTION, SESSION);
  }
}
