package io.tributary.drift;

import io.tributary.drift.InputReference.Coarse;
import io.tributary.drift.InputReference.Partner;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Finds the inputs that an input goes with within an interval: those whose common distribution
 * suffers most when rows are shuffled inside their intervals. That two inputs have the same season
 * is no such tie, and would alarm when the seasons part.
 */
final class PartnerSearch {
  private static final int MOST_ROWS = 60_000;

  /** Rows times pairs of inputs among which candidates are looked for: seconds. */
  private static final long MOST_COMPARED = 2_000_000_000L;

  private static final int LEAST_COMPARED = 2_000;
  private static final int CANDIDATES = 12;
  private static final double LEAST_GAIN = 0.05;
  private static final double SMOOTHING = 0.02;

  private final List<InputReference> inputs;
  private final int[][] coarse;
  private final int[] sizes;
  private final int[] shuffled;
  private final int rows;

  private PartnerSearch(
      List<InputReference> inputs, List<Column> columns, int[] picked, int[] intervals) {
    this.inputs = inputs;
    rows = picked.length;
    List<Column> taken = DriftReference.taken(columns, picked);
    coarse = new int[inputs.size()][];
    sizes = new int[inputs.size()];
    for (int i = 0; i < coarse.length; i++) {
      Coarse of = inputs.get(i).coarse();
      int[] bins = taken.get(i).in(inputs.get(i).bins(), rows);
      coarse[i] = new int[rows];
      for (int row = 0; row < rows; row++) {
        coarse[i][row] = of.of(bins[row]);
      }
      sizes[i] = of.size();
    }
    SplittableRandom random = new SplittableRandom(rows);
    double[] drawn = random.doubles(rows).toArray();
    int[] byInterval =
        IntStream.range(0, rows)
            .boxed()
            .sorted(
                Comparator.<Integer>comparingInt(r -> intervals[picked[r]]).thenComparing(r -> r))
            .mapToInt(Integer::intValue)
            .toArray();
    int[] mixed =
        IntStream.range(0, rows)
            .boxed()
            .sorted(
                Comparator.<Integer>comparingInt(r -> intervals[picked[r]])
                    .thenComparingDouble(r -> drawn[r]))
            .mapToInt(Integer::intValue)
            .toArray();
    shuffled = new int[rows];
    for (int k = 0; k < rows; k++) {
      shuffled[byInterval[k]] = mixed[k];
    }
  }

  /** The same inputs with partners and sibling. */
  static List<InputReference> found(
      List<InputReference> inputs, List<Column> columns, int rows, int[] intervals) {
    if (inputs.size() < 2 || rows == 0) {
      return inputs;
    }
    int[] picked = some(rows, MOST_ROWS);
    PartnerSearch search = new PartnerSearch(inputs, columns, picked, intervals);
    double[][] information = search.information();
    return IntStream.range(0, inputs.size())
        .parallel()
        .mapToObj(i -> inputs.get(i).with(search.partners(i, information[i]), search.sibling(i)))
        .toList();
  }

  /**
   * In how many of training's rows candidates are looked for: fewer of more inputs, as pairs are
   * many. What a tie is, and whether it is one, more rows say.
   */
  static int compared(int inputs, long rows) {
    long pairs = Math.max(1, inputs * (inputs - 1L) / 2);
    long most = Math.max(LEAST_COMPARED, MOST_COMPARED / pairs);
    return (int) Math.min(Math.min(rows, MOST_ROWS), most);
  }

  private double[][] information() {
    int[] some = some(rows, compared(inputs.size(), rows));
    int[][] bins = Arrays.stream(coarse).map(of -> taken(of, some)).toArray(int[][]::new);
    double[][] information = new double[inputs.size()][inputs.size()];
    IntStream.range(0, inputs.size())
        .parallel()
        .forEach(
            a -> {
              for (int b = 0; b < a; b++) {
                information[a][b] = information(bins[a], sizes[a], bins[b], sizes[b]);
              }
            });
    for (int a = 0; a < information.length; a++) {
      for (int b = 0; b < a; b++) {
        information[b][a] = information[a][b];
      }
    }
    return information;
  }

  /**
   * What two inputs say of each other, in nats, less what so many rows would show of any two
   * (Miller 1955).
   */
  static double information(int[] a, int sizeOfA, int[] b, int sizeOfB) {
    int[] pairs = new int[sizeOfA * sizeOfB];
    int[] mine = new int[sizeOfA];
    int[] theirs = new int[sizeOfB];
    for (int row = 0; row < a.length; row++) {
      pairs[a[row] * sizeOfB + b[row]]++;
      mine[a[row]]++;
      theirs[b[row]]++;
    }
    double rows = a.length;
    double sum = 0;
    int cells = 1;
    for (int x = 0; x < sizeOfA; x++) {
      for (int y = 0; y < sizeOfB && mine[x] > 0; y++) {
        int both = pairs[x * sizeOfB + y];
        if (both > 0) {
          sum += both / rows * Math.log(both * rows / ((double) mine[x] * theirs[y]));
          cells++;
        }
      }
      cells -= mine[x] > 0 ? 1 : 0;
    }
    cells -= (int) Arrays.stream(theirs).filter(of -> of > 0).count();
    return sum - cells / (2 * rows);
  }

