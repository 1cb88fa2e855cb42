package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.analysis.CheckedProject;
import io.tributary.core.Interval;
import io.tributary.core.Json;
import io.tributary.core.RunnerChoice;
import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.definition.ViewId;
import io.tributary.events.facts.ConsistencyFacts;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import io.tributary.events.served.ServedAnswer;
import io.tributary.events.served.ServedAnswers;
import io.tributary.features.ConsistencyMain;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.online.KeyCodec;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.online.OnlineWriter;
import io.tributary.online.Origin;
import io.tributary.online.PartitionWriter;
import io.tributary.online.Publication;
import io.tributary.online.RowCodec;
import io.tributary.online.StoredRow;
import io.tributary.runtime.JobRunner;
import io.tributary.serve.CompiledViews;
import io.tributary.serving.FeatureServer;
import io.tributary.serving.access.Access;
import io.tributary.testing.DrawnRunner;
import io.tributary.testing.RedisServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What servers answered beside what was published, before and after somebody altered either. */
class ITConsistency {
  private static final ZoneId ZONE = ZoneId.of("Europe/Berlin");
  private static final Interval FIRST = Interval.day(TinyProject.FIRST_NIGHT, ZONE);
  private static final Interval SECOND = Interval.day(TinyProject.FIRST_NIGHT.plusDays(1), ZONE);

  /** Of which some have many rides, one a ride of long ago, and one none. */
  private static final List<String> DRIVERS = List.of("a", "b", "c", "d", "nobody");

  @TempDir Path folder;
  private Path project;
  private String lakeFolder;

  /** A project in which a key is expired, and values are null, with a default and without. */
  private void write(String online) throws IOException {
    project = folder.resolve("project");
    lakeFolder = folder.resolve("lake").toString();
    TinyProject.write(project, 2);
    TinyProject.edit(
        project.resolve("tributary.yaml"),
        text ->
            text.replaceFirst("online: .*", "online: " + online)
                + "serving: {record-answers: 1}\n");
    TinyProject.edit(
        project.resolve("features/driver_history.yaml"),
        text ->
            text.replace("source: rides", "source: rides\naccuracy: snapshot\nmax-staleness: 3d")
                    .replace(
                        "late_share: mean(delay > 15) over 7d",
                        "late_share: mean(delay > 15) over 7d\n  longest: max(delay) over 7d")
                + "default:\n  longest_7d: 7\n");
    Files.writeString(
        project.resolve("data/rides0.csv"),
        "id,driver,kilometres,starts,delay\n90000,d,5,2024-01-03T00:00:00Z,30\n");
    Files.writeString(
        project.resolve("data/drivers.csv"), "driver,town\na,Ulm\nb,Kiel\nc,\nd,Bonn\n");
  }

  private void publish(Lake lake, JobRunner runner, OnlineStore store, Interval night) {
    Jobs jobs =
        new Jobs(
            CheckedProject.check(read()), lake, store, RunnerChoice.valueOf(DrawnRunner.name()));
    jobs.materialize(Optional.empty(), night).forEach(runner::run);
    jobs.publish(Optional.empty(), night).forEach(runner::run);
  }

  private Project read() {
    return ProjectReader.read(project, Map.of(), Optional.of(lakeFolder));
  }

