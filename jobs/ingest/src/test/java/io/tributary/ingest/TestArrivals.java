package io.tributary.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.PlatformException;
import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.notify.ArrivalNotice;
import io.tributary.notify.Outbox;
import io.tributary.notify.Outbox.Owed;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In New York, where a night ends at four or five in London. */
class TestArrivals {
  private static final String SECRET = "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I=";
  private static final List<String> TRIPS = List.of("trips");

  @TempDir Path folder;
  private SmallProject project;

  @BeforeEach
  void deliverOneNight() {
    project = SmallProject.withStations(folder);
    project.set("SECRET", SECRET);
    deliver("1", "1,A,10,2021-03-01 23:30:00");
  }

  private void deliver(String file, String line) {
    project.write("data/trips" + file + ".csv", SmallProject.TRIP_COLUMNS + line + "\n");
    project.run(project.job("trips"));
  }

  private void expect(String overdue) {
    project.write("sources/trips.yaml", SmallProject.TRIPS + "expect-by: 05:30\n" + overdue);
  }

  private Project read() {
    return ProjectReader.read(folder, Map.of("SECRET", SECRET), Optional.empty());
  }

  private static Interval night(String day) {
    return Interval.day(LocalDate.parse(day), ZoneId.of("America/New_York"));
  }

  /** Looks at a night at some instant. */
  private List<String> look(String day, String now) {
    return new Arrivals(read(), project.lake(), () -> Instant.parse(now))
        .look(TRIPS, List.of(night(day)));
  }

  private List<Owed> owed() {
    return Outbox.open(project.lake().uri()).owed(read());
  }

  @Test
  void nothingIsExpectedUnlessItIsSaid() {
    assertThat(look("2021-03-02", "2021-04-01T00:00:00Z")).isEmpty();
  }

  @Test
  void aNightWithARowOfItsOwnIsThere() {
    expect("");
    assertThat(look("2021-03-01", "2021-03-02T10:31:00Z")).isEmpty();
  }

  @Test
  void aNightIsOverdueFromTheHourOn() {
    expect("");
    assertThat(look("2021-03-02", "2021-03-03T10:29:59Z")).isEmpty();
    assertThat(look("2021-03-02", "2021-03-03T10:30:00Z"))
        .containsExactly("WARN nothing of 2021-03-02 was delivered to source trips by 05:30");
    // The night before has its row at half past eleven, which in London is the day after.
    assertThat(look("2021-02-28", "2021-03-03T10:30:00Z"))
        .containsExactly("WARN nothing of 2021-02-28 was delivered to source trips by 05:30");
  }

  @Test
  void ofSeveralNightsEachIsLookedAt() {
    expect("");
    Interval three = Interval.of(night("2021-02-28").from(), night("2021-03-02").to());
    assertThat(
            new Arrivals(read(), project.lake(), () -> Instant.parse("2021-04-01T00:00:00Z"))
                .look(TRIPS, List.of(three)))
        .hasSize(2);
    Interval part =
        Interval.of(Instant.parse("2021-03-02T12:00:00Z"), Instant.parse("2021-03-02T18:00:00Z"));
    assertThat(
            new Arrivals(read(), project.lake(), () -> Instant.parse("2021-04-01T00:00:00Z"))
                .look(TRIPS, List.of(part)))
        .isEmpty();
  }

  @Test
  void aRowThatTheGateHeldBackIsNotThere() {
    expect("");
    deliver("2", "2,A,9999,2021-03-02 12:00:00\n3,A,10,2021-03-01 12:00:00");
    assertThat(look("2021-03-02", "2021-03-03T10:30:00Z")).hasSize(1);
  }

  @Test
  void whatIsToBeTriedAgainFailsAsByOthersUntilItIsThere() {
    expect("overdue: retry\n");
    assertThatThrownBy(() -> look("2021-03-02", "2021-03-03T10:30:00Z"))
        .isInstanceOfSatisfying(
            PlatformException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.NOT_DELIVERED);
              assertThat(e.code().group().exitCode()).isEqualTo(4);
              assertThat(e)
                  .hasMessage(
                      "Cannot go on: nothing of 2021-03-02 was delivered to source trips by 05:30. Try again once it is delivered; what was ingested stays.");
            });
    deliver("2", "2,A,10,2021-03-02 12:00:00");
    assertThat(look("2021-03-02", "2021-03-03T11:30:00Z"))
        .containsExactly("rows of 2021-03-02 have arrived at source trips");
    assertThat(look("2021-03-02", "2021-03-03T12:30:00Z")).isEmpty();
  }

  @Test
  void receiversAreToldOnceAndOnceOfItsArrival() {
    project.write(
        "tributary.yaml",
        """
        project: small
        zone: America/New_York
        lake: lake
        online: rocksdb:${lake}/online
        notify:
          webhooks:
            all: {url: "http://localhost:1/hook", secret: "${SECRET}"}
        """);
    expect("overdue: alert\n");
    look("2021-03-02", "2021-03-03T10:30:00Z");
    look("2021-03-02", "2021-03-03T10:40:00Z");
    assertThat(owed())
        .singleElement()
        .satisfies(
            owed -> {
              assertThat(owed.notice().type()).isEqualTo(ArrivalNotice.OVERDUE);
              assertThat(owed.notice().title())
                  .isEqualTo("small: nothing of 2021-03-02 was delivered to source trips");
              assertThat(owed.notice().text()).contains("Expected by: 2021-03-03T10:30:00Z");
              assertThat(owed.notice().source()).isEqualTo("sources/trips");
            });
    deliver("2", "2,A,10,2021-03-02 12:00:00");
    look("2021-03-02", "2021-03-03T11:30:00Z");
    look("2021-03-02", "2021-03-03T11:40:00Z");
    assertThat(owed())
        .extracting(owed -> owed.notice().type())
        .containsExactly(ArrivalNotice.OVERDUE, ArrivalNotice.ARRIVED);
    assertThat(owed().get(1).notice().replaces()).contains(owed().get(0).notice().id());
  }

  @Test
  void nobodyIsToldOfWhatIsOnlyToBeSaid() {
    expect("");
    look("2021-03-02", "2021-03-03T10:30:00Z");
    assertThat(owed()).isEmpty();
  }
}
