package io.tributary.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Outcome;
import io.tributary.core.PlatformException;
import io.tributary.events.facts.DeliveryVerdict;
import io.tributary.events.facts.IngestFacts;
import io.tributary.events.runs.RunRecord;
import io.tributary.ingest.gate.QualityLog;
import io.tributary.ingest.gate.SourceSuite;
import io.tributary.ingest.ledger.DeliveryLedger;
import io.tributary.quality.MetricLog;
import io.tributary.runtime.Fingerprint;
import io.tributary.runtime.Job;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ITIngestRepair {
  private static final String[] COLUMNS = {"id", "town", "minutes", "_delivery", "_file", "_line"};

  private static final String MAX =
      "{\"name\": \"trips\", \"expectations\": [{\"type\": \"expect_column_max_to_be_between\", \"kwargs\": {\"column\": \"%s\", \"max_value\": %d}}]}";

  @TempDir Path folder;
  private SmallProject project;

  @BeforeEach
  void makeProject() {
    project = SmallProject.withStations(folder);
  }

  @Test
  void goesOnWhereverItWasKilled() {
    for (int commit = 1; commit <= 3; commit++) {
      SmallProject killed = SmallProject.withStations(folder.resolve("before" + commit));
      killed.trips(
          "trips.csv",
          "1,A,30,2013-01-01T12:00:00Z",
          "x,A,30,2013-01-01T12:00:00Z",
          "3,b,5,2013-01-01T12:00:00Z");
      Job dying = DisturbedJob.dying(killed.job("trips"), commit);
      assertThatThrownBy(() -> killed.run(dying)).isInstanceOf(DisturbedJob.Killed.class);
      assertThat(killed.has("bronze.trips")).isEqualTo(commit > 1);
      assertThat(killed.has("quarantine.trips")).isEqualTo(commit > 2);
      assertThat(killed.has("validated.trips")).isFalse();
      killed.reopen();

      killed.ingest();

      assertThat(killed.list("bronze.trips", "id", "_line")).containsExactly("1 2", "3 4");
      assertThat(killed.list("quarantine.trips", "_line", "_stage"))
          .containsExactly("3 parse", "4 gate");
      assertThat(killed.list("validated.trips", COLUMNS))
          .containsExactly("1 Astoria 30 1 data/trips.csv 2");
      assertThat(killed.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);
      assertThat(verdicts(killed))
          .extracting(DeliveryVerdict::outcome)
          .containsExactly(DeliveryVerdict.Outcome.ADMITTED);
      assertThat(QualityLog.of(killed.lake()).reports("trips").get(1L).counts().admitted())
          .isEqualTo(1);
      assertThat(measured(killed).stream().max(Comparator.comparing(MetricLog.Measured::at)))
          .map(MetricLog.Measured::run)
          .hasValueSatisfying(
              newest ->
                  assertThat(measured(killed))
                      .filteredOn(m -> m.run().equals(newest))
                      .extracting(m -> m.metric().name())
                      .contains("admitted", "rows"));
    }
  }

  @Test
  void tellsTheLedgerWhatAKilledRunCouldNot() throws IOException {
    project.trips("trips.csv", "1,A,30,2013-01-01T12:00:00Z");
    project.ingest();
    List<DeliveryVerdict> before = verdicts(project);
    long version = project.version("validated.trips");
    List<MetricLog.Measured> measured = measured(project);
    while (!verdicts(project).isEmpty()) {
      // After the verdict the ledger may have remembered the file, if that was old enough by then.
      removeLastCommit("platform/deliveries");
      project.reopen();
    }

    RunRecord run = project.ingest().get(1);

    assertThat(run.outcome()).isEqualTo(Outcome.SUCCEEDED);
    assertThat(verdicts(project)).isEqualTo(before);
    assertThat(project.version("validated.trips")).isEqualTo(version);
    assertThat(QualityLog.of(project.lake()).reports("trips")).containsKey(1L);
    assertThat(measured(project)).isEqualTo(measured).isNotEmpty();
    assertThat(project.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);
  }

  @Test
  void aFileThatChangedBeforeItWasJudgedIsAnotherDelivery() {
    project.trips("trips.csv", "1,A,30,2013-01-01T12:00:00Z");
    assertThatThrownBy(() -> project.run(DisturbedJob.dying(project.job("trips"), 2)))
        .isInstanceOf(DisturbedJob.Killed.class);
    project.trips("trips.csv", "2,B,30,2013-01-01T12:00:00Z");
    project.reopen();

    project.ingest();

    assertThat(project.list("validated.trips", COLUMNS))
        .containsExactly("2 Bronx 30 2 data/trips.csv 2");
    assertThat(project.list("bronze.trips", "id", "_delivery")).containsExactly("2 2");
    assertThat(verdicts(project))
        .extracting(DeliveryVerdict::outcome)
        .containsExactly(DeliveryVerdict.Outcome.WITHDRAWN, DeliveryVerdict.Outcome.ADMITTED);
  }

  @Test
  void whatAWithdrawnDeliveryHadInQuarantineGoesWithIt() {
    project.trips(
        "trips.csv",
        "1,A,30,2013-01-01T12:00:00Z",
        "2,b,30,2013-01-01T12:00:00Z",
        "x,A,30,2013-01-01T12:00:00Z");
    assertThatThrownBy(() -> project.run(DisturbedJob.dying(project.job("trips"), 3)))
        .isInstanceOf(DisturbedJob.Killed.class);
    assertThat(project.table("quarantine.trips").count()).isEqualTo(2);
    project.trips("trips.csv", "1,A,30,2013-01-01T12:00:00Z", "2,B,30,2013-01-01T12:00:00Z");
    project.reopen();

    project.ingest();

    assertThat(project.list("validated.trips", "id", "_delivery")).containsExactly("1 2", "2 2");
    assertThat(project.table("quarantine.trips").count()).isZero();
  }

  @Test
  void aFileThatGrowsWhileItIsReadIsNotAdmittedHalf() {
    String half = SmallProject.TRIP_COLUMNS + "1,A,30,2013-01-01T12:00:00Z\n2,b,5,2013-01";
    String whole = half + "-01T12:00:00Z\n3,B,7,2013-01-01T12:00:00Z\n";
    for (int commit = 1; commit <= 3; commit++) {
      SmallProject growing = SmallProject.withStations(folder.resolve("growing" + commit));
      growing.write("data/trips.csv", half);
      Job disturbed =
          new DisturbedJob(
              growing.job("trips"), commit, () -> growing.write("data/trips.csv", whole));

      assertThatThrownBy(() -> growing.run(disturbed))
          .hasMessageStartingWith("Cannot load file data/trips.csv of source trips: it was changed")
          .hasMessageEndingWith(
              "Deliver it whole: write it under a name that begins with a dot, rename it at last, and run ingest again.")
          .extracting(e -> PlatformException.codeOf(e))
          .isEqualTo(ErrorCode.CONFLICT);
      assertThat(growing.has("validated.trips")).isFalse();
      growing.reopen();
      growing.ingest();

      assertThat(growing.list("validated.trips", COLUMNS))
          .containsExactly("1 Astoria 30 2 data/trips.csv 2", "3 Bronx 7 2 data/trips.csv 4");
      assertThat(growing.list("bronze.trips", "id", "_delivery"))
          .containsExactly("1 2", "2 2", "3 2");
      assertThat(growing.list("quarantine.trips", "_line", "_delivery")).containsExactly("3 2");
      assertThat(verdicts(growing))
          .extracting(DeliveryVerdict::outcome)
          .containsExactly(DeliveryVerdict.Outcome.WITHDRAWN, DeliveryVerdict.Outcome.ADMITTED);
      assertThat(growing.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);
    }
  }

  @Test
  void aFileThatVanishesBeforeItIsReadIsNoDeliveryAndAfterwardsIsOne() {
    project.trips("trips1.csv", "1,A,30,2013-01-01T12:00:00Z");
    project.ingest();
    project.trips("trips2.csv", "2,A,30,2013-01-01T12:00:00Z");
    Job early = new DisturbedJob(project.job("trips"), 1, () -> project.delete("data/trips2.csv"));
    assertThatThrownBy(() -> project.run(early))
        .hasMessageStartingWith(
            "Cannot load file data/trips2.csv of source trips: it was changed or removed while it was being read.");
    assertThat(project.version("bronze.trips")).isZero();
    assertThat(project.ingest()).hasSize(2);
    assertThat(verdicts(project))
        .extracting(DeliveryVerdict::outcome)
        .containsExactly(DeliveryVerdict.Outcome.ADMITTED, DeliveryVerdict.Outcome.WITHDRAWN);
    project.trips("trips3.csv", "3,A,30,2013-01-01T12:00:00Z");

    project.run(new DisturbedJob(project.job("trips"), 2, () -> project.delete("data/trips3.csv")));

    assertThat(project.list("validated.trips", "id", "_delivery")).containsExactly("1 1", "3 3");
    assertThat(project.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);
  }

  @Test
  void aFileThatIsThreeNightsLateLeavesTheRowsThatOneInTimeLeaves() {
    String[] rows = new String[5];
    for (int night = 1; night <= 4; night++) {
      rows[night] = "%d,A,30,2013-01-0%dT12:00:00Z".formatted(night, night);
    }
    List<List<String>> contents = new java.util.ArrayList<>();
    for (int[] order : new int[][] {{1, 2, 3, 4}, {2, 3, 4, 1}}) {
      SmallProject nights = SmallProject.withStations(folder.resolve("from" + order[0]));
      for (int night : order) {
        nights.trips("trips-" + night + ".csv", rows[night]);
        nights.ingest();
      }
      contents.add(nights.list("validated.trips", "id", "town", "minutes", "at", "_file", "_line"));
      assertThat(nights.list("validated.trips", "_delivery")).containsExactly("1", "2", "3", "4");
      if (order[0] == 2) {
        assertThat(nights.list("validated.trips", "_delivery", "id")).contains("4 1");
      }
    }
    assertThat(contents.get(1)).isEqualTo(contents.get(0));
  }

  @Test
  void aNewDeliveryOfReferenceDataMakesItsUsersAnew() {
    project.trips(
        "trips.csv",
        "1,A,30,2013-01-01T12:00:00Z",
        "2,C,30,2013-01-01T12:00:00Z",
        "x,C,30,2013-01-01T12:00:00Z",
        "4,c,1,2013-01-01T12:00:00Z");
    project.ingest();
    Digest downstream = downstream();
    project.write("data/stations.csv", "code,town\nA,Albany\nC,Camden\n");

    List<RunRecord> runs = project.ingest();

    assertThat(downstream()).isNotEqualTo(downstream);

    assertThat(project.list("validated.stations", "code", "town", "_delivery"))
        .containsExactly("A Albany 2", "A Astoria 1", "B Bronx 1", "C Camden 2");
    assertThat(SmallProject.told(runs.get(1)))
        .containsEntry("rebuilt", true)
        .containsEntry("lines-read", 4L);
    assertThat(project.list("validated.trips", COLUMNS))
        .containsExactly("1 Albany 30 1 data/trips.csv 2", "2 Camden 30 1 data/trips.csv 3");
    assertThat(project.list("quarantine.trips", "_line", "_stage", "raw"))
        .containsExactly(
            "4 parse x,C,30,2013-01-01T12:00:00Z",
            "5 gate {\"id\":4,\"station\":\"c\",\"minutes\":1,\"at\":\"2013-01-01T12:00:00.000Z\"}");
    assertThat(project.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);
  }

  @Test
  void changedRulesMakeValidatedAnewWithANewDeliveryAtOnce() {
    project.trips("trips1.csv", "1,A,30,2013-01-01T12:00:00Z");
    project.ingest();
    project.write(
        "sources/trips.yaml", SmallProject.TRIPS.replace("60 div minutes", "120 div minutes"));
    project.trips("trips2.csv", "2,A,30,2013-01-01T12:00:00Z");

    project.ingest();

    assertThat(project.list("validated.trips", "id", "pace", "_delivery"))
        .containsExactly("1 4 1", "2 4 2");
    assertThat(project.version("validated.trips")).isEqualTo(1);
  }

  @Test
  void whatChangedRulesWouldTakeBackStaysUntilSomebodyHasLooked() {
    project.write("expectations/trips.json", MAX.formatted("pace", 20));
    project.trips("trips.csv", "1,A,30,2013-01-01T12:00:00Z");
    project.ingest();
    project.write(
        "sources/trips.yaml", SmallProject.TRIPS.replace("60 div minutes", "6000 div minutes"));

    assertThatThrownBy(project::ingest)
        .hasMessageStartingWith(
            "Cannot rebuild validated.trips by its changed rules: delivery 1 of source trips (data/trips.csv), which was admitted by the former ones, now breaks expect_column_max_to_be_between(column=pace, max_value=20): observed 200.");
    assertThat(project.version("validated.trips")).isZero();
    assertThat(project.has("quarantine.trips")).isFalse();
  }

  @Test
  void aCommentInASuiteIsNothingToDo() {
    project.trips("trips.csv", "1,A,30,2013-01-01T12:00:00Z");
    project.write("expectations/trips.json", MAX.formatted("minutes", 40));
    project.ingest();
    project.write(
        "expectations/trips.json",
        MAX.formatted("minutes", 40).replace("{\"name\"", "{\"notes\": \"why\", \"name\""));

    assertThat(project.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);
    project.trips("trips2.csv", "2,A,30,2013-01-01T12:00:00Z");
    project.ingest();

    assertThat(verdicts(project))
        .extracting(DeliveryVerdict::suite)
        .doesNotContain(Optional.empty());
    assertThat(verdicts(project).stream().map(DeliveryVerdict::suite).distinct()).hasSize(1);
  }

  @Test
  void aChangedSuiteCountsFromTheNextDeliveryOn() {
    project.trips("trips1.csv", "1,A,30,2013-01-01T12:00:00Z", "2,A,700,2013-01-01T12:00:00Z");
    project.ingest();
    Digest downstream = downstream();
    project.write("expectations/trips.json", MAX.formatted("minutes", 20));

    assertThat(project.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);
    assertThat(downstream()).isEqualTo(downstream);
    String said =
        "source trips: its expectations have changed. They count from delivery 2 on; what was admitted before stays as it is.";
    assertThat(Ingest.changed(project.checked(), project.lake())).containsExactly(said);
    project.trips("trips2.csv", "3,A,15,2013-01-01T12:00:00Z");
    RunRecord run = project.ingest().get(1);
    assertThat(SmallProject.told(run)).containsEntry("rebuilt", false);
    assertThat(run.facts(IngestFacts.class).orElseThrow().judged().orElseThrow().newSuiteFrom())
        .contains(2L);
    assertThat(Ingest.changed(project.checked(), project.lake())).isEmpty();

    assertThat(project.list("validated.trips", "id", "_delivery")).containsExactly("1 1", "3 2");
    Optional<Digest> former = verdicts(project).get(0).suite();
    assertThat(verdicts(project).get(1).suite()).isNotEqualTo(former);
    project.write(
        "sources/trips.yaml", SmallProject.TRIPS.replace("60 div minutes", "120 div minutes"));
    assertThat(SmallProject.told(project.ingest().get(1))).containsEntry("rebuilt", true);
    assertThat(project.list("validated.trips", "id", "_delivery", "pace"))
        .containsExactly("1 1 4", "3 2 8");
    assertThat(project.list("quarantine.trips", "_line", "_delivery")).containsExactly("3 1");
    assertThat(verdicts(project).get(0).suite()).isEqualTo(former);
  }

  @Test
  void aSuiteIsNamedByItsFileWhateverItCallsItself() {
    project.write("expectations/strict.json", MAX.formatted("minutes", 20));
    project.write("sources/trips.yaml", SmallProject.TRIPS.replace("trips.json", "strict.json"));

    assertThat(SourceSuite.of(project.checked(), "trips").suite().name()).isEqualTo("trips");
    assertThat(project.job("trips").definitions())
        .extracting(Definition::reference)
        .contains("suite strict");
  }

  @Test
  void aFormerSuiteKeepsItsNamesWhereItJudgesAgain() {
    project.write(
        "expectations/trips.json",
        """
        {"name": "trips", "expectations": [
          {"type": "expect_table_row_count_to_equal", "kwargs": {"value": 3}},
          {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "minutes", "mostly": 0}}]}
        """);
    String at = ",2013-01-01T12:00:00Z";
    project.trips("trips.csv", "1,A,30" + at, "2,A,30" + at, "3,A,31" + at);
    project.ingest();
    List<String> reasons = project.list("quarantine.trips", "_line", "reasons[0].rule");
    assertThat(reasons)
        .containsExactly(
            "2 expect_column_values_to_be_unique", "3 expect_column_values_to_be_unique");
    Set<String> measured = expectations();
    assertThat(measured).contains("expect_table_row_count_to_equal(value=3)");

    project.write("expectations/trips.json", MAX.formatted("minutes", 40));
    project.write(
        "sources/trips.yaml", SmallProject.TRIPS.replace("60 div minutes", "120 div minutes"));
    assertThat(SmallProject.told(project.ingest().get(1))).containsEntry("rebuilt", true);
    assertThat(project.list("quarantine.trips", "_line", "reasons[0].rule")).isEqualTo(reasons);
    assertThat(expectations()).isEqualTo(measured);
  }

  private Set<String> expectations() {
    return MetricLog.open(project.lake().uri()).read("trips"::equals).stream()
        .map(MetricLog.Measured::expectation)
        .collect(Collectors.toSet());
  }

  @Test
  void aChangedWayOfReadingCountsFromTheNextDeliveryOn() {
    project.trips("trips1.csv", "1,A,NA,2013-01-01T12:00:00");
    project.ingest();
    project.write(
        "sources/trips.yaml",
        SmallProject.TRIPS.replace("nulls: [NA]", "nulls: [none]") + "zone: Asia/Tokyo\n");

    String said =
        "source trips: its files are read otherwise from delivery 2 on, by another format, header, null marker, option or zone; what was delivered before stays as it was read.";
    assertThat(Ingest.changed(project.checked(), project.lake())).containsExactly(said);
    project.ingest();
    assertThat(Ingest.changed(project.checked(), project.lake())).containsExactly(said);
    project.trips("trips2.csv", "2,A,none,2013-01-01T12:00:00");
    IngestFacts.Judged judged =
        project.ingest().get(1).facts(IngestFacts.class).orElseThrow().judged().orElseThrow();

    assertThat(Ingest.changes("trips", judged)).containsExactly(said);
    assertThat(Ingest.changed(project.checked(), project.lake())).isEmpty();
    assertThat(project.list("validated.trips", "id", "unix_micros(at) div 3600000000"))
        .containsExactly("1 376961", "2 376947");
    assertThat(verdicts(project).stream().map(DeliveryVerdict::reading).distinct()).hasSize(2);
  }

  @Test
  void aFormerDeliveryIsJudgedByTheSuiteOfNowWhereItsOwnFitsNoMore() {
    project.write("expectations/trips.json", MAX.formatted("pace", 20));
    project.trips("trips.csv", "1,A,30,2013-01-01T12:00:00Z");
    project.ingest();
    project.write("sources/trips.yaml", SmallProject.TRIPS.replace("pace:", "tempo:"));
    project.write("expectations/trips.json", MAX.formatted("tempo", 20));
    Optional<Digest> former = verdicts(project).get(0).suite();

    project.ingest();

    assertThat(project.list("validated.trips", "id", "tempo")).containsExactly("1 2");
    assertThat(verdicts(project).get(0).suite()).isNotEqualTo(former);
  }

  @Test
  void aRejectionIsAnErrorAgainAlsoWhenTheSameRunMadeValidatedAnew() {
    project.trips("trips1.csv", "1,A,30,2013-01-01T12:00:00Z");
    project.ingest();
    project.write(
        "sources/trips.yaml", SmallProject.TRIPS.replace("60 div minutes", "120 div minutes"));
    project.trips("trips2.csv", "2,A,700,2013-01-01T12:00:00Z");

    for (int again = 0; again < 2; again++) {
      assertThatThrownBy(project::ingest)
          .hasMessageStartingWith("Cannot admit delivery 2 of source trips (data/trips2.csv)");
      assertThat(project.list("validated.trips", "id", "pace")).containsExactly("1 4");
      assertThat(project.version("validated.trips")).isEqualTo(1);
    }
    project.delete("data/trips2.csv");
    assertThat(project.ingest().get(1).outcome()).isEqualTo(Outcome.SUCCEEDED);
    assertThat(project.version("validated.trips")).isEqualTo(1);
  }

  @Test
  void aRejectedDeliveryIsTriedAgainByAChangedSuiteAsADeliveryOfNow() {
    project.trips("trips1.csv", "1,A,700,2013-01-01T12:00:00Z");
    assertThatThrownBy(project::ingest).hasMessageStartingWith("Cannot admit delivery 1");
    project.trips("trips2.csv", "2,A,30,2013-01-01T12:00:00Z");
    assertThatThrownBy(project::ingest).hasMessageStartingWith("Cannot admit delivery 1");
    project.write("expectations/trips.json", MAX.formatted("minutes", 500));
    project.trips("trips3.csv", "3,A,30,2013-01-01T12:00:00Z");
    assertThatThrownBy(project::ingest).hasMessageStartingWith("Cannot admit delivery 3");
    assertThat(project.list("validated.trips", "id", "_delivery")).containsExactly("2 2", "3 4");
    project.write("expectations/trips.json", MAX.formatted("minutes", 800));

    assertThat(SmallProject.told(project.ingest().get(1))).containsEntry("rebuilt", false);

    assertThat(project.list("validated.trips", COLUMNS))
        .containsExactly(
            "1 Astoria 700 5 data/trips1.csv 2",
            "2 Astoria 30 2 data/trips2.csv 2",
            "3 Astoria 30 4 data/trips3.csv 2");
    assertThat(project.list("bronze.trips", "id", "_delivery"))
        .containsExactly("1 5", "2 2", "3 4");
    assertThat(project.table("quarantine.trips").count()).isZero();
    assertThat(verdicts(project))
        .extracting(DeliveryVerdict::outcome)
        .containsExactly(
            DeliveryVerdict.Outcome.WITHDRAWN,
            DeliveryVerdict.Outcome.ADMITTED,
            DeliveryVerdict.Outcome.WITHDRAWN,
            DeliveryVerdict.Outcome.ADMITTED,
            DeliveryVerdict.Outcome.ADMITTED);
    assertThat(project.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);
  }

  @Test
  void whereARejectedDeliveryIsTriedAgainAKilledRunIsGoneOnWith() {
    for (int commit = 1; commit <= 4; commit++) {
      SmallProject killed = SmallProject.withStations(folder.resolve("before" + commit));
      killed.trips("trips1.csv", "1,A,700,2013-01-01T12:00:00Z");
      assertThatThrownBy(killed::ingest).hasMessageStartingWith("Cannot admit delivery 1");
      killed.write("expectations/trips.json", MAX.formatted("minutes", 800));
      Job dying = DisturbedJob.dying(killed.job("trips"), commit);
      assertThatThrownBy(() -> killed.run(dying)).isInstanceOf(DisturbedJob.Killed.class);
      killed.reopen();

      killed.ingest();

      assertThat(killed.list("validated.trips", "id", "_delivery")).containsExactly("1 2");
      assertThat(killed.list("bronze.trips", "id", "_delivery")).containsExactly("1 2");
      assertThat(killed.table("quarantine.trips").count()).isZero();
      assertThat(killed.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);
    }
  }

  @Test
  void referenceDataThatANewerDeliveryHasReplacedIsNoErrorAndDoesNotComeBack() {
    project = new SmallProject(folder.resolve("reference"));
    String stations =
        "source: stations\nstatic: true\nread: {format: csv, path: \"data/stations*.csv\", header: true}\ncolumns:\n  code: string\n  town: string\nevent-key: [code]\nexpectations: stations.json\n";
    project.write("sources/stations.yaml", stations);
    project.write(
        "expectations/stations.json",
        "{\"name\": \"stations\", \"expectations\": [{\"type\": \"expect_table_row_count_to_be_between\", \"kwargs\": {\"min_value\": 3}}]}");
    assertThatThrownBy(() -> project.run(project.job("stations")))
        .hasMessageStartingWith("Cannot admit delivery 1 of source stations");
    project.write("data/stations2.csv", "code,town\nA,Albany\nB,Bronx\nC,Camden\n");

    project.run(project.job("stations"));
    project.write("expectations/stations.json", "{\"name\": \"x\", \"expectations\": []}");
    project.run(project.job("stations"));

    assertThat(project.list("validated.stations", "code", "town", "_delivery"))
        .containsExactly("A Albany 2", "B Bronx 2", "C Camden 2");
  }

  @Test
  void aColumnThatIsAddedIsNullInFormerDeliveries() {
    project.trips("trips1.csv", "1,A,30,2013-01-01T12:00:00Z");
    project.ingest();
    project.delete("data/trips1.csv");
    project.write(
        "sources/trips.yaml",
        SmallProject.TRIPS.replace("  at: timestamp\n", "  at: timestamp\n  rider: string\n"));
    project.write(
        "data/trips2.csv", "id,station,minutes,at,rider\n2,A,30,2013-01-01T12:00:00Z,Ann\n");

    project.ingest();

    assertThat(project.list("validated.trips", "id", "rider", "_delivery"))
        .containsExactly("1 null 1", "2 Ann 2");
  }

  private static List<MetricLog.Measured> measured(SmallProject project) {
    return MetricLog.open(project.lake().uri()).read("trips"::equals);
  }

  /** Of a job that reads the trips. */
  private Digest downstream() {
    return Fingerprint.of(
        project.lake(),
        Digest.of("x"),
        List.of(Commits.deliveredPin(project.lake().table("validated.trips")).orElseThrow()));
  }

  private static List<DeliveryVerdict> verdicts(SmallProject of) {
    return new DeliveryLedger(of.lake().events(DeliveryLedger.LOG))
        .entries("trips").stream().flatMap(e -> e.verdict().stream()).toList();
  }

  /** As if the process had been killed before it wrote it. */
  private void removeLastCommit(String table) throws IOException {
    Path log = folder.resolve("lake").resolve(table).resolve("_delta_log");
    try (Stream<Path> files = Files.list(log)) {
      Path last =
          files
              .filter(f -> f.getFileName().toString().matches("\\d{20}\\.json"))
              .max(Comparator.naturalOrder())
              .orElseThrow();
      Files.delete(last);
      Files.deleteIfExists(log.resolve("." + last.getFileName() + ".crc"));
    }
  }
}
