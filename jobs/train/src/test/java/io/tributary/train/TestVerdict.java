package io.tributary.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tributary.definition.Model.AdmissionRule;
import io.tributary.model.BinaryMetrics;
import io.tributary.model.ModelMetrics;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class TestVerdict {
  private static final boolean[] LABELS = {true, false, true, false};
  private static final ModelMetrics METRICS =
      new ModelMetrics(
          BinaryMetrics.of(new double[] {0.9, 0.2, 0.7, 0.8}, LABELS),
          BinaryMetrics.of(new double[] {0.9, 0.2, 0.7, 0.8}, LABELS),
          Map.of(
              "constant", BinaryMetrics.of(new double[] {0.5, 0.5, 0.5, 0.5}, LABELS),
              "logistic", BinaryMetrics.of(new double[] {0.6, 0.4, 0.6, 0.4}, LABELS)),
          Map.of(),
          List.of(),
          1);

  private static Verdict verdict(String metric, String operator, Double bound) {
    return Verdict.of(METRICS, new AdmissionRule(metric, operator, Optional.ofNullable(bound)));
  }

  @Test
  void comparesWithANumber() {
    assertThat(verdict("auc", ">=", 0.75)).isEqualTo(new Verdict("auc >= 0.75", 0.75, 0.75, true));
    assertThat(verdict("auc", ">", 0.75).held()).isFalse();
    assertThat(verdict("brier", "<=", 0.3).held()).isTrue();
    assertThat(verdict("brier", "<", 0.1).held()).isFalse();
  }

  @Test
  void comparesWithTheBetterBaseline() {
    Verdict smaller = verdict("log-loss", "<", null);
    assertThat(smaller.rule()).isEqualTo("log-loss < baseline");
    assertThat(smaller.bound()).isCloseTo(-Math.log(0.6), within(1e-12));
    assertThat(smaller.held()).isFalse();
    Verdict larger = verdict("auc", ">", null);
    assertThat(larger.bound()).isEqualTo(1.0);
    assertThat(larger.held()).isFalse();
  }

  @Test
  void aMeasureThatIsNotThereHoldsNoRule() {
    assertThat(verdict("recall", ">=", 0.0).held()).isFalse();
  }
}
