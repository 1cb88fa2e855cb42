package io.tributary.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Outcome;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.events.Event;
import io.tributary.events.runs.RunRecord;
import io.tributary.ingest.ledger.Delivery;
import io.tributary.ingest.ledger.DeliveryLedger;
import io.tributary.ingest.ledger.LineSet;
import io.tributary.ingest.ledger.Release;
import io.tributary.ingest.quarantine.Quarantine;
import io.tributary.ingest.quarantine.Quarantine.ReasonCount;
import io.tributary.ingest.quarantine.Quarantine.Released;
import io.tributary.ingest.quarantine.Quarantine.Selection;
import io.tributary.ingest.quarantine.Quarantine.State;
import io.tributary.ingest.quarantine.QuarantineText;
import io.tributary.lake.LakeSession;
import io.tributary.runtime.Fingerprint;
import io.tributary.runtime.Job;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ITQuarantine {
  private static final Principal ANN = Principal.osUser("ann");
  private static final String[] COLUMNS = {"id", "minutes", "_delivery", "_file", "_line"};
  private static final String FILE = "data/trips.csv";
  private static final Selection BY_REGEX = byReason("expect_column_values_to_match_regex");

  @TempDir Path folder;
  private SmallProject project;

  @BeforeEach
  void makeProject() {
    project = SmallProject.withStations(folder);
  }

  /** Two rows that only the suite holds, a malformed one, one that can't be computed, good ones. */
  private static void deliverMixed(SmallProject to) {
    to.trips(
        "trips.csv",
        "1,A,30,2013-01-01T12:00:00Z",
        "2,b,31,2013-01-01T12:00:00Z",
        "3,A,700,2013-01-01T12:00:00Z",
        "x,A,30,2013-01-01T12:00:00Z",
        "5,A,0,2013-01-01T12:00:00Z",
        "6,A,32,2013-01-01T12:00:00Z",
        "7,B,33,2013-01-01T12:00:00Z");
    to.ingest();
  }

  @Test
  void showsReasonsAndRows() {
    assertThat(quarantine().held(Selection.ALL, 10).rows()).isZero();
    deliverMixed(project);
    LakeSession cold = project.restart();

    Quarantine.Held held = quarantine().held(Selection.ALL, 2);

    assertThat(held.rows()).isEqualTo(4);
    assertThat(held.states())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(State.HELD, 2L, State.MALFORMED, 1L, State.UNUSABLE, 1L));
    assertThat(held.reasons())
        .containsExactly(
            new ReasonCount("expect_column_values_to_be_between", "minutes", 2),
            new ReasonCount("derive", "pace", 1),
            new ReasonCount("expect_column_values_to_match_regex", "station", 1),
            new ReasonCount("type", "id", 1));
    assertThat(QuarantineText.of(held))
        .startsWith(
            "quarantine.trips: 4 rows of 1 delivery",
            "           2  held back by expectations or a rejection: can be released",
            "           1  malformed lines: mend them, and deliver the file again")
        .contains(
            "REASON                               COLUMN         ROWS",
            "expect_column_values_to_be_between   minutes           2",
            "data/trips.csv:3  delivery 1  can be released",
            "    expect_column_values_to_match_regex(station): b breaks expect_column_values_to_match_regex(column=station, regex=^[A-Z]$, mostly=0.5)",
            "    | {\"id\":2,\"station\":\"b\",\"minutes\":31,\"at\":\"2013-01-01T12:00:00.000Z\"}",
            "These are 2 of 4 rows. All: --json. More: --limit N. Fewer: --delivery N, --reason RULE, --rows FILE:LINES.");
    assertThat(quarantine().held(byReason("type/id"), 10).list())
        .singleElement()
        .satisfies(r -> assertThat(r.raw()).isEqualTo("x,A,30,2013-01-01T12:00:00Z"));
    assertThat(
            quarantine()
                .held(
                    new Selection(Optional.of(2L), Optional.empty(), Optional.empty(), Map.of()),
                    10)
                .rows())
        .isZero();
    assertThat(quarantine().release(BY_REGEX, "b is the old name of B", ANN).released()).isOne();
    assertThat(cold.started()).isEmpty();
  }

  @Test
  void releasedRowsEnterWithTheNextIngestAndOnce() {
    deliverMixed(project);
    Digest downstream = downstream();

    Released released = quarantine().release(BY_REGEX, "b is the old name of B", ANN);

    assertThat(released)
        .isEqualTo(new Released("trips", Optional.of(2L), 1, 0, 0, 0, List.of(), List.of()));
    assertThat(quarantine().held(BY_REGEX, 1).list().get(0).state()).isEqualTo(State.RELEASED);
    assertThat(quarantine().release(BY_REGEX, "once more", Principal.osUser("bob")))
        .isEqualTo(new Released("trips", Optional.empty(), 0, 1, 0, 0, List.of(), List.of()));
    assertThat(project.list("validated.trips", "id")).containsExactly("1", "6", "7");

    RunRecord run = project.ingest().get(1);

    assertThat(SmallProject.told(run))
        .containsEntry("lines-read", 0L)
        .containsEntry("rows-released", 1L)
        .containsEntry("rows-admitted", 1L)
        .containsEntry("rows-quarantined", 0L)
        .containsEntry("judged-deliveries", List.of(2L));
    assertThat(project.list("validated.trips", COLUMNS))
        .containsExactly(
            "1 30 1 " + FILE + " 2",
            "2 31 2 " + FILE + " 3",
            "6 32 1 " + FILE + " 7",
            "7 33 1 " + FILE + " 8");
    assertThat(project.list("quarantine.trips", "_line", "_delivery"))
        .containsExactly("4 1", "5 1", "6 1");
    assertThat(project.list("bronze.trips", "_line", "_delivery")).hasSize(6);
    assertThat(downstream()).isNotEqualTo(downstream);
    Event event =
        project.lake().events(DeliveryLedger.LOG).read().events().stream()
            .filter(e -> e.kind().equals("released"))
            .findFirst()
            .orElseThrow();
    assertThat(event.principal()).isEqualTo(ANN);
    assertThat(event.body(Delivery.class).release().orElseThrow())
        .isEqualTo(
            new Release(
                List.of(new Release.Rows(1, FILE, LineSet.parse("3"))),
                List.of(),
                "b is the old name of B",
                ANN));
    assertThat(project.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);
    assertThatThrownBy(() -> quarantine().release(BY_REGEX, "once more", Principal.osUser("bob")))
        .hasMessage(
            "Cannot release rows of source trips: no such row is in quarantine. See what is: tributary quarantine show trips.");
    assertThat(project.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);
  }

  @Test
  void aLineThatIsMalformedOrCannotBeComputedHasToBeDeliveredAgain() {
    deliverMixed(project);

    assertThatThrownBy(() -> quarantine().release(rows("5"), "looks fine", ANN))
        .hasMessage(
            "Cannot release data/trips.csv:5 of source trips: its line is malformed, so that its values are not known (id: \"x\" is no int). Mend the line, and deliver the file again.")
        .extracting(e -> PlatformException.codeOf(e))
        .isEqualTo(ErrorCode.REFUSED);
    assertThatThrownBy(() -> quarantine().release(rows("6"), "looks fine", ANN))
        .hasMessageStartingWith(
            "Cannot release data/trips.csv:6 of source trips: it can't be used, whoever approves it (pace: ");
    assertThatThrownBy(() -> quarantine().release(byReason("type"), "looks fine", ANN))
        .hasMessageStartingWith(
            "Cannot release rows of source trips: of the 1 rows that are meant 1 are malformed lines and 0 ");
    assertThatThrownBy(() -> quarantine().release(rows("3-4,9"), "looks fine", ANN))
        .hasMessage(
            "Cannot release data/trips.csv:9 of source trips: it is not in quarantine. See what is: tributary quarantine show trips.");
    assertThat(project.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);

    project.trips("trips-mended.csv", "4,A,30,2013-01-01T12:00:00Z");
    project.ingest();

    assertThat(project.list("validated.trips", "id", "_delivery")).contains("4 2");
  }

  @Test
  void whatARejectedDeliveryHoldsIsReleasedByItsNumber() {
    project.trips("trips1.csv", "1,A,30,2013-01-01T12:00:00Z");
    project.ingest();
    project.trips(
        "trips2.csv",
        "2,A,0,2013-01-01T12:00:00Z",
        "3,A,700,2013-01-01T12:00:00Z",
        "4,A,1,2013-01-01T12:00:00Z",
        "5,A,700,2013-01-01T12:00:00Z",
        "6,B,2,2013-01-01T12:00:00Z");
    assertThatThrownBy(project::ingest)
        .hasMessageStartingWith("Cannot admit delivery 2")
        .hasMessageContaining(
            "release rows that are good as they are: tributary quarantine show trips.");
    Selection one =
        new Selection(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of("data/trips2.csv", LineSet.parse("4")));
    assertThat(quarantine().release(one, "seen", ANN))
        .isEqualTo(new Released("trips", Optional.of(3L), 1, 0, 0, 0, List.of(), List.of(2L)));
    project.write("expectations/trips.json", "{\"name\": \"trips\", \"expectations\": []}");
    assertThatThrownBy(project::ingest)
        .hasMessageStartingWith("Cannot admit delivery 2")
        .hasMessageEndingWith(
            "Some of its rows are released, so that a corrected expectation does not judge it again: release the others.");
    assertThat(project.list("validated.trips", "id", "_delivery")).containsExactly("1 1", "4 3");

    Selection sound =
        new Selection(Optional.of(2L), Optional.empty(), Optional.of("delivery"), Map.of());
    assertThat(quarantine().release(sound, "the others are known", ANN))
        .isEqualTo(new Released("trips", Optional.of(4L), 1, 0, 0, 0, List.of(2L), List.of()));
    project.ingest();

    assertThat(project.list("validated.trips", "id", "_delivery"))
        .containsExactly("1 1", "4 3", "6 4");
    assertThat(project.list("quarantine.trips", "_line", "_delivery"))
        .containsExactly("2 2", "3 2", "5 2");
    assertThat(project.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);
    Selection all = new Selection(Optional.of(2L), Optional.empty(), Optional.empty(), Map.of());
    assertThat(quarantine().release(all, "long trips are true", ANN))
        .isEqualTo(new Released("trips", Optional.of(5L), 2, 0, 0, 1, List.of(2L), List.of()));
    project.ingest();
    assertThat(project.list("validated.trips", "id", "_delivery"))
        .containsExactly("1 1", "3 5", "4 3", "5 5", "6 4");
    assertThat(project.list("quarantine.trips", "_line")).containsExactly("2");
  }

  @Test
  void goesOnWhereverARunWithReleasedRowsWasKilled() throws IOException {
    for (int commit = 1; commit <= 3; commit++) {
      SmallProject killed = SmallProject.withStations(folder.resolve("before" + commit));
      deliverMixed(killed);
      quarantine(killed).release(byReason("expect_column_values_to_be_between"), "so", ANN);
      if (commit < 3) {
        Job dying = DisturbedJob.dying(killed.job("trips"), commit);
        assertThatThrownBy(() -> killed.run(dying)).isInstanceOf(DisturbedJob.Killed.class);
      } else {
        killed.ingest();
        removeLastCommit(folder.resolve("before3/lake/platform/deliveries"));
      }
      killed.reopen();

      killed.ingest();

      assertThat(killed.list("validated.trips", "id", "_delivery"))
          .containsExactly("1 1", "3 2", "6 1", "7 1");
      assertThat(killed.list("quarantine.trips", "_line")).containsExactly("3", "5", "6");
      assertThat(killed.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);
    }
  }

  @Test
  void changedRulesLeaveReleasedRowsReleasedOnce() {
    deliverMixed(project);
    quarantine().release(BY_REGEX, "b is B", ANN);
    project.ingest();
    quarantine().release(byReason("expect_column_values_to_be_between/minutes"), "long", ANN);
    project.write(
        "sources/trips.yaml", SmallProject.TRIPS.replace("60 div minutes", "120 div minutes"));
    project.write("expectations/trips.json", "{\"name\": \"trips\", \"expectations\": []}");

    RunRecord run = project.ingest().get(1);

    assertThat(SmallProject.told(run))
        .containsEntry("rebuilt", true)
        .containsEntry("lines-read", 7L)
        .containsEntry("rows-released", 0L)
        .containsEntry("rows-admitted", 5L)
        .containsEntry("rows-quarantined", 1L)
        .containsEntry("lines-malformed", 1L);
    assertThat(project.list("validated.trips", "id", "_delivery", "pace"))
        .containsExactly("1 1 4", "2 2 3", "3 3 0", "6 1 3", "7 1 3");
    assertThat(project.list("quarantine.trips", "_line", "_stage", "_delivery"))
        .containsExactly("5 parse 1", "6 derive 1");
    assertThat(project.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);
  }

  @Test
  void aReleasedRowThatChangedRulesCannotComputeIsHeldAgain() {
    deliverMixed(project);
    quarantine().release(BY_REGEX, "b is B", ANN);
    project.ingest();
    project.write(
        "sources/trips.yaml",
        SmallProject.TRIPS.replace("60 div minutes", "60 div (minutes - 31)"));

    project.ingest();

    assertThat(project.list("validated.trips", "id")).containsExactly("1", "6", "7");
    assertThat(project.list("quarantine.trips", "_line", "_stage", "_delivery"))
        .containsExactly("3 derive 2", "4 gate 1", "5 parse 1", "6 gate 1");
    project.write("sources/trips.yaml", SmallProject.TRIPS);
    project.ingest();
    assertThat(project.list("validated.trips", "id")).containsExactly("1", "2", "6", "7");
  }

  @Test
  void aRowThatAnotherRunAdmitsWhileItIsReleasedEntersOnce() {
    project.write(
        "expectations/trips.json",
        "{\"name\": \"trips\", \"expectations\": [{\"type\": \"expect_column_values_to_be_between\", \"kwargs\": {\"column\": \"pace\", \"max_value\": 10, \"mostly\": 0.5}}]}");
    project.trips("trips.csv", "1,A,30,2013-01-01T12:00:00Z", "2,A,5,2013-01-01T12:00:00Z");
    project.ingest();
    assertThat(project.list("validated.trips", "id", "_delivery")).containsExactly("1 1");
    project.write(
        "sources/trips.yaml", SmallProject.TRIPS.replace("60 div minutes", "30 div minutes"));
    Job judging =
        new DisturbedJob(
            project.job("trips"), 1, () -> quarantine().release(rows("3"), "it is near", ANN));
    project.run(judging);
    assertThat(project.list("validated.trips", "id", "_delivery")).containsExactly("1 1", "2 1");

    RunRecord run = project.ingest().get(1);

    assertThat(SmallProject.told(run))
        .containsEntry("rows-released", 0L)
        .containsEntry("rebuilt", false);
    assertThat(project.list("validated.trips", "id", "_delivery")).containsExactly("1 1", "2 1");
    assertThat(project.table("quarantine.trips").count()).isZero();
    project.write(
        "sources/trips.yaml", SmallProject.TRIPS.replace("60 div minutes", "120 div minutes"));
    project.ingest();
    assertThat(project.list("validated.trips", "id", "_delivery")).containsExactly("1 1", "2 2");
    assertThat(project.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);
  }

  @Test
  void rowsOfFilesOfOneNameAreToldApartByDelivery() {
    deliverMixed(project);
    project.trips("trips.csv", "8,A,30,2013-01-01T12:00:00Z", "9,b,30,2013-01-01T12:00:00Z");
    project.ingest();

    assertThatThrownBy(() -> quarantine().release(rows("3"), "seen", ANN))
        .hasMessage(
            "Cannot release data/trips.csv:3 of source trips: deliveries 1 and 2 have such a row each. Name one with --delivery.");
    quarantine()
        .release(
            new Selection(Optional.of(2L), Optional.empty(), Optional.empty(), rows("3").rows()),
            "seen",
            ANN);
    project.ingest();

    assertThat(project.list("validated.trips", "id")).contains("9").doesNotContain("2");
    assertThat(project.list("quarantine.trips", "_line", "_delivery"))
        .containsExactly("3 1", "4 1", "5 1", "6 1");
  }

  @Test
  void refusesWhatWouldMakeNoSense() {
    project.write("data/stations.csv", "code,town\nA,Astoria\nA,Albany\n");
    deliverMixed(project);
    Quarantine stations = Quarantine.of(project.checked().project(), "stations", project.lake());

    assertThatThrownBy(() -> stations.release(byReason("event-key"), "both", ANN))
        .hasMessageStartingWith(
            "Cannot release rows of source stations: it is reference data, of which the newest delivery is the whole content.");
    assertThatThrownBy(() -> quarantine().release(BY_REGEX, " ", ANN))
        .hasMessage(
            "Cannot release rows of source trips: the reason is empty. State why they are good, with --because.");
    assertThatThrownBy(() -> Quarantine.of(project.checked().project(), "tripps", project.lake()))
        .hasMessageContaining("tripps");
    DeliveryLedger ledger = new DeliveryLedger(project.lake().events(DeliveryLedger.LOG));
    Release late =
        new Release(
            List.of(new Release.Rows(1, FILE, LineSet.parse("3"))),
            List.of(),
            "late",
            Principal.osUser("bob"));
    assertThatThrownBy(() -> ledger.release("trips", late, 0))
        .extracting(e -> PlatformException.codeOf(e))
        .isEqualTo(ErrorCode.CONFLICT);
  }

  private Quarantine quarantine() {
    return quarantine(project);
  }

  private static Quarantine quarantine(SmallProject of) {
    return Quarantine.of(of.checked().project(), "trips", of.lake());
  }

  private static Selection byReason(String rule) {
    return new Selection(Optional.empty(), Optional.empty(), Optional.of(rule), Map.of());
  }

  private static Selection rows(String lines) {
    return new Selection(
        Optional.empty(), Optional.empty(), Optional.empty(), Map.of(FILE, LineSet.parse(lines)));
  }

  private Digest downstream() {
    return Fingerprint.of(
        project.lake(),
        Digest.of("x"),
        List.of(Commits.deliveredPin(project.lake().table("validated.trips")).orElseThrow()));
  }

  /** As if the process had been killed before it wrote it. */
  private static void removeLastCommit(Path table) throws IOException {
    Path log = table.resolve("_delta_log");
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
