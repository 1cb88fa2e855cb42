package io.tributary.drift;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TestValueBins {
  private static ValueBins numbers(double... values) {
    return new Column.Numbers(values).newBins(values.length);
  }

  @Test
  void dividesManyNumbersIntoBinsOfAboutAsManyRows() {
    ValueBins bins = numbers(new Random(1).doubles(100_000).toArray());
    assertThat(bins.size()).isBetween(250, 257);
    assertThat(IntStream.range(0, bins.size()).mapToLong(bins::count)).allMatch(c -> c <= 392);
    assertThat(bins.total()).isEqualTo(100_000);
  }

  @Test
  void putsEachRowOfTrainingWhereItWasCounted() {
    Random random = new Random(2);
    double[] values =
        random
            .doubles(20_000)
            .map(x -> x < 0.3 ? 0 : x < 0.6 ? Math.floor(x * 50) : x * x)
            .toArray();
    ValueBins bins = numbers(values);
    long[] counts = new long[bins.size()];
    Arrays.stream(values).forEach(x -> counts[bins.bin(x)]++);
    assertThat(counts).isEqualTo(IntStream.range(0, bins.size()).mapToLong(bins::count).toArray());
  }

  @Test
  void givesAFrequentNumberABinOfItsOwn() {
    double[] values = new Random(3).doubles(10_000).map(x -> x < 0.2 ? -0.0 : x).toArray();
    ValueBins bins = numbers(values);
    int zero = bins.bin(0.0);
    assertThat(bins.bin(-0.0)).isEqualTo(zero);
    assertThat(bins.count(zero)).isEqualTo(Arrays.stream(values).filter(x -> x == 0).count());
    assertThat(bins.bin(Double.NaN)).isEqualTo(ValueBins.MISSING);
    assertThat(bins.bin(1e9)).isEqualTo(bins.size() - 1);
    assertThat(bins.bin(-1e9)).isEqualTo(0);
  }

  /** Heavy tails, numbers beyond any span, neighbours that differ in the last bit. */
  @Test
  void findsEachNumberAboveAllEdgesThatAreBelowIt() {
    Random random = new Random(4);
    double[] heavy = random.doubles(5_000).map(x -> Math.tan(3.14 * (x - 0.5))).toArray();
    double[] extreme =
        random
            .longs(5_000)
            .mapToDouble(Double::longBitsToDouble)
            .filter(Double::isFinite)
            .toArray();
    double[] near = IntStream.range(0, 5_000).mapToDouble(i -> 1 + i % 300 * 0x1p-52).toArray();
    double[] asked = DoubleStream.concat(Arrays.stream(heavy), Arrays.stream(extreme)).toArray();
    for (double[] values : List.of(heavy, extreme, near, new double[] {1, 2}, new double[] {3})) {
      ValueBins bins = numbers(values);
      for (double x : DoubleStream.concat(Arrays.stream(values), Arrays.stream(asked)).toArray()) {
        long below = IntStream.range(0, bins.size()).filter(b -> bins.upper(b) < x).count();
        assertThat(bins.bin(x)).isEqualTo((int) below);
      }
      assertThat(bins.bin(Double.NEGATIVE_INFINITY)).isZero();
      assertThat(bins.bin(Double.POSITIVE_INFINITY)).isEqualTo(bins.size() - 1);
    }
  }

  @Test
  void knowsOneNumberAndNone() {
    assertThat(numbers(7, 7, 7).size()).isEqualTo(1);
    assertThat(numbers().size()).isEqualTo(1);
    assertThat(numbers(Double.NaN).total()).isZero();
  }

  @Test
  void keepsRareCategoriesTogetherAndUnseenOnesApart() {
    List<String> texts = new ArrayList<>();
    for (int k = 0; k < 1_000; k++) {
      texts.add("c" + k);
    }
    texts.add("never");
    int[] codes = new int[20_000];
    Arrays.setAll(codes, k -> k < 10_000 ? k % 1_000 : k % 100);
    codes[0] = ValueBins.MISSING;
    ValueBins bins = new Column.Categories(codes, texts).newBins(codes.length);
    assertThat(bins.size()).isEqualTo(256);
    assertThat(bins.total()).isEqualTo(19_999);
    assertThat(bins.bin("c99")).isLessThan(255);
    assertThat(bins.bin("c999")).isEqualTo(255);
    assertThat(bins.label(255)).isEqualTo("745 others");
    assertThat(bins.bin("never")).isEqualTo(ValueBins.UNSEEN);
  }

  /** The bin that the rare ones share is the fullest, and no category. */
  @Test
  void theMostCommonCategoryIsOne() {
    String[] texts = new String[1_000];
    long[] rows = new long[1_000];
    for (int k = 0; k < 1_000; k++) {
      texts[k] = "tail " + k;
      rows[k] = k == 7 ? 11 : 10;
    }
    ValueBins bins = ValueBins.ofCategories(List.of(texts), rows);
    assertThat(bins.count(bins.size() - 1)).isEqualTo(7_450);
    assertThat(bins.mode()).isEqualTo("tail 7");
    assertThat(Breakage.of(bins)).as("none is large").doesNotContain(Breakage.PERMUTED);
    assertThat(Breakage.of(ValueBins.ofCategories(List.of("a", "b"), new long[] {60, 40})))
        .contains(Breakage.PERMUTED);
  }
}
