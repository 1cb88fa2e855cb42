package io.tributary.offline;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.definition.OutcomeWindow;
import io.tributary.definition.SourceLocation;
import io.tributary.definition.SqlText;
import io.tributary.definition.TrainingSet;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the build of a training set that leaks tells people to write. */
class TestLeakRemedies {
  private static final SqlText ANY =
      new SqlText("true", new SourceLocation("training-sets/a.yaml", 1));

  private static String remedy(Optional<String> during) {
    return TrainingSetBuild.remedy(
        new TrainingSet.Label(
            "bought",
            "purchases",
            ANY,
            Optional.empty(),
            during.map(
                text ->
                    new TrainingSet.Outcome(
                        OutcomeWindow.parse(text),
                        Duration.ZERO,
                        Map.of(),
                        Optional.empty(),
                        List.of(),
                        ANY,
                        Optional.empty()))));
  }

  @Test
  void openAnIntervalThatHoldsTheAsOf() {
    assertThat(remedy(Optional.of("[0d, 90d)")))
        .isEqualTo(
            "Its interval [0d, 90d) holds the as-of itself: write during: \"(0d, 90d)\", or say when"
                + " such an event is really known: availability-delay or known-time of source"
                + " purchases.");
  }

  @Test
  void sayWhenEventsAreKnown() {
    assertThat(remedy(Optional.of("(0d, 90d]")))
        .isEqualTo(
            "The view sees them before they happen: say when such an event is really known:"
                + " availability-delay or known-time of source purchases.");
    assertThat(remedy(Optional.empty()))
        .startsWith("The row's own event is known when it asks: let rows ask earlier, or say when");
  }
}
