package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.analysis.CheckedProject;
import io.tributary.core.Json;
import io.tributary.core.Principal;
import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.ingest.IngestJob;
import io.tributary.ingest.quarantine.Quarantine;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.runtime.JobMain;
import io.tributary.runtime.JobRunner;
import io.tributary.runtime.Progress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Values explained on a small lake of three deliveries, one of them released rows. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ITExplain {
  private static final int MANY = 450_000;

  private static final Map<String, String> FILES =
      Map.of(
          "tributary.yaml",
          """
          project: explained
          zone: Europe/Berlin
          lake: lake
          online: rocksdb:${lake}/online
          """,
          "sources/rides.yaml",
          """
          source: rides
          read: {format: csv, path: "data/rides*.csv", header: true}
          columns: {id: int, driver: string, starts: timestamp, told: timestamp, gone: boolean, delay: int}
          event-key: [id]
          event-time: starts
          known-time: told
          tombstone: gone
          expectations: rides.json
          """,
          "sources/drivers.yaml",
          """
          source: drivers
          static: true
          read: {format: csv, path: data/drivers.csv, header: true}
          columns: {driver: string, town: string}
          event-key: [driver]
          """,
          "sources/short_rides.yaml",
          """
          source: short_rides
          query: |
            select id, upper(driver) as who, starts, delay from rides where delay < 22
          event-key: [id]
          event-time: starts
          """,
          "expectations/rides.json",
          """
          {"name": "rides-suite", "expectations": [
            {"type": "expect_column_values_to_be_between",
             "kwargs": {"column": "delay", "min_value": 0, "max_value": 600, "mostly": 0.5}}
          ]}
          """,
          "features/history.yaml",
          """
          view: history@1
          entity: [driver]
          source: rides
          features:
            late: mean(delay > 15) over 6h
            lates: sum(delay > 15) over 6h
            worst: max(delay) over 3h
          derived:
            often: late_6h * 2
            excess: often * lates_6h / worst_3h
          default:
            late_6h: 0.5
          """,
          "features/fare.yaml",
          """
          view: fare@1
          request: {amount: double, tip: double, paid: timestamp}
          features:
            total: amount + tip
            hour: hour(paid)
          derived:
            double_total: total * 2
          default:
            double_total: -1
          """,
          "features/last.yaml",
          """
          view: last@1
          entity: [driver]
          source: rides
          ttl: 90m
          features:
            delay: delay
          """,
          "features/any.yaml",
          """
          view: any@1
          entity: [who]
          source: short_rides
          features:
            delay: delay
          """,
          "features/town.yaml",
          """
          view: town@1
          entity: [driver]
          source: drivers
          features:
            town: town
          """);

  private static final String RIDES =
      """
      id,driver,starts,told,gone,delay
      1,a,2024-01-02T11:00:00Z,2024-01-02T11:30:00Z,false,10
      2,a,2024-01-02T10:00:00Z,2024-01-02T10:10:00Z,false,20
      3,a,2024-01-02T09:00:00Z,2024-01-02T09:10:00Z,false,30
      4,a,2024-01-02T08:00:00Z,2024-01-02T13:00:00Z,false,5
      5,a,2024-01-02T13:00:00Z,2024-01-02T09:00:00Z,false,5
      6,a,2024-01-02T06:00:00Z,2024-01-02T06:10:00Z,false,40
      7,a,2024-01-02T07:00:00Z,2024-01-02T07:10:00Z,false,
      8,b,2024-01-02T11:00:00Z,2024-01-02T11:10:00Z,false,1
      9,a,2024-01-02T11:30:00Z,2024-01-02T11:40:00Z,false,900
      10,a,2024-01-01T00:00:00Z,2024-01-01T00:00:00Z,false,1
      """;

  private static final String CORRECTIONS =
      """
      id,driver,starts,told,gone,delay
      2,a,2024-01-02T10:00:00Z,2024-01-02T10:20:00Z,false,25
      3,,2024-01-02T09:00:00Z,2024-01-02T09:20:00Z,true,
      """;

  @TempDir private static Path folder;

  @BeforeAll
  static void threeDeliveries() throws IOException {
    for (Map.Entry<String, String> file : FILES.entrySet()) {
      write(file.getKey(), file.getValue());
    }
    write("data/drivers.csv", "driver,town\na,Ulm\nb,Kiel\n");
    write("data/rides1.csv", RIDES);
    Project project = ProjectReader.read(folder, Map.of(), Optional.empty());
    try (LakeSession session = LakeSession.lazy();
        Lake lake = Lake.open(project.lake(), Lake.DEFAULT_RETENTION, session);
        JobRunner runner = JobRunner.open(lake, Progress.none())) {
      CheckedProject checked = CheckedProject.check(project);
      runner.run(new IngestJob(checked, "drivers", lake, Optional.empty()));
      runner.run(new IngestJob(checked, "rides", lake, Optional.empty()));
      write("data/rides2.csv", CORRECTIONS);
      runner.run(new IngestJob(checked, "rides", lake, Optional.empty()));
      Quarantine.of(project, "rides", lake)
          .release(Quarantine.Selection.ALL, "a lorry was in the way", Principal.osUser("ada"));
      runner.run(new IngestJob(checked, "rides", lake, Optional.empty()));
    }
  }

  private static void ingest(String source) {
    Project project = ProjectReader.read(folder, Map.of(), Optional.empty());
    try (LakeSession session = LakeSession.lazy();
        Lake lake = Lake.open(project.lake(), Lake.DEFAULT_RETENTION, session);
        JobRunner runner = JobRunner.open(lake, Progress.none())) {
      runner.run(new IngestJob(CheckedProject.check(project), source, lake, Optional.empty()));
    }
  }

  @Test
  void eachEventOfAKeyIsShownWithItsPlaceAndTheOneRuleThatKeepsItOut() {
    Printed printed = explain("history@1.late_6h", "driver=a");
    assertThat(printed.err).isEmpty();
    assertThat(printed.out.lines().map(String::strip))
        .containsExactly(
            "history@1.late_6h of driver=a at 2024-01-02T12:00:00Z is 0.6666666666666666",
            "mean(delay > 15) over 6h",
            "from validated.rides@2, deliveries up to 3",
            "",
            "made of 3:",
            "2024-01-02T11:30:00Z  known 2024-01-02T11:40:00Z  1  data/rides1.csv:10  delivery 3",
            "2024-01-02T11:00:00Z  known 2024-01-02T11:30:00Z  0  data/rides1.csv:2  delivery 1",
            "2024-01-02T10:00:00Z  known 2024-01-02T10:20:00Z  1  data/rides2.csv:2  delivery 2",
            "",
            "ruled out 6 (event time within twice the window, 12h, of the instant):",
            "2024-01-02T13:00:00Z  known 2024-01-02T09:00:00Z  data/rides1.csv:6  delivery 1  rule 3: not yet happened",
            "2024-01-02T10:00:00Z  known 2024-01-02T10:10:00Z  data/rides1.csv:3  delivery 1  rule 4: corrected by data/rides2.csv:2",
            "2024-01-02T09:00:00Z  known 2024-01-02T09:10:00Z  data/rides1.csv:4  delivery 1  rule 4: withdrawn by data/rides2.csv:3",
            "2024-01-02T08:00:00Z  known 2024-01-02T13:00:00Z  data/rides1.csv:5  delivery 1  rule 3: not yet known",
            "2024-01-02T07:00:00Z  known 2024-01-02T07:10:00Z  data/rides1.csv:8  delivery 1  rule 7: its value is null",
            "2024-01-02T06:00:00Z  known 2024-01-02T06:10:00Z  1  data/rides1.csv:7  delivery 1  rule 6: older than the window",
            "",
            "deliveries:",
            "1  delivery 1 of source rides (data/rides1.csv), admitted by suite rides-suite",
            "2  delivery 2 of source rides (data/rides2.csv), admitted by suite rides-suite",
            "3  delivery 3 of source rides (1 rows that ada released), released from quarantine by ada: a lorry was in the way");

    Printed lookup = explain("last@1.delay", "driver=a");
    assertThat(lookup.out)
        .contains("is 900\n", "ruled out 5 (event time within twice the TTL, 3h, of the instant)")
        .contains("data/rides1.csv:2  delivery 1  rule 5: outranked by data/rides1.csv:10")
        .contains("25  data/rides2.csv:2  delivery 2  rule 5: older than the TTL");

    JsonNode json =
        Json.read(explain("history@1.late_6h", "driver=nobody", "--json").out, JsonNode.class);
    assertThat(json.at("/explanation/value").asDouble()).isEqualTo(0.5);
    assertThat(json.at("/explanation/isDefault").asBoolean()).isTrue();
    assertThat(json.at("/explanation/events/0/won").asInt()).isZero();
    assertThat(json.at("/explanation/events/0/winners")).isEmpty();
  }

  @Test
  void aDerivedFeatureIsExplainedByEachFeatureThatItIsComputedFrom() {
    Printed printed = explain("history@1.excess", "driver=a", "--list", "1");
    assertThat(printed.err).isEmpty();
    assertThat(printed.out.lines().map(String::strip))
        .containsSubsequence(
            "history@1.excess of driver=a at 2024-01-02T12:00:00Z is 0.002962962962962963",
            "often * lates_6h / worst_3h",
            "from validated.rides@2, deliveries up to 3",
            "",
            "often is 1.3333333333333333",
            "late_6h * 2",
            "",
            "late_6h is 0.6666666666666666",
            "mean(delay > 15) over 6h",
            "",
            "lates_6h is 2",
            "sum(delay > 15) over 6h",
            "",
            "made of 3:",
            "and 2 older, not listed (--list N lists more)",
            "",
            "ruled out 6 (event time within twice the window, 12h, of the instant):",
            "",
            "worst_3h is 900",
            "max(delay) over 3h",
            "",
            "made of 3:",
            "ruled out 6 (event time within twice the window, 6h, of the instant):",
            "deliveries:");
    // Two of the features are made of the same events, which are told once.
    assertThat(printed.out.lines().filter(l -> l.startsWith("made of"))).hasSize(2);
  }

  @Test
  void allCandidatesAreCountedAndAsManyListedAsAreAskedFor() {
    Printed printed = explain("history@1.late_6h", "driver=a", "--list", "1");
    assertThat(printed.out.lines().map(String::strip))
        .containsSubsequence(
            "made of 3:",
            "2024-01-02T11:30:00Z  known 2024-01-02T11:40:00Z  1  data/rides1.csv:10  delivery 3",
            "and 2 older, not listed (--list N lists more)",
            "",
            "ruled out 6 (event time within twice the window, 12h, of the instant):",
            "2024-01-02T13:00:00Z  known 2024-01-02T09:00:00Z  data/rides1.csv:6  delivery 1  rule 3: not yet happened",
            "and 5 older, not listed (--list N lists more)",
            "1 in all by rule 3: not yet known",
            "1 in all by rule 3: not yet happened",
            "1 in all by rule 4: corrected",
            "1 in all by rule 4: withdrawn",
            "1 in all by rule 7: its value is null",
            "1 in all by rule 6: older than the window");
    JsonNode json =
        Json.read(
            explain("history@1.late_6h", "driver=a", "--json", "--list", "1").out, JsonNode.class);
    JsonNode events = json.at("/explanation/events/0");
    assertThat(events.get("won").asInt()).isEqualTo(3);
    assertThat(events.get("winners")).hasSize(1);
    assertThat(events.get("lost").asInt()).isEqualTo(6);
    assertThat(events.get("lostBy")).hasSize(6);
    assertThat(events.get("ruledOut")).hasSize(1);
    assertThat(explain("history@1.late_6h", "driver=a", "--list", "-1").err)
        .contains("--list is -1. Say a number from 0 to 200,000.");
  }

  @Test
  void aFeatureOnDemandIsExplainedByItsRequest() {
    Printed printed = run("fare@1.double_total", "--request", "amount=12.5", "--request", "tip=1");
    assertThat(printed.err).isEmpty();
    assertThat(printed.out.lines().map(String::strip))
        .containsExactly(
            "fare@1.double_total of amount=12.5, tip=1.0 is 27.0",
            "total * 2",
            "from the request alone",
            "",
            "total is 13.5",
            "amount + tip");
    assertThat(run("fare@1.hour", "--request", "paid=2024-01-02T23:30:00Z").out)
        .startsWith("fare@1.hour of paid=2024-01-02T23:30:00Z is 0\n");
    assertThat(run("fare@1.double_total", "--request", "amount=", "--request", "tip=1").out)
        .startsWith("fare@1.double_total of amount=null, tip=1.0 is -1.0, its default\n")
        .contains("total is null\n");
    JsonNode json =
        Json.read(
            run("fare@1.total", "--request", "amount=1", "--request", "tip=1", "--json").out,
            JsonNode.class);
    assertThat(json.at("/explanation/request/amount").asDouble()).isEqualTo(1);
    assertThat(json.at("/explanation/steps/0/from")).hasSize(2);

    assertThat(run("fare@1.total", "--request", "amount=1").err)
        .startsWith("Cannot explain feature fare@1.total for {amount=1}: ")
        .contains(
            "request is amount double, tip double, paid timestamp, and the feature is computed from amount, tip.");
    assertThat(run("fare@1.total", "--request", "amount=1", "--request", "tip=little").err)
        .startsWith(
            "Cannot explain view fare@1 for tip=little: the request's column tip is double.");
    assertThat(run("fare@1.total", "--key", "driver=a").err)
        .contains("it is computed on demand and has no entity. Give --request in place of --key.");
    assertThat(run("town@1.town", "--request", "driver=a").err)
        .contains("it is computed from events, not from a request. Give --key and --at.");
    assertThat(run("town@1.town", "--key", "driver=a").err).contains("Give --at, as in --at 2013");
  }

  /** The last one: what it delivers stays. */
  @Test
  @Order(Integer.MAX_VALUE)
  void moreCandidatesThanFitAreCountedAndTheValueIsTheirs() throws IOException {
    StringBuilder rides = new StringBuilder("id,driver,starts,told,gone,delay\n");
    Instant first = Instant.parse("2024-01-02T06:30:00Z");
    for (int i = 0; i < MANY; i++) {
      // Two of three within the window and known, each third a correction of the one before it.
      Instant starts = first.plusMillis(i * 40L);
      rides.append(
          "%d,c,%s,%s,false,%d\n"
              .formatted(
                  100 + (i % 3 == 2 ? i - 1 : i),
                  starts,
                  starts.plusSeconds(i % 3 == 2 ? 1_000_000 : 60),
                  i % 40));
    }
    write("data/rides3.csv", rides.toString());
    ingest("rides");
    Printed printed = explain("history@1.worst_3h", "driver=c", "--list", "2");
    assertThat(printed.err).isEmpty();
    long inWindow = 0;
    long old = 0;
    for (int i = 0; i < MANY; i++) {
      if (i % 3 != 2) {
        boolean isOld = !first.plusMillis(i * 40L).isAfter(Instant.parse("2024-01-02T09:00:00Z"));
        old += isOld ? 1 : 0;
        inWindow += isOld ? 0 : 1;
      }
    }
    assertThat(printed.out)
        .contains("is 39\n")
        .contains("as a join says; of so many events it was not computed a second time")
        .contains("made of %,d:\n".formatted(inWindow))
        .contains("and %,d older, not listed".formatted(inWindow - 2))
        .contains("%,d in all by rule 3: not yet known".formatted(MANY / 3))
        .contains("%,d in all by rule 6: older than the window".formatted(old));
  }

  @Test
  void aQueryAndReferenceDataAreExplainedByTheRowsOfTheirFiles() {
    Printed query = explain("any@1.delay", "who=A");
    assertThat(query.err).isEmpty();
    // Rides of 22 minutes and more are left out by the query: their versions are tombstones.
    assertThat(query.out)
        .contains("any@1.delay of who=A at 2024-01-02T12:00:00Z is 10\n")
        .contains("no TTL, so the 100 newest by event time")
        .contains("data/rides1.csv:3  delivery 1  rule 4: withdrawn by data/rides2.csv:2")
        .contains("data/rides1.csv:11  delivery 1  rule 5: outranked by data/rides1.csv:2");

    assertThat(explain("town@1.town", "driver=b").out)
        .contains("is Kiel\n", "Kiel  data/drivers.csv:3  delivery 1\n")
        .contains("ruled out 0 (all rows of the newest delivery):");
  }

  @Test
  void aRequestThatCantBeMetSaysWhatThereIs() {
    assertThat(explain("history@1.late", "driver=a").err)
        .startsWith("Cannot find feature \"late\" of view history@1")
        .contains("It has late_6h, lates_6h, worst_3h, often, excess.");
    assertThat(explain("history@1.late_6h", "chauffeur=a").err)
        .contains("its entity is driver string. Give each of its columns, and no other.");
    assertThat(explain("history@1", "driver=a").err)
        .startsWith("Cannot explain history@1: one feature is explained at a time.");
  }

  private record Printed(String out, String err) {}

  private Printed explain(String subject, String key, String... more) {
    List<String> words =
        new ArrayList<>(List.of(subject, "--key", key, "--at", "2024-01-02T12:00:00Z"));
    words.addAll(List.of(more));
    return run(words.toArray(String[]::new));
  }

  /** By both runners, which print the same, byte for byte. */
  private Printed run(String... args) {
    Printed local = run("local", args);
    assertThat(local).isEqualTo(run("spark", args));
    return local;
  }

  private Printed run(String runner, String[] args) {
    List<String> words = new ArrayList<>(List.of(folder.toString(), "--runner", runner));
    words.addAll(List.of(args));
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    ByteArrayOutputStream warned = new ByteArrayOutputStream();
    try (PrintStream o = new PrintStream(said, true, StandardCharsets.UTF_8);
        PrintStream e = new PrintStream(warned, true, StandardCharsets.UTF_8)) {
      System.setOut(o);
      System.setErr(e);
      JobMain.run("explain", words.toArray(String[]::new), new ExplainMain());
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
    return new Printed(
        said.toString(StandardCharsets.UTF_8), warned.toString(StandardCharsets.UTF_8));
  }

  private static void write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
