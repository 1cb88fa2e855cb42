package io.tributary.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tributary.definition.Model.Encoding;
import io.tributary.definition.Model.Fit;
import io.tributary.definition.Model.Layer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TestNetworkFit {
  private static final Synthetic.Odds LINEAR =
      (x1, x2, c) -> -0.5 + 1.5 * x1 - 0.8 * x2 + (c % 3 - 1) * 0.7;
  private static final Synthetic.Odds CROSSED = (x1, x2, c) -> 4 * x1 * x2;

  private static BinaryMetrics tested(Synthetic data, FittedNetwork network) {
    return BinaryMetrics.of(
        TrainedModel.of(data.vectorizer(), network).score(data.test()), data.test().labels());
  }

  @Test
  void sameSeedGivesTheSameBytes() {
    Synthetic data = Synthetic.of(6_000, 9, new Encoding.Embedding(3), 1, LINEAR);
    FitPlan plan =
        Synthetic.plan(
            3, 2, new Layer.Dense(16, "relu"), new Layer.Dropout(0.3), new Layer.Dense(8, "relu"));
    FittedNetwork first = data.fit(plan);
    FittedNetwork second = data.fit(plan);
    assertThat(second.parameters()).isEqualTo(first.parameters());
    assertThat(second.configuration()).isEqualTo(first.configuration());
    assertThat(second.history()).isEqualTo(first.history());
  }

  @Test
  void anotherSeedGivesOtherParameters() {
    Synthetic data = Synthetic.of(3_000, 9, new Encoding.OneHot(), 1, LINEAR);
    FitPlan plan = Synthetic.plan(2, 1, new Layer.Dense(8, "relu"));
    FitPlan other =
        new FitPlan(
            plan.layers(),
            new Fit(
                plan.fit().updater(),
                plan.fit().learningRate(),
                plan.fit().batch(),
                plan.fit().epochs(),
                plan.fit().patience(),
                43),
            1);
    assertThat(data.fit(other).parameters()).isNotEqualTo(data.fit(plan).parameters());
  }

  @Test
  void isNearlyAsGoodAsPossibleOnLinearData() {
    for (Encoding encoding : new Encoding[] {new Encoding.OneHot(), new Encoding.Embedding(3)}) {
      Synthetic data = Synthetic.of(20_000, 9, encoding, 5, LINEAR);
      BinaryMetrics network =
          tested(
              data,
              data.fit(Synthetic.plan(15, 2, new Layer.Dense(16, "relu"), new Layer.Dropout(0.1))));
      BinaryMetrics possible = data.possible();
      assertThat(network.auc().orElseThrow()).isGreaterThan(possible.auc().orElseThrow() - 0.01);
      assertThat(network.logLoss()).isLessThan(possible.logLoss() + 0.01);
      assertThat(network.calibrationError()).isLessThan(0.05);
    }
  }

  @Test
  void learnsWhatALogisticRegressionCannot() {
    Synthetic data = Synthetic.of(20_000, 2, new Encoding.OneHot(), 6, CROSSED);
    BinaryMetrics network =
        tested(
            data,
            data.fit(
                Synthetic.plan(20, 2, new Layer.Dense(24, "relu"), new Layer.Dense(12, "tanh"))));
    BinaryMetrics logistic =
        BinaryMetrics.of(
            LogisticBaseline.fit(data.vectorizer(), data.train()).score(data.test()),
            data.test().labels());
    assertThat(logistic.auc().orElseThrow()).isLessThan(0.55);
    assertThat(network.auc().orElseThrow())
        .isGreaterThan(data.possible().auc().orElseThrow() - 0.02);
  }

  @Test
  void keepsTheBestEpochAndStopsAfterItsPatience() {
    // Labels that nothing foretells: the longer it is fitted, the worse it does on other rows.
    Synthetic data = Synthetic.of(3_000, 50, new Encoding.OneHot(), 7, (x1, x2, c) -> 0);
    FitPlan plan =
        new FitPlan(List.of(new Layer.Dense(64, "relu")), new Fit("adam", 0.02, 64, 40, 3, 1), 2);
    List<Epoch> told = new ArrayList<>();
    FittedNetwork network =
        NetworkFit.fit(data.vectorizer(), plan, data.train(), data.validate(), told::add);
    assertThat(told).isEqualTo(network.history());
    Epoch best = told.stream().min(Comparator.comparingDouble(Epoch::validationLoss)).orElseThrow();
    assertThat(network.bestEpoch()).isEqualTo(best.epoch());
    assertThat(told).hasSize(best.epoch() + 3).hasSizeLessThan(40);
    double[] scores = TrainedModel.of(data.vectorizer(), network).score(data.validate());
    assertThat(BinaryMetrics.logLoss(scores, data.validate().labels()))
        .isCloseTo(best.validationLoss(), within(1e-9));
  }

  @Test
  void moreReplicasLearnTheSame() {
    Synthetic data = Synthetic.of(6_000, 3, new Encoding.OneHot(), 8, LINEAR);
    FittedNetwork one = data.fit(Synthetic.plan(4, 1, new Layer.Dense(8, "relu")));
    FittedNetwork three = data.fit(Synthetic.plan(4, 3, new Layer.Dense(8, "relu")));
    for (int e = 0; e < 4; e++) {
      assertThat(three.history().get(e).validationLoss())
          .isCloseTo(one.history().get(e).validationLoss(), within(1e-4));
    }
  }

  @Test
  void copesWithALastBatchOfOneRow() {
    Synthetic data = Synthetic.of(1_282, 3, new Encoding.OneHot(), 9, LINEAR);
    assertThat(data.train().rows() % 256).isEqualTo(1);
    assertThat(data.fit(Synthetic.plan(2, 2, new Layer.Dense(8, "relu"))).history()).hasSize(2);
  }

  @Test
  void unseenCategoryScoresLikeTheMeanOfTheOthers() {
    Synthetic data =
        Synthetic.of(20_000, 2, new Encoding.Embedding(2), 10, (x1, x2, c) -> c == 0 ? 2 : -2);
    TrainedModel model = TrainedModel.of(data.vectorizer(), data.fit(Synthetic.plan(6, 2)));
    InputRows rows = model.rows();
    for (String category : List.of("c0", "c1", "new")) {
      rows.append();
      rows.number(0, 1_000);
      rows.number(1, 0);
      rows.text(2, category);
    }
    double[] scores = model.score(rows);
    assertThat(scores[0]).isCloseTo(1 / (1 + Math.exp(-2)), within(0.03));
    assertThat(scores[1]).isCloseTo(1 / (1 + Math.exp(2)), within(0.03));
    assertThat(scores[2]).isCloseTo(0.5, within(0.1));
  }

  @Test
  void refusesAFitWithoutValidationRows() {
    Synthetic data = Synthetic.of(100, 2, new Encoding.OneHot(), 11, LINEAR);
    Examples none = Examples.of(data.vectorizer(), data.rows(), data.labels(), data.order(), 0, 0);
    assertThatThrownBy(
            () ->
                NetworkFit.fit(
                    data.vectorizer(), Synthetic.plan(1, 1), data.train(), none, e -> {}))
        .hasMessage(
            "Cannot fit model synthetic: there are 60 training and 0 validation rows. Widen the intervals of its split.");
  }

  @Test
  void refusesPlansThatCannotBe() {
    assertThatThrownBy(() -> new FitPlan(List.of(), new Fit("adamw", 0.1, 10, 1, 1, 1), 1))
        .hasMessage(
            "Cannot fit with updater adamw: it is out of range. Use one of [adam, sgd, nesterovs, rmsprop, adagrad].");
    assertThatThrownBy(() -> Synthetic.plan(1, 1, new Layer.Dense(4, "swish")))
        .hasMessage(
            "Cannot use activation swish: there is none of that name. Use relu, tanh, sigmoid, identity or gelu.");
    assertThatThrownBy(() -> Synthetic.plan(1, 1, new Layer.Dropout(1)))
        .hasMessage(
            "Cannot fit with dropout(1.0): it is out of range. Use a share from 0 to below 1.");
  }

  @Test
  void saysWhatToDoWhenTheLossIsNoNumber() {
    ModelSignature signature =
        new ModelSignature("m", List.of(new Input("x", "double", new Encoding.Raw())), "label");
    InputRows rows = new InputRows(signature.inputs(), 100);
    boolean[] labels = new boolean[100];
    int[] order = new int[100];
    for (int k = 0; k < 100; k++) {
      rows.append();
      rows.number(0, k % 2 == 0 ? 3e38 : -3e38);
      labels[k] = k % 3 == 0;
      order[k] = k;
    }
    Vectorizer vectorizer = Vectorizer.fitting(signature).add(rows).fitted();
    Examples examples = Examples.of(vectorizer, rows, labels, order, 0, 100);
    FitPlan plan =
        Synthetic.plan(3, 1, new Layer.Dense(8, "identity"), new Layer.Dense(8, "identity"));
    assertThatThrownBy(() -> NetworkFit.fit(vectorizer, plan, examples, examples, e -> {}))
        .hasMessage(
            "Cannot fit model m: the loss is no number after epoch 1. Lower its learning-rate, or standardize raw inputs.");
  }
}
