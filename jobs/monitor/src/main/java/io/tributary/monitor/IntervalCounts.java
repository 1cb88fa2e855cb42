package io.tributary.monitor;

import io.tributary.model.Bins;
import io.tributary.model.InputRows;
import io.tributary.model.ModelSignature;
import io.tributary.model.ReferenceProfile;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The counts of an interval's rows in the bins of a model's profile. Counts add up, so parts of an
 * interval may be counted apart, in any order, and memory does not grow with its rows.
 *
 * @param rows scored rows
 * @param inputs a count for each bin of each input, in the signature's order
 * @param missing missing values of each input
 * @param predictions a count for each bin of the scores that are within the bounds
 * @param outside scores that are outside the bounds, or NaN
 * @param scoreUnits the sum of the scores that are within the bounds, in units of 2^-40, each
 *     rounded: exact in any order
 */
record IntervalCounts(
    long rows,
    List<long[]> inputs,
    long[] missing,
    long[] predictions,
    long outside,
    long scoreUnits)
    implements java.io.Serializable {
  private static final double UNITS = 0x1p40;

  static IntervalCounts none(ReferenceProfile profile) {
    return new IntervalCounts(
        0,
        profile.inputs().stream().map(i -> new long[i.bins().counts().size()]).toList(),
        new long[profile.inputs().size()],
        new long[profile.predictions().counts().size()],
        0,
        0);
  }

  /** Counts a block of rows. */
  static IntervalCounts of(
      ReferenceProfile profile,
      ModelSignature signature,
      InputRows rows,
      double[] scores,
      double lowest,
      double highest) {
    int[] all = IntStream.range(0, rows.rows()).toArray();
    List<long[]> inputs = new ArrayList<>();
    long[] missing = new long[signature.inputs().size()];
    for (int i = 0; i < missing.length; i++) {
      long[] counts = profile.inputs().get(i).bins().count(rows, i, all, 0, all.length);
      inputs.add(counts);
      missing[i] = all.length - java.util.Arrays.stream(counts).sum();
    }
    Bins bins = profile.predictions();
    long[] predictions = new long[bins.counts().size()];
    long outside = 0;
    long units = 0;
    for (int row = 0; row < all.length; row++) {
      double score = scores[row];
      if (score >= lowest && score <= highest) {
        predictions[bins.bin(score)]++;
        units += Math.round(score * UNITS);
      } else {
        outside++;
      }
    }
    return new IntervalCounts(all.length, inputs, missing, predictions, outside, units);
  }

  IntervalCounts plus(IntervalCounts other) {
    List<long[]> added = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      added.add(sum(inputs.get(i), other.inputs.get(i)));
    }
    return new IntervalCounts(
        rows + other.rows,
        added,
        sum(missing, other.missing),
        sum(predictions, other.predictions),
        outside + other.outside,
        scoreUnits + other.scoreUnits);
  }

  /** The mean of the scores within the bounds; NaN when there are none. */
  double meanScore() {
    return rows == outside ? Double.NaN : scoreUnits / UNITS / (rows - outside);
  }

  private static long[] sum(long[] a, long[] b) {
    long[] c = a.clone();
    for (int i = 0; i < c.length; i++) {
      c[i] += b[i];
    }
    return c;
  }
}
