package io.tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Interval;
import io.tributary.core.Pin;
import io.tributary.core.Principal;
import io.tributary.core.TableVersion;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
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
    return suspects.mark(
        "delivery:flights@17", List.of(things), Map.of("departures", NIGHT), ADA, "wrong units");
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
    assertThatThrownBy(() -> suspects.requireNone("departures", NIGHT, with, Set.of()))
        .hasMessage("Cannot score departures for " + NIGHT + ": " + MARKED);
    assertThatThrownBy(() -> suspects.requireNone("new_set", LATER, with, Set.of()))
        .hasMessage("Cannot score new_set for " + LATER + ": " + MARKED);
    suspects.requireNone("departures", LATER, with, Set.of());
    suspects.requireNone("departures", NIGHT, List.of(Pin.upTo(flights, 16)), Set.of());
    suspects.requireNone(
        "departures",
        NIGHT,
        List.of(Pin.upTo(TableVersion.parse("validated.planes@3#9f-1"), 17)),
        Set.of());
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
      assertThatThrownBy(() -> suspects.requireNone("departures", NIGHT, with, Set.of()))
          .hasMessage("Cannot score departures for " + NIGHT + ": " + MARKED);
      assertThatThrownBy(() -> suspects.requireNone("late_arrival", build, with))
          .hasMessage("Cannot train model late_arrival on training.late_arrival@4: " + MARKED);
      suspects.requireNone("departures", LATER, with, Set.of());
      suspects.requireNone("departures", NIGHT, before, Set.of());
      suspects.requireNone("late_arrival", build, before);
    }
    suspects.requireNone(
        "departures",
        NIGHT,
        List.of(Pin.upTo(TableVersion.parse("validated.flights@5#9f-1"), 16)),
        Set.of());
  }

  @Test
  void trainingIsRefusedOnAMarkedBuildAndOnOneWithTheDelivery() {
    mark("table:training.late_arrival@3");
    TableVersion build = TableVersion.parse("training.late_arrival@3#9f-1");
    TableVersion later = TableVersion.parse("training.late_arrival@4#9f-1");
    List<Pin> with = List.of(Pin.upTo(TableVersion.parse("validated.flights@3#9f-1"), 18));
    assertThatThrownBy(() -> suspects.requireNone("late_arrival", build, List.of()))
        .hasMessage("Cannot train model late_arrival on training.late_arrival@3: " + MARKED);
    assertThatThrownBy(() -> suspects.requireNone("late_arrival", later, with))
        .hasMessage("Cannot train model late_arrival on training.late_arrival@4: " + MARKED);
    suspects.requireNone("late_arrival", later, List.of());
  }

  @Test
  void aMarkedViewIsScoredWithByNone() {
    suspects.mark("view:carrier@1", List.of(), Map.of(), ADA, "wrong units");
    assertThatThrownBy(
            () ->
                suspects.requireNone(
                    "departures", NIGHT, List.of(), Set.of("view carrier@1", "model late_arrival")))
        .hasMessageContaining("marked view carrier@1 as suspect")
        .hasMessageEndingWith("tributary impact view:carrier@1 --clear --reason \"…\".");
    suspects.requireNone("departures", NIGHT, List.of(), Set.of("view carrier@2"));
  }

  @Test
  void aSecondMarkTakesThePlaceOfTheFirst() {
    mark("model:late_arrival@1");
    Suspect second = mark("model:late_arrival@1", "model:late_arrival@2");
    assertThat(suspects.standing()).containsExactly(second);
    assertThatThrownBy(() -> registry.resolve("late_arrival@2")).hasMessageContaining(MARKED);
    assertThat(suspects.clear("delivery:flights@17", ADA, "delivered again")).isEqualTo(second);
    assertThat(suspects.standing()).isEmpty();
    assertThatThrownBy(() -> suspects.clear("delivery:flights@17", ADA, "again"))
        .hasMessage(
            "Cannot clear delivery flights@17: it is not marked as suspect. Standing marks are"
                + " listed by tributary doctor.");
  }

  @Test
  void eventsThatAreNoMarksAreLeftAlone() {
    mark("model:late_arrival@1");
    assertThat(registry.models().get("late_arrival").versions()).hasSize(2);
    assertThat(registry.history("late_arrival")).hasSize(2);
    assertThat(Duration.between(AT, suspects.standing().get(0).at())).isZero();
  }
}
