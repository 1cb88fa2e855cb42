package io.tributary.registry.provenance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Outcome;
import io.tributary.core.RunId;
import io.tributary.events.facts.ScoringFacts;
import io.tributary.events.runs.RunRecord;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestTouchedScores {
  private static final Instant AT = Instant.parse("2026-01-31T00:00:00Z");

  private static TouchedScores.Scoring scoring(Set<String> whole) {
    return new TouchedScores.Scoring(
        new RunRecord(
            RunId.parse("20260131T061500Z-00000001"),
            JobKey.of("score", "next", Interval.of(AT, AT.plusSeconds(86_400))),
            1,
            Outcome.SUCCEEDED,
            Optional.empty(),
            Optional.empty(),
            "",
            AT,
            1,
            List.of(),
            List.of(),
            Optional.empty(),
            Map.of(),
            List.of(),
            List.of(),
            Map.of(),
            Optional.empty(),
            new Environment("abc123", false, "17", "Linux", "ada", "host")),
        List.of(said("champion", "late@2"), said("shadow", "late@1")),
        whole,
        Map.of(),
        Set.of());
  }

  private static ScoringFacts.Said said(String role, String model) {
    return new ScoringFacts.Said(
        role, model, Digest.of(model), 3, Optional.empty(), Optional.empty(), Map.of());
  }

  /** A scoring that died had copied them, and they stay in force. */
  @Test
  void aPredictionThatIsInBothTablesIsCountedOnceAndInForce() {
    TouchedScores.Scoring scoring = scoring(Set.of());
    scoring.superseded("a", "late@2");
    scoring.superseded("b", "late@2");
    scoring.superseded("b", "late@2");
    scoring.inForce("a", "late@2");
    scoring.inForce("c", "late@2");
    assertThat(scoring.touched()).isEqualTo(3);
    assertThat(scoring.superseded()).isEqualTo(1);
    assertThat(scoring.saying()).containsExactly("late@2");
  }

  @Test
  void whoSaidThemIsToldByFactsToo(@TempDir Path lake) {
    TouchedScores.Scoring scoring = scoring(Set.of("late@1"));
    new TouchedScores(lake.toString(), false).count(List.of(scoring));
    assertThat(scoring.touched()).isEqualTo(3);
    assertThat(scoring.saying()).containsExactly("late@1");
  }
}
