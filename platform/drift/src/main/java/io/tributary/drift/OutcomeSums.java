package io.tributary.drift;

import java.io.Serializable;
import java.math.BigInteger;
import java.util.Optional;

/**
 * Sums over rows whose label came after their score: what came, and what the scores had led to
 * expect. All are whole numbers, so that rows summed in parts have the sums of rows summed at once,
 * to the last bit. Memory does not grow with the rows.
 */
public final class OutcomeSums implements Serializable {
  private static final long serialVersionUID = 1L;

  /** One, in the units of the sums. */
  private static final double UNITS = 0x1p32;

  /** Nearer to 0 than this a probability would make one row's loss outweigh all others. */
  public static final double LEAST_PROBABILITY = 1e-7;

  private static final int BINS = 64;
  private static final double BIN = 0.25;

  private long positives;
  private long negatives;
  private long ordered;
  private double last = Double.NaN;
  private long lastPositives;
  private long lastNegatives;

  private long score;
  private BigInteger area = BigInteger.ZERO;
  private long spread;
  private long logLoss;
  private long entropy;
  private long entropySpread;
  private long brier;
  private long brierSpread;
  private final long[] binRows = new long[BINS];
  private final long[] binPositives = new long[BINS];

  /** Sums of rows in any order; sorts the scores. */
  public static OutcomeSums of(double[] scores, boolean[] labels) {
    OutcomeSums sums = new OutcomeSums();
    java.util.stream.IntStream.range(0, scores.length)
        .boxed()
        .sorted(java.util.Comparator.comparingDouble(row -> scores[row]))
        .forEach(row -> sums.add(scores[row], labels[row]));
    return sums;
  }

  /**
   * Adds a row.
   *
   * @param given its score, a probability, not below that of any row that was added before
   */
  public void add(double given, boolean label) {
    if (given != last) {
      last = given;
      lastPositives = 0;
      lastNegatives = 0;
    }
    double p = Math.max(0, Math.min(1, given));
    long units = units(p);
    long rest = units(1) - units;
    area =
        area.add(
            BigInteger.valueOf(units)
                .multiply(BigInteger.valueOf(2 * (units(1) * rows() - score) + rest)));
    int bin = bin(p);
    binRows[bin]++;
    if (label) {
      ordered = Math.addExact(ordered, 2 * (negatives - lastNegatives) + lastNegatives);
      positives++;
      lastPositives++;
      binPositives[bin]++;
    } else {
      ordered += lastPositives;
      negatives++;
      lastNegatives++;
    }
    double kept = Math.max(LEAST_PROBABILITY, Math.min(1 - LEAST_PROBABILITY, p));
    double hit = -Math.log(kept);
    double miss = -Math.log(1 - kept);
    score += units;
    spread += units(p * (1 - p));
    logLoss = Math.addExact(logLoss, units(label ? hit : miss));
    entropy += units(p * hit + (1 - p) * miss);
    entropySpread += units(p * (1 - p) * (hit - miss) * (hit - miss));
    brier += units(label ? (1 - p) * (1 - p) : p * p);
    brierSpread += units(p * (1 - p) * (1 - 2 * p) * (1 - 2 * p));
  }

  /** Adds rows that all have higher scores than these. */
  public void addHigher(OutcomeSums other) {
    ordered =
        Math.addExact(
            Math.addExact(ordered, other.ordered),
            Math.multiplyExact(2 * negatives, other.positives));
    area =
        area.add(other.area)
            .add(
                BigInteger.valueOf(other.score)
                    .multiply(BigInteger.valueOf(2 * (units(1) * rows() - score))));
    positives += other.positives;
    negatives += other.negatives;
    last = other.last;
    lastPositives = other.lastPositives;
    lastNegatives = other.lastNegatives;
    score += other.score;
    spread += other.spread;
    logLoss = Math.addExact(logLoss, other.logLoss);
    entropy += other.entropy;
    entropySpread += other.entropySpread;
    brier += other.brier;
    brierSpread += other.brierSpread;
    for (int bin = 0; bin < BINS; bin++) {
      binRows[bin] += other.binRows[bin];
      binPositives[bin] += other.binPositives[bin];
    }
  }

  public long rows() {
    return positives + negatives;
  }

  /** What the sums come to; there must be a row. */
  public Outcomes outcomes() {
    double n = rows();
    return new Outcomes(
        rows(),
        positives,
        score / UNITS / n,
        positives == 0 || negatives == 0
            ? Optional.empty()
            : Optional.of(ordered / 2.0 / ((double) positives * negatives)),
        promised(),
        logLoss / UNITS / n,
        entropy / UNITS / n,
        entropySpread / UNITS / n,
        brier / UNITS / n,
        spread / UNITS / n,
        brierSpread / UNITS / n);
  }

  /** The area to expect if each score is the chance that its row is positive. */
  private Optional<Double> promised() {
    double hits = score / UNITS;
    double pairs = hits * (rows() - hits) - spread / UNITS / 2;
    return pairs > 0
        ? Optional.of(area.doubleValue() / UNITS / UNITS / 2 / pairs)
        : Optional.empty();
  }

  /** Rows by log-odds of their score: from −8 to 8, a quarter each, the outer ones open. */
  public long[] binRows() {
    return binRows.clone();
  }

  /** Those of {@link #binRows} whose label is true. */
  public long[] binPositives() {
    return binPositives.clone();
  }

  private static int bin(double p) {
    double odds = Math.log(p / (1 - p)) / BIN + BINS / 2.0;
    return (int) Math.max(0, Math.min(BINS - 1, odds));
  }

  private static long units(double x) {
    return Math.round(x * UNITS);
  }
}
