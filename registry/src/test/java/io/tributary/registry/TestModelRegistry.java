package io.tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.events.Event;
import io.tributary.events.EventLog;
import io.tributary.registry.Promotions.Followed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestModelRegistry {
  private static final Instant START = Instant.parse("2026-02-01T06:00:00Z");

  private static final Principal ADA = Principal.osUser("ada");
  private static final Principal BOB = Principal.osUser("bob");
  private static final Optional<Double> MARGIN = Optional.of(0.01);

  @TempDir Path lake;

  private final TickingClock clock = new TickingClock();
  private ArtefactStore store;
  private ModelRegistry registry;

  @BeforeEach
  void open() {
    store = ArtefactStore.open(lake.toString());
    registry = registry(clock);
  }

  private ModelRegistry registry(Clock clock) {
    return ModelRegistry.open(
        EventLog.open(lake.resolve("platform/registry").toString()), store, clock);
  }

  private long register(String content, double auc) {
    return registry.register(Drafts.draft(store, content, auc), ADA).number();
  }

  @Test
  void numbersVersionsOfEachModelFromOne() {
    assertThat(register("a", 0.75)).isEqualTo(1);
    assertThat(register("b", 0.75)).isEqualTo(2);
    assertThat(
            registry.register(Drafts.draft(store, "other", "a", 0.75), ADA).reference().toString())
        .isEqualTo("other@1");
    assertThat(ModelRegistry.open(lake.toString()).models().keySet())
        .containsExactly("late_arrival", "other");
  }

  @Test
  void keepsAllOfADraft() {
    ModelVersion draft = Drafts.draft(store, "a", 0.75);

    ModelVersion registered = registry.register(draft, ADA);

    assertThat(registered).isEqualTo(draft.registered(1));
    assertThat(registry.dependencies(registered))
        .isEqualTo(draft.environment().orElseThrow().dependencies());
    assertThat(ModelRegistry.open(lake.toString()).resolve("late_arrival@1")).isEqualTo(registered);
    assertThat(registry.find("late_arrival", 1).orElseThrow().at()).isEqualTo(START);
    assertThat(registry.find("late_arrival", 1).orElseThrow().principal()).isEqualTo(ADA);
    assertThat(registry.find("late_arrival", 2)).isEmpty();
  }

  @Test
  void keepsDependenciesOnceBesideTheEventsAndChecksThem() throws Exception {
    ModelVersion first = registry.register(Drafts.draft(store, "a", 0.75), ADA);
    ModelVersion second = registry.register(Drafts.draft(store, "b", 0.75), ADA);

    Path kept =
        lake.resolve("models")
            .resolve(first.environment().orElseThrow().dependencyArtefact().hex());
    assertThat(second.environment().orElseThrow().dependencyArtefact())
        .isEqualTo(first.environment().orElseThrow().dependencyArtefact());
    assertThat(EventLog.open(lake.resolve("platform/registry").toString()).read().events())
        .hasSize(2)
        .allSatisfy(e -> assertThat(e.body()).doesNotContain("a.jar"));

    Files.writeString(kept.resolve("dependencies.txt"), "other");
    thrownBy(() -> registry.dependencies(first), ErrorCode.CORRUPT)
        .hasMessageContaining("Cannot use artefact " + kept.getFileName());
    thrownBy(() -> register("c", 0.75), ErrorCode.CORRUPT);
    assertThat(registry.models().get("late_arrival").versions()).hasSize(2);
  }

  /** A draft whose baselines are a megabyte. */
  private ModelVersion large(String model) {
    ModelVersion draft = Drafts.draft(store, model, "large", 0.75);
    Map<String, Double> slices = new TreeMap<>();
    for (int i = 0; i < 30_000; i++) {
      slices.put("auc of a slice of some name " + i, 1.0 / (i + 3));
    }
    assertThat(Json.write(slices).length()).isGreaterThan(1 << 20);
    return new ModelVersion(
        draft.model(),
        0,
        draft.artefact(),
        draft.metrics(),
        Map.of("slices", slices),
        draft.parameters(),
        draft.admission(),
        draft.environment(),
        draft.trainingSet(),
        draft.onlineUse(),
        draft.definition(),
        draft.fit(),
        draft.definitions(),
        draft.run(),
        draft.fingerprint(),
        draft.decision(),
        draft.elsewhere());
  }

  @Test
  void keepsWhatIsLargeBesideTheEventAndReadsItBack() throws Exception {
    ModelVersion draft = large("late_arrival");
    ModelVersion registered = registry.register(draft, ADA);
    registry.promote("late_arrival", 1, "production", ADA, "");

    assertThat(EventLog.open(lake.resolve("platform/registry").toString()).read().events())
        .allSatisfy(e -> assertThat(e.body().length()).isLessThan(4 * LargeParts.MAX_INLINE_BYTES));
    assertThat(ModelRegistry.open(lake.toString()).resolve("late_arrival@1"))
        .isEqualTo(registered)
        .extracting(ModelVersion::baselines)
        .isEqualTo(draft.baselines());
    assertThat(registry.register(draft, BOB)).isEqualTo(registered);
    RegisteredVersion version = registry.find("late_arrival@production");
    Digest stored = version.stored().get("baselines");
    assertThat(version.artefacts())
        .containsExactlyInAnyOrder(
            stored,
            draft.artefact().digest(),
            draft.environment().orElseThrow().dependencyArtefact());
  }

  /** What made a version is known by its registration, whatever became of its files. */
  @Test
  void knowsAVersionWithoutItsArtefacts() throws Exception {
    ModelVersion registered = registry.register(large("late_arrival"), ADA);
    Path parts = lake.resolve("registrations");
    Path models = lake.resolve("models");
    Files.move(models, lake.resolve("away"));

    assertThat(ModelRegistry.open(lake.toString()).find("late_arrival@1").version())
        .isEqualTo(registered);

    Files.move(lake.resolve("away"), models);
    String stored = registry.find("late_arrival@1").stored().get("baselines").hex();
    Files.move(parts.resolve(stored), models.resolve(stored));
    assertThat(ModelRegistry.open(lake.toString()).find("late_arrival@1").version())
        .as("as a former build stored it")
        .isEqualTo(registered);
  }

  @Test
  void saysWhichLargePartIsLostAndGoesOnWithOtherModels() throws Exception {
    registry.register(large("late_arrival"), ADA);
    registry.register(Drafts.draft(store, "other", "a", 0.75), ADA);
    Digest stored = registry.find("late_arrival@1").stored().get("baselines");
    Path kept = lake.resolve("registrations").resolve(stored.hex());

    Files.writeString(kept.resolve("body.json"), "{}");
    ModelRegistry reopened = ModelRegistry.open(lake.toString());
    thrownBy(() -> reopened.resolve("late_arrival@1"), ErrorCode.CORRUPT);
    Files.delete(kept.resolve("body.json"));
    Files.delete(kept);

    thrownBy(() -> reopened.resolve("late_arrival@1"), ErrorCode.NOT_FOUND)
        .hasMessage(
            "Cannot read model version late_arrival@1: its baselines are in registrations/%s of the lake, or were stored in models/%s by a former build, and are lost or were altered. Restore that folder from a copy."
                .formatted(stored, stored));
    thrownBy(reopened::models, ErrorCode.NOT_FOUND).hasMessageContaining("late_arrival@1");
    assertThat(reopened.resolve("other@1").number()).isEqualTo(1);
    assertThat(reopened.promote("other", 1, "production", ADA, "").number()).isEqualTo(1);
    assertThat(reopened.history("late_arrival")).hasSize(1);
  }

  @Test
  void findsTheEarlierRegistrationOfTheSameArtefactAndRun() {
    ModelVersion draft = Drafts.draft(store, "a", 0.75);
    registry.register(draft, ADA);
    register("b", 0.75);

    assertThat(registry.register(draft, BOB).number()).isEqualTo(1);
    assertThat(registry.history("late_arrival")).hasSize(2);
  }

  @Test
  void registersNothingWhoseArtefactIsMissingOrAltered() throws Exception {
    ModelVersion draft = Drafts.draft(store, "a", 0.75);
    Path network = lake.resolve(draft.artefact().path()).resolve("network.zip");
    Files.writeString(network, "altered");

    thrownBy(() -> registry.register(draft, ADA), ErrorCode.CORRUPT)
        .hasMessageContaining("Cannot use artefact " + draft.artefact().digest());

    Files.delete(network);
    Files.delete(lake.resolve(draft.artefact().path()).resolve("signature.json"));
    Files.delete(lake.resolve(draft.artefact().path()));
    thrownBy(() -> registry.register(draft, ADA), ErrorCode.NOT_FOUND)
        .hasMessageContaining("there is no " + lake.resolve(draft.artefact().path()));
    assertThat(registry.models()).isEmpty();
  }

  @Test
  void resolvesAnAliasToTheVersionThatWasPromoted() {
    register("a", 0.75);
    register("b", 0.76);
    Alias alias = registry.promote("late_arrival", 2, "production", ADA, "better");

    assertThat(alias)
        .isEqualTo(new Alias("production", 2, START.plusSeconds(120), ADA, "better", List.of()));
    assertThat(registry.resolve("late_arrival@production").number()).isEqualTo(2);
    assertThat(registry.models().get("late_arrival").aliases()).containsEntry("production", alias);
    assertThat(registry.models().get("late_arrival").aliasesOf(2)).containsExactly("production");
  }

  @Test
  void promotesNothingTwice() {
    register("a", 0.75);
    Alias first = registry.promote("late_arrival", 1, "production", ADA, "first");

    assertThat(registry.promote("late_arrival", 1, "production", BOB, "again")).isEqualTo(first);
    assertThat(registry.history("late_arrival")).hasSize(2);
  }

  @Test
  void refusesToPromoteWhatFailedAnAdmissionRule() {
    register("weak", 0.69);

    thrownBy(
            () -> registry.promote("late_arrival", 1, "production", ADA, "hope"), ErrorCode.REFUSED)
        .hasMessage(
            "Cannot promote late_arrival@1 to production: admission rule \"auc >= 0.72\" does not hold: auc is 0.69."
                + " Train a better version, or change the rules in the model's definition and train again.");
    assertThat(registry.models().get("late_arrival").aliases()).isEmpty();
  }

  @Test
  void refusesToPromoteOrResolveWhatIsRetired() {
    register("a", 0.75);
    registry.retire("late_arrival", 1, BOB, "leaks the label");

    thrownBy(() -> registry.promote("late_arrival", 1, "production", ADA, ""), ErrorCode.REFUSED)
        .hasMessageContaining(
            "bob retired late_arrival@1 at 2026-02-01T06:01:00Z (leaks the label)");
    thrownBy(() -> registry.resolve("late_arrival@1"), ErrorCode.REFUSED)
        .hasMessageContaining("Cannot resolve late_arrival@1: bob retired late_arrival@1");
    assertThat(registry.find("late_arrival@1").retirement().orElseThrow().principal())
        .isEqualTo(BOB);
    thrownBy(() -> registry.find("late_arrival@2"), ErrorCode.NOT_FOUND)
        .hasMessageContaining("Cannot find late_arrival@2: the versions");
    registry.retire("late_arrival", 1, BOB, "again");
    assertThat(registry.history("late_arrival")).hasSize(2);
    assertThat(registry.find("late_arrival", 1).orElseThrow().retirement()).isPresent();
  }

  @Test
  void refusesToRetireWhatAnAliasStandsFor() {
    register("a", 0.75);
    registry.promote("late_arrival", 1, "production", ADA, "");

    thrownBy(() -> registry.retire("late_arrival", 1, BOB, ""), ErrorCode.REFUSED)
        .hasMessageContaining("Cannot retire late_arrival@1: production points to it.");
  }

  @Test
  void namesTheNearestKnownWhenThereIsNoSuchModelVersionOrAlias() {
    thrownBy(() -> registry.resolve("late_arrival@production"), ErrorCode.NOT_FOUND)
        .hasMessage(
            "Cannot resolve late_arrival@production: no model \"late_arrival\" is registered. Train it first, or correct the name.");
    register("a", 0.75);
    thrownBy(() -> registry.resolve("late_arrival@production"), ErrorCode.NOT_FOUND)
        .hasMessageContaining("late_arrival has no alias yet. Promote a version to it");
    registry.promote("late_arrival", 1, "production", ADA, "");

    thrownBy(() -> registry.resolve("late_arival@1"), ErrorCode.NOT_FOUND)
        .hasMessageContaining("only late_arrival")
        .hasMessageEndingWith("Did you mean \"late_arrival\"?");
    thrownBy(() -> registry.resolve("late_arrival@prodution"), ErrorCode.NOT_FOUND)
        .hasMessageEndingWith("Did you mean \"production\"?");
    thrownBy(() -> registry.resolve("late_arrival@7"), ErrorCode.NOT_FOUND)
        .hasMessageContaining("the versions of late_arrival are 1 to 1");
    thrownBy(() -> registry.promote("late_arrival", 7, "production", ADA, ""), ErrorCode.NOT_FOUND)
        .hasMessageContaining("Cannot promote late_arrival@7 to production: the versions");
    thrownBy(() -> registry.resolve("late_arrival"), ErrorCode.INVALID_REQUEST)
        .hasMessageContaining("it is not name@version");
    thrownBy(
            () -> registry.promote("late_arrival", 1, "Production!", ADA, ""),
            ErrorCode.INVALID_REQUEST)
        .hasMessageContaining("Cannot use alias \"Production!\"");
  }

  @Test
  void rollsBackToFormerVersionsOneByOneAndPassesOverRetiredOnes() {
    for (String content : List.of("a", "b", "c", "d")) {
      register(content, 0.75);
    }
    for (long number = 1; number <= 4; number++) {
      Drafts.promote(registry, "late_arrival", number, ADA, "");
    }
    registry.retire("late_arrival", 2, ADA, "");

    assertThat(registry.rollback("late_arrival", "production", BOB, "breach").number())
        .isEqualTo(3);
    assertThat(registry.rollback("late_arrival", "production", BOB, "breach").number())
        .isEqualTo(1);
    assertThat(registry.resolve("late_arrival@production").number()).isEqualTo(1);
    thrownBy(() -> registry.rollback("late_arrival", "production", BOB, ""), ErrorCode.REFUSED)
        .hasMessageContaining("it points to late_arrival@1 and has no former version");
    List<ModelChange> history = registry.history("late_arrival");
    ModelChange last = history.get(history.size() - 1);
    assertThat(last.kind()).isEqualTo("rolled-back");
    assertThat(last.former()).contains(3L);
    assertThat(last.toString())
        .startsWith("bob rolled production back to late_arrival@1 at 2026-02-01T06:")
        .endsWith("(breach)");
  }

  @Test
  void answersAsOfAnInstant() {
    register("a", 0.75);
    registry.promote("late_arrival", 1, "production", ADA, "");
    register("b", 0.76);
    Drafts.promote(registry, "late_arrival", 2, ADA, "");

    Instant secondRegistered = START.plusSeconds(120);
    assertThat(registry.resolve("late_arrival@production", secondRegistered).number()).isEqualTo(1);
    assertThat(registry.models(secondRegistered).get("late_arrival").versions()).hasSize(2);
    assertThat(registry.models(secondRegistered.minusNanos(1_000)).get("late_arrival").versions())
        .hasSize(1);
    assertThat(registry.models(START.minusSeconds(1))).isEmpty();
    assertThat(registry.resolve("late_arrival@production").number()).isEqualTo(2);
  }

  @Test
  void datesEventsInOrderThoughTheClockJumpsBack() {
    register("a", 0.75);
    clock.next = START.minusSeconds(3_600);
    registry.promote("late_arrival", 1, "production", ADA, "");

    assertThat(registry.history("late_arrival"))
        .extracting(ModelChange::at)
        .containsExactly(START, START.plusNanos(1_000));
  }

  /** A change an hour: registered, promoted, promoted, rolled back, promoted again. */
  @Test
  void tellsAStoryAsOfEachInstantByWhateverClockItIsAsked() {
    List<Instant> hours = new ArrayList<>();
    List<Runnable> story =
        List.of(
            () -> register("a", 0.75),
            () -> registry.promote("late_arrival", 1, "production", ADA, "first"),
            () -> register("b", 0.76),
            () -> Drafts.promote(registry, "late_arrival", 2, ADA, "better"),
            () -> registry.rollback("late_arrival", "production", BOB, "breach"),
            () -> Drafts.promote(registry, "late_arrival", 2, ADA, "it was the data"));
    for (Runnable change : story) {
      clock.next = START.plus(Duration.ofHours(hours.size()));
      hours.add(clock.next);
      change.run();
    }
    List<Long> inForce = Arrays.asList(null, 1L, 1L, 2L, 1L, 2L);
    for (Duration off : List.of(Duration.ZERO, Duration.ofDays(400), Duration.ofDays(-400))) {
      ModelRegistry elsewhere = registry(Clock.fixed(START.plus(off), ZoneOffset.UTC));
      for (int hour = 0; hour < hours.size(); hour++) {
        Instant at = hours.get(hour).plus(Duration.ofMinutes(30));
        RegisteredModel then = elsewhere.models(at).get("late_arrival");
        assertThat(then.versions()).hasSize(hour < 2 ? 1 : 2);
        assertThat(then.holder("production").map(held -> held.version().number()))
            .as("after %d hours", hour)
            .isEqualTo(Optional.ofNullable(inForce.get(hour)));
        if (hour > 0) {
          assertThat(elsewhere.resolve("late_arrival@production", at).number())
              .isEqualTo(inForce.get(hour));
        }
      }
    }
    assertThat(registry.skews()).isEmpty();
  }

  /** Ada's clock is a day ahead of Bob's; at noon of the next day both have caught up. */
  @Test
  void saysWhichChangesAreDatedByAClockThatWasAheadOrBehind() {
    register("a", 0.75);
    register("b", 0.76);
    clock.next = START.plus(Duration.ofDays(1));
    Instant ahead = clock.next;
    registry.promote("late_arrival", 1, "production", ADA, "");
    assertThat(registry.skews()).as("by the clock that is ahead").isEmpty();
    ModelRegistry elsewhere =
        registry(Clock.fixed(START.plus(Duration.ofHours(1)), ZoneOffset.UTC));
    assertThat(elsewhere.skews())
        .singleElement()
        .asString()
        .isEqualTo(
            "\"ada promoted late_arrival@1 to production at 2026-02-02T06:00:00Z\" is dated later than this machine's clock says it is: whoever keeps the clocks compares the two");

    elsewhere.hold("late_arrival", 1, BOB, "asked for");
    elsewhere.release("late_arrival", 1, BOB, "no longer");
    clock.next = START.plus(Duration.ofHours(36));
    Instant caughtUp = clock.next;
    registry.hold("late_arrival", 2, ADA, "asked for");

    assertThat(registry.history("late_arrival"))
        .extracting(ModelChange::kind)
        .as("the order of the log")
        .containsExactly("registered", "registered", "promoted", "held", "released", "held");
    assertThat(registry.skews())
        .singleElement()
        .satisfies(
            skew -> {
              assertThat(skew)
                  .hasToString(
                      "the clock of whoever made \"bob held late_arrival@1 at 2026-02-02T06:00:00.000001Z (asked for)\" was behind that of whoever made \"ada promoted late_arrival@1 to production at 2026-02-02T06:00:00Z\", and 1 more after it: their order is certain, their times are not. Whoever keeps the clocks compares the two");
              assertThat(skew.concerns(START)).as("before the second version").isFalse();
              assertThat(skew.concerns(START.plus(Duration.ofHours(2))))
                  .as("they may have been made by then")
                  .isTrue();
              assertThat(skew.concerns(ahead.plusSeconds(60)))
                  .as("they may have been made after it")
                  .isTrue();
              assertThat(skew.concerns(caughtUp)).isFalse();
            });
  }

  /** A comparison and the promotion by it are one decision, which one clock dated. */
  @Test
  void aDecisionOfTwoEventsIsOfOneClock() {
    register("a", 0.75);
    ModelVersion second = registry.register(Drafts.draft(store, "b", 0.76), ADA);
    registry.promote("late_arrival", 1, "production", ADA, "");
    clock.next = START.plus(Duration.ofDays(1));
    assertThat(
            registry
                .promotions()
                .follow(
                    second,
                    "production",
                    Optional.empty(),
                    Optional.of(Drafts.beside(1, 0.02)),
                    Optional.of(0.05),
                    ADA,
                    "")
                .promoted())
        .isTrue();
    assertThat(registry.history("late_arrival"))
        .extracting(ModelChange::kind)
        .endsWith("compared", "promoted");
    ModelRegistry elsewhere =
        registry(Clock.fixed(START.plus(Duration.ofHours(1)), ZoneOffset.UTC));
    String compared = "\"ada compared late_arrival@2 at 2026-02-02T06:00:00Z (";
    assertThat(elsewhere.skews())
        .singleElement()
        .asString()
        .startsWith(compared)
        .contains("\" is dated later than this machine's clock says it is");

    elsewhere.hold("late_arrival", 1, BOB, "asked for");
    assertThat(registry.skews())
        .singleElement()
        .asString()
        .startsWith("the clock of whoever made \"bob held late_arrival@1 at ")
        .contains(" was behind that of whoever made " + compared)
        .endsWith(
            "\": their order is certain, their times are not. Whoever keeps the clocks compares the two");
  }

  /** Not by the id of an event. */
  @Test
  void tellsTheLoserOnWhichComparisonTheWinnerWasPromoted() {
    register("a", 0.75);
    ModelVersion second = registry.register(Drafts.draft(store, "b", 0.76), ADA);
    register("c", 0.77);
    registry.promote("late_arrival", 1, "production", ADA, "");
    registry.promotions().record(second, Drafts.beside(1, 0.01), ADA, "");
    AtomicReference<Runnable> meanwhile =
        new AtomicReference<>(
            () -> Drafts.promote(registry, "late_arrival", 3, BOB, "better by 0.02"));
    ModelRegistry slow = registry(new InterruptedClock(meanwhile));

    thrownBy(
            () -> slow.promote("late_arrival", 2, "production", ADA, "my model"),
            ErrorCode.CONFLICT)
        .hasMessage(
            "Cannot promote late_arrival@2 to production: bob promoted late_arrival@3 to production at "
                + registry.models().get("late_arrival").aliases().get("production").at()
                + " (better by 0.02), "
                + Drafts.beside(1, 0.02)
                + " first. Compare the two (tributary registry challenge late_arrival@2), and try again if yours should replace it.");
  }

  @Test
  void tellsTheLoserOfTwoPromotionsWhoWon() {
    register("a", 0.75);
    register("b", 0.76);
    AtomicReference<Runnable> meanwhile =
        new AtomicReference<>(
            () -> registry.promote("late_arrival", 2, "production", BOB, "better by 0.01"));
    ModelRegistry slow = registry(new InterruptedClock(meanwhile));

    thrownBy(
            () -> slow.promote("late_arrival", 1, "production", ADA, "my model"),
            ErrorCode.CONFLICT)
        .hasMessage(
            "Cannot promote late_arrival@1 to production: bob promoted late_arrival@2 to production at"
                + " 2026-02-01T06:02:00Z (better by 0.01) first. Compare the two (tributary registry challenge late_arrival@1), and try again if yours should replace it.");
    assertThat(registry.resolve("late_arrival@production").number()).isEqualTo(2);
    assertThat(registry.history("late_arrival")).hasSize(3);
  }

  @Test
  void tellsARollbackThatThePromotionItWasAboutIsReplaced() {
    for (String content : List.of("a", "b", "c")) {
      register(content, 0.75);
    }
    registry.promote("late_arrival", 1, "production", ADA, "");
    Drafts.promote(registry, "late_arrival", 2, ADA, "");
    AtomicReference<Runnable> meanwhile =
        new AtomicReference<>(() -> Drafts.promote(registry, "late_arrival", 3, BOB, ""));

    thrownBy(
            () ->
                registry(new InterruptedClock(meanwhile))
                    .rollback("late_arrival", "production", ADA, "2 is bad"),
            ErrorCode.CONFLICT)
        .hasMessageContaining("bob promoted late_arrival@3 to production");
    assertThat(registry.resolve("late_arrival@production").number()).isEqualTo(3);
  }

  @Test
  void promotesAllTheSameWhenOnlyARegistrationCameBetween() {
    register("a", 0.75);
    AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> register("b", 0.76));

    registry(new InterruptedClock(meanwhile)).promote("late_arrival", 1, "production", ADA, "");

    assertThat(registry.resolve("late_arrival@production").number()).isEqualTo(1);
    assertThat(registry.models().get("late_arrival").versions()).hasSize(2);
  }

  private static void block(ModelRegistry registry, String night, String notice) {
    registry.block(
        ModelReference.of("late_arrival", 1),
        "production",
        "late",
        night,
        notice,
        ADA,
        "",
        "12 rows are missing");
  }

  @Test
  void aBlockRefusesPromotionsUntilSomebodyEndsIt() {
    register("a", 0.75);
    register("b", 0.76);
    registry.promote("late_arrival", 1, "production", ADA, "");
    Drafts.promote(registry, "late_arrival", 2, ADA, "");
    registry
        .promotions()
        .record(registry.resolve("late_arrival@1"), Drafts.beside(2, 0.02), ADA, "");
    block(registry, "2026-01-30", "n1");
    block(registry, "2026-01-31", "n2");

    thrownBy(() -> registry.promote("late_arrival", 1, "production", ADA, ""), ErrorCode.REFUSED)
        .hasMessage(
            "Cannot promote late_arrival@1 to production: monitor late found a breach of @1 on"
                + " 2026-01-31 (12 rows are missing), and 1 before, which blocks promotions to"
                + " production. Find out what broke; then whoever answers for the model allows them"
                + " again: tributary registry unblock late_arrival --night 2026-01-31 --reason \"…\".");
    assertThat(registry.promote("late_arrival", 1, "candidate", ADA, "to watch").number())
        .as("another alias")
        .isEqualTo(1);
    registry.rollback("late_arrival", "production", ADA, "bad");
    assertThat(registry.resolve("late_arrival@production").number()).isEqualTo(1);

    assertThat(registry.unblock("late_arrival", Optional.of("2026-01-30"), BOB, "a sensor was off"))
        .extracting(Block::night)
        .containsExactly("2026-01-30");
    thrownBy(() -> registry.promote("late_arrival", 2, "production", ADA, ""), ErrorCode.REFUSED)
        .hasMessageContaining("on 2026-01-31 (12 rows are missing), which blocks");
    assertThat(registry.unblock("late_arrival", Optional.empty(), BOB, "that too"))
        .extracting(Block::night)
        .containsExactly("2026-01-31");
    assertThat(registry.unblock("late_arrival", Optional.empty(), BOB, "again")).isEmpty();
    block(registry, "2026-01-31", "n2");
    registry.promote("late_arrival", 2, "production", ADA, "");
    assertThat(registry.history("late_arrival"))
        .extracting(ModelChange::toString)
        .anyMatch(
            c ->
                c.startsWith("ada blocked promotions of late_arrival at ")
                    && c.endsWith("(monitor late, 2026-01-31: 12 rows are missing)"))
        .anyMatch(
            c ->
                c.startsWith("bob unblocked promotions of late_arrival at ")
                    && c.endsWith("(a sensor was off)"));
  }

  @Test
  void refusesAPromotionThatABreachBlocksMeanwhile() {
    register("a", 0.75);
    AtomicReference<Runnable> meanwhile =
        new AtomicReference<>(() -> block(registry, "2026-01-31", "n1"));

    thrownBy(
            () ->
                registry(new InterruptedClock(meanwhile))
                    .promote("late_arrival", 1, "production", ADA, ""),
            ErrorCode.REFUSED)
        .hasMessageContaining("monitor late found a breach of @1 on 2026-01-31");
    assertThat(registry.models().get("late_arrival").aliases()).isEmpty();
  }

  @Test
  void unblocksNoBreachThatCameWhileItWasDecided() {
    register("a", 0.75);
    block(registry, "2026-01-30", "n1");
    AtomicReference<Runnable> meanwhile =
        new AtomicReference<>(() -> block(registry, "2026-01-31", "n2"));

    thrownBy(
            () ->
                registry(new InterruptedClock(meanwhile))
                    .unblock("late_arrival", Optional.empty(), BOB, "known"),
            ErrorCode.CONFLICT)
        .hasMessageContaining("ada blocked promotions of late_arrival");
    assertThat(registry.models().get("late_arrival").blocks()).hasSize(2);
  }

  private static RetrainDecision decision(Instant upTo) {
    return RetrainDecision.of(
        ModelReference.of("late_arrival", 1),
        "production",
        "late",
        "2026-01-31",
        Optional.of("n1"),
        upTo,
        "auc 0.6");
  }

  private boolean decide(Instant upTo) {
    return registry.retrainings().decide(decision(upTo), Duration.ofDays(7), ADA, "");
  }

  @Test
  void decidesToTrainAgainOnceForADayAndOnceInAPeriodOfData() {
    register("a", 0.75);

    assertThat(decide(START)).isTrue();
    assertThat(decide(START)).isFalse();
    assertThat(decide(START.plus(Duration.ofDays(6)))).isFalse();
    assertThat(decide(START.minus(Duration.ofDays(60))))
        .as("a night of before, run again")
        .isFalse();
    assertThat(registry.retrainings().open("late_arrival")).contains(decision(START));
    Instant later = START.plus(Duration.ofDays(7));
    assertThat(decide(later)).isTrue();
    assertThat(registry.retrainings().open("late_arrival")).contains(decision(later));
    assertThat(registry.retrainings().isAnswered(decision(START))).as("given up").isTrue();
    assertThat(registry.history("late_arrival"))
        .extracting(ModelChange::toString)
        .anyMatch(
            c ->
                c.startsWith("ada decided to train late_arrival again at ")
                    && c.endsWith(
                        "(monitor late, 2026-01-31: auc 0.6; tested up to 2026-02-01T06:00:00Z)"))
        .anyMatch(
            c ->
                c.startsWith("ada gave up to train late_arrival again at ")
                    && c.endsWith(
                        "(the decision of 2026-01-31 takes the place of that of 2026-01-31)"));
  }

  private ModelVersion challenger(String content, RetrainDecision decision) {
    return registry.register(
        Drafts.because(Drafts.draft(store, content, 0.75), decision.id()), ADA);
  }

  private Followed compare(
      ModelVersion challenger, Instant upTo, double auc, Optional<Double> margin) {
    return registry
        .promotions()
        .follow(
            challenger,
            "production",
            Optional.of(decision(upTo)),
            Optional.of(Drafts.beside(1, auc)),
            margin,
            ADA,
            "");
  }

  /** Another lake of the project decides the same for the same day. */
  @Test
  void anImportedVersionIsNoChallengerOfThisLake() {
    register("a", 0.75);
    decide(START);
    ModelVersion theirs =
        Drafts.because(Drafts.draft(store, "b", 0.75), decision(START).id()).registered(7);
    ModelVersion imported =
        registry.registerImported(
            Json.mapper().valueToTree(theirs),
            theirs,
            new Origin(
                "9f86",
                "nyc",
                theirs.reference(),
                "event",
                START,
                ADA,
                Digest.of("x"),
                Optional.empty()),
            BOB);

    assertThat(imported.movedUpTo()).contains(decision(START).upTo());
    assertThat(registry.retrainings().challenger(decision(START))).isEmpty();
    ModelVersion own = challenger("c", decision(START));
    assertThat(registry.retrainings().challenger(decision(START)))
        .map(RegisteredVersion::version)
        .contains(own);
  }

  @Test
  void promotesAChallengerInTheDecisionThatComparesIt() {
    register("a", 0.75);
    registry.promote("late_arrival", 1, "production", ADA, "");
    decide(START);
    ModelVersion challenger = challenger("b", decision(START));
    assertThat(registry.retrainings().challenger(decision(START)))
        .map(RegisteredVersion::version)
        .contains(challenger);

    assertThat(compare(challenger, START, 0.02, MARGIN))
        .isEqualTo(new Followed(true, "not worse than @1, as its model's file allows"));
    assertThat(registry.resolve("late_arrival@production").number()).isEqualTo(2);
    assertThat(registry.retrainings().open("late_arrival")).isEmpty();
    assertThat(registry.retrainings().newest("late_arrival")).contains(decision(START));
    registry.rollback("late_arrival", "production", BOB, "bad");
    assertThat(compare(challenger, START, 0.02, MARGIN).promoted()).as("once").isFalse();
    assertThat(registry.resolve("late_arrival@production").number()).isEqualTo(1);
    assertThat(registry.history("late_arrival"))
        .extracting(ModelChange::toString)
        .anyMatch(
            c ->
                c.startsWith("ada compared late_arrival@2 at ")
                    && c.endsWith(
                        "(beside @1: auc +0.0200 (+0.0100 to +0.0300), log-loss +0.0000 (-0.0040 to"
                            + " +0.0040), over 30 nights: surely not worse by 0.01)"));
  }

  /** Each reason not to promote is said, and the comparison is recorded all the same. */
  @Test
  void promotesNoChallengerThatMayNotBe() {
    register("a", 0.75);
    registry.promote("late_arrival", 1, "production", ADA, "");
    List<String> why = new ArrayList<>();
    for (int week = 0; week < 6; week++) {
      Instant upTo = START.plus(Duration.ofDays(7L * week));
      int finalWeek = week;
      assertThat(decide(upTo)).isTrue();
      ModelVersion challenger =
          registry.register(
              Drafts.because(
                  Drafts.draft(store, "c" + week, week == 2 ? 0.5 : 0.75), decision(upTo).id()),
              ADA);
      switch (week) {
        case 3 -> registry.retire("late_arrival", challenger.number(), BOB, "leaks");
        case 4 -> block(registry, "2026-01-31", "n9");
        case 5 -> {
          registry.unblock("late_arrival", Optional.empty(), ADA, "");
          registry.promote("late_arrival", 2, "production", BOB, "mine");
        }
        default -> {}
      }
      Followed followed =
          compare(challenger, upTo, week == 1 ? -0.005 : 0.02, MARGIN.filter(m -> finalWeek != 0));
      assertThat(followed.promoted()).isFalse();
      assertThat(registry.retrainings().open("late_arrival")).isEmpty();
      why.add(followed.why());
    }
    assertThat(why)
        .satisfiesExactly(
            w -> assertThat(w).isEqualTo("the model's file leaves promoting to a person"),
            w -> assertThat(w).isEqualTo("cannot tell whether it is worse by 0.01"),
            w -> assertThat(w).startsWith("its admission rule \"auc >= "),
            w -> assertThat(w).isEqualTo("it was retired meanwhile"),
            w -> assertThat(w).contains("which blocks promotions to production"),
            w ->
                assertThat(w)
                    .startsWith("production is not @1 any more: bob moved it to @2 at ")
                    .endsWith(" (mine)"));
  }

  @Test
  void promotesNoSuspectChallenger() {
    register("a", 0.75);
    registry.promote("late_arrival", 1, "production", ADA, "");
    assertThat(decide(START)).isTrue();
    ModelVersion challenger = challenger("b", decision(START));
    Suspects.open(lake.toString())
        .mark(
            "delivery:flights@17",
            Coverage.of(List.of("model:late_arrival@2")),
            BOB,
            "delays in seconds");

    Followed followed = compare(challenger, START, 0.02, MARGIN);
    assertThat(followed.promoted()).isFalse();
    assertThat(followed.why()).startsWith("bob marked delivery flights@17 as suspect at ");
    assertThat(registry.resolve("late_arrival@production").number()).isEqualTo(1);
  }

  @Test
  void refusesAPromotionWhoseVersionIsRetiredMeanwhile() {
    register("a", 0.75);
    AtomicReference<Runnable> meanwhile =
        new AtomicReference<>(() -> registry.retire("late_arrival", 1, BOB, "leaks"));

    thrownBy(
            () ->
                registry(new InterruptedClock(meanwhile))
                    .promote("late_arrival", 1, "production", ADA, ""),
            ErrorCode.REFUSED)
        .hasMessageContaining("bob retired late_arrival@1");
  }

  @Test
  void losesNoUpdateAndGivesNoNumberTwiceWhenManyActAtOnce() throws Exception {
    int threads = 4;
    int rounds = 4;
    CyclicBarrier start = new CyclicBarrier(threads);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    List<Future<Integer>> results = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      int thread = t;
      results.add(
          pool.submit(
              () -> {
                ModelRegistry mine = registry(Clock.systemUTC());
                int promoted = 0;
                for (int round = 0; round < rounds; round++) {
                  start.await();
                  ModelVersion draft = Drafts.draft(store, thread + "/" + round, 0.75);
                  long number = mine.register(draft, Principal.osUser("t" + thread)).number();
                  try {
                    Drafts.promote(
                        mine, "late_arrival", number, Principal.osUser("t" + thread), "");
                    promoted++;
                  } catch (PlatformException e) {
                    // Who begins after another has won has not compared with that one.
                    assertThat(e.code()).isIn(ErrorCode.CONFLICT, ErrorCode.REFUSED);
                    assertThat(e.getMessage())
                        .containsAnyOf(" promoted late_arrival@", " put there at ");
                  }
                }
                return promoted;
              }));
    }
    int promoted = 0;
    for (Future<Integer> result : results) {
      promoted += result.get();
    }
    pool.shutdown();

    assertThat(registry.models().get("late_arrival").versions())
        .extracting(v -> v.version().number())
        .hasSize(threads * rounds)
        .isSorted()
        .doesNotHaveDuplicates();
    List<ModelChange> moves =
        registry.history("late_arrival").stream().filter(c -> c.alias().isPresent()).toList();
    assertThat(moves).hasSize(promoted);
    Optional<Long> before = Optional.empty();
    for (ModelChange move : moves) {
      assertThat(move.former()).isEqualTo(before);
      before = Optional.of(move.number());
    }
    assertThat(registry.resolve("late_arrival@production").number())
        .isEqualTo(before.orElseThrow());
  }

  @Test
  void keepsWhatIsSaidOfAVersion() {
    register("a", 0.75);
    register("b", 0.75);

    registry.describe("late_arrival", 1, " the one of spring ", ADA);
    registry.describe("late_arrival", 1, "the one of spring", BOB);
    assertThat(
            registry.tag(
                "late_arrival", 1, Map.of("stage", "trial", "owner", "ada"), List.of(), ADA))
        .isEqualTo(Map.of("stage", "trial", "owner", "ada"));
    assertThat(registry.tag("late_arrival", 1, Map.of("stage", "final"), List.of("owner"), BOB))
        .isEqualTo(Map.of("stage", "final"));
    registry.tag("late_arrival", 1, Map.of("stage", "final"), List.of(), BOB);
    registry.hold("late_arrival", 1, BOB, "audit 7");

    RegisteredVersion said = registry.find("late_arrival", 1).orElseThrow();
    assertThat(said.description()).contains("the one of spring");
    assertThat(said.tags()).isEqualTo(Map.of("stage", "final"));
    assertThat(said.hold().orElseThrow().toString()).startsWith("bob at 2026-02-01T06:");
    assertThat(said.hold().orElseThrow().reason()).isEqualTo("audit 7");
    assertThat(registry.models().get("late_arrival").version(1)).contains(said);
    assertThat(registry.find("late_arrival", 2).orElseThrow().tags()).isEmpty();
    assertThat(registry.history("late_arrival").stream().skip(2))
        .extracting(change -> change.principal() + " " + change.kind() + ": " + change.reason())
        .containsExactly(
            "ada described: the one of spring",
            "ada tagged: owner=ada, stage=trial",
            "bob tagged: stage=final, without owner",
            "bob held: audit 7");

    registry.describe("late_arrival", 1, "", ADA);
    assertThat(registry.find("late_arrival", 1).orElseThrow().description()).isEmpty();
  }

  @Test
  void refusesTagsAndDescriptionsThatAreNone() {
    register("a", 0.75);
    registry.tag("late_arrival", 1, Map.of("stage", "trial"), List.of(), ADA);

    thrownBy(
            () -> registry.tag("late_arrival", 1, Map.of("Stage", "x"), List.of(), ADA),
            ErrorCode.INVALID_REQUEST)
        .hasMessage(
            "Cannot tag late_arrival@1: \"Stage=x\" is no tag. Write a word and a value, as in stage=trial.");
    thrownBy(
            () -> registry.tag("late_arrival", 1, Map.of("stage", " "), List.of(), ADA),
            ErrorCode.INVALID_REQUEST)
        .hasMessageContaining("\"stage= \" is no tag");
    thrownBy(
            () -> registry.tag("late_arrival", 1, Map.of(), List.of("owner"), ADA),
            ErrorCode.NOT_FOUND)
        .hasMessage("Cannot tag late_arrival@1: it has no tag \"owner\" to remove, only stage.");
    thrownBy(
            () -> registry.describe("late_arrival", 1, "x".repeat(4_001), ADA),
            ErrorCode.INVALID_REQUEST)
        .hasMessage(
            "Cannot describe late_arrival@1: the text has 4,001 characters, and 4,000 are the most. Say where more is written.");
    thrownBy(() -> registry.describe("late_arrival", 7, "x", ADA), ErrorCode.NOT_FOUND)
        .hasMessage(
            "Cannot describe late_arrival@7: the versions of late_arrival are 1 to 1. Name one of them.");
  }

  @Test
  void retiresNoVersionThatIsHeld() {
    register("a", 0.75);
    registry.hold("late_arrival", 1, BOB, "audit 7");

    thrownBy(() -> registry.retire("late_arrival", 1, ADA, "old"), ErrorCode.REFUSED)
        .hasMessage(
            "Cannot retire late_arrival@1: it is held by bob at 2026-02-01T06:01:00Z (audit 7). Whoever answers for the hold ends it: tributary registry release late_arrival@1 --reason \"…\".");

    thrownBy(() -> registry.hold("late_arrival", 1, ADA, "litigation"), ErrorCode.CONFLICT)
        .hasMessageStartingWith(
            "Cannot hold late_arrival@1: it is held by bob at 2026-02-01T06:01:00Z (audit 7), and one release would end both.");
    registry.release("late_arrival", 1, BOB, "audit is over");
    registry.retire("late_arrival", 1, ADA, "old");
    assertThat(registry.find("late_arrival", 1).orElseThrow().retirement()).isPresent();
    thrownBy(() -> registry.release("late_arrival", 1, BOB, "again"), ErrorCode.NOT_FOUND)
        .hasMessage(
            "Cannot release late_arrival@1: nobody holds it. Held versions are listed by tributary registry search \"status = held\".");
    // A version may be held after it was retired: it stays to be looked at.
    registry.hold("late_arrival", 1, BOB, "audit 8");
    assertThat(registry.find("late_arrival", 1).orElseThrow().hold()).isPresent();
  }

  @Test
  void passesOverEventsThatItDoesNotKnowUnlessTheyNeedABuildThatDoes() {
    register("a", 0.75);
    EventLog log = EventLog.open(lake.resolve("platform/registry").toString());
    log.append(List.of(Event.of(START, "praised", "late_arrival@1", ADA, "", Map.of("is", "x"))));

    assertThat(registry.models().get("late_arrival").versions()).hasSize(1);
    assertThat(registry.changes()).extracting(ModelChange::kind).containsExactly("registered");
    assertThat(register("b", 0.75)).isEqualTo(2);

    log.append(
        List.of(
            new Event("f", START, "frozen", "late_arrival@1", ADA, "", 1, Event.LEVEL + 1, "{}")));
    thrownBy(() -> registry.models(), ErrorCode.REFUSED)
        .hasMessageContaining("it was written by a newer build of Tributary")
        .hasMessageContaining("event \"frozen\" of late_arrival@1");
    thrownBy(() -> registry.promote("late_arrival", 1, "production", ADA, "x"), ErrorCode.REFUSED)
        .hasMessageContaining("newer build");
  }

  @Test
  void survivesJsonThereAndBack() {
    ModelVersion version = registry.register(Drafts.draft(store, "a", 0.75), ADA);
    Alias alias = registry.promote("late_arrival", 1, "production", ADA, "first");
    RegisteredModel model = registry.models().get("late_arrival");

    assertThat(Json.read(Json.write(version), ModelVersion.class)).isEqualTo(version);
    assertThat(Json.read(Json.write(alias), Alias.class)).isEqualTo(alias);
    assertThat(Json.read(Json.write(model), RegisteredModel.class)).isEqualTo(model);
    for (ModelChange change : registry.changes()) {
      assertThat(Json.read(Json.write(change), ModelChange.class)).isEqualTo(change);
    }
    assertThat(Json.read(Json.write(version.reference()), ModelReference.class))
        .isEqualTo(version.reference());
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> thrownBy(
      ThrowingCallable call, ErrorCode code) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(PlatformException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  /** Moves on by a minute each time that it is asked. */
  private static final class TickingClock extends Clock {
    private Instant next = START;

    @Override
    public Instant instant() {
      Instant now = next;
      next = now.plusSeconds(60);
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  /** Lets something happen between a registry's reading and its writing, once. */
  private static final class InterruptedClock extends Clock {
    private final AtomicReference<Runnable> meanwhile;

    InterruptedClock(AtomicReference<Runnable> meanwhile) {
      this.meanwhile = meanwhile;
    }

    @Override
    public Instant instant() {
      Runnable once = meanwhile.getAndSet(null);
      if (once != null) {
        once.run();
      }
      return START;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
