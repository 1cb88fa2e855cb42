package io.tributary.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Interval;
import io.tributary.definition.Model.Encoding;
import io.tributary.events.facts.FitFacts.Part;
import io.tributary.events.facts.FitFacts.Split;
import io.tributary.model.Input;
import io.tributary.model.ModelSignature;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TestChampionComparison {
  private static final Instant END = Instant.parse("2024-03-01T00:00:00Z");
  private static final ModelSignature TAKES =
      new ModelSignature(
          "lateness",
          List.of(
              new Input("rain", "double", new Encoding.Standardize()),
              new Input("line", "string", new Encoding.OneHot())),
          "late");
  private static final Map<String, String> COLUMNS =
      Map.of("rain", "double", "line", "string", "late", "boolean");
  private static final String SEEN = "the champion may have been fitted to some of the same rows";

  private static Part part(String name, int fromDay, int toDay, int fromBucket, int toBucket) {
    Instant first = Instant.parse("2024-01-01T00:00:00Z");
    return new Part(
        name,
        Optional.empty(),
        Optional.of(
            Interval.of(first.plusSeconds(86_400L * fromDay), first.plusSeconds(86_400L * toDay))),
        fromBucket,
        toBucket);
  }

  private static Split byTime(String salt, int trained, int validated, int tested) {
    return new Split(
        List.of("rider"),
        salt,
        END,
        List.of(
            part("train", 0, trained, 0, 10_000),
            part("validate", trained, validated, 0, 10_000),
            part("test", validated, tested, 0, 10_000)));
  }

  private static Split byKeys(List<String> by, String salt) {
    return new Split(
        by,
        salt,
        END,
        List.of(
            part("train", 0, 60, 0, 6_000),
            part("validate", 0, 60, 6_000, 8_000),
            part("test", 0, 60, 8_000, 10_000)));
  }

  private static Optional<String> why(Split champion, Split challenger) {
    return ChampionComparison.incomparable(champion, challenger, TAKES, COLUMNS);
  }

  @Test
  void comparesOnRowsThatTheChampionHasNotSeen() {
    assertThat(why(byTime("a", 20, 30, 40), byTime("a", 30, 40, 50))).isEmpty();
    assertThat(why(byTime("a", 20, 30, 40), byTime("a", 18, 28, 38))).hasValue(SEEN);
    assertThat(why(byKeys(List.of("rider"), "a"), byKeys(List.of("rider"), "a"))).isEmpty();
  }

  /** The same bucket is of other keys then. */
  @Test
  void doesNotTakeBucketsOfAnotherHashForTheSameKeys() {
    assertThat(why(byKeys(List.of("rider"), "a"), byKeys(List.of("rider"), "b"))).hasValue(SEEN);
    assertThat(why(byKeys(List.of("rider"), "a"), byKeys(List.of("line"), "a"))).hasValue(SEEN);
    assertThat(why(byTime("a", 20, 30, 40), byTime("b", 30, 40, 50))).as("other days").isEmpty();
  }

  /** Else the decision to retrain would stay open, and be tried again with every run. */
  @Test
  void saysWhatTheTrainingSetNoLongerHas() {
    assertThat(
            ChampionComparison.incomparable(
                byTime("a", 20, 30, 40), byTime("a", 30, 40, 50), TAKES, Map.of("line", "bigint")))
        .hasValue(
            "the champion takes what the training set no longer has: no column rain; column line is bigint, not string; no column late");
  }
}