  private static int[] some(int rows, int most) {
    return rows <= most
        ? IntStream.range(0, rows).toArray()
        : new SplittableRandom(0).ints(most, 0, rows).sorted().distinct().toArray();
  }

  private static int[] taken(int[] values, int[] places) {
    return Arrays.stream(places).map(place -> values[place]).toArray();
  }

  /** The share of rows in each pair of coarse bins. */
  private double[][] pairs(int a, int b) {
    double[][] pairs = new double[sizes[a]][sizes[b]];
    for (int row = 0; row < rows; row++) {
      pairs[coarse[a][row]][coarse[b][row]]++;
    }
    for (double[] row : pairs) {
      for (int y = 0; y < row.length; y++) {
        row[y] /= rows;
      }
    }
    return pairs;
  }

  private static double[] sums(double[][] pairs, boolean byRow) {
    double[] sums = new double[byRow ? pairs.length : pairs[0].length];
    for (int x = 0; x < pairs.length; x++) {
      for (int y = 0; y < pairs[x].length; y++) {
        sums[byRow ? x : y] += pairs[x][y];
      }
    }
    return sums;
  }

  private record Gain(double value, Partner partner) {}

  private List<Partner> partners(int input, double[] information) {
    List<Gain> gains =
        IntStream.range(0, inputs.size())
            .filter(other -> other != input)
            .boxed()
            .sorted(Comparator.comparingDouble(other -> -information[other]))
            .limit(CANDIDATES)
            .map(other -> gain(input, other))
            .sorted(Comparator.comparingDouble(gain -> -gain.value()))
            .toList();
    List<Partner> partners = new ArrayList<>();
    String group = inputs.get(input).group();
    for (int k = 0; k < gains.size(); k++) {
      Gain gain = gains.get(k);
      boolean elsewhere = !inputs.get(gain.partner().input()).group().equals(group);
      if (k == 0 || elsewhere) {
        if (gain.value() > LEAST_GAIN) {
          partners.add(gain.partner());
        }
        if (k > 0) {
          break;
        }
      }
    }
    return partners;
  }

  private Gain gain(int input, int other) {
    double[][] pairs = pairs(input, other);
    double[] mine = sums(pairs, true);
    double[] theirs = sums(pairs, false);
    long[][] likelihood = new long[pairs.length][pairs[0].length];
    for (int x = 0; x < pairs.length; x++) {
      for (int y = 0; y < pairs[x].length; y++) {
        double expected = mine[x] * theirs[y];
        // An unseen category says nothing here: it is a statistic of its own.
        if (expected > 0 && x != 1 && y != 1) {
          double ratio = (pairs[x][y] + SMOOTHING * expected) / ((1 + SMOOTHING) * expected);
          likelihood[x][y] = Math.round(Math.log(ratio) * IntervalState.UNIT);
        }
      }
    }
    double together = 0;
    double apart = 0;
    for (int row = 0; row < rows; row++) {
      together += likelihood[coarse[input][row]][coarse[other][row]];
      apart += likelihood[coarse[input][row]][coarse[other][shuffled[row]]];
    }
    return new Gain((together - apart) / rows / IntervalState.UNIT, new Partner(other, likelihood));
  }

  private OptionalInt sibling(int input) {
    double missing = share(input, input, true);
    if (missing <= 0.001 || missing >= 0.999) {
      return OptionalInt.empty();
    }
    double[] apart = new double[inputs.size()];
    Arrays.setAll(apart, other -> other == input ? 1 : share(input, other, false));
    return IntStream.range(0, apart.length)
        .filter(other -> other != input)
        .boxed()
        .min(Comparator.comparingDouble(other -> apart[other]))
        .map(OptionalInt::of)
        .orElse(OptionalInt.empty());
  }

  /** The share of rows where the input is missing, or where one of two inputs is. */
  private double share(int input, int other, boolean itself) {
    int found = 0;
    for (int row = 0; row < rows; row++) {
      boolean gone = coarse[input][row] == 0;
      found += itself ? (gone ? 1 : 0) : gone != (coarse[other][row] == 0) ? 1 : 0;
    }
    return (double) found / rows;
  }
}
