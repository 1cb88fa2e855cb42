package io.tributary.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tributary.core.Interval;
import io.tributary.core.Json;
import io.tributary.definition.Model.Encoding;
import io.tributary.model.ReferenceProfile.Part;
import io.tributary.model.ReferenceProfile.Range;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class TestReferenceProfile {
  private static final ZoneId ZONE = ZoneId.of("America/New_York");
  private static final ModelSignature SIGNATURE =
      new ModelSignature(
          "m",
          List.of(
              new Input("noise", "double", new Encoding.Standardize()),
              new Input("weekday", "int", new Encoding.OneHot()),
              new Input("gap", "double", new Encoding.Standardize())),
          "label");

  /** A hundred nights of 200 rows; {@code gap} is missing on every tenth night. */
  private static InputRows rows() {
    SplittableRandom random = new SplittableRandom(1);
    InputRows rows = new InputRows(SIGNATURE.inputs(), 20_000);
    for (int night = 0; night < 100; night++) {
      for (int k = 0; k < 200; k++) {
        rows.append();
        rows.number(0, random.nextGaussian());
        rows.text(1, String.valueOf(night % 7));
        if (night % 10 != 0) {
          rows.number(2, random.nextDouble());
        }
      }
    }
    return rows;
  }

  private static Part part(Range range, int firstNight, int lastNight) {
    int[] order = IntStream.range(firstNight * 200, lastNight * 200).toArray();
    int[] days = Arrays.stream(order).map(row -> 15_706 + row / 200).toArray();
    double[] scores = Arrays.stream(order).mapToDouble(row -> row % 200 / 200.0).toArray();
    boolean[] labels = new boolean[order.length];
    for (int k = 0; k < labels.length; k++) {
      labels[k] = order[k] % 200 >= 100;
    }
    return new Part(range, order, days, scores, labels);
  }

  private static ReferenceProfile profile() {
    return ReferenceProfile.of(
        SIGNATURE,
        rows(),
        ZONE,
        part(Range.TRAIN, 0, 70),
        part(Range.VALIDATE, 70, 80),
        part(Range.TEST, 80, 100));
  }

  @Test
  void binsNumbersByTenthsOfTheTrainingRows() {
    ReferenceProfile.InputProfile noise = profile().inputs().get(0);
    assertThat(noise.bins().edges()).hasSize(9);
    assertThat(noise.bins().counts())
        .allSatisfy(count -> assertThat(count).isCloseTo(1_400, within(1L)));
    assertThat(noise.bins().edges().get(4)).isCloseTo(0, within(0.05));
    assertThat(noise.missing()).isZero();
  }

  @Test
  void holdsHowFarSingleNightsAre() {
    ReferenceProfile profile = profile();
    ReferenceProfile.InputProfile noise = profile.inputs().get(0);
    ReferenceProfile.InputProfile weekday = profile.inputs().get(1);
    ReferenceProfile.InputProfile gap = profile.inputs().get(2);
    assertThat(noise.psi().nights()).isEqualTo(80);
    assertThat(noise.psi().largest()).isBetween(0.05, 0.3);
    assertThat(noise.psi().p99()).isLessThanOrEqualTo(noise.psi().largest());
    assertThat(weekday.psi().largest()).isGreaterThan(3);
    assertThat(gap.missing()).isCloseTo(0.1, within(1e-9));
    assertThat(gap.missingRise().largest()).isCloseTo(0.9, within(1e-9));
  }

  @Test
  void tellsAShiftedNightFromAnUsualOne() {
    ReferenceProfile.InputProfile noise = profile().inputs().get(0);
    SplittableRandom random = new SplittableRandom(99);
    long[] usual = new long[10];
    long[] shifted = new long[10];
    for (int k = 0; k < 200; k++) {
      usual[noise.bins().bin(random.nextGaussian())]++;
      shifted[noise.bins().bin(random.nextGaussian() + 1.5)]++;
    }
    assertThat(noise.bins().psi(usual)).isLessThan(noise.psi().largest());
    assertThat(noise.bins().psi(shifted)).isGreaterThan(3 * noise.psi().largest());
  }

  @Test
  void listsEveryNight() {
    ReferenceProfile profile = profile();
    assertThat(profile.nights()).hasSize(100);
    ReferenceProfile.Night last = profile.nights().get(99);
    assertThat(last.day()).isEqualTo(LocalDate.of(2013, 1, 1).plusDays(99));
    assertThat(last.range()).isEqualTo(Range.TEST);
    assertThat(last.rows()).isEqualTo(200);
    assertThat(last.auc()).contains(1.0);
    assertThat(last.positives()).isEqualTo(100);
    assertThat(last.quantiles()).hasSize(21).startsWith(0.0).endsWith(0.995);
    assertThat(last.interval())
        .isEqualTo(Interval.parse("2013-04-10T04:00:00Z/2013-04-11T04:00:00Z"));
    assertThat(profile.nights().get(68).interval().length()).isEqualTo(Duration.ofHours(23));
    assertThat(profile.predictionPsi().largest()).isCloseTo(0, within(1e-3));
  }

  /** What any nights come to together must be what their rows come to. */
  @Test
  void countsOfNightsAddUpToThoseOfTheirRows() {
    ReferenceProfile profile = profile();
    InputRows rows = rows();
    for (int input = 0; input < 3; input++) {
      ReferenceProfile.InputCounts counts = profile.counts().get(input);
      Bins bins = profile.inputs().get(input).bins();
      for (int[] nights : new int[][] {{0, 70}, {65, 75}, {83, 84}, {0, 100}}) {
        int[] order = IntStream.range(nights[0] * 200, nights[1] * 200).toArray();
        long[] expected = bins.count(rows, input, order, 0, order.length);
        long[] pooled = new long[expected.length];
        long missing = 0;
        for (int night = nights[0]; night < nights[1]; night++) {
          for (int bin = 0; bin < pooled.length; bin++) {
            pooled[bin] += counts.bins().get(night).get(bin);
          }
          missing += counts.missing().get(night);
        }
        assertThat(pooled).isEqualTo(expected);
        assertThat(missing).isEqualTo(order.length - Arrays.stream(expected).sum());
      }
    }
    assertThat(profile.inputs().get(2).bins().counts().stream().mapToLong(c -> c).sum())
        .isEqualTo(63 * 200);
    assertThat(profile.scores().bins())
        .hasSize(100)
        .allSatisfy(n -> assertThat(sum(n)).isEqualTo(200));
    assertThat(profile.scores().positives())
        .allSatisfy(n -> assertThat(sum(n)).isEqualTo(100))
        .allSatisfy(n -> assertThat(n).startsWith(0L, 0L, 0L, 0L).endsWith(20L, 20L, 19L));
  }

  private static long sum(List<Long> counts) {
    return counts.stream().mapToLong(Long::longValue).sum();
  }

  @Test
  void countsWhatTrainingHasNotSeen() {
    InputRows rows = new InputRows(SIGNATURE.inputs(), 6);
    double[] numbers = {1, 4, 2, 0.5, 9, Double.NaN};
    String[] texts = {"a", "b", "a", "c", "b", "d"};
    for (int k = 0; k < 6; k++) {
      rows.append();
      if (k < 5) {
        rows.number(0, numbers[k]);
        rows.text(1, texts[k]);
      }
    }
    boolean[] labels = {true, false};
    ReferenceProfile.Part[] parts = new ReferenceProfile.Part[3];
    for (int p = 0; p < 3; p++) {
      parts[p] =
          new ReferenceProfile.Part(
              Range.values()[p], new int[] {2 * p, 2 * p + 1}, new int[2], new double[2], labels);
    }
    ReferenceProfile profile =
        ReferenceProfile.of(SIGNATURE, rows, ZONE, parts[0], parts[1], parts[2]);
    ReferenceProfile.InputCounts noise = profile.counts().get(0);
    assertThat(noise.least()).contains(1.0);
    assertThat(noise.greatest()).contains(4.0);
    assertThat(noise.unseen()).containsExactly(0L, 1L, 1L);
    assertThat(noise.missing()).containsExactly(0L, 0L, 1L);
    assertThat(profile.counts().get(1).unseen()).containsExactly(0L, 1L, 0L);
    assertThat(profile.counts().get(1).least()).isEmpty();
    assertThat(profile.counts().get(2).least()).isEmpty();
  }

  @Test
  void survivesJson() {
    ReferenceProfile profile = profile();
    assertThat(Json.read(Json.write(profile), ReferenceProfile.class)).isEqualTo(profile);
  }

  @Test
  void binsFewDifferentNumbersOneByOne() {
    double[] numbers = {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, Double.NaN, -0.0};
    assertThat(Bins.ofNumbers(numbers))
        .isEqualTo(new Bins(List.of(0.0), List.of(), List.of(11L, 1L)));
    assertThat(Bins.ofNumbers(new double[] {Double.NaN}))
        .isEqualTo(new Bins(List.of(), List.of(), List.of(0L)));
    assertThat(Bins.ofNumbers(new double[] {5, 5}))
        .isEqualTo(new Bins(List.of(), List.of(), List.of(2L)));
  }

  @Test
  void binsManyNumbersThatAreMostlyOneByThatOne() {
    double[] numbers = IntStream.range(0, 1_000).mapToDouble(k -> k < 30 ? -k - 1 : 7).toArray();
    assertThat(Bins.ofNumbers(numbers))
        .isEqualTo(new Bins(List.of(-1.0), List.of(), List.of(30L, 970L)));
  }

  @Test
  void putsRareCategoriesTogether() {
    List<String> texts = IntStream.range(0, 60).mapToObj(k -> String.format("c%02d", k)).toList();
    long[] seen = IntStream.range(0, 60).mapToLong(k -> 1 + k).toArray();
    Bins bins = Bins.ofCategories(texts, seen);
    assertThat(bins.categories()).hasSize(50).startsWith("c10").endsWith("c59");
    assertThat(bins.counts().get(50)).isEqualTo(55);
    assertThat(bins.bin("c10")).isZero();
    assertThat(bins.bin("c03")).isEqualTo(50);
    assertThat(bins.bin("never seen")).isEqualTo(50);
  }

  @Test
  void indexIsTheTextbooksOnLargeCounts() {
    Bins bins = new Bins(List.of(), List.of("a"), List.of(8_000_000L, 2_000_000L));
    double expected = (0.5 - 0.8) * Math.log(0.5 / 0.8) + (0.5 - 0.2) * Math.log(0.5 / 0.2);
    assertThat(bins.psi(new long[] {5_000_000, 5_000_000})).isCloseTo(expected, within(1e-5));
    assertThat(bins.psi(new long[] {8_000, 2_000})).isCloseTo(0, within(1e-6));
    assertThat(bins.psi(new long[] {0, 0})).isZero();
  }
}
