package io.tributary.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Outcome;
import io.tributary.core.PlatformException;
import io.tributary.events.runs.RunRecord;
import io.tributary.ingest.ledger.DeliveryLedger;
import io.tributary.ingest.ledger.LedgerEntry;
import io.tributary.lake.LakeSession;
import io.tributary.source.DeliveredFile;
import io.tributary.source.FileLines;
import io.tributary.source.FoundFile;
import io.tributary.source.rows.SourceRules;
import io.tributary.testing.ServerProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sources in buckets of a server that speaks S3. */
class ITObjectStore {
  private static final String ONE = "1,A,30,2013-01-01T12:00:00Z\n";
  private static final String TWO = "2,B,30,2013-01-02T12:00:00Z\n";

  private static ObjectStore store;
  private static LakeSession session;
  private static ServerSocket silent;
  private static HttpServer busy;
  private static final AtomicInteger ASKED = new AtomicInteger();

  @TempDir Path folder;
  private SmallProject project;

  @BeforeAll
  static void start() throws IOException {
    store = new ObjectStore("trips", "nights", "rides", "moving", "wrong", "nobody", "year");
    silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    busy = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    busy.createContext(
        "/",
        exchange -> {
          ASKED.incrementAndGet();
          exchange.sendResponseHeaders(503, -1);
          exchange.close();
        });
    busy.start();
    Map<String, String> settings = new HashMap<>(store.settings());
    settings.put("spark.sql.shuffle.partitions", "2");
    // For what the test writes: buffers on the disk need Hadoop's own local file system.
    settings.put("spark.hadoop.fs.s3a.fast.upload.buffer", "bytebuffer");
    settings.put("spark.hadoop.fs.s3a.bucket.wrong.secret.key", "not-it");
    settings.put(
        "spark.hadoop.fs.s3a.bucket.nobody.aws.credentials.provider",
        "com.amazonaws.auth.SystemPropertiesCredentialsProvider");
    settings.put(at("down"), "http://127.0.0.1:" + ServerProcess.freePort());
    settings.put(at("silent"), "http://127.0.0.1:" + silent.getLocalPort());
    settings.put("spark.hadoop.fs.s3a.bucket.silent.connection.timeout", "200");
    settings.put(at("busy"), "http://127.0.0.1:" + busy.getAddress().getPort());
    settings.put("spark.hadoop.fs.s3a.bucket.busy.retry.throttle.limit", "3");
    for (String bucket : List.of("down", "silent", "busy")) {
      settings.put("spark.hadoop.fs.s3a.bucket." + bucket + ".retry.interval", "20ms");
    }
    settings.put("spark.hadoop.fs.lost.impl", "com.acme.LostFileSystem");
    // What a session tells file systems stands when it starts.
    SmallProject.SESSION.close();
    session = LakeSession.lazy(settings);
  }

  private static String at(String bucket) {
    return "spark.hadoop.fs.s3a.bucket." + bucket + ".endpoint";
  }

  @AfterAll
  static void stop() throws Exception {
    session.close();
    busy.stop(0);
    silent.close();
    store.close();
  }

  @BeforeEach
  void makeProject() {
    project = new SmallProject(folder, session);
  }

  @Test
  void loadsEachObjectOnceWhateverItsName() {
    readFrom("{format: csv, path: \"s3a://trips/in/*.csv*\"}");
    store.put("trips", "in/one and.csv", SmallProject.TRIP_COLUMNS + ONE);
    store.put("trips", "in/two.csv.gz", SmallProject.gzip(SmallProject.TRIP_COLUMNS + TWO + "x\n"));
    store.put("trips", "in/.three.csv", "not yet");

    RunRecord first = project.ingest().get(1);

    assertThat(project.list("validated.trips", "id", "town", "_file", "_line"))
        .containsExactly(
            "1 Astoria s3a://trips/in/one and.csv 2", "2 Bronx s3a://trips/in/two.csv.gz 2");
    assertThat(project.list("quarantine.trips", "_file", "_line"))
        .containsExactly("s3a://trips/in/two.csv.gz 3");
    assertThat(SmallProject.told(first))
        .containsEntry("lines-read", 3L)
        .containsEntry("rows-admitted", 2L);
    DeliveredFile delivered = ledger().get(0).delivery().files().get(0);
    assertThat(delivered.path()).isEqualTo("s3a://trips/in/one and.csv");
    assertThat(delivered.bytes()).isEqualTo((SmallProject.TRIP_COLUMNS + ONE).length());
    assertThat(delivered.sha256()).isEqualTo(Digest.of((SmallProject.TRIP_COLUMNS + ONE)));

    store.put("trips", "in/again.csv", SmallProject.TRIP_COLUMNS + ONE);
    store.delete("trips", "in/one and.csv");
    assertThat(project.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);

    // As long as the one before, and most likely in the same second, which is all that S3 tells.
    store.put("trips", "in/again.csv", SmallProject.TRIP_COLUMNS + ONE.replace("1,A", "3,A"));
    project.ingest();
    assertThat(project.list("validated.trips", "id", "_delivery"))
        .containsExactly("1 1", "2 1", "3 2");
    assertThat(ledger()).hasSize(2);
  }

