package io.tributary.bench;

import io.tributary.drift.Column;
import io.tributary.drift.ValueBins;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * An input whose values are pushed up the ranks of training: training's own rows then have ranks of
 * density e^(strength · rank). Equal values have their ranks by chance; categories are in the order
 * of their texts; what is missing remains so.
 */
final class Shifted {
  private final List<String> texts;
  private final double[] sorted;

  /** Of a column of training. */
  Shifted(Column trained) {
    texts =
        trained instanceof Column.Categories categories
            ? categories.texts().stream().sorted().distinct().toList()
            : List.of();
    sorted = Arrays.stream(values(trained)).filter(x -> !Double.isNaN(x)).sorted().toArray();
  }

  /** Numbers, or the places of categories. */
  private double[] values(Column column) {
    if (column instanceof Column.Numbers numbers) {
      return numbers.values();
    }
    Column.Categories categories = (Column.Categories) column;
    double[] places =
        categories.texts().stream()
            .mapToDouble(text -> texts.contains(text) ? texts.indexOf(text) : Double.NaN)
            .toArray();
    return Arrays.stream(categories.codes())
        .mapToDouble(code -> code == ValueBins.MISSING ? Double.NaN : places[code])
        .toArray();
  }

  Column by(double strength, Column column, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] moved = values(column).clone();
    for (int row = 0; row < moved.length; row++) {
      if (!Double.isNaN(moved[row])) {
        int from = below(moved[row], false);
        int to = below(moved[row], true);
        double rank = (from + random.nextDouble() * (to - from)) / sorted.length;
        double up = Math.log1p(rank * Math.expm1(strength)) / strength;
        moved[row] = sorted[Math.min(sorted.length - 1, (int) (up * sorted.length))];
      }
    }
    return column instanceof Column.Numbers
        ? new Column.Numbers(moved)
        : new Column.Categories(
            Arrays.stream(moved)
                .mapToInt(place -> Double.isNaN(place) ? ValueBins.MISSING : (int) place)
                .toArray(),
            texts);
  }

  /** How many values of training are below, or not above. */
  private int below(double value, boolean orEqual) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] < value || (orEqual && sorted[middle] == value)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
