package io.tributary.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.FailPoints;
import io.tributary.core.Outcome;
import io.tributary.core.TableName;
import io.tributary.definition.ProjectReader;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.events.runs.RunRecord;
import io.tributary.ingest.ledger.DeliveryLedger;
import io.tributary.ingest.ledger.LedgerEntry;
import io.tributary.lake.ContentDigest;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.runtime.JobMain;
import io.tributary.runtime.JobRunner;
import io.tributary.source.place.DeltaFeed;
import io.tributary.source.place.RangeParts;
import io.tributary.testing.Folders;
import io.tributary.testing.JavaProcess;
import io.tributary.testing.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that ingests the second range of a growing table is killed just before or just after a
 * file becomes part of what is stored, from the copy of the range on; then the command is given
 * again, also after the table has grown, and leaves what an undisturbed run leaves.
 */
class ITKilledRange {
  private static final Map<String, String> ENVIRONMENT =
      Map.of("TILL_PASSWORD", PostgresServer.PASSWORD);
  private static final String UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";
  private static final String[] PLACE = {"_delivery", "_file", "_line", "_run"};

  private static PostgresServer postgres;

  @TempDir Path folder;
  private Path project;
  private int lakes;

  @BeforeAll
  static void start() throws Exception {
    postgres = new PostgresServer();
  }

  @AfterAll
  static void stop() throws Exception {
    postgres.close();
  }

  /** How a table's rows come about. */
  private interface Growth {
    void more(String values) throws Exception;
  }

  @Test
  void aRangeOfADatabaseComesOutTheSame() throws Exception {
    trial(database(), List.of("before bronze/trips/_delta_log/"));
  }

  @Test
  void aRangeOfADeltaTableComesOutTheSame() throws Exception {
    trial(delta(), List.of("after platform/staging/trips/"));
  }

  @Test
  @Tag("long")
  void aRangeOfADatabaseComesOutTheSameWhereverTheProcessEnds() throws Exception {
    trial(database(), List.of(""));
  }

  @Test
  @Tag("long")
  void aRangeOfADeltaTableComesOutTheSameWhereverTheProcessEnds() throws Exception {
    trial(delta(), List.of(""));
  }

  private Growth database() throws Exception {
    source(
        "{format: jdbc, url: \"%s\", table: trips, watermark: id, credentials: till}"
            .formatted(postgres.url()),
        "credentials: {till: {user: %s, password: \"${TILL_PASSWORD}\"}}\n"
            .formatted(PostgresServer.USER));
    postgres.run(
        "drop table if exists trips",
        "create table trips (id int, station text, minutes int, at timestamptz)");
    return values -> postgres.run("insert into trips values " + values);
  }

  private Growth delta() {
    source("{format: delta, path: theirs}", "");
    String table = "delta.`" + project.resolve("theirs") + "`";
    SmallProject.SESSION
        .spark()
        .sql(
            "create table %s (id int, station string, minutes int, at timestamp) using delta tblproperties ('delta.enableChangeDataFeed' = 'true')"
                .formatted(table));
    return values -> SmallProject.SESSION.spark().sql("insert into " + table + " values " + values);
  }

  private void source(String read, String credentials) {
    project = folder.resolve("project");
    SmallProject files = new SmallProject(project);
    files.write("sources/trips.yaml", SmallProject.TRIPS.replaceFirst("read: .*", "read: " + read));
    files.write(
        "tributary.yaml", "project: small\nzone: America/New_York\nlake: lake\n" + credentials);
  }

  /**
   * Kills a process at the first instant that contains each text and ends and starts once more; the
   * empty text stands for all instants.
   */
  private void trial(Growth table, List<String> wanted) throws Exception {
    table.more(rows(1, 6));
    Path before = folder.resolve("before");
    ingest(before);
    table.more(rows(6, 11));
    table.more(rows(11, 16));
    Path list = folder.resolve("instants");
    Path whole = copied(before);
    System.setProperty(FailPoints.INSTANTS, list.toString());
    try {
      ingest(whole);
    } finally {
      System.clearProperty(FailPoints.INSTANTS);
    }
    List<String> points = points(Files.readAllLines(list), whole);
    List<String> chosen = new ArrayList<>();
    for (String text : wanted) {
      List<String> found = points.stream().filter(p -> p.contains(text)).toList();
      assertThat(found).as("instants with %s of %s", text, points).isNotEmpty();
      chosen.addAll(text.isEmpty() ? found : found.subList(0, 1));
    }
    Map<String, String> expected = contents(whole);
    List<Path> disturbed = new ArrayList<>();
    for (String point : chosen) {
      Path lake = killedAt(point, before);
      disturbed.add(copied(lake));
      ingest(lake);
      assertThat(contents(lake)).as(point).isEqualTo(expected);
      assertThat(ingest(lake)).as(point).allMatch(r -> r.outcome() == Outcome.UNCHANGED);
    }
    table.more(rows(16, 19));
    ingest(whole);
    Map<String, String> grown = rows(whole);
    for (int i = 0; i < chosen.size(); i++) {
      ingest(disturbed.get(i));
      assertThat(rows(disturbed.get(i))).as(chosen.get(i) + ", grown").isEqualTo(grown);
      assertThat(staged(disturbed.get(i))).as(chosen.get(i) + ", grown").isEmpty();
    }
    System.out.println(chosen.size() + " points, differences: 0");
  }

