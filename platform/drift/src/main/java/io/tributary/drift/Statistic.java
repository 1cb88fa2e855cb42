package io.tributary.drift;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * One number that an interval's rows of one input come down to. Shares are taken as asin √s, whose
 * noise is the same at every share; places as ranks among training's rows, so that no single value
 * has weight.
 *
 * @param input its number
 * @param bin of a category whose share it is
 */
record Statistic(int input, Kind kind, OptionalInt bin) {
  /**
   * What is measured.
   *
   * <p>A difference smaller than the floor doesn't matter, however still training's intervals were:
   * it keeps one row in a thousand from raising an alarm.
   */
  enum Kind {
    /** Share of rows without a value. */
    MISSING("missing", .08, .08),
    /** Share of categories that training doesn't have. */
    UNSEEN("new categories", .05, .05),
    /** Mean rank, −1 to 1. */
    LOCATION("location", .08, .08),
    /** The second Legendre polynomial of the rank. */
    DISPERSION("spread", .08, .08),
    /** The third. */
    SKEWNESS("skew", .08, .08),
    /** The fourth. */
    TAILS("tails", .08, .08),
    /** Share of the lowest twentieth of training. */
    LOW("low values", .15, .15),
    /** Share of the highest. */
    HIGH("high values", .15, .15),
    /** Share of the fullest bin. */
    FULLEST("most common value", .15, .1),
    /** −log of the chance that two rows are in one bin. */
    COLLISION("repeated values", .3, .2),
    /** Share beyond training's range and a quarter of it. */
    OUTSIDE("outside training's range", .3, .3),
    /** Share beyond a value that many intervals reach and none passes. */
    BEYOND_BOUND("beyond a bound", .05, .05),
    /** Mean of the numbers, cut off, in units of their standard deviation. */
    MEAN("mean", .12, .12),
    /** Log of their standard deviation. */
    DEVIATION("deviation", .15, .15),
    /** Share of one category. */
    CATEGORY("share", .05, .05),
    /** How well the values go with those of the first partner. */
    FIRST_PARTNER("agreement", .1, .1),
    /** With those of the second. */
    SECOND_PARTNER("agreement", .1, .1),
    /** Share of rows where one of it and its sibling is missing. */
    ALONE("missing alone", .08, .08);

    private final String text;
    private final double floor;
    private final double floorOfCategories;

    Kind(String text, double floor, double floorOfCategories) {
      this.text = text;
      this.floor = floor;
      this.floorOfCategories = floorOfCategories;
    }

    String text() {
      return text;
    }

    double floor(boolean categorical) {
      return categorical ? floorOfCategories : floor;
    }

    /** Whether it says how the input goes with another one. */
    boolean isTie() {
      return switch (this) {
        case FIRST_PARTNER, SECOND_PARTNER, ALONE -> true;
        default -> false;
      };
    }

    /** Whether it says how the values are spread, and not that something is odd about them. */
    boolean isShape() {
      return switch (this) {
        case MISSING, UNSEEN, OUTSIDE, FULLEST, COLLISION -> false;
        default -> true;
      };
    }
  }

  private static final int FEW_CATEGORIES = 30;
  private static final List<Kind> OF_NUMBERS =
      List.of(
          Kind.MISSING,
          Kind.LOCATION,
          Kind.DISPERSION,
          Kind.SKEWNESS,
          Kind.TAILS,
          Kind.LOW,
          Kind.HIGH,
          Kind.FULLEST,
          Kind.COLLISION,
          Kind.OUTSIDE,
          Kind.BEYOND_BOUND,
          Kind.MEAN,
          Kind.DEVIATION,
          Kind.FIRST_PARTNER,
          Kind.SECOND_PARTNER,
          Kind.ALONE);
  private static final List<Kind> OF_CATEGORIES =
      List.of(
          Kind.MISSING,
          Kind.UNSEEN,
          Kind.FULLEST,
          Kind.COLLISION,
          Kind.FIRST_PARTNER,
          Kind.SECOND_PARTNER,
          Kind.ALONE);

  /** All statistics of an input, in the order in which they are computed. */
  static List<Statistic> of(int number, InputReference input) {
    List<Statistic> statistics = new ArrayList<>();
    for (Kind kind : input.categorical() ? OF_CATEGORIES : OF_NUMBERS) {
      statistics.add(new Statistic(number, kind, OptionalInt.empty()));
    }
    for (int bin = 0; input.categorical() && bin < input.bins().size(); bin++) {
      statistics.add(new Statistic(number, Kind.CATEGORY, OptionalInt.of(bin)));
    }
    return statistics;
  }

  /** Whether other inputs of the interval are predicted by it. */
  boolean predicts(InputReference reference) {
    return switch (kind) {
      case LOCATION, DISPERSION, SKEWNESS, MISSING, FULLEST, MEAN -> true;
      case CATEGORY -> reference.bins().size() < FEW_CATEGORIES;
      default -> false;
    };
  }

  double floor(InputReference reference) {
    return kind.floor(reference.categorical());
  }

  /** What it is, for people. */
  String text(InputReference reference) {
    return bin.isPresent() ? "share of " + reference.bins().label(bin.getAsInt()) : kind.text();
  }
}
