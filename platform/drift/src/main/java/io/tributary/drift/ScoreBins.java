package io.tributary.drift;

import java.util.List;

/**
 * Some rows by bins of their scores, the lowest first.
 *
 * @param rows of each bin
 * @param positives those of them whose label is true
 */
public record ScoreBins(List<Long> rows, List<Long> positives) {
  public ScoreBins {
    rows = List.copyOf(rows);
    positives = List.copyOf(positives);
  }

  /**
   * The area under the receiver operating characteristic of rows in the same bins, all together:
   * scores of one bin are ties. NaN if all labels are equal.
   */
  public static double auc(List<ScoreBins> all) {
    double below = 0;
    double ordered = 0;
    double hits = 0;
    for (int b = 0; b < all.get(0).rows().size(); b++) {
      int bin = b;
      double positives = all.stream().mapToLong(of -> of.positives().get(bin)).sum();
      double negatives = all.stream().mapToLong(of -> of.rows().get(bin)).sum() - positives;
      ordered += positives * (below + negatives / 2);
      below += negatives;
      hits += positives;
    }
    return ordered / (hits * below);
  }
}
