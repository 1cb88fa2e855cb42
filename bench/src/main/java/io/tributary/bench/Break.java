package io.tributary.bench;

import io.tributary.drift.Column;
import io.tributary.drift.ValueBins;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;

/**
 * A way in which an input breaks, written anew from what {@code DriftProfile.found} calls it: what
 * is planted here is not planted by the code that says how often it would be found.
 */
enum Break {
  STUCK("stuck at one value"),
  ZERO("all 0"),
  RESCALED("other units"),
  SIGN_FLIPPED("sign flipped"),
  PARTLY_MISSING("30 % missing"),
  MISSING("all missing"),
  RENAMED("categories renamed"),
  PERMUTED("categories permuted"),
  SHUFFLED("rows shuffled");

  private static final double PART = 0.3;
  private static final double LARGE = 0.005;

  private final String text;

  Break(String text) {
    this.text = text;
  }

  /** What the profile calls it. */
  String text() {
    return text;
  }

  static List<Break> of(Column column) {
    return column instanceof Column.Categories
        ? List.of(STUCK, PARTLY_MISSING, MISSING, RENAMED, PERMUTED, SHUFFLED)
        : List.of(STUCK, ZERO, RESCALED, SIGN_FLIPPED, PARTLY_MISSING, MISSING, SHUFFLED);
  }

  /**
   * What is usual of an input.
   *
   * @param median of numbers
   * @param large categories of at least half a percent, the most common first
   */
  record Usual(double median, List<String> large) {
    /** Of a column of training. */
    static Usual of(Column column) {
      if (column instanceof Column.Numbers numbers) {
        double[] sorted =
            Arrays.stream(numbers.values()).filter(x -> !Double.isNaN(x)).sorted().toArray();
        return new Usual(sorted[sorted.length / 2], List.of());
      }
      Column.Categories categories = (Column.Categories) column;
      Map<String, Integer> counts = new HashMap<>();
      for (int code : categories.codes()) {
        if (code != ValueBins.MISSING) {
          counts.merge(categories.texts().get(code), 1, Integer::sum);
        }
      }
      double least = LARGE * categories.codes().length;
      List<String> large =
          new ArrayList<>(
              counts.keySet().stream().filter(text -> counts.get(text) >= least).sorted().toList());
      large.sort((a, b) -> counts.get(b) - counts.get(a));
      return new Usual(Double.NaN, large);
    }
  }

  /** A night's column, broken; what was missing remains so. */
  Column broken(Column column, Usual usual, Random random) {
    if (this == MISSING) {
      return History.missing(column, rows(column));
    }
    if (this == SHUFFLED || this == PARTLY_MISSING) {
      List<Integer> rows = new ArrayList<>();
      for (int row = 0; row < rows(column); row++) {
        rows.add(row);
      }
      Collections.shuffle(rows, random);
      return this == SHUFFLED
          ? column.taken(rows.stream().mapToInt(Integer::intValue).toArray())
          : without(column, rows.subList(0, (int) Math.round(PART * rows.size())));
    }
    return column instanceof Column.Numbers numbers
        ? new Column.Numbers(
            Arrays.stream(numbers.values())
                .map(x -> Double.isNaN(x) ? x : changed(x, usual))
                .toArray())
        : renamed((Column.Categories) column, text -> changed(text, usual));
  }

  private double changed(double x, Usual usual) {
    return switch (this) {
      case STUCK -> usual.median();
      case ZERO -> 0;
      case RESCALED -> 1.8 * x + 32;
      case SIGN_FLIPPED -> -x;
      default -> throw new IllegalArgumentException(name());
    };
  }

  private String changed(String text, Usual usual) {
    List<String> large = usual.large();
    return switch (this) {
      case STUCK -> large.get(0);
      case RENAMED -> {
        String lower = text.toLowerCase(Locale.ROOT);
        yield lower.equals(text) ? text + "_" : lower;
      }
      case PERMUTED ->
          large.contains(text) ? large.get((large.indexOf(text) + 1) % large.size()) : text;
      default -> throw new IllegalArgumentException(name());
    };
  }

  private static Column renamed(Column.Categories column, UnaryOperator<String> change) {
    return new Column.Categories(column.codes(), column.texts().stream().map(change).toList());
  }

  private static Column without(Column column, List<Integer> rows) {
    if (column instanceof Column.Categories categories) {
      int[] codes = categories.codes().clone();
      rows.forEach(row -> codes[row] = ValueBins.MISSING);
      return new Column.Categories(codes, categories.texts());
    }
    double[] values = ((Column.Numbers) column).values().clone();
    rows.forEach(row -> values[row] = Double.NaN);
    return new Column.Numbers(values);
  }

  private static int rows(Column column) {
    return column instanceof Column.Numbers numbers
        ? numbers.values().length
        : ((Column.Categories) column).codes().length;
  }
}
