package io.tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Json;
import io.tributary.core.Principal;
import io.tributary.events.EventLog;
import io.tributary.registry.OnlineUse.Accuracy;
import io.tributary.registry.OnlineUse.Verdict;
import io.tributary.registry.OnlineUse.View;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestOnlineUse {
  private static final View EXACT =
      new View(
          "carrier_history",
          "carrier_history@1",
          Accuracy.EXACT,
          true,
          Optional.of(Duration.ofHours(30)),
          "pipeline nightly");
  private static final View SNAPSHOT =
      new View(
          "origin_weather",
          "weather@2",
          Accuracy.SNAPSHOT,
          true,
          Optional.of(Duration.ofHours(26)),
          "max-staleness");
  private static final View REQUEST =
      new View("clock", "clock@1", Accuracy.REQUEST, false, Optional.empty(), "request");
  private static final View HIDDEN =
      new View("secret", "secret@1", Accuracy.EXACT, false, Optional.empty(), "online: false");

  @TempDir Path lake;

  @Test
  void isEqualToTrainingWithoutExactViews() {
    OnlineUse use = new OnlineUse(false, List.of(SNAPSHOT, REQUEST));
    assertThat(use.verdict()).isEqualTo(Verdict.EQUAL_TO_TRAINING);
    assertThat(use).hasToString("equal to training");
  }

  @Test
  void mustBeAllowedWithExactViews() {
    OnlineUse use = new OnlineUse(false, List.of(EXACT, SNAPSHOT));
    assertThat(use.verdict()).isEqualTo(Verdict.NOT_ALLOWED);
    assertThat(use)
        .hasToString(
            "not allowed: trained on exact views carrier_history@1; set \"online: stale\" in the model's definition and train again");
    OnlineUse allowed = new OnlineUse(true, List.of(EXACT, SNAPSHOT));
    assertThat(allowed.verdict()).isEqualTo(Verdict.ALLOWED_STALE);
    assertThat(allowed).hasToString("allowed stale");
  }

  @Test
  void isNotAllowedOfWhatIsNotPublished() {
    OnlineUse use = new OnlineUse(true, List.of(EXACT, HIDDEN));
    assertThat(use.verdict()).isEqualTo(Verdict.NOT_ALLOWED);
    assertThat(use)
        .hasToString(
            "not allowed: the online store has nothing of secret@1; set \"online: true\" there");
  }

  @Test
  void saysHowOldAnAnswerCanBe() {
    assertThat(EXACT)
        .hasToString(
            "carrier_history@1: exact in training; age of an online answer: up to 30h (pipeline nightly)");
    assertThat(SNAPSHOT)
        .hasToString(
            "origin_weather weather@2: snapshot, the same online as in training if published within its publish-delay; age of both: up to 26h (max-staleness)");
    assertThat(REQUEST).hasToString("clock@1: computed from the request, as in training");
    assertThat(HIDDEN).hasToString("secret@1: not published (online: false)");
    assertThat(new View("a", "a@1", Accuracy.EXACT, true, Optional.empty(), "no pipeline"))
        .hasToString("a@1: exact in training; age of an online answer: unbounded (no pipeline)");
  }

  private ModelRegistry registry(Optional<OnlineUse> use) {
    ArtefactStore store = ArtefactStore.open(lake.toString());
    ModelRegistry registry =
        ModelRegistry.open(
            EventLog.open(lake.resolve("platform/registry").toString()), store, Clock.systemUTC());
    registry.register(Drafts.draft(store, "a", 0.8, use), Principal.osUser("ada"));
    registry.promote("late_arrival", 1, "production", Principal.osUser("ada"), "good");
    return registry;
  }

  @Test
  void onlineCallersGetAVersionThatAllowsThem() {
    OnlineUse use = new OnlineUse(true, List.of(EXACT, REQUEST));
    ModelVersion version = registry(Optional.of(use)).resolveOnline("late_arrival@production");
    assertThat(version.number()).isEqualTo(1);
    assertThat(version.onlineUse()).contains(use);
    assertThat(Json.read(Json.write(version), ModelVersion.class)).isEqualTo(version);
  }

  @Test
  void onlineCallersAreRefusedAVersionThatDoesNot() {
    ModelRegistry registry = registry(Optional.of(new OnlineUse(false, List.of(EXACT))));
    assertThat(registry.resolve("late_arrival@production").number()).isEqualTo(1);
    assertThatThrownBy(() -> registry.resolveOnline("late_arrival@production"))
        .hasMessage(
            "Cannot use late_arrival@1 online: not allowed: trained on exact views carrier_history@1; set \"online: stale\" in the model's definition and train again.");
  }

  @Test
  void versionsOfBeforeAreReadAndRefused() {
    ModelRegistry registry = registry(Optional.empty());
    String json = Json.write(registry.resolve("late_arrival@1"));
    assertThat(json).doesNotContain("onlineUse");
    assertThat(Json.read(json, ModelVersion.class).onlineUse()).isEmpty();
    assertThatThrownBy(() -> registry.resolveOnline("late_arrival@production"))
        .hasMessage(
            "Cannot use late_arrival@1 online: it was registered without what is needed to compare online values with its training. Train it again.");
  }
}
