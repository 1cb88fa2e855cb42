package io.tributary.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tributary.core.Interval;
import io.tributary.definition.Model.Encoding;
import io.tributary.drift.Outcomes;
import io.tributary.events.facts.FitFacts.Part;
import io.tributary.events.facts.FitFacts.Split;
import io.tributary.model.Input;
import io.tributary.model.ModelSignature;
import io.tributary.registry.Comparison;
import io.tributary.registry.Comparison.Range;
import io.tributary.registry.Comparison.SameRows;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TestChampionComparison {
  private static final int NIGHTS = 30;
  private static final int ROWS = 200;

  private final SplittableRandom random = new SplittableRandom(7);
  private final boolean[] labels = new boolean[NIGHTS * ROWS];
  private final int[] days = new int[NIGHTS * ROWS];

  TestChampionComparison() {
    for (int row = 0; row < labels.length; row++) {
      labels[row] = random.nextInt(4) == 0;
      days[row] = 19_000 + row / ROWS;
    }
  }

  /** Scores that know the label as well as their noise lets them. */
  private double[] scores(double noise) {
    double[] scores = new double[labels.length];
    for (int row = 0; row < scores.length; row++) {
      double known = labels[row] ? 0.6 : 0.2;
      scores[row] = Math.min(0.99, Math.max(0.01, known + noise * (random.nextDouble() - 0.5)));
    }
    return scores;
  }

  private SortedMap<Integer, Outcomes> nights(double[] scores) {
    return new HeldOut(days, scores, labels, 0).byDay();
  }

  private static double naiveAuc(double[] scores, boolean[] labels, int from, int to) {
    double higher = 0;
    double pairs = 0;
    for (int i = from; i < to; i++) {
      for (int j = from; j < to; j++) {
        if (labels[i] && !labels[j]) {
          pairs++;
          higher += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
        }
      }
    }
    return higher / pairs;
  }

  private static double naiveLoss(double[] scores, boolean[] labels, int from, int to) {
    double loss = 0;
    for (int i = from; i < to; i++) {
      loss -= Math.log(labels[i] ? scores[i] : 1 - scores[i]);
    }
    return loss / (to - from);
  }

  private static Comparison between(
      SortedMap<Integer, Outcomes> mine, SortedMap<Integer, Outcomes> theirs) {
    return ChampionComparison.between(3, mine, theirs, 0.01, ROWS_OF_BOTH);
  }

  @Test
  void isTheMeanOfTheNightsDifferencesOfTheChallengerLessTheChampion() {
    double[] mine = scores(0.8);
    double[] theirs = scores(1.4);
    Comparison better = between(nights(mine), nights(theirs));
    double auc = 0;
    double loss = 0;
    for (int night = 0; night < NIGHTS; night++) {
      int from = night * ROWS;
      int to = from + ROWS;
      auc += naiveAuc(mine, labels, from, to) - naiveAuc(theirs, labels, from, to);
      loss += naiveLoss(mine, labels, from, to) - naiveLoss(theirs, labels, from, to);
    }
    Range found = better.measures().get("auc");
    assertThat(better.champion()).isEqualTo(3);
    assertThat(found.nights()).isEqualTo(NIGHTS);
    assertThat(found.mean()).isPositive().isEqualTo(auc / NIGHTS, within(1e-9));
    assertThat(found.lower()).isPositive().isLessThan(found.mean());
    assertThat(better.measures().get("log-loss").mean())
        .isNegative()
        .isEqualTo(loss / NIGHTS, within(1e-5));
    assertThat(better.notWorse()).isTrue();

    Comparison worse = between(nights(theirs), nights(mine));
    assertThat(worse.measures().get("auc").mean()).isEqualTo(-found.mean(), within(1e-9));
    assertThat(worse.notWorse()).isFalse();
    assertThat(worse.words())
        .isEqualTo("over 30 nights: surely worse, and perhaps by more than 0.01");
  }

  /** Worse by one measure alone is worse. */
  @Test
  void scoresOfTheSameOrderThatPromiseTooMuchAreWorse() {
    double[] theirs = scores(0.8);
    double[] mine = theirs.clone();
    for (int row = 0; row < mine.length; row++) {
      mine[row] = 0.5 + mine[row] / 2;
    }
    Comparison comparison = between(nights(mine), nights(theirs));
    assertThat(comparison.measures().get("auc").mean()).isEqualTo(0, within(1e-9));
    assertThat(comparison.notWorse()).isFalse();
  }

  @Test
  void fewNightsSayNothing() {
    SortedMap<Integer, Outcomes> few = new TreeMap<>(nights(scores(1)).headMap(19_005));
    Comparison comparison = between(few, few);
    assertThat(comparison.measures()).isEmpty();
    assertThat(comparison.sameRows())
        .as("rules beside production need them")
        .hasValue(ROWS_OF_BOTH);
    assertThat(comparison.notWorse()).isFalse();
    assertThat(comparison.words())
        .startsWith("cannot tell: 5 nights have labels of both kinds, and ");
  }

  private static final SameRows ROWS_OF_BOTH =
      new SameRows("lateness@7", Optional.empty(), 9, Map.of("auc", 0.7), Map.of("auc", 0.6));

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
  private static final String SEEN =
      "each may have been fitted to some of the rows that the other is tested on";

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
            "one takes what the training set of the other does not have: no column rain; column line is bigint, not string; no column late");
  }
}
