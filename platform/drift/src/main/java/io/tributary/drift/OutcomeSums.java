package io.tributary.drift;

import java.io.Serializable;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Sums over rows whose label came after their score: what came, and what the scores had led to
 * expect. All are whole numbers of any size, so that rows summed in parts have the sums of rows
 * summed at once, to the last bit, however many they are. Memory does not grow with the rows.
 */
public final class OutcomeSums implements Serializable {
  private static final long serialVersionUID = 2L;

  /** One, in the units of the sums. */
  private static final long ONE = 1L << 32;

  /** Nearer to 0 than this a probability would make one row's loss outweigh all others. */
  public static final double LEAST_PROBABILITY = 1e-7;

  private static final int BINS = 64;
  private static final double BIN = 0.25;

  /** So many rows' sums fit in a long. */
  private static final int MOST_RECENT = 1 << 26;

  /** What is added up. */
  private enum Sum {
    SCORE,
    /** What the scores are below 1. */
    REST,
    SPREAD,
    LOG_LOSS,
    ENTROPY,
    ENTROPY_SPREAD,
    BRIER,
    BRIER_SPREAD,
    /** Pairs of a negative below a positive, twice; ties once. */
    ORDERED
  }

  private long positives;
  private long negatives;
  private double last = Double.NaN;
  private long lastPositives;
  private long lastNegatives;

  /** Of the rows added since {@link #carry}, and of those before. */
  private final long[] recent = new long[Sum.values().length];

  private int recentRows;
  private final BigInteger[] carried = new BigInteger[recent.length];

  /** Twice the sum, over pairs, of the higher score times what the lower one is below 1. */
  private BigInteger area = BigInteger.ZERO;

  private final long[] binRows = new long[BINS];
  private final long[] binPositives = new long[BINS];

  /** Sums of no rows. */
  public OutcomeSums() {
    Arrays.fill(carried, BigInteger.ZERO);
  }

  /** Sums of rows in any order; sorts the scores. */
  public static OutcomeSums of(double[] scores, boolean[] labels) {
    OutcomeSums sums = new OutcomeSums();
    IntStream.range(0, scores.length)
        .boxed()
        .sorted(Comparator.comparingDouble(row -> scores[row]))
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
    if (recentRows++ == MOST_RECENT) {
      carry();
    }
    double p = Math.max(0, Math.min(1, given));
    long units = units(p);
    long rest = ONE - units;
    area =
        area.add(
            BigInteger.valueOf(units)
                .multiply(BigInteger.valueOf(2 * recent[Sum.REST.ordinal()] + rest)));
    int bin = bin(p);
    binRows[bin]++;
    if (label) {
      add(Sum.ORDERED, 2 * (negatives - lastNegatives) + lastNegatives);
      positives++;
      lastPositives++;
      binPositives[bin]++;
    } else {
      add(Sum.ORDERED, lastPositives);
      negatives++;
      lastNegatives++;
    }
    double kept = Math.max(LEAST_PROBABILITY, Math.min(1 - LEAST_PROBABILITY, p));
    double hit = -Math.log(kept);
    double miss = -Math.log(1 - kept);
    add(Sum.SCORE, units);
    add(Sum.REST, rest);
    add(Sum.SPREAD, units(p * (1 - p)));
    add(Sum.LOG_LOSS, units(label ? hit : miss));
    add(Sum.ENTROPY, units(p * hit + (1 - p) * miss));
    add(Sum.ENTROPY_SPREAD, units(p * (1 - p) * (hit - miss) * (hit - miss)));
    add(Sum.BRIER, units(label ? (1 - p) * (1 - p) : p * p));
    add(Sum.BRIER_SPREAD, units(p * (1 - p) * (1 - 2 * p) * (1 - 2 * p)));
  }

  private void add(Sum sum, long value) {
    recent[sum.ordinal()] += value;
  }

  private BigInteger carried(Sum sum) {
    return carried[sum.ordinal()];
  }

  /** Adds what was added up as longs to what was before. */
  private void carry() {
    area =
        area.add(BigInteger.valueOf(2 * recent[Sum.SCORE.ordinal()]).multiply(carried(Sum.REST)));
    for (int k = 0; k < recent.length; k++) {
      carried[k] = carried[k].add(BigInteger.valueOf(recent[k]));
      recent[k] = 0;
    }
    recentRows = 0;
  }

  /** Adds rows that all have higher scores than these. */
  public void addHigher(OutcomeSums other) {
    carry();
    other.carry();
    area =
        area.add(other.area).add(other.carried(Sum.SCORE).multiply(carried(Sum.REST)).shiftLeft(1));
    BigInteger across =
        BigInteger.valueOf(2 * negatives).multiply(BigInteger.valueOf(other.positives));
    for (int k = 0; k < carried.length; k++) {
      carried[k] = carried[k].add(other.carried[k]);
    }
    carried[Sum.ORDERED.ordinal()] = carried(Sum.ORDERED).add(across);
    positives += other.positives;
    negatives += other.negatives;
    last = other.last;
    lastPositives = other.lastPositives;
    lastNegatives = other.lastNegatives;
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
    carry();
    return new Outcomes(
        rows(),
        positives,
        mean(Sum.SCORE),
        positives == 0 || negatives == 0
            ? Optional.empty()
            : Optional.of(
                carried(Sum.ORDERED).doubleValue() / 2 / ((double) positives * negatives)),
        promised(),
        mean(Sum.LOG_LOSS),
        mean(Sum.ENTROPY),
        mean(Sum.ENTROPY_SPREAD),
        mean(Sum.BRIER),
        mean(Sum.SPREAD),
        mean(Sum.BRIER_SPREAD));
  }

  private double mean(Sum sum) {
    return carried(sum).doubleValue() / ONE / rows();
  }

  /** The area to expect if each score is the chance that its row is positive. */
  private Optional<Double> promised() {
    double hits = carried(Sum.SCORE).doubleValue() / ONE;
    double misses = carried(Sum.REST).doubleValue() / ONE;
    double pairs = hits * misses - carried(Sum.SPREAD).doubleValue() / ONE / 2;
    return pairs > 0 ? Optional.of(area.doubleValue() / ONE / ONE / 2 / pairs) : Optional.empty();
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
    return Math.round(x * ONE);
  }
}
