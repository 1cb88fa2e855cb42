package io.tributary.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Outcome;
import io.tributary.core.PlatformException;
import io.tributary.events.facts.DeliveryVerdict;
import io.tributary.events.facts.IngestFacts;
import io.tributary.events.facts.RowCounts;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import io.tributary.ingest.gate.DeliveryReport;
import io.tributary.ingest.gate.QualityLog;
import io.tributary.ingest.ledger.DeliveryLedger;
import io.tributary.lake.LakeSession;
import io.tributary.quality.Metric;
import io.tributary.quality.MetricLog;
import io.tributary.quality.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ITIngest {
  @TempDir Path folder;
  private SmallProject project;

  @BeforeEach
  void makeProject() {
    project = new SmallProject(folder);
  }

  @Test
  void loadsLinesThroughTheGate() {
    project.trips("trips.csv", "1,A,30,2013-01-01T12:00:00Z", "2,Z,NA,2013-01-02 07:00:00");

    RunRecord trips = project.ingest().get(1);

    assertThat(
            project.list(
                "validated.trips",
                "id",
                "from.code",
                "town",
                "minutes",
                "unix_seconds(_event_time)",
                "unix_seconds(_known_time)",
                "_deleted",
                "_delivery",
                "_file",
                "_line",
                "pace"))
        .containsExactly(
            "1 A Astoria 30 1357041600 1357043400 false 1 data/trips.csv 2 2",
            "2 null null null 1357128000 1357128000 false 1 data/trips.csv 3 null");
    assertThat(
            project.list(
                "bronze.trips",
                "id",
                "station",
                "minutes",
                "unix_seconds(at)",
                "_delivery",
                "_file",
                "_line",
                "_run"))
        .containsExactly(
            "1 A 30 1357041600 1 data/trips.csv 2 " + trips.run(),
            "2 Z null 1357128000 1 data/trips.csv 3 " + trips.run());
    assertThat(project.list("validated.stations", "code", "town", "_delivery", "_line"))
        .containsExactly("A Astoria 1 2", "B Bronx 1 3");
    assertThat(project.has("quarantine.trips")).isFalse();
    assertThat(SmallProject.told(trips))
        .containsEntry("lines-read", 2L)
        .containsEntry("rows-admitted", 2L)
        .containsEntry("rows-quarantined", 0L)
        .containsEntry("lines-malformed", 0L);
    assertThat(trips.inputs().toString()).contains("validated.stations");
  }

  @Test
  void aNightReadsTheFileThatIsNewAndKnowsTheOthers() throws IOException {
    String padding = "\n".repeat(4 << 20);
    project.clock = InstantSource.offset(InstantSource.system(), Duration.ofMinutes(1));
    for (int night = 1; night <= 3; night++) {
      settled(night + ".csv", night + ",A,30,2013-01-01T12:00:00Z" + padding);
    }
    project.ingest();

    project.reopen();
    settled("4.csv", "4,A,30,2013-01-01T12:00:00Z");
    long before = ReadBytes.of("file");
    project.ingest();
    assertThat(ReadBytes.of("file") - before).isLessThan(1 << 20);
    assertThat(project.list("validated.trips", "id", "_delivery"))
        .containsExactly("1 1", "2 1", "3 1", "4 2");

    // Copied with other times: read once more, although there is nothing to load.
    settled("1.csv", "1,A,30,2013-01-01T12:00:00Z" + padding);
    for (long expected : new long[] {4 << 20, 0}) {
      project.reopen();
      before = ReadBytes.of("file");
      assertThat(project.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);
      assertThat(ReadBytes.of("file") - before).isBetween(expected, expected + (1 << 20));
    }
  }

  /** In parts that end where records do, whatever stands in them. */
  @Test
  void aLargeFileHasTheLinesThatASmallOneWouldHave() {
    String blank = "\n".repeat(33 << 20);
    String first = "1,\"A\",30,2013-01-01T12:00:00Z\n2,A\n";
    String broken = "3,\"B\n\",30,2013-01-01T12:00:00Z\nx,A,30,2013-01-01T12:00:00Z\n";
    String last = "4,B,30,2013-01-01T12:00:00Z";
    project.trips("trips.csv", first + blank + broken + blank + last);

    RunRecord run = project.ingest().get(1);

    long second = 4 + (33L << 20);
    long third = second + 3 + (33L << 20);
    assertThat(project.list("validated.trips", "id", "_line"))
        .containsExactly("1 2", "3 " + second, "4 " + third);
    assertThat(project.list("quarantine.trips", "_line", "raw", "reasons[0].message"))
        .containsExactly(
            "3 2,A has 2 cells, not 4",
            second + 2 + " x,A,30,2013-01-01T12:00:00Z \"x\" is no int");
    assertThat(SmallProject.told(run))
        .containsEntry("lines-read", 5L)
        .containsEntry("lines-malformed", 2L);

    // A part in which no value of a column is of its type is no file of which that is true.
    String none = "x,A,30,2013-01-01T12:00:00Z\n";
    project.trips("trips.csv", first.replace("1,", "5,") + blank + none + blank + "x");
    project.ingest();

    assertThat(project.list("validated.trips", "id", "_line")).contains("5 2").hasSize(4);
    assertThat(project.list("quarantine.trips", "_line", "_delivery"))
        .contains("3 2", second + " 2", second + 1 + (33L << 20) + " 2");
  }

  private void settled(String file, String lines) throws IOException {
    project.trips("trips-" + file, lines);
    Files.setLastModifiedTime(
        folder.resolve("data/trips-" + file), FileTime.from(Instant.parse("2024-05-01T00:00:00Z")));
  }

  @Test
  void aLineThatIsMalformedIsInQuarantineWithItsTextAndReasons() {
    project.trips("trips.csv", "1,A,30,2013-01-01T12:00:00Z", "x,A,y,2013-01-01T12:00:00Z", "3,A");

    project.ingest();

    assertThat(
            project.list(
                "quarantine.trips",
                "_line",
                "_stage",
                "raw",
                "to_json(reasons)",
                "_delivery",
                "_file"))
        .containsExactly(
            "3 parse x,A,y,2013-01-01T12:00:00Z [{\"rule\":\"type\",\"column\":\"id\",\"message\":\"\\\"x\\\" is no int\"},{\"rule\":\"type\",\"column\":\"minutes\",\"message\":\"\\\"y\\\" is no int\"}] 1 data/trips.csv",
            "4 parse 3,A [{\"rule\":\"cells\",\"column\":\"\",\"message\":\"has 2 cells, not 4\"}] 1 data/trips.csv");
    assertThat(project.list("validated.trips", "id")).containsExactly("1");
  }

  @Test
  void aRowWithSeveralFaultsIsInQuarantineOnceWithAll() {
    project.trips(
        "trips.csv",
        "1,A,30,2013-01-01T12:00:00Z",
        "2,b,0,2013-01-01T12:00:00Z",
        "3,b,700,2013-01-01T12:00:00Z",
        "NA,A,30,2013-01-01T12:00:00Z",
        "5,A,30,NA",
        "6,A,30,2013-01-01T12:00:00Z");

    project.ingest();

    assertThat(
            project.list(
                "quarantine.trips",
                "_line",
                "_stage",
                "transform(reasons, r -> concat(r.rule, '/', r.column))"))
        .containsExactly(
            "3 derive WrappedArray(derive/pace, expect_column_values_to_be_between/minutes, expect_column_values_to_match_regex/station)",
            "4 gate WrappedArray(expect_column_values_to_be_between/minutes, expect_column_values_to_match_regex/station)",
            "5 derive WrappedArray(event-key/id)",
            "6 derive WrappedArray(event-time/, known-time/)");
    assertThat(project.list("quarantine.trips", "raw").get(1))
        .isEqualTo(
            "{\"id\":3,\"station\":\"b\",\"minutes\":700,\"at\":\"2013-01-01T12:00:00.000Z\"}");
    assertThat(project.list("validated.trips", "id")).containsExactly("1", "6");
  }

  @Test
  void everyLineIsSomewhereExactlyOnce() {
    Random random = new Random(11);
    String[] ids = {"%d", "%d", "%d", "%d", "NA", "x", "99999999999"};
    String[] stations = {"A", "B", "Z", "b", "\"A\nB\"", "\"A\"x", "NA"};
    String[] minutes = {"5", "30", "600", "601", "0", "NA", "1.5"};
    String[] times = {"2013-01-01T12:00:00Z", "2013-03-10 02:30:00", "NA", "noon"};
    List<String> lines = new ArrayList<>();
    List<Long> numbers = new ArrayList<>();
    long at = 2;
    for (int i = 0; i < 400; i++) {
      String line =
          String.join(
              ",",
              String.format(random.nextInt(3) == 0 ? ids[random.nextInt(ids.length)] : "%d", i),
              random.nextInt(3) == 0 ? stations[random.nextInt(stations.length)] : "A",
              random.nextInt(3) == 0 ? minutes[random.nextInt(minutes.length)] : "7",
              random.nextInt(3) == 0 ? times[random.nextInt(times.length)] : times[0]);
      if (random.nextInt(12) == 0) {
        line += ",more";
      }
      lines.add(line);
      numbers.add(at);
      at += 1 + line.chars().filter(c -> c == '\n').count();
      if (random.nextInt(20) == 0) {
        lines.add("");
        at++;
      }
    }
    project.trips("trips.csv", lines.toArray(new String[0]));

    RunRecord run = project.ingest().get(1);

    List<Long> found = new ArrayList<>();
    for (String table : List.of("validated.trips", "quarantine.trips")) {
      project.list(table, "_line").forEach(l -> found.add(Long.parseLong(l)));
    }
    assertThat(found).containsExactlyInAnyOrderElementsOf(numbers);
    Map<String, Object> facts = SmallProject.told(run);
    assertThat(facts).containsEntry("lines-read", 400L);
    assertThat(project.table("quarantine.trips").where("_stage = 'parse'").count())
        .isEqualTo(((Number) facts.get("lines-malformed")).longValue())
        .isPositive();
    assertThat(project.table("quarantine.trips").where("_stage <> 'parse'").count())
        .isEqualTo(((Number) facts.get("rows-quarantined")).longValue())
        .isPositive();
    assertThat(project.table("validated.trips").count())
        .isEqualTo(((Number) facts.get("rows-admitted")).longValue())
        .isPositive();
    assertThat(project.table("quarantine.trips").where("size(reasons) = 0").count()).isZero();
    assertThat(((Number) facts.get("shifted-times")).longValue()).isPositive();
  }

  @Test
  void aRejectedDeliveryLeavesWhatWasAdmittedAsItWas() {
    project.trips("trips1.csv", "1,A,30,2013-01-01T12:00:00Z");
    project.ingest();
    long before = project.version("validated.trips");
    project.trips(
        "trips2.csv",
        "2,A,0,2013-01-01T12:00:00Z",
        "3,A,700,2013-01-01T12:00:00Z",
        "4,A,1,2013-01-01T12:00:00Z");

    for (int again = 0; again < 2; again++) {
      assertThatThrownBy(project::ingest)
          .isInstanceOf(PlatformException.class)
          .hasMessageStartingWith(
              "Cannot admit delivery 2 of source trips (data/trips2.csv): expect_column_values_to_be_between(column=minutes, ")
          .hasMessageContaining(
              "2 of 3 break it, a share of 0.333333 meets it, at least 0.5 must, as in data/trips2.csv:2, data/trips2.csv:3.")
          .extracting(e -> ((PlatformException) e).code())
          .isEqualTo(ErrorCode.EXPECTATIONS_FAILED);
    }

    assertThat(project.version("validated.trips")).isEqualTo(before);
    assertThat(
            project.list("quarantine.trips", "_line", "_stage", "transform(reasons, r -> r.rule)"))
        .containsExactly(
            "2 derive WrappedArray(derive, expect_column_values_to_be_between)",
            "3 gate WrappedArray(expect_column_values_to_be_between)",
            "4 gate WrappedArray(delivery)");

    project.trips("trips2.csv", "2,A,3,2013-01-01T12:00:00Z", "4,A,1,2013-01-01T12:00:00Z");
    project.ingest();

    assertThat(project.list("validated.trips", "id", "_delivery"))
        .containsExactly("1 1", "2 3", "4 3");
    assertThat(project.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);
  }

  @Test
  void withdrawingARejectedFileEndsTheError() {
    project.trips("trips1.csv", "1,A,30,2013-01-01T12:00:00Z");
    project.ingest();
    project.trips("trips2.csv", "2,A,0,2013-01-01T12:00:00Z");
    assertThatThrownBy(project::ingest).hasMessageStartingWith("Cannot admit delivery 2");

    project.delete("data/trips2.csv");

    assertThat(project.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);
  }

  @Test
  void theSameBytesAreLoadedOnceWhateverTheirName() {
    project.trips("trips1.csv", "1,A,30,2013-01-01T12:00:00Z");
    project.trips("trips1-copy.csv", "1,A,30,2013-01-01T12:00:00Z");
    project.ingest();
    project.trips("trips2.csv", "1,A,30,2013-01-01T12:00:00Z");

    assertThat(project.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);

    assertThat(project.list("validated.trips", "id", "_file"))
        .containsExactly("1 data/trips1-copy.csv");
  }

  @Test
  void aChangedFileUnderAnOldNameIsANewDelivery() {
    project.trips("trips.csv", "1,A,30,2013-01-01T12:00:00Z");
    project.ingest();
    project.trips("trips.csv", "1,A,45,2013-01-01T12:00:00Z", "2,B,5,2013-01-01T12:00:00Z");

    RunRecord run = project.ingest().get(1);

    assertThat(SmallProject.told(run))
        .containsEntry("judged-deliveries", List.of(2L))
        .containsEntry("rebuilt", false);
    assertThat(project.list("validated.trips", "id", "minutes", "_delivery"))
        .containsExactly("1 30 1", "1 45 2", "2 5 2");
    IngestFacts.Validated made =
        Commits.newest(project.lake().table("validated.trips")).orElseThrow();
    assertThat(made.lastDelivery()).isEqualTo(2);
    assertThat(made.knownFrom()).contains(Map.of(2L, Instant.parse("2013-01-01T12:05:00Z")));
  }

  @Test
  void loadsAllNewFilesAsOneDelivery() {
    for (int day = 1; day <= 9; day++) {
      project.write(
          "data/trips-" + day + ".csv.gz",
          SmallProject.gzip(
              SmallProject.TRIP_COLUMNS + day + ",A,30,2013-01-0" + day + "T12:00:00Z\n"));
    }

    project.ingest();

    assertThat(project.list("validated.trips", "id", "_file", "_line", "_delivery"))
        .hasSize(9)
        .contains("7 data/trips-7.csv.gz 2 1");
    assertThat(new DeliveryLedger(project.lake().events(DeliveryLedger.LOG)).entries("trips"))
        .singleElement()
        .satisfies(
            e -> {
              assertThat(e.delivery().files()).hasSize(9);
              assertThat(e.verdict().orElseThrow().outcome())
                  .isEqualTo(DeliveryVerdict.Outcome.ADMITTED);
              assertThat(e.verdict().orElseThrow().counts())
                  .isEqualTo(new RowCounts(9, 0, 0, 9, 0, 0));
            });
  }

  @Test
  void aBrokenFileChangesNoTable() {
    project.trips("trips1.csv", "1,A,30,2013-01-01T12:00:00Z");
    project.ingest();
    byte[] packed =
        SmallProject.gzip(
            SmallProject.TRIP_COLUMNS + "2,A,30,2013-01-01T12:00:00Z\n".repeat(2_000));
    Map<byte[], String> files = new java.util.LinkedHashMap<>();
    files.put(Arrays.copyOf(packed, packed.length - 20), "its compressed data ends too early");
    files.put(new byte[0], "it is empty");
    files.put(
        "id,station,minuts,at\n".getBytes(UTF_8),
        "it lacks minutes; it has minuts (is minutes meant?)");
    files.put("id,minutes,station,at\n".getBytes(UTF_8), "its columns stand in another order");
    files.put(
        (SmallProject.TRIP_COLUMNS + "a,A,1,2013-01-01T12:00:00Z\nb,A,1,2013-01-01T12:00:00Z\n")
            .getBytes(UTF_8),
        "column id is int in the contract, but none of its 2 values is one");
    files.put(
        (SmallProject.TRIP_COLUMNS + "2,\"A,1,2013-01-01T12:00:00Z\n").getBytes(UTF_8),
        "is never closed");

    files.forEach(
        (bytes, why) -> {
          project.write("data/trips2.csv", bytes);
          assertThatThrownBy(project::ingest)
              .hasMessageContaining("file data/trips2.csv of source trips")
              .hasMessageContaining(why)
              .extracting(e -> ((PlatformException) e).group().name())
              .isEqualTo("DATA");
        });

    assertThat(project.version("bronze.trips")).isZero();
    assertThat(project.version("validated.trips")).isZero();
    assertThat(project.has("quarantine.trips")).isFalse();
    project.trips("trips2.csv", "2,A,30,2013-01-01T12:00:00Z");
    project.ingest();
    assertThat(project.list("validated.trips", "id")).containsExactly("1", "2");
  }

  @Test
  void aMissingFileIsAnErrorThatNamesIt() {
    project.delete("data/stations.csv");
    project.trips("trips.csv", "1,A,30,2013-01-01T12:00:00Z");

    assertThatThrownBy(project::ingest)
        .hasMessage(
            "Cannot read file data/stations.csv of source stations: there is no such file. Deliver it, or correct the source's path.")
        .extracting(e -> ((PlatformException) e).code())
        .isEqualTo(ErrorCode.UNREADABLE_FILE);
    assertThat(project.has("bronze.trips")).isFalse();
  }

  @Test
  void aFileWithAHeaderAloneIsADeliveryOfNoRows() {
    project.write("data/stations.csv", "code,town\n");
    project.write("data/trips.csv", SmallProject.TRIP_COLUMNS);

    assertThatThrownBy(project::ingest)
        .hasMessageStartingWith(
            "Cannot admit delivery 1 of source trips (data/trips.csv): expect_table_row_count_to_be_between(min_value=1): observed 0.");

    assertThat(project.table("validated.stations").count()).isZero();
    assertThat(project.has("validated.trips")).isFalse();
  }

  @Test
  void aPatternThatMatchesNothingIsAnErrorUntilSomethingWasDelivered() {
    assertThatThrownBy(project::ingest)
        .hasMessage(
            "Cannot ingest source trips: no file matches data/trips*.csv*, and none has been delivered before. Deliver one, or correct the source's path.");
    project.trips("trips.csv", "1,A,30,2013-01-01T12:00:00Z");
    project.ingest();
    project.delete("data/trips.csv");

    assertThat(project.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);
  }

  @Test
  void anUnchangedRunStartsNoEngine() {
    project.trips("trips.csv", "1,A,30,2013-01-01T12:00:00Z");
    project.ingest();

    LakeSession cold = project.restart();

    assertThat(project.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);
    assertThat(cold.started()).isEmpty();
  }

  @Test
  void countsExactRepeatsWhereNoKeyTellsRowsApart() {
    project.write(
        "sources/trips.yaml",
        SmallProject.TRIPS.replace("event-key: [id]\n", "").replaceFirst("known-time: .*\n", ""));
    project.trips(
        "trips.csv",
        "1,A,30,2013-01-01T12:00:00Z",
        "1,A,30,2013-01-01T12:00:00Z",
        "1,A,30,2013-01-01T12:00:00Z",
        "1,A,31,2013-01-01T12:00:00Z");

    RunRecord run = project.ingest().get(1);

    assertThat(SmallProject.told(run))
        .containsEntry("exact-repeats", 2L)
        .containsEntry("rows-admitted", 4L);
  }

  @Test
  void rowsOfReferenceDataThatShareAKeyAreAllQuarantined() {
    project.write("data/stations.csv", "code,town\nA,Astoria\nB,Bronx\nA,Albany\n,Nowhere\n");
    project.trips("trips.csv", "1,A,30,2013-01-01T12:00:00Z", "2,B,30,2013-01-01T12:00:00Z");

    project.ingest();

    assertThat(
            project.list("quarantine.stations", "_line", "reasons[0].rule", "reasons[0].message"))
        .containsExactly(
            "2 event-key A breaks event-key(code)",
            "4 event-key A breaks event-key(code)",
            "5 event-key the event key is null");
    assertThat(project.list("validated.trips", "id", "town")).containsExactly("1 null", "2 Bronx");
  }

  @Test
  void recordsHowEachExpectationWasMet() {
    project.trips("trips.csv", "1,A,30,2013-01-01T12:00:00Z", "2,b,5,2013-01-01T12:00:00Z");

    project.ingest();

    Map<Long, DeliveryReport> reports = QualityLog.of(project.lake()).reports("trips");
    assertThat(reports).containsOnlyKeys(1L);
    assertThat(reports.get(1L).counts()).isEqualTo(new RowCounts(2, 0, 1, 1, 0, 0));
    assertThat(reports.get(1L).verdicts().verdicts().get(1).unexpected()).isEqualTo(1);
    assertThat(reports.get(1L).verdicts().verdicts().get(1).samples())
        .containsExactly(new Place("data/trips.csv", 3));
  }

  @Test
  void whatWasMeasuredOfEachDeliveryIsNumbersOfATable() {
    String condition = "\"row_condition\": \"id > 1\", \"condition_parser\": \"spark\"";
    project.write(
        "expectations/trips.json",
        """
        {"name": "trips", "expectations": [
          {"type": "expect_column_values_to_be_between", "kwargs": {"column": "minutes", "max_value": 600, "mostly": 0.5}},
          {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "minutes", "mostly": 0.5}},
          {"type": "expect_column_mean_to_be_between", "kwargs": {"column": "minutes", "min_value": 1}},
          {"type": "expect_column_max_to_be_between", "kwargs": {"column": "minutes", "min_value": 1, %s}},
          {"type": "expect_column_sum_to_be_between", "kwargs": {"column": "minutes", "min_value": 1, "row_condition": "id > 9", "condition_parser": "spark"}, "severity": "info"}]}
        """
            .formatted(condition));
    project.trips(
        "trips1.csv",
        "1,A,30,2013-01-01T12:00:00Z",
        "2,A,700,2013-01-01T12:00:00Z",
        "3,A,NA,2013-01-01T12:00:00Z",
        "4,A,50,2013-01-01T12:00:00Z",
        "x,A,50,2013-01-01T12:00:00Z");
    project.ingest();
    project.trips("trips2.csv", "5,A,60,2013-01-01T12:00:00Z");
    project.ingest();

    String max =
        "expect_column_max_to_be_between(column=minutes, min_value=1, row_condition=id > 1)";
    String rows = "concat_ws(' ', delivery, column, metric, value)";
    assertThat(
            project
                .table("platform.metrics")
                .where("subject = 'trips' and value <> 0")
                .selectExpr(rows)
                .collectAsList())
        .extracting(r -> r.getString(0))
        .containsExactlyInAnyOrder(
            "1  lines 5.0",
            "1  malformed 1.0",
            "1  quarantined 2.0",
            "1  admitted 2.0",
            "1  rows 4.0",
            "1 minutes considered 3.0",
            "1 minutes unexpected 1.0",
            "1 minutes unexpected_share 0.3333333333333333",
            "1 minutes considered 4.0",
            "1 minutes unexpected 1.0",
            "1 minutes unexpected_share 0.25",
            "1 minutes nulls 1.0",
            "1 minutes mean 260.0",
            "1 minutes max 700.0",
            "2  lines 1.0",
            "2  admitted 1.0",
            "2  rows 1.0",
            "2 minutes considered 1.0",
            "2 minutes considered 1.0",
            "2 minutes mean 60.0",
            "2 minutes max 60.0");
    RunRecord run = RunLog.open(project.lake().uri()).list(IngestJob.key("trips")).get(1);
    Digest suite = QualityLog.of(project.lake()).reports("trips").get(2L).verdicts().digest();
    assertThat(MetricLog.open(project.lake().uri()).read("trips"::equals))
        .hasSize(2 * (8 + 3 + 4 + 2))
        .contains(
            new MetricLog.Measured(
                run.started(),
                "trips",
                2,
                "minutes",
                new Metric("max", 60),
                max,
                Optional.of(suite),
                run.run()));
  }
}
