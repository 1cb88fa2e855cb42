package io.tributary.drift;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.tributary.drift.InputReference.Coarse;
import io.tributary.drift.InputReference.Limits;
import io.tributary.drift.InputReference.Partner;
import io.tributary.drift.InputReference.Range;
import io.tributary.drift.IntervalState.Sum;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** What training's rows say of each input: all that counting later rows needs beside them. */
final class DriftReference {
  private final List<InputReference> inputs;
  private final List<Coarse> coarse;

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  DriftReference(List<InputReference> inputs) {
    this.inputs = List.copyOf(inputs);
    coarse = this.inputs.stream().map(InputReference::coarse).toList();
  }

  /**
   * The reference made of training's rows.
   *
   * @param names of the inputs
   * @param columns of the inputs, in the same order
   * @param intervals of each row, its interval's number
   * @param ranges of the columns
   */
  static DriftReference of(
      List<InputName> names, List<Column> columns, int rows, int[] intervals, List<Range> ranges) {
    List<InputReference> alone =
        IntStream.range(0, names.size())
            .parallel()
            .mapToObj(
                i ->
                    InputReference.of(names.get(i), columns.get(i), rows, intervals, ranges.get(i)))
            .toList();
    return new DriftReference(PartnerSearch.found(alone, columns, rows, intervals));
  }

  @JsonValue
  List<InputReference> inputs() {
    return inputs;
  }

  /** A state without rows. */
  IntervalState empty() {
    return new IntervalState(this);
  }

  /** Counts the first rows of an interval's columns into its state. */
  void count(List<Column> columns, int rows, IntervalState into) {
    count(columns, rows, into, i -> inputs.get(i).limits());
  }

  /** Counts an interval of training, which is compared with the ranges of all others. */
  void countTrained(
      List<Column> columns, int rows, IntervalState into, List<Range> ranges, int interval) {
    count(columns, rows, into, i -> ranges.get(i).without(interval));
  }

  /** Some rows of columns. */
  static List<Column> taken(List<Column> columns, int[] rows) {
    return columns.stream().map(column -> column.taken(rows)).toList();
  }

  private void count(
      List<Column> columns, int rows, IntervalState into, IntFunction<Limits> limits) {
    int[][] bins = bins(columns, rows);
    into.addRows(rows);
    for (int i = 0; i < bins.length; i++) {
      count(i, columns.get(i), rows, bins, into, limits.apply(i));
    }
  }

  /** The bin of each of the first rows, by input. */
  int[][] bins(List<Column> columns, int rows) {
    int[][] bins = new int[inputs.size()][];
    Arrays.setAll(bins, i -> columns.get(i).in(inputs.get(i).bins(), rows));
    return bins;
  }

  /** Counts one input, of which the bins of all inputs are known. */
  void count(int input, Column column, int rows, int[][] bins, IntervalState into, Limits limits) {
    InputReference reference = inputs.get(input);
    int[] mine = bins[input];
    long[] counts = into.counts(input);
    long missing = 0;
    long unseen = 0;
    for (int row = 0; row < rows; row++) {
      int bin = mine[row];
      if (bin >= 0) {
        counts[bin]++;
      } else if (bin == ValueBins.MISSING) {
        missing++;
      } else {
        unseen++;
      }
    }
    into.add(input, Sum.MISSING, missing);
    into.add(input, Sum.UNSEEN, unseen);
    if (column instanceof Column.Numbers numbers) {
      countNumbers(input, numbers.values(), rows, into, limits);
    }
    for (int k = 0; k < reference.partners().size(); k++) {
      Partner partner = reference.partners().get(k);
      int[] theirs = bins[partner.input()];
      Coarse own = coarse.get(input);
      Coarse others = coarse.get(partner.input());
      long sum = 0;
      for (int row = 0; row < rows; row++) {
        sum += partner.likelihood()[own.of(mine[row])][others.of(theirs[row])];
      }
      into.add(input, k == 0 ? Sum.FIRST_PARTNER : Sum.SECOND_PARTNER, sum);
    }
    if (reference.sibling().isPresent()) {
      int[] theirs = bins[reference.sibling().getAsInt()];
      long alone = 0;
      for (int row = 0; row < rows; row++) {
        alone += (mine[row] == ValueBins.MISSING) != (theirs[row] == ValueBins.MISSING) ? 1 : 0;
      }
      into.add(input, Sum.ALONE, alone);
    }
  }

  private void countNumbers(
      int input, double[] values, int rows, IntervalState into, Limits limits) {
    InputReference reference = inputs.get(input);
    long outside = 0;
    long beyond = 0;
    long sum = 0;
    long squares = 0;
    for (int row = 0; row < rows; row++) {
      double x = values[row];
      if (Double.isNaN(x)) {
        continue;
      }
      outside += x < limits.low() || x > limits.high() ? 1 : 0;
      beyond += x < reference.hardLow() || x > reference.hardHigh() ? 1 : 0;
      double cut =
          Math.min(
              Math.max((x - reference.centre()) / reference.scale(), reference.least()),
              reference.greatest());
      sum += Math.round(cut * IntervalState.UNIT);
      squares += Math.round(cut * cut * IntervalState.UNIT);
    }
    into.add(input, Sum.OUTSIDE, outside);
    into.add(input, Sum.BEYOND_BOUND, beyond);
    into.add(input, Sum.VALUES, sum);
    into.add(input, Sum.SQUARES, squares);
  }
}
