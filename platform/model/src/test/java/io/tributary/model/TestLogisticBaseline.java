package io.tributary.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tributary.definition.Model.Encoding;
import org.junit.jupiter.api.Test;

final class TestLogisticBaseline {
  private static final Synthetic.Odds LINEAR =
      (x1, x2, c) -> -0.5 + 1.5 * x1 - 0.8 * x2 + (c % 3 - 1) * 0.7;

  @Test
  void isNearlyAsGoodAsPossibleOnLinearData() {
    for (Encoding encoding : new Encoding[] {new Encoding.OneHot(), new Encoding.Embedding(4)}) {
      Synthetic data = Synthetic.of(20_000, 9, encoding, 1, LINEAR);
      LogisticBaseline baseline = LogisticBaseline.fit(data.vectorizer(), data.train());
      BinaryMetrics metrics = BinaryMetrics.of(baseline.score(data.test()), data.test().labels());
      assertThat(metrics.auc().orElseThrow())
          .isCloseTo(data.possible().auc().orElseThrow(), within(0.003));
      assertThat(metrics.logLoss()).isCloseTo(data.possible().logLoss(), within(0.003));
    }
  }

  @Test
  void endsWhereTheLossIsFlat() {
    Synthetic data = Synthetic.of(20_000, 200, new Encoding.Embedding(2), 2, LINEAR);
    LogisticBaseline baseline = LogisticBaseline.fit(data.vectorizer(), data.train());
    assertThat(baseline.steepest()).isLessThan(1e-6);
    assertThat(baseline.iterations()).isBetween(2, 60);
  }

  @Test
  void meetsTheMeanOfTheLabelsOnItsOwnRows() {
    Synthetic data = Synthetic.of(5_000, 4, new Encoding.OneHot(), 3, LINEAR);
    Examples train = data.train();
    double mean =
        java.util.Arrays.stream(LogisticBaseline.fit(data.vectorizer(), train).score(train))
            .average()
            .orElseThrow();
    assertThat(mean).isCloseTo(train.share(), within(1e-5));
  }

  @Test
  void copesWithLabelsThatCanBeSeparated() {
    Synthetic data =
        Synthetic.of(2_000, 2, new Encoding.OneHot(), 4, (x1, x2, c) -> x1 > 0 ? 100 : -100);
    LogisticBaseline baseline = LogisticBaseline.fit(data.vectorizer(), data.train());
    assertThat(BinaryMetrics.of(baseline.score(data.test()), data.test().labels()).auc())
        .hasValueSatisfying(auc -> assertThat(auc).isGreaterThan(0.99));
  }
}
