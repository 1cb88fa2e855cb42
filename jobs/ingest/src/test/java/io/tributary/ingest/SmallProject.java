package io.tributary.ingest;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.TableName;
import io.tributary.definition.ProjectReader;
import io.tributary.events.facts.IngestFacts;
import io.tributary.events.runs.RunRecord;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.runtime.Job;
import io.tributary.runtime.JobRunner;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/** A project of trips and stations in a folder, and its lake. */
final class SmallProject {
  /** One session for all tests; it ends with the JVM. */
  static final LakeSession SESSION = LakeSession.lazy(Map.of("spark.sql.shuffle.partitions", "2"));

  static final String TRIPS =
      """
      source: trips
      read: {format: csv, path: "data/trips*.csv*", header: true, nulls: [NA]}
      columns:
        id: int
        station: string
        minutes: int
        at: timestamp
      lookup:
        from: {source: stations, keys: [station]}
      derive:
        town: from.town
        ended: at + make_dt_interval(0, 0, minutes)
        pace: 60 div minutes
      event-key: [id]
      event-time: at
      known-time: coalesce(ended, at)
      expectations: trips.json
      """;

  static final String TRIP_COLUMNS = "id,station,minutes,at\n";

  private static final String STATIONS =
      """
      source: stations
      static: true
      read: {format: csv, path: data/stations.csv, header: true}
      columns:
        code: string
        town: string
      event-key: [code]
      """;

  private static final String TRIPS_SUITE =
      """
      {"name": "trips", "expectations": [
        {"type": "expect_column_values_to_be_between",
         "kwargs": {"column": "minutes", "min_value": 1, "max_value": 600, "mostly": 0.5}},
        {"type": "expect_column_values_to_match_regex",
         "kwargs": {"column": "station", "regex": "^[A-Z]$", "mostly": 0.5}},
        {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 1}}
      ]}
      """;

  /** By path below it the files of a lake in which the stations are ingested, once made. */
  private static Map<String, byte[]> stations = Map.of();

  private final Path folder;
  private final Map<String, String> environment = new HashMap<>();
  private final LakeSession session;
  private Lake lake;

  /** Says how old files are. */
  InstantSource clock = InstantSource.system();

  SmallProject(Path folder) {
    this(folder, SESSION);
  }

  SmallProject(Path folder, LakeSession session) {
    this.folder = folder;
    this.session = session;
    this.lake = open(session);
    write(
        "tributary.yaml",
        "project: small\nzone: America/New_York\nlake: lake\nonline: rocksdb:${lake}/online\n");
    write("sources/stations.yaml", STATIONS);
    write("sources/trips.yaml", TRIPS);
    write("expectations/trips.json", TRIPS_SUITE);
    write("data/stations.csv", "code,town\nA,Astoria\nB,Bronx\n");
  }

  /** One whose stations are ingested: a copy of the first such lake. */
  static synchronized SmallProject withStations(Path folder) {
    SmallProject project = new SmallProject(folder);
    Path lake = folder.resolve("lake");
    if (stations.isEmpty()) {
      project.run(project.job("stations"));
      try (Stream<Path> files = Files.walk(lake)) {
        Map<String, byte[]> read = new HashMap<>();
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          read.put(lake.relativize(file).toString(), Files.readAllBytes(file));
        }
        stations = Map.copyOf(read);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    } else {
      stations.forEach((file, bytes) -> project.write("lake/" + file, bytes));
      project.reopen();
    }
    return project;
  }

  private Lake open(LakeSession with) {
    return Lake.open(folder.resolve("lake").toString(), Lake.DEFAULT_RETENTION, with);
  }

  /** Sets an environment variable of the project. */
  void set(String variable, String value) {
    environment.put(variable, value);
  }

  Lake lake() {
    return lake;
  }

  Path folder() {
    return folder;
  }

  /** The same lake as another process finds it, which has started no engine yet. */
  LakeSession restart() {
    LakeSession cold = LakeSession.lazy();
    lake = open(cold);
    return cold;
  }

  /** The same lake as another process finds it. */
  void reopen() {
    lake = open(session);
  }

  void write(String path, String text) {
    write(path, text.getBytes(StandardCharsets.UTF_8));
  }

  void write(String path, byte[] bytes) {
    try {
      Path file = folder.resolve(path);
      Files.createDirectories(file.getParent());
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void delete(String path) {
    try {
      Files.delete(folder.resolve(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] gzip(String text) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return packed.toByteArray();
  }

  /** Writes a file of trips. */
  void trips(String file, String... lines) {
    write("data/" + file, TRIP_COLUMNS + String.join("\n", lines) + "\n");
  }

  CheckedProject checked() {
    return CheckedProject.check(
        ProjectReader.read(folder, environment, Optional.of(folder.resolve("lake").toString())));
  }

  /** Ingests all sources; the records by name. */
  List<RunRecord> ingest() {
    try (JobRunner runner = JobRunner.open(lake)) {
      return new Ingest(checked(), lake, Optional.empty(), clock).run(runner);
    }
  }

  RunRecord run(Job job) {
    try (JobRunner runner = JobRunner.open(lake)) {
      return runner.run(job);
    }
  }

  IngestJob job(String source) {
    return new IngestJob(checked(), source, lake);
  }

  Dataset<Row> table(String name) {
    return lake.table(name).read(lake.table(name).requireVersion());
  }

  boolean has(String table) {
    return lake.find(TableName.parse(table)).isPresent();
  }

  long version(String table) {
    return lake.table(table).requireVersion().version();
  }

  /** The rows of a table as text, some columns, sorted. */
  List<String> list(String table, String... columns) {
    return table(table)
        .select(Arrays.stream(columns).map(functions::expr).toArray(Column[]::new))
        .collectAsList()
        .stream()
        .map(r -> r.mkString(" "))
        .sorted()
        .toList();
  }

  /** What an ingest says of itself, by name. */
  static Map<String, Object> told(RunRecord run) {
    IngestFacts facts = run.facts(IngestFacts.class).orElseThrow();
    IngestFacts.Judged judged = facts.judged().orElseThrow();
    return Map.of(
        "lines-read", judged.counts().lines(),
        "rows-admitted", judged.counts().admitted(),
        "rows-quarantined", judged.counts().quarantined(),
        "lines-malformed", judged.counts().malformed(),
        "rows-released", judged.counts().released(),
        "exact-repeats", judged.counts().repeats(),
        "shifted-times", judged.counts().shiftedTimes(),
        "rebuilt", facts.validated().map(IngestFacts.Validated::rebuilt).orElse(false),
        "judged-deliveries", judged.deliveries(),
        "widened", facts.widened());
  }
}
