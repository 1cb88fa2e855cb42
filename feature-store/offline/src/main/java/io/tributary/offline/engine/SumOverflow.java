package io.tributary.offline.engine;

/** A sum that no value of its type can hold. */
final class SumOverflow extends ArithmeticException {
  private static final long serialVersionUID = 1L;

  private final String feature;

  private SumOverflow(String feature, String why) {
    super(why);
    this.feature = feature;
  }

  static SumOverflow ofIntegers(String feature) {
    return new SumOverflow(
        feature,
        "its sum does not fit into a bigint. Sum cast(… as decimal(38,0)), which is exact, or mend the data.");
  }

  static SumOverflow ofDecimals(String feature, int scale) {
    return new SumOverflow(
        feature,
        "its sum needs more than 38 digits"
            + (scale == 0 ? "" : " with the " + scale + " behind the point")
            + ", and no decimal has more. Sum cast(… as double), which keeps 15 of them, or mend the"
            + " data.");
  }

  String feature() {
    return feature;
  }
}
