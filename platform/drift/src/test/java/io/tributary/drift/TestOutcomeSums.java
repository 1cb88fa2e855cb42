package io.tributary.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TestOutcomeSums {
  private final Random random = new Random(1);

  /** Pair by pair and row by row, as the definitions say. */
  private static Outcomes naive(double[] scores, boolean[] labels) {
    double pairs = 0;
    double right = 0;
    double expectedPairs = 0;
    double expectedRight = 0;
    int positives = 0;
    double[] means = new double[7];
    int n = scores.length;
    for (int a = 0; a < n; a++) {
      double p = scores[a];
      double y = labels[a] ? 1 : 0;
      double kept = Math.max(1e-7, Math.min(1 - 1e-7, p));
      double hit = -Math.log(kept);
      double miss = -Math.log(1 - kept);
      positives += labels[a] ? 1 : 0;
      double[] row = {
        p,
        labels[a] ? hit : miss,
        p * hit + (1 - p) * miss,
        p * (1 - p) * Math.pow(hit - miss, 2),
        (p - y) * (p - y),
        p * (1 - p),
        p * (1 - p) * Math.pow(1 - 2 * p, 2)
      };
      for (int k = 0; k < row.length; k++) {
        means[k] += row[k] / n;
      }
      for (int b = 0; b < n; b++) {
        double inOrder = p > scores[b] ? 1 : p == scores[b] ? 0.5 : 0;
        if (labels[a] && !labels[b]) {
          pairs++;
          right += inOrder;
        }
        // A row beside itself is half a pair.
        double chance = p * (1 - scores[b]) * (a == b ? 0.5 : 1);
        expectedPairs += chance;
        expectedRight += a == b ? chance : chance * inOrder;
      }
    }
    return new Outcomes(
        n,
        positives,
        means[0],
        pairs == 0 ? java.util.Optional.empty() : java.util.Optional.of(right / pairs),
        expectedPairs == 0
            ? java.util.Optional.empty()
            : java.util.Optional.of(expectedRight / expectedPairs),
        means[1],
        means[2],
        means[3],
        means[4],
        means[5],
        means[6]);
  }

  private static double[] numbers(Outcomes of) {
    return new double[] {
      of.rows(),
      of.positives(),
      of.meanScore(),
      of.auc().orElse(-1.0),
      of.aucPromised().orElse(-1.0),
      of.logLoss(),
      of.logLossPromised(),
      of.logLossSpread(),
      of.brier(),
      of.brierPromised(),
      of.brierSpread()
    };
  }

  @Test
  void comesToWhatPairsAndRowsSay() {
    for (int world = 0; world < 100; world++) {
      int n = 1 + random.nextInt(40);
      int steps = world % 2 == 0 ? 8 : 1_000_000;
      double[] scores =
          random.doubles(n).map(x -> Math.round(x * steps) / (double) steps).toArray();
      boolean[] labels = new boolean[n];
      for (int i = 0; i < n; i++) {
        labels[i] = random.nextInt(3) == 0;
      }
      assertThat(numbers(OutcomeSums.of(scores, labels).outcomes()))
          .containsExactly(numbers(naive(scores, labels)), within(1e-7));
    }
  }

  /** Cut between different scores, as a range of rows ends. */
  @Test
  void addsUpToTheSameBits() {
    for (int world = 0; world < 50; world++) {
      int n = 30 + random.nextInt(200);
      double[] scores = random.doubles(n).map(x -> Math.round(x * 50) / 50.0).sorted().toArray();
      boolean[] labels = new boolean[n];
      for (int i = 0; i < n; i++) {
        labels[i] = random.nextDouble() < scores[i];
      }
      OutcomeSums whole = OutcomeSums.of(scores, labels);
      OutcomeSums parts = new OutcomeSums();
      OutcomeSums part = new OutcomeSums();
      for (int i = 0; i < n; i++) {
        if (i > 0 && scores[i] != scores[i - 1] && random.nextInt(4) == 0) {
          parts.addHigher(part);
          part = new OutcomeSums();
        }
        part.add(scores[i], labels[i]);
      }
      parts.addHigher(part);
      assertThat(parts.outcomes()).isEqualTo(whole.outcomes());
      assertThat(parts.binRows()).isEqualTo(whole.binRows());
      assertThat(parts.binPositives()).isEqualTo(whole.binPositives());
      assertThat(Arrays.stream(whole.binRows()).sum()).isEqualTo(n);
    }
  }

  /** The same rows above themselves, 33 times: 3e12 of them. */
  @Test
  void addsUpMoreRowsThanALongCanHoldSumsOf() {
    double[] scores = random.doubles(400).map(x -> 0.2 * x).toArray();
    boolean[] labels = new boolean[scores.length];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = i % 5 == 0;
    }
    OutcomeSums sums = OutcomeSums.of(scores, labels);
    Outcomes few = sums.outcomes();
    double auc = few.auc().orElseThrow();
    double hits = Arrays.stream(scores).sum();
    double misses = scores.length - hits;
    double spread = few.brierPromised() * scores.length;
    double right = few.aucPromised().orElseThrow() * (hits * misses - spread / 2);
    for (int doubled = 0; doubled < 33; doubled++) {
      OutcomeSums both = new OutcomeSums();
      both.addHigher(sums);
      both.addHigher(sums);
      sums = both;
      // Half of the pairs are of the same copy; of the others half are in order.
      auc = (auc + 0.5) / 2;
      right = 2 * right + hits * misses;
      hits *= 2;
      misses *= 2;
      spread *= 2;
    }
    Outcomes many = sums.outcomes();
    assertThat(many.rows()).isEqualTo(400L << 33);
    assertThat(many.auc().orElseThrow()).isCloseTo(auc, within(1e-12));
    assertThat(many.aucPromised().orElseThrow())
        .isCloseTo(right / (hits * misses - spread / 2), within(1e-6));
    double[] means = numbers(many);
    double[] before = numbers(few);
    assertThat(Arrays.copyOfRange(means, 5, means.length))
        .containsExactly(Arrays.copyOfRange(before, 5, before.length));
    assertThat(many.meanScore()).isEqualTo(few.meanScore());
  }

  @Test
  void doesNotDependOnTheOrderOfRows() {
    double[] scores = random.doubles(300).map(x -> Math.round(x * 20) / 20.0).toArray();
    boolean[] labels = new boolean[300];
    for (int i = 0; i < 300; i++) {
      labels[i] = random.nextBoolean();
    }
    int[] order =
        IntStream.range(0, 300)
            .boxed()
            .sorted(Comparator.comparing(i -> (i * 7919) % 300))
            .mapToInt(i -> i)
            .toArray();
    double[] others = Arrays.stream(order).mapToDouble(i -> scores[i]).toArray();
    boolean[] theirs = new boolean[300];
    for (int i = 0; i < 300; i++) {
      theirs[i] = labels[order[i]];
    }
    assertThat(OutcomeSums.of(others, theirs).outcomes())
        .isEqualTo(OutcomeSums.of(scores, labels).outcomes());
  }

  /**
   * What honest scores promise is what labels that are drawn by them keep. The noise of an area is
   * an approximation for scores of a certain shape.
   */
  @Test
  void promisesWhatHonestScoresKeep() {
    double[] scores = random.doubles(400).map(x -> 0.05 + 0.6 * x * x).toArray();
    double[] kept = new double[4];
    double[] promised = new double[4];
    double[] noise = new double[4];
    double[] squares = new double[4];
    int draws = 2_000;
    for (int draw = 0; draw < draws; draw++) {
      boolean[] labels = new boolean[400];
      for (int i = 0; i < labels.length; i++) {
        labels[i] = random.nextDouble() < scores[i];
      }
      Outcomes outcomes = OutcomeSums.of(scores, labels).outcomes();
      for (Measure measure : Measure.values()) {
        Measure.Point point = measure.of(outcomes).orElseThrow();
        kept[measure.ordinal()] += point.difference() / draws;
        squares[measure.ordinal()] += point.difference() * point.difference() / draws;
        noise[measure.ordinal()] += point.noise() / draws;
      }
    }
    assertThat(kept).containsExactly(promised, within(0.003));
    for (Measure measure : Measure.values()) {
      assertThat(Math.sqrt(squares[measure.ordinal()] / noise[measure.ordinal()]))
          .as(measure.text())
          .isCloseTo(1, within(measure == Measure.AUC ? 0.15 : 0.06));
    }
  }
}