  private FeatureServer serve(OnlineStore store) {
    Project read = read();
    return FeatureServer.start(
        read,
        store,
        new CompiledViews(),
        Access.open(lakeFolder, read.name()),
        new FeatureServer.Address("127.0.0.1", 0, false),
        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8));
  }

  private static String post(URI server, String path, String body) {
    try {
      HttpResponse<String> answer =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(server.resolve(path))
                      .header("Content-Type", "application/json")
                      .POST(HttpRequest.BodyPublishers.ofString(body))
                      .build(),
                  HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      return answer.body();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** All features of all drivers, at an instant, and once as Feast's clients ask. */
  private static void ask(URI server, Instant at) {
    StringBuilder entities = new StringBuilder();
    DRIVERS.forEach(driver -> entities.append("{\"driver\":\"").append(driver).append("\"},"));
    var unused =
        post(
            server,
            "/features",
            "{\"features\":[\"driver_history\",\"last_ride\",\"driver\"],\"entities\":[%s{\"driver\":null}],\"at\":\"%s\"}"
                .formatted(entities, at));
    unused =
        post(
            server,
            "/get-online-features",
            "{\"features\":[\"driver_history:rides_7d\",\"last_ride:delay\"],\"entities\":{\"driver\":[\"a\",\"d\"]}}");
  }

  private record Compared(int code, JsonNode json) {
    long sum(String field) {
      long sum = 0;
      for (JsonNode view : json.at("/0/views")) {
        sum += view.get(field).longValue();
      }
      return sum;
    }
  }

  private Compared compare(String... more) {
    List<String> words = new ArrayList<>(List.of("--project=" + project, "--lake=" + lakeFolder));
    words.addAll(List.of(more));
    Answered answered = Answered.by("consistency", new ConsistencyMain(), words);
    return new Compared(answered.code(), Json.read(answered.out(), JsonNode.class));
  }

  @ParameterizedTest
  @ValueSource(strings = {"rocksdb", "redis"})
  void answersAreWhatWasPublishedAndOthersAreNamed(String kind) throws Exception {
    try (RedisServer redis = kind.equals("redis") ? new RedisServer(folder) : null) {
      String online = redis == null ? "rocksdb:" + folder.resolve("online") : redis.address();
      write(online);
      try (OnlineStore store = OnlineStores.open(read().online())) {
        try (LakeSession session = LakeSession.lazy();
            Lake lake = Lake.open(lakeFolder, Lake.DEFAULT_RETENTION, session);
            JobRunner runner = JobRunner.open(lake)) {
          new Jobs(
                  CheckedProject.check(read()),
                  lake,
                  store,
                  RunnerChoice.valueOf(DrawnRunner.name()))
              .ingest()
              .forEach(runner::run);
          publish(lake, runner, store, FIRST);
          switches(lake, runner, store);
        }
        findsNothing();
        findsWhatWasAltered(store);
      }
    }
  }

  /** Answers before, while and after a second night is published, by a server that goes on. */
  private void switches(Lake lake, JobRunner runner, OnlineStore store) throws Exception {
    AtomicBoolean published = new AtomicBoolean();
    List<String> failures = new ArrayList<>();
    try (FeatureServer server = serve(store)) {
      Instant night = FIRST.snapshotInstant();
      ask(server.address(), night);
      ask(server.address(), night.plusSeconds(86_400 * 2));
      ask(server.address(), night.plusSeconds(86_400 * 30));
      Thread asking =
          new Thread(
              () -> {
                try {
                  while (!published.get()) {
                    ask(server.address(), SECOND.snapshotInstant());
                    TimeUnit.MILLISECONDS.sleep(20);
                  }
                } catch (InterruptedException | RuntimeException | Error e) {
                  failures.add(e.toString());
                }
              });
      asking.start();
      publish(lake, runner, store, SECOND);
      store.refresh();
      published.set(true);
      asking.join();
      ask(server.address(), SECOND.snapshotInstant());
    }
    assertThat(failures).isEmpty();
  }

  private void findsNothing() {
    Compared same = compare();
    assertThat(same.code()).as("%s", same.json()).isZero();
    assertThat(same.sum("different")).isZero();
    assertThat(same.json().at("/0/differences")).isEmpty();
    assertThat(same.json().at("/0/notCompared")).isEmpty();
    TreeSet<String> views = new TreeSet<>();
    same.json().at("/0/views").forEach(view -> views.add(view.get("view").textValue()));
    assertThat(views).containsExactly("driver@1", "driver_history@1", "last_ride@1");
    RunRecord run = lastRun();
    ConsistencyFacts facts = run.facts(ConsistencyFacts.class).orElseThrow();
    assertThat(run.key().toString()).isEqualTo("consistency tiny");
    assertThat(facts.answers()).isEqualTo(facts.compared()).isEqualTo(same.sum("answers"));
    assertThat(facts.values()).isEqualTo(same.sum("values"));
    assertThat(facts.differences()).isEmpty();
    // All statuses, and both publications.
    List<String> said =
        recorded().stream().map(of -> of.publication() + of.answers()).distinct().toList();
    assertThat(said)
        .anyMatch(text -> text.startsWith("1{") && text.contains("PRESENT"))
        .anyMatch(text -> text.startsWith("2{") && text.contains("PRESENT"))
        .anyMatch(text -> text.contains("EXPIRED"))
        .anyMatch(text -> text.contains("ABSENT"))
        .anyMatch(text -> text.contains("\"NULL\"}"))
        .anyMatch(text -> text.contains("\"NULL\",\"value\":7,\"default\":true}"));
    Compared none = compare("--night=2001-01-01");
    assertThat(none.code()).isZero();
    assertThat(none.sum("answers")).isZero();
  }

  private RunRecord lastRun() {
    List<RunRecord> runs =
        RunLog.open(lakeFolder).list().stream()
            .filter(run -> run.key().job().equals("consistency"))
            .toList();
    return runs.get(runs.size() - 1);
  }

  private void findsWhatWasAltered(OnlineStore store) throws Exception {
    String table = lakeFolder + "/served/answers";
    String altered =
        "update delta.`%s` set answers = replace(answers, '\"rides_7d\":{\"status\":\"PRESENT\",\"value\":', '\"rides_7d\":{\"status\":\"PRESENT\",\"value\":%s') where view = 'driver_history@1' and key = '[\"b\"]' and publication = 2";
    long many =
        recorded().stream()
            .filter(of -> of.view().equals("driver_history@1"))
            .filter(of -> of.key().equals("[\"b\"]") && of.publication() == 2)
            .count();
    sql(altered.formatted(table, "1"));
    Compared found = compare();
    assertThat(found.code()).isEqualTo(3);
    assertThat(found.sum("different")).isEqualTo(many).isPositive();
    JsonNode first = found.json().at("/0/differences/0");
    assertThat(first.get("view").textValue()).isEqualTo("driver_history@1");
    assertThat(first.get("feature").textValue()).isEqualTo("rides_7d");
    assertThat(first.get("key").toString()).isEqualTo("[\"b\"]");
    assertThat(first.get("askedAt").textValue()).isEqualTo(SECOND.snapshotInstant().toString());
    assertThat(first.get("publication").longValue()).isEqualTo(2);
    assertThat("1" + first.at("/published/value").asText())
        .isEqualTo(first.at("/answered/value").asText());
    assertThat(lastRun().facts(ConsistencyFacts.class).orElseThrow().differences())
        .containsExactly(new ConsistencyFacts.Differing("driver_history@1", "rides_7d", many));
    sql("delete from delta.`%s` where publication = 2 and key = '[\"b\"]'".formatted(table));
    assertThat(compare().code()).as("rows may be deleted").isZero();
    alter(store);
    Instant before = Instant.now();
    try (FeatureServer server = serve(store)) {
      ask(server.address(), SECOND.snapshotInstant());
    }
    Compared served =
        compare(
            "--from=" + before.truncatedTo(ChronoUnit.MICROS),
            "--to=" + before.plusSeconds(60).truncatedTo(ChronoUnit.SECONDS));
    assertThat(served.code()).isEqualTo(3);
    Map<String, Long> byFeature = new TreeMap<>();
    served
        .json()
        .at("/0/differences")
        .forEach(
            of ->
                byFeature.merge(
                    "%s %s %s"
                        .formatted(
                            of.get("view").textValue(),
                            of.get("feature").textValue(),
                            of.get("key")),
                    1L,
                    Long::sum));
    assertThat(byFeature).isEqualTo(Map.of("last_ride@1 delay [\"a\"]", 1L));
  }

  private void sql(String statement) {
    try (LakeSession session = LakeSession.lazy();
        Lake lake = Lake.open(lakeFolder, Lake.DEFAULT_RETENTION, session)) {
      var unused = lake.spark().sql(statement);
    }
  }

  private List<ServedAnswer> recorded() {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    List<ServedAnswer> recorded = new ArrayList<>();
    ServedAnswers.open(lakeFolder)
        .read(Interval.of(now.minusSeconds(86_400), now.plusSeconds(86_400)), recorded::add);
    return recorded;
  }

  /** Publishes the newest snapshot of a view again, with one row that it does not have. */
  private void alter(OnlineStore store) {
    ViewId view = ViewId.parse("last_ride@1");
    Publication newest = store.published(view);
    Map<byte[], byte[]> rows = new TreeMap<>(java.util.Arrays::compareUnsigned);
    for (String driver : List.of("a", "b", "c", "d")) {
      List<Object> key = List.of(driver);
      Optional<StoredRow> row;
      try (var stored = store.rows(newest)) {
        row = stored.findAll(List.of(key)).get(0);
      }
      StoredRow of = row.orElseThrow();
      rows.put(
          KeyCodec.encode(newest.view().keys(), key),
          RowCodec.encode(
              driver.equals("a")
                  ? new StoredRow(
                      of.eventTime(), of.knownTime(), of.publishedFor(), List.of(12_345L))
                  : of));
    }
    try (OnlineWriter writer =
        store.begin(
            newest.view(), newest.snapshots().get(0), Origin.of(newest.lake().orElseThrow()))) {
      try (PartitionWriter partition = writer.partitions().open()) {
        rows.forEach(partition::add);
        var unused =
            writer.publish(
                writer.complete(partition.finish().stream().toList()).orElseThrow(),
                newest.record());
      }
    }
    store.refresh();
  }
}
