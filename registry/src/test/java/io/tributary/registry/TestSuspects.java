package io.tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Outcome;
import io.tributary.core.Pin;
import io.tributary.core.Principal;
import io.tributary.core.SuspectUse;
import io.tributary.core.TableVersion;
import io.tributary.events.Event;
import io.tributary.events.EventLog;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import io.tributary.registry.provenance.Impact;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestSuspects {
  private static final Principal ADA = Principal.osUser("ada");
  private static final Instant AT = Instant.parse("2026-02-01T06:00:00Z");
  private static final Interval NIGHT = Interval.parse("2024-01-26T00:00:00Z/2024-01-27T00:00:00Z");
  private static final Interval LATER = Interval.parse("2024-01-30T00:00:00Z/2024-01-31T00:00:00Z");
  private static final Digest SCORES = Digest.of("scores");
  private static final Digest MODEL = Digest.of("model");
  private static final TableVersion FLIGHTS = TableVersion.parse("validated.flights@3#9f-1");
  private static final String MARKED =
      "ada marked delivery flights@17 as suspect at 2026-02-01T06:00:00Z (wrong units). Make anew"
          + " what was made from it, or clear the mark: tributary impact flights --delivery 17"
          + " --clear --reason \"…\".";

  @TempDir Path lake;

  private ArtefactStore store;
  private ModelRegistry registry;
  private Suspects suspects;

  @BeforeEach
  void open() {
    store = ArtefactStore.open(lake.toString());
    registry = ModelRegistry.open(lake.toString());
    suspects = Suspects.open(lake.toString(), Clock.fixed(AT, ZoneOffset.UTC));
    registry.register(Drafts.draft(store, "a", 0.75), ADA);
    registry.register(Drafts.draft(store, "b", 0.75), ADA);
  }

  private Suspect mark(String... things) {
    return suspects.mark("delivery:flights@17", coverage(things), ADA, "wrong units");
  }

  /** Of an impact that knew both versions, and the set as it was scored by the first. */
  private static Coverage coverage(String... things) {
    return new Coverage(
        List.of(things),
        Map.of("departures", NIGHT),
        Map.of("departures", Set.of(SCORES, MODEL)),
        Optional.of(Map.of("late_arrival", 2L)));
  }

  private static ScoringUse use(String scores, Interval interval, List<Pin> pins) {
    return new ScoringUse(scores, interval, pins, Set.of(), Set.of(SCORES, MODEL));
  }

  private static TrainingUse use(TableVersion build, List<Pin> pins) {
    return new TrainingUse(build, pins, Set.of("view carrier@1"));
  }

  @Test
  void aMarkedVersionIsNeitherPromotedNorResolvedNorRolledBackTo() {
    registry.promote("late_arrival", 1, "production", ADA, "the first");
    Drafts.promote(registry, "late_arrival", 2, ADA, "the second");
    mark("model:late_arrival@1");
    assertThatThrownBy(
            () -> registry.promote("late_arrival", 1, "candidate", ADA, "the best we have"))
        .hasMessage("Cannot promote late_arrival@1 to candidate: " + MARKED);
    assertThatThrownBy(() -> registry.resolve("late_arrival@1"))
        .hasMessage("Cannot use late_arrival@1: " + MARKED);
    assertThatThrownBy(() -> registry.resolveOnline("late_arrival@1"))
        .hasMessage("Cannot use late_arrival@1: " + MARKED);
    assertThatThrownBy(() -> registry.rollback("late_arrival", "production", ADA, "back"))
        .hasMessage("Cannot roll back late_arrival@production: " + MARKED);
    assertThat(registry.resolve("late_arrival@production").number()).isEqualTo(2);

    suspects.clear("delivery:flights@17", ADA, "delivered again");
    assertThat(registry.resolve("late_arrival@1").number()).isEqualTo(1);
    assertThat(registry.rollback("late_arrival", "production", ADA, "back").number()).isEqualTo(1);
  }

  @Test
  void onlineInputsFromAMarkedPublicationAreRefused() {
    registry.register(
        Drafts.draft(
            store,
            "c",
            0.75,
            Optional.of(
                new OnlineUse(
                    false,
                    List.of(
                        new OnlineUse.View(
                            "carrier",
                            "carrier@1",
                            OnlineUse.Accuracy.SNAPSHOT,
                            true,
                            Optional.empty(),
                            "no pipeline publishes it"))))),
        ADA);
    mark("online:carrier@2@2024-01-26T23:59:59.999999Z");
    assertThat(registry.resolveOnline("late_arrival@3").number()).isEqualTo(3);
    mark("online:carrier@1@2024-01-26T23:59:59.999999Z");
    assertThatThrownBy(() -> registry.resolveOnline("late_arrival@3"))
        .hasMessage("Cannot use late_arrival@3 online: " + MARKED);
    assertThat(registry.resolve("late_arrival@3").number()).isEqualTo(3);
  }

  @Test
  void scoringIsRefusedWhereItWouldReadTheDelivery() {
    mark();
    TableVersion flights = TableVersion.parse("validated.flights@3#9f-1");
    List<Pin> with = List.of(Pin.upTo(flights, 17));
    assertThatThrownBy(() -> suspects.requireNone(use("departures", NIGHT, with)))
        .hasMessage("Cannot score departures for " + NIGHT + ": " + MARKED);
    assertThatThrownBy(() -> suspects.requireNone(use("new_set", LATER, with)))
        .hasMessage("Cannot score new_set for " + LATER + ": " + MARKED);
    suspects.requireNone(use("departures", LATER, with));
    suspects.requireNone(use("departures", NIGHT, List.of(Pin.upTo(flights, 16))));
    suspects.requireNone(
        use(
            "departures",
            NIGHT,
            List.of(Pin.upTo(TableVersion.parse("validated.planes@3#9f-1"), 17))));
  }

  /** Snapshots that a view is read from, and a source made by a look-up in the delivery's. */
  @Test
  void scoringAndTrainingAreRefusedOnTablesThatWereMadeFromIt() {
    mark(
        "table:validated.flights@3",
        "table:validated.trips@6",
        "table:features.carrier_v1@4",
        "table:training.late_arrival@3");
    TableVersion build = TableVersion.parse("training.late_arrival@4#9f-1");
    for (String table : List.of("features.carrier_v1@", "validated.trips@")) {
      List<Pin> with = List.of(Pin.upTo(TableVersion.parse(table + "7#9f-1"), 2));
      List<Pin> before = List.of(Pin.upTo(TableVersion.parse(table + "3#9f-1"), 2));
      assertThatThrownBy(() -> suspects.requireNone(use("departures", NIGHT, with)))
          .hasMessage("Cannot score departures for " + NIGHT + ": " + MARKED);
      assertThatThrownBy(() -> suspects.requireNone("late_arrival", use(build, with)))
          .hasMessage("Cannot train model late_arrival on training.late_arrival@4: " + MARKED);
      suspects.requireNone(use("departures", LATER, with));
      suspects.requireNone(use("departures", NIGHT, before));
      suspects.requireNone("late_arrival", use(build, before));
    }
    suspects.requireNone(
        use(
            "departures",
            NIGHT,
            List.of(Pin.upTo(TableVersion.parse("validated.flights@5#9f-1"), 16))));
  }

  @Test
  void trainingIsRefusedOnAMarkedBuildAndOnOneWithTheDelivery() {
    mark("table:training.late_arrival@3");
    TableVersion build = TableVersion.parse("training.late_arrival@3#9f-1");
    TableVersion later = TableVersion.parse("training.late_arrival@4#9f-1");
    List<Pin> with = List.of(Pin.upTo(TableVersion.parse("validated.flights@3#9f-1"), 18));
    assertThatThrownBy(() -> suspects.requireNone("late_arrival", use(build, List.of())))
        .hasMessage("Cannot train model late_arrival on training.late_arrival@3: " + MARKED);
    assertThatThrownBy(() -> suspects.requireNone("late_arrival", use(later, with)))
        .hasMessage("Cannot train model late_arrival on training.late_arrival@4: " + MARKED);
    suspects.requireNone("late_arrival", use(later, List.of()));
  }

  @Test
  void aMarkedViewIsNeitherScoredWithNorTrainedOn() {
    suspects.mark("view:carrier@1", Coverage.of(List.of()), ADA, "wrong units");
    Set<String> used = Set.of("view carrier@1", "model late_arrival");
    assertThatThrownBy(
            () ->
                suspects.requireNone(
                    new ScoringUse("departures", NIGHT, List.of(), used, Set.of())))
        .hasMessageContaining("marked view carrier@1 as suspect")
        .hasMessageEndingWith("tributary impact view:carrier@1 --clear --reason \"…\".");
    suspects.requireNone(
        new ScoringUse("departures", NIGHT, List.of(), Set.of("view carrier@2"), Set.of()));
    TableVersion build = TableVersion.parse("training.late_arrival@4#9f-1");
    assertThatThrownBy(() -> suspects.requireNone("late_arrival", use(build, List.of())))
        .hasMessageStartingWith(
            "Cannot train model late_arrival on training.late_arrival@4: ada marked view carrier@1");
  }

  /** Its reach was told by the definitions of then. */
  @Test
  void aSetThatReadsMoreByNowIsRefusedByItsPin() {
    mark();
    List<Pin> with = List.of(Pin.upTo(FLIGHTS, 17));
    for (Set<Digest> readers :
        List.of(Set.of(Digest.of("scores edited"), MODEL), Set.of(SCORES, Digest.of("another")))) {
      ScoringUse use = new ScoringUse("departures", LATER, with, Set.of(), readers);
      assertThatThrownBy(() -> suspects.requireNone(use))
          .hasMessage("Cannot score departures for " + LATER + ": " + MARKED);
      suspects.requireNone(
          new ScoringUse("departures", LATER, List.of(Pin.upTo(FLIGHTS, 16)), Set.of(), readers));
    }
    suspects.requireNone(
        new ScoringUse("departures", LATER, with, Set.of(), Set.of(SCORES, MODEL)));
  }

  /** Its training ran while the mark was made: the impact had not seen it. */
  @Test
  void aVersionThatTheMarkDidNotKnowIsCoveredByWhatItWasTrainedOn() {
    suspects.mark("delivery:flights@5", coverage(), ADA, "wrong units");
    suspects.mark("delivery:flights@6", coverage(), ADA, "wrong units");
    registry.register(Drafts.draft(store, "c", 0.75), ADA);
    assertThat(registry.resolve("late_arrival@2").number()).isEqualTo(2);
    assertThatThrownBy(() -> registry.resolve("late_arrival@3"))
        .hasMessageStartingWith("Cannot use late_arrival@3: ada marked delivery flights@5 as");
    assertThatThrownBy(() -> registry.promote("late_arrival", 3, "production", ADA, ""))
        .hasMessageStartingWith("Cannot promote late_arrival@3 to production: ada marked");
    assertThat(registry.search(VersionSearch.parse("status = suspect", () -> ZoneOffset.UTC)))
        .extracting(found -> found.version().toString())
        .containsExactly("late_arrival@3");
    suspects.clear("delivery:flights@5", ADA, "delivered again");
    assertThat(registry.resolve("late_arrival@3").number()).isEqualTo(3);
  }

  /** A version is registered, then compared, and only then is its run recorded. */
  @Test
  void anImpactKnowsNoVersionWhoseRunIsNotRecorded() {
    assertThat(coveredBy("late_arrival@1").newest()).contains(Map.of("late_arrival", 0L));
    RunLog.open(lake.toString())
        .append(
            List.of(
                new RunRecord(
                    Drafts.RUN,
                    JobKey.of("train", "late_arrival"),
                    1,
                    Outcome.SUCCEEDED,
                    Optional.empty(),
                    Optional.empty(),
                    "",
                    Instant.EPOCH,
                    1,
                    List.of(),
                    List.of(),
                    Optional.empty(),
                    Map.of(),
                    List.of(),
                    List.of(),
                    Map.of(),
                    Optional.empty(),
                    new Environment("abc", false, "17", "Linux", "ada", "host"))));
    assertThat(coveredBy("late_arrival@1").newest()).contains(Map.of("late_arrival", 2L));
  }

  private Coverage coveredBy(String model) {
    Impact impact = Impact.open(lake.toString(), false);
    impact.model(model);
    return impact.coverage();
  }

  @Test
  void aMarkedNetworkIsNotRegisteredUnderAnotherNumber() {
    ModelVersion first = registry.resolve("late_arrival@1");
    suspects.requireNone("late_arrival", first);
    mark("model:late_arrival@1");
    assertThatThrownBy(() -> suspects.requireNone("late_arrival", first))
        .hasMessage(
            "Cannot train model late_arrival, which would be fitted as late_arrival@1: " + MARKED);
  }

  @Test
  void whereTheProjectWarnsAllIsUsedAndTold() {
    List<String> told = new ArrayList<>();
    ModelRegistry warning =
        ModelRegistry.open(lake.toString(), SuspectPolicy.of(() -> SuspectUse.WARN, told::add));
    warning.promote("late_arrival", 1, "production", ADA, "the first");
    Drafts.promote(warning, "late_arrival", 2, ADA, "the second");
    assertThat(told).isEmpty();
    mark("model:late_arrival@1", "online:carrier@1@2024-01-26T23:59:59.999999Z");
    assertThat(warning.resolve("late_arrival@1").number()).isEqualTo(1);
    assertThat(warning.rollback("late_arrival", "production", ADA, "back").number()).isEqualTo(1);
    assertThat(warning.promote("late_arrival", 1, "candidate", ADA, "").number()).isEqualTo(1);
    warning.suspects().requireNone(use("departures", NIGHT, List.of(Pin.upTo(FLIGHTS, 17))));
    TableVersion build = TableVersion.parse("training.late_arrival@4#9f-1");
    warning.suspects().requireNone("late_arrival", use(build, List.of(Pin.upTo(FLIGHTS, 17))));
    assertThat(told)
        .containsExactly(
            told("use late_arrival@1"),
            told("roll back late_arrival@production"),
            told("promote late_arrival@1 to candidate"),
            told("score departures for " + NIGHT),
            told("train model late_arrival on training.late_arrival@4"));
    assertThatThrownBy(() -> registry.resolve("late_arrival@1")).hasMessageContaining(MARKED);

    told.clear();
    suspects.mark("delivery:flights@16", coverage(), ADA, "twice");
    warning.suspects().requireNone("late_arrival", use(build, List.of(Pin.upTo(FLIGHTS, 17))));
    assertThat(told).as("each mark").hasSize(2);
  }

  private static String told(String what) {
    return "SUSPECT and used all the same, to " + what + ": " + MARKED;
  }

  @Test
  void aSecondMarkAddsToTheFirst() {
    mark("model:late_arrival@1");
    Suspect second = mark("model:late_arrival@2");
    assertThat(suspects.standing())
        .containsExactly(
            new Suspect(
                second.root(),
                coverage("model:late_arrival@1", "model:late_arrival@2"),
                AT,
                ADA,
                "wrong units"));
    for (String version : List.of("late_arrival@1", "late_arrival@2")) {
      assertThatThrownBy(() -> registry.resolve(version)).hasMessageContaining(MARKED);
    }
    suspects.clear("delivery:flights@17", ADA, "delivered again");
    assertThat(suspects.standing()).isEmpty();
    assertThatThrownBy(() -> suspects.clear("delivery:flights@17", ADA, "again"))
        .hasMessage(
            "Cannot clear delivery flights@17: it is not marked as suspect. Standing marks are"
                + " listed by tributary doctor.");
  }

  @Test
  void aClearingLeavesAMarkThatItHasNotSeen() {
    EventLog log = EventLog.open(lake + "/platform/registry");
    mark("model:late_arrival@1");
    List<Event> seen = log.read().events();
    Suspect unseen = mark("model:late_arrival@2");
    log.append(
        List.of(
            Event.of(
                AT,
                Suspects.CLEARED,
                unseen.root(),
                ADA,
                "",
                Map.of(
                    "root",
                    unseen.root(),
                    "reason",
                    "delivered again",
                    "marks",
                    List.of(seen.get(seen.size() - 1).id())))));
    assertThat(suspects.standing()).containsExactly(unseen);
    suspects.clear(unseen.root(), ADA, "both now");
    assertThat(suspects.standing()).isEmpty();
  }

  /** Marks and clearings of former lakes name less. */
  @Test
  void readsMarksThatSayLess() {
    EventLog log = EventLog.open(lake + "/platform/registry");
    String root = "delivery:flights@5";
    Map<String, Object> body =
        Map.of(
            "root",
            root,
            "things",
            List.of(),
            "reaches",
            Map.of("departures", NIGHT),
            "reason",
            "");
    log.append(List.of(Event.of(AT, Suspects.MARKED, root, ADA, "", body)));
    registry.register(Drafts.draft(store, "c", 0.75), ADA);
    assertThat(registry.resolve("late_arrival@3").number()).isEqualTo(3);
    List<Pin> with = List.of(Pin.upTo(FLIGHTS, 5));
    suspects.requireNone(use("departures", LATER, with));
    assertThatThrownBy(() -> suspects.requireNone(use("departures", NIGHT, with)))
        .hasMessageContaining("ada marked delivery flights@5");
    log.append(
        List.of(Event.of(AT, Suspects.CLEARED, root, ADA, "", Map.of("root", root, "reason", ""))));
    assertThat(suspects.standing()).isEmpty();
  }

  @Test
  void eventsThatAreNoMarksAreLeftAlone() {
    mark("model:late_arrival@1");
    assertThat(registry.models().get("late_arrival").versions()).hasSize(2);
    assertThat(registry.history("late_arrival")).hasSize(2);
    assertThat(Duration.between(AT, suspects.standing().get(0).at())).isZero();
  }
}