  /** As many nights as a year has would be listed the same way. */
  @Test
  void aNightReadsTheObjectThatIsNew() {
    readFrom("{format: csv, path: \"s3a://year/*.csv\"}");
    byte[] padding = "\n".repeat(1 << 20).getBytes(StandardCharsets.UTF_8);
    for (int night = 1; night <= 3; night++) {
      store.put("year", night + ".csv", padded(ONE.replace("1,A", night + ",A"), padding));
    }
    project.ingest();

    project.reopen();
    store.put("year", "4.csv", padded(ONE.replace("1,A", "4,A"), padding));
    long before = ReadBytes.of("s3a");
    project.ingest();
    // Its digest, its lines, and the last look: no object of before.
    assertThat(ReadBytes.of("s3a") - before).isBetween(2L << 20, (2L << 20) + 1_000);
    assertThat(project.list("validated.trips", "id", "_delivery"))
        .containsExactly("1 1", "2 1", "3 1", "4 2");

    project.reopen();
    store.put("year", "4.csv", padded(ONE.replace("1,A", "5,A"), padding));
    project.ingest();
    assertThat(project.list("validated.trips", "id")).contains("5");

    project.reopen();
    before = ReadBytes.of("s3a");
    assertThat(project.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);
    assertThat(ReadBytes.of("s3a")).isEqualTo(before);
  }

  private static byte[] padded(String line, byte[] padding) {
    byte[] lines = (SmallProject.TRIP_COLUMNS + line).getBytes(StandardCharsets.UTF_8);
    byte[] all = Arrays.copyOf(lines, lines.length + padding.length);
    System.arraycopy(padding, 0, all, lines.length, padding.length);
    return all;
  }

  @Test
  void aNightLoadsItsFolder() {
    readFrom("{format: json, path: \"s3a://nights/{from:yyyy-MM-dd}/*.jsonl\"}");
    String line =
        "{\"id\": %d, \"station\": \"A\", \"minutes\": 30, \"at\": \"2013-01-0%dT12:00:00Z\"}\n";
    for (int night = 1; night <= 3; night++) {
      store.put("nights", "2013-01-0" + night + "/trips.jsonl", line.formatted(night, night));
    }
    project.run(project.job("stations"));

    project.run(night("2013-01-02"));

    assertThat(project.list("validated.trips", "id", "_file"))
        .containsExactly("2 s3a://nights/2013-01-02/trips.jsonl");
    project.run(project.job("trips"));
    assertThat(project.list("validated.trips", "id", "_delivery"))
        .containsExactly("1 2", "2 1", "3 2");
  }

  @Test
  void loadsWhatSparkWritesThereAsParquet() {
    readFrom("{format: parquet, path: \"s3a://rides/day/*.parquet\"}");
    session
        .spark()
        .sql(
            "select cast(id as int) id, 'A' station, 30 minutes, timestamp '2013-01-01 12:00:00' at"
                + " from range(0, 100, 1, 2)")
        .write()
        .parquet("s3a://rides/day");

    RunRecord run = project.ingest().get(1);

    assertThat(SmallProject.told(run))
        .containsEntry("lines-read", 100L)
        .containsEntry("rows-admitted", 100L);
    assertThat(ledger().get(0).delivery().files()).hasSize(2);
  }

  @Test
  void anObjectThatIsReplacedOrRemovedUnderItsReaderEndsTheReading() {
    byte[] bytes =
        (SmallProject.TRIP_COLUMNS + ONE.repeat(100_000)).getBytes(StandardCharsets.UTF_8);
    store.put("moving", "trips.csv", bytes);
    FileLines lines = lines("s3a://moving/trips.csv", bytes);
    lines.next();
    store.put("moving", "trips.csv", (SmallProject.TRIP_COLUMNS + ONE.repeat(100_001)));
    assertThat(rest(lines)).isNull();

    assertChanged(lines("s3a://moving/trips.csv", bytes));
    store.delete("moving", "trips.csv");
    assertChanged(lines("s3a://moving/trips.csv", bytes));
  }

