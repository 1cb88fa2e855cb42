package io.tributary.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Outcome;
import io.tributary.core.PlatformException;
import io.tributary.core.TableVersion;
import io.tributary.events.runs.RunRecord;
import io.tributary.runtime.JobRunner;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Contracts that change over tables that are there. */
class ITEvolution {
  @TempDir Path folder;
  private SmallProject project;

  @BeforeEach
  void makeProject() {
    project = new SmallProject(folder);
    project.trips("trips1.csv", "1,A,30,2013-01-01T12:00:00Z");
    project.ingest();
  }

  @Test
  void aColumnThatWasAddedIsNullInOlderRows() {
    contract("  at: timestamp\n", "  at: timestamp\n  tip: {type: double, optional: true}\n");
    project.trips("trips2.csv", "2,A,30,2013-01-01T12:00:00Z");
    project.write(
        "data/trips3.csv", "id,station,minutes,at,tip\n3,A,30,2013-01-01T12:00:00Z,1.5\n");

    RunRecord run = project.ingest().get(1);

    assertThat(SmallProject.told(run)).containsEntry("rebuilt", true);
    assertThat(project.list("validated.trips", "id", "tip"))
        .containsExactly("1 null", "2 null", "3 1.5");
    assertThat(project.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);
  }

  @Test
  void aColumnThatWasWidenedIsWidenedInOlderRowsToo() {
    TableVersion before = project.lake().table("bronze.trips").requireVersion();
    contract("id: int", "id: bigint");
    contract("minutes: int", "minutes: decimal(12,1)");
    project.trips("trips2.csv", "99999999999,A,30.5,2013-01-01T12:00:00Z");

    RunRecord run = project.ingest().get(1);

    assertThat(SmallProject.told(run))
        .containsEntry("widened", List.of("id int to bigint", "minutes int to decimal(12,1)"));
    assertThat(project.list("validated.trips", "id", "minutes", "typeof(id)"))
        .containsExactly("1 30.0 bigint", "99999999999 30.5 bigint");
    assertThat(project.list("bronze.trips", "id", "_delivery"))
        .containsExactly("1 1", "99999999999 2");
    assertThat(project.lake().table("bronze.trips").requireVersion().id()).isEqualTo(before.id());
    assertThat(
            project
                .lake()
                .table("bronze.trips")
                .read(before)
                .schema()
                .apply("id")
                .dataType()
                .catalogString())
        .isEqualTo("int");
    assertThat(project.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);
  }

  @Test
  void aColumnThatWasRenamedKeepsItsValues() {
    contract("  minutes: int\n", "  length: {type: bigint, was: minutes}\n");
    project.write("expectations/trips.json", "{\"name\": \"trips\", \"expectations\": []}");
    contract("ended: at + make_dt_interval(0, 0, minutes)", "ended: at");
    contract("pace: 60 div minutes", "pace: 60 div length");
    project.trips("trips2.csv", "2,A,20,2013-01-01T12:00:00Z");
    project.write("data/trips3.csv", "id,station,length,at\n3,A,10,2013-01-01T12:00:00Z\n");

    project.ingest();

    assertThat(project.list("validated.trips", "id", "length", "pace"))
        .containsExactly("1 30 2", "2 20 3", "3 10 6");
  }

  @Test
  void aColumnThatWasDroppedStaysInBronzeAlone() {
    contract("  from: {source: stations, keys: [station]}\n", "");
    contract("lookup:\n", "");
    contract("  town: from.town\n", "");
    contract("  station: string\n", "");
    project.write("expectations/trips.json", "{\"name\": \"trips\", \"expectations\": []}");
    project.write("data/trips2.csv", "id,minutes,at\n2,20,2013-01-01T12:00:00Z\n");

    project.ingest();

    assertThat(project.list("validated.trips", "id", "minutes")).containsExactly("1 30", "2 20");
    assertThat(project.table("validated.trips").columns()).doesNotContain("station");
    assertThat(project.list("bronze.trips", "id", "station")).containsExactly("1 A", "2 null");
  }

  @Test
  void aTypeThatCouldLoseValuesIsRefusedAndBothSidesAreShown() {
    contract("station: string", "station: int");
    contract("  from: {source: stations, keys: [station]}\n", "");
    contract("lookup:\n", "");
    contract("  town: from.town\n", "");
    project.write("expectations/trips.json", "{\"name\": \"trips\", \"expectations\": []}");
    long before = project.version("validated.trips");

    assertThatThrownBy(project::ingest)
        .hasMessage(
            "Cannot load source trips by its contract of now into bronze.trips: column station is"
                + " string there, which can't become int without loss. The table has [id int,"
                + " station string, minutes int, at timestamp], the contract [id int, station int,"
                + " minutes int, at timestamp]. Keep the type and derive the other, or give the"
                + " source a new name.")
        .extracting(e -> ((PlatformException) e).code())
        .isEqualTo(ErrorCode.INVALID_DEFINITION);

    assertThat(project.version("validated.trips")).isEqualTo(before);
  }

  @Test
  void aColumnThatAppearsUnsaidIsAnErrorThatShowsBothSides() {
    project.write(
        "data/trips2.csv", "id,station,minutes,at,tip\n3,A,30,2013-01-01T12:00:00Z,1.5\n");

    assertThatThrownBy(project::ingest)
        .hasMessageContaining(
            "it has tip, which the contract does not. It has [id, station, minutes, at, tip], the"
                + " contract [id, station, minutes, at].");

    contract("columns:\n", "other-columns: ignore\ncolumns:\n");
    project.ingest();
    assertThat(project.list("validated.trips", "id")).containsExactly("1", "3");
  }

  @Test
  void anIntervalLoadsItsOwnFiles() {
    contract("data/trips*.csv*", "nights/{from:yyyy-MM-dd}/*.csv");
    for (int day = 1; day <= 3; day++) {
      project.write(
          "nights/2013-01-0" + day + "/trips.csv",
          SmallProject.TRIP_COLUMNS + day + "0,A,30,2013-01-0" + day + "T12:00:00Z\n");
    }

    ingest("2013-01-02/2013-01-03");
    assertThat(project.list("validated.trips", "id")).containsExactly("1", "20");
    assertThat(ingest("2013-01-02/2013-01-03")).allMatch(r -> r.outcome() == Outcome.UNCHANGED);
    ingest("2013-01-01/2013-01-02");
    assertThat(project.list("validated.trips", "id", "_delivery"))
        .containsExactly("1 1", "10 3", "20 2");

    project.ingest();
    assertThat(project.list("validated.trips", "id")).containsExactly("1", "10", "20", "30");
    ingest("2013-02-01/2013-02-02");
  }

  private List<RunRecord> ingest(String interval) {
    try (JobRunner runner = JobRunner.open(project.lake())) {
      return new Ingest(
              project.checked(),
              project.lake(),
              Optional.of(Interval.parse(interval, ZoneId.of("America/New_York"))))
          .run(runner);
    }
  }

  private String yaml = SmallProject.TRIPS;

  private void contract(String from, String to) {
    assertThat(yaml).contains(from);
    yaml = yaml.replace(from, to);
    project.write("sources/trips.yaml", yaml);
  }
}
