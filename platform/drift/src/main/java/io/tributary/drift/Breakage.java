package io.tributary.drift;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** A way in which an input breaks. */
enum Breakage {
  /** All values are training's median, or its most common category. */
  STUCK("stuck at one value"),
  /** All numbers are 0. */
  ZERO("all 0"),
  /** Numbers in other units: 1.8 x + 32. */
  RESCALED("other units"),
  /** −x for x. */
  SIGN_FLIPPED("sign flipped"),
  /** Three of ten values are gone. */
  PARTLY_MISSING("30 % missing"),
  /** All values are gone. */
  MISSING("all missing"),
  /** Categories are spelt as training never had them. */
  RENAMED("categories renamed"),
  /** Each category of some weight stands for the next one. */
  PERMUTED("categories permuted"),
  /** Values stand in other rows of their interval: only ties to other inputs show it. */
  SHUFFLED("rows shuffled");

  private static final double PART = 0.3;
  private static final double LEAST_SHARE = 0.005;

  private final String text;

  Breakage(String text) {
    this.text = text;
  }

  /** For people. */
  String text() {
    return text;
  }

  /** The breakages that an input can suffer. */
  static List<Breakage> of(ValueBins bins) {
    if (bins.total() == 0) {
      return List.of();
    }
    if (!bins.categorical()) {
      return List.of(STUCK, ZERO, RESCALED, SIGN_FLIPPED, PARTLY_MISSING, MISSING, SHUFFLED);
    }
    boolean several = IntStream.range(0, bins.size()).filter(bin -> large(bins, bin)).count() > 1;
    return several
        ? List.of(STUCK, PARTLY_MISSING, MISSING, RENAMED, PERMUTED, SHUFFLED)
        : List.of(STUCK, PARTLY_MISSING, MISSING, RENAMED, SHUFFLED);
  }

  private static boolean large(ValueBins bins, int bin) {
    return bins.ofOne(bin) && bins.count(bin) > LEAST_SHARE * bins.total();
  }

  /** An interval's column, broken; what was missing remains so. */
  Column broken(Column column, InputReference reference, Random random) {
    return column instanceof Column.Numbers numbers
        ? new Column.Numbers(numbers(numbers.values(), reference, random))
        : categories((Column.Categories) column, reference, random);
  }

  private double[] numbers(double[] values, InputReference reference, Random random) {
    if (this == SHUFFLED) {
      List<Double> shuffled = new ArrayList<>(Arrays.stream(values).boxed().toList());
      Collections.shuffle(shuffled, random);
      return shuffled.stream().mapToDouble(Double::doubleValue).toArray();
    }
    double[] broken = values.clone();
    for (int row = 0; row < broken.length; row++) {
      double x = broken[row];
      if (!Double.isNaN(x)) {
        broken[row] =
            switch (this) {
              case STUCK -> reference.median();
              case ZERO -> 0;
              case RESCALED -> 1.8 * x + 32;
              case SIGN_FLIPPED -> -x;
              case PARTLY_MISSING -> random.nextDouble() < PART ? Double.NaN : x;
              case MISSING -> Double.NaN;
              default -> throw new IllegalArgumentException(name());
            };
      }
    }
    return broken;
  }

  private Column categories(Column.Categories column, InputReference reference, Random random) {
    List<String> texts = new ArrayList<>(column.texts());
    int[] codes = column.codes().clone();
    ValueBins bins = reference.bins();
    switch (this) {
      case RENAMED -> texts.replaceAll(text -> text + "\u0000");
      case STUCK -> Collections.fill(texts, bins.mode());
      case PERMUTED -> {
        List<Integer> large = new ArrayList<>();
        for (int code = 0; code < texts.size(); code++) {
          int bin = bins.bin(texts.get(code));
          if (bin >= 0 && large(bins, bin)) {
            large.add(code);
          }
        }
        for (int k = 0; k < large.size(); k++) {
          texts.set(large.get(k), column.texts().get(large.get((k + 1) % large.size())));
        }
      }
      case SHUFFLED -> {
        for (int row = codes.length - 1; row > 0; row--) {
          int other = random.nextInt(row + 1);
          int code = codes[row];
          codes[row] = codes[other];
          codes[other] = code;
        }
      }
      case PARTLY_MISSING, MISSING -> {
        for (int row = 0; row < codes.length; row++) {
          if (this == MISSING || random.nextDouble() < PART) {
            codes[row] = ValueBins.MISSING;
          }
        }
      }
      default -> throw new IllegalArgumentException(name());
    }
    return new Column.Categories(codes, texts);
  }
}
