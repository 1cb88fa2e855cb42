package io.tributary.quality.expectation;

import java.util.Optional;

/**
 * What lies between two bounds, of which one may be open.
 *
 * @param min the lower bound; empty = none
 * @param max the upper bound; empty = none
 * @param strictMin whether {@code min} itself lies outside
 * @param strictMax whether {@code max} itself lies outside
 */
public record Range(
    Optional<Constant> min, Optional<Constant> max, boolean strictMin, boolean strictMax) {
  /** Whether a number lies inside; both bounds must be numbers. NaN lies in no range. */
  public boolean contains(double value) {
    if (Double.isNaN(value)) {
      return false;
    }
    if (min.isPresent()) {
      double bound = ((Constant.OfNumber) min.get()).value().doubleValue();
      if (strictMin ? value <= bound : value < bound) {
        return false;
      }
    }
    if (max.isPresent()) {
      double bound = ((Constant.OfNumber) max.get()).value().doubleValue();
      return strictMax ? value < bound : value <= bound;
    }
    return true;
  }
}