  private static void assertChanged(FileLines lines) {
    assertThat(rest(lines))
        .hasMessage(
            "Cannot load file s3a://moving/trips.csv of source trips: it was changed or removed"
                + " while it was being read. Run ingest again once it stays as it is.")
        .extracting(PlatformException::codeOf)
        .isEqualTo(ErrorCode.CONFLICT);
  }

  private static Throwable rest(FileLines lines) {
    return org.assertj.core.api.Assertions.catchThrowable(
        () -> {
          while (lines.hasNext()) {
            lines.next();
          }
        });
  }

  @Test
  void saysWhatIsMissing() {
    refuses(
        "s3a://trips/none.csv",
        ErrorCode.UNREADABLE_FILE,
        "there is no such file. Deliver it, or correct the source's path.");
    refuses(
        "s3a://no-bucket/trips.csv",
        ErrorCode.INVALID_DEFINITION,
        "there is no bucket no-bucket. Make it, or correct the source's path or fs.s3a.endpoint.");
    refuses(
        "s3a://no-bucket/*.csv",
        ErrorCode.INVALID_DEFINITION,
        "there is no bucket no-bucket. Make it, or correct the source's path or fs.s3a.endpoint.");
    refuses(
        "s3://trips/trips.csv",
        ErrorCode.INVALID_DEFINITION,
        "Hadoop knows no file system s3:. Write s3a: in the source's path.");
    refuses(
        "lost://trips/trips.csv",
        ErrorCode.INVALID_DEFINITION,
        "class com.acme.LostFileSystem is not on the class path. Add Hadoop's client for lost:.");
    store.put("trips", "folder/trips.csv", ONE);
    refuses(
        "s3a://trips/folder",
        ErrorCode.UNREADABLE_FILE,
        "it is a folder. Name files in the source's path, as in s3a://trips/folder/*.csv.");
    readFrom("{format: csv, path: \"s3a://trips/none/*.csv\"}");
    IngestJob job = project.job("trips");
    assertThatThrownBy(job::definition)
        .hasMessage(
            "Cannot ingest source trips: no file matches s3a://trips/none/*.csv, and none has been"
                + " delivered before. Deliver one, or correct the source's path.");
  }

  @Test
  void saysWhoDoesNotLetItIn() {
    refuses(
        "s3a://nobody/trips.csv",
        ErrorCode.SERVER,
        "there are no credentials for it. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name"
            + " another way in fs.s3a.aws.credentials.provider.");
    refuses(
        "s3a://wrong/trips.csv",
        ErrorCode.SERVER,
        "Forbidden (403 Forbidden). Check that the server of s3a://wrong answers and lets it be"
            + " read; then run ingest again.");
  }

  @Test
  void waitsForAServerOnlySoLong() {
    String hint =
        ". Check that the server of s3a://%s answers and lets it be read; then run ingest again.";
    refuses(
        "s3a://down/trips.csv", ErrorCode.SERVER, "Connection refused" + hint.formatted("down"));
    refuses(
        "s3a://silent/trips.csv", ErrorCode.SERVER, "Read timed out" + hint.formatted("silent"));
    refuses(
        "s3a://busy/trips.csv",
        ErrorCode.SERVER,
        "Service Unavailable (503 Service Unavailable)" + hint.formatted("busy"));
    assertThat(ASKED.get()).isBetween(4, 10);
  }

  private void refuses(String path, ErrorCode code, String why) {
    readFrom("{format: csv, path: \"" + path + "\"}");
    IngestJob job = project.job("trips");
    assertThatThrownBy(job::definition)
        .hasMessage("Cannot read file " + path + " of source trips: " + why)
        .extracting(PlatformException::codeOf)
        .isEqualTo(code);
  }

  private IngestJob night(String date) {
    Interval interval =
        Interval.of(
            Interval.instant(date, java.time.ZoneId.of("America/New_York")),
            Interval.instant(date, java.time.ZoneId.of("America/New_York"))
                .plus(java.time.Duration.ofDays(1)));
    return new IngestJob(project.checked(), "trips", project.lake(), Optional.of(interval));
  }

  private FileLines lines(String location, byte[] bytes) {
    FoundFile found = new FoundFile(location, location, bytes.length, Digest.of(bytes).hex());
    return new FileLines(
        "trips",
        1,
        "run",
        List.of(found).iterator(),
        SourceRules.of(project.checked(), "trips").reader(),
        FileLines.Kind.GOOD,
        session.hadoop(),
        facts -> {});
  }

  private List<LedgerEntry> ledger() {
    return new DeliveryLedger(project.lake().events(DeliveryLedger.LOG)).entries("trips");
  }

  private void readFrom(String read) {
    project.write(
        "sources/trips.yaml",
        SmallProject.TRIPS.replaceFirst(
            "read: .*", java.util.regex.Matcher.quoteReplacement("read: " + read)));
  }
}
