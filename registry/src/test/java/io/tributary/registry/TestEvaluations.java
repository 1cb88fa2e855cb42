package io.tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.core.TableVersion;
import io.tributary.drift.MeasureInterval;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is recorded of measuring versions. */
class TestEvaluations {
  private static final Principal ADA = Principal.osUser("ada");
  private static final Principal BOB = Principal.osUser("bob");

  @TempDir Path lake;

  private ModelRegistry registry;
  private ModelVersion version;

  @BeforeEach
  void register() {
    registry = ModelRegistry.open(lake.toString());
    version = registry.register(Drafts.draft(ArtefactStore.open(lake.toString()), "a", 0.75), ADA);
  }

  private static Evaluation evaluation(String content, long unknown) {
    return new Evaluation(
        new Evaluation.Rows(
            "late_arrival",
            Optional.of(7L),
            List.of(Pin.upTo(TableVersion.parse("validated.flights@5#77"), 5)),
            Digest.of("definition"),
            Digest.of(content),
            List.of(Interval.parse("2014-01-01T00:00:00Z/2014-01-31T00:00:00Z")),
            Instant.parse("2014-01-02T05:00:00Z"),
            Instant.parse("2014-01-30T22:00:00Z"),
            12_345,
            2_345,
            30,
            1_200,
            34,
            unknown),
        Map.of("auc", 0.74, "log-loss", 0.4412345),
        Map.of("auc", new MeasureInterval(0.73, 0.75)),
        Map.of("carrier", List.of(new Evaluation.Slice("UA", 10, 3, Map.of("log-loss", 0.5)))),
        List.of());
  }

  @Test
  void theSameVersionOnTheSameRowsIsRecordedOnce() {
    Evaluations.Recorded first =
        registry.evaluations().record(version.reference(), evaluation("rows", 0), ADA);
    assertThat(first.evaluation()).isEqualTo(evaluation("rows", 0));
    assertThat(registry.evaluations().record(version.reference(), evaluation("rows", 0), BOB))
        .isEqualTo(first);
    registry.evaluations().record(version.reference(), evaluation("others", 0), BOB);

    assertThat(registry.evaluations().of(version.reference()))
        .extracting(Evaluations.Recorded::principal)
        .containsExactly(ADA, BOB);
    assertThat(registry.evaluations().find(version.reference(), Digest.of("rows"))).contains(first);
    assertThat(registry.evaluations().find(version.reference(), Digest.of("none"))).isEmpty();
    assertThat(registry.evaluations().find(ModelReference.of("late_arrival", 2), Digest.of("rows")))
        .isEmpty();
  }

  @Test
  void nothingElseOfTheVersionChanges() {
    RegisteredVersion before = registry.find("late_arrival@1");
    registry.evaluations().record(version.reference(), evaluation("rows", 0), ADA);
    assertThat(registry.find("late_arrival@1")).isEqualTo(before);
    assertThat(registry.models().get("late_arrival").version(1)).contains(before);
    assertThat(registry.history("late_arrival"))
        .extracting(ModelChange::kind)
        .containsExactly("registered", "evaluated");
  }

  @Test
  void historyTellsWhatItCameToAndWhatWasLeftOut() {
    Evaluations.Recorded recorded =
        registry.evaluations().record(version.reference(), evaluation("rows", 45), ADA);
    assertThat(registry.history("late_arrival").get(1))
        .hasToString(
            "ada evaluated late_arrival@1 at %s (on 12,345 rows of late_arrival@7, 2,345 of them true, 30 nights from 2014-01-02T05:00:00Z to 2014-01-30T22:00:00Z: auc 0.7400 (0.7300 to 0.7500), log-loss 0.4412; 1,200 rows that it was fitted to are left out; 34 rows of keys that its split does not test are left out; NOBODY KNOWS whether it was fitted to 45 of them, as it was trained elsewhere)"
                .formatted(recorded.at()));
  }

  @Test
  void refusesAVersionThatIsNotRegistered() {
    assertThatThrownBy(
            () ->
                registry
                    .evaluations()
                    .record(ModelReference.of("late_arrival", 2), evaluation("rows", 0), ADA))
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
        .hasMessageContaining("Cannot evaluate late_arrival@2: the versions of late_arrival are 1");
  }
}