  private static String rows(int from, int to) {
    List<String> rows = new ArrayList<>();
    for (int id = from; id < to; id++) {
      rows.add(
          "(%d, '%s', %d, timestamp '2013-01-%02d 12:00:00')"
              .formatted(id, id % 5 == 0 ? "b" : "A", id, id));
    }
    return String.join(", ", rows);
  }

  private static List<String> points(List<String> instants, Path lake) {
    Set<String> points = new LinkedHashSet<>();
    for (String instant : instants) {
      String relative = instant.replace(lake + "/", "").replaceAll(UUID, "*");
      if (relative.matches(
          "\\w+ (platform/staging/.*|(platform/deliveries|bronze.*|quarantine.*|validated.*)/_delta_log/.*)")) {
        points.add(relative);
      }
    }
    return List.copyOf(points);
  }

  private List<RunRecord> ingest(Path at) {
    return ingest(project, at, SmallProject.SESSION);
  }

  private static List<RunRecord> ingest(Path project, Path at, LakeSession session) {
    CheckedProject checked =
        CheckedProject.check(ProjectReader.read(project, ENVIRONMENT, Optional.of(at.toString())));
    try (Lake lake = Lake.open(at.toString(), Lake.DEFAULT_RETENTION, session);
        JobRunner runner = JobRunner.open(lake)) {
      return List.of(
          runner.run(new IngestJob(checked, "stations", lake)), runner.run(trips(checked, lake)));
    }
  }

  /** With few rows a file, so that a range has some. */
  private static IngestJob trips(CheckedProject checked, Lake lake) {
    Source source = checked.source("trips").definition();
    if (source.input() instanceof SourceInput.DeltaTable input) {
      DeltaFeed feed =
          new DeltaFeed(source, input, checked.project().folder(), lake, new RangeParts(5));
      return new IngestJob(
          checked, "trips", lake, ledger -> new RangeIntake("trips", feed, lake.uri(), ledger));
    }
    return new IngestJob(checked, "trips", lake);
  }

  /** What a lake holds, without what differs from run to run. */
  private Map<String, String> contents(Path at) throws IOException {
    Map<String, String> contents = tables(at, "_run");
    try (Lake lake = Lake.open(at.toString(), Lake.DEFAULT_RETENTION, SmallProject.SESSION)) {
      for (LedgerEntry entry :
          new DeliveryLedger(lake.events(DeliveryLedger.LOG)).entries("trips")) {
        contents.put(
            "delivery " + entry.delivery().number(),
            entry.delivery().files()
                + " "
                + entry.verdict().map(v -> v.outcome() + " " + v.counts()).orElse("not judged"));
      }
    }
    contents.put("staged", "" + staged(at));
    return contents;
  }

  /** Its rows, however they were divided into deliveries. */
  private static Map<String, String> rows(Path at) {
    return tables(at, PLACE);
  }

  private static Map<String, String> tables(Path at, String... without) {
    Map<String, String> contents = new TreeMap<>();
    try (Lake lake = Lake.open(at.toString(), Lake.DEFAULT_RETENTION, SmallProject.SESSION)) {
      for (TableName table : lake.tables()) {
        if (!table.layer().equals("platform")) {
          ContentDigest digest =
              ContentDigest.of(
                  lake.table(table).read(lake.find(table).orElseThrow()).drop(without));
          contents.put(table.toString(), digest.rows() + " rows " + digest.digest());
        }
      }
    }
    return contents;
  }

  private static List<Path> staged(Path lake) throws IOException {
    try (Stream<Path> all = Files.list(lake.resolve("platform/staging/trips"))) {
      return all.filter(p -> p.toString().endsWith(".gz")).toList();
    }
  }

  /** A path of its own each: this process keeps what it has read of a table by its path. */
  private Path copied(Path lake) throws IOException {
    Path to = folder.resolve("lake" + lakes++);
    Folders.copy(lake, to);
    return to;
  }

  private Path killedAt(String point, Path state) throws Exception {
    Path lake = copied(state);
    int space = point.indexOf(' ');
    String halt = point.substring(0, space + 1) + lake + "/" + point.substring(space + 1);
    Path output = folder.resolve(lake.getFileName() + ".out");
    Process process =
        JavaProcess.of(
                List.of("-D" + FailPoints.HALT + "=" + halt),
                Worker.class.getName(),
                project.toString(),
                lake.toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    boolean ended = process.waitFor(5, TimeUnit.MINUTES);
    process.destroyForcibly().waitFor();
    assertThat(ended && process.exitValue() == FailPoints.HALTED)
        .as("%s was reached; it said: %s", point, Files.readString(output))
        .isTrue();
    return lake;
  }

  /** The other process. */
  static final class Worker {
    private Worker() {}

    public static void main(String[] args) {
      System.exit(
          JobMain.run(
              "worker",
              new String[] {},
              main -> {
                try (LakeSession session =
                    LakeSession.lazy(Map.of("spark.sql.shuffle.partitions", "2"))) {
                  ingest(Path.of(args[0]), Path.of(args[1]), session);
                }
              }));
    }
  }
}
