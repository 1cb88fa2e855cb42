package io.tributary.train;

import io.tributary.drift.DriftProfile;
import io.tributary.drift.Measure;
import io.tributary.drift.OutcomeSums;
import io.tributary.drift.Outcomes;
import io.tributary.drift.Promise;
import io.tributary.model.BinaryMetrics;
import io.tributary.model.ModelMetrics.Slice;
import io.tributary.model.ScoringModel;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The rows that trained no parameter: those of validation, then those of test, or others.
 *
 * @param days since 1970-01-01
 * @param validation how many are of validation
 */
record HeldOut(int[] days, double[] scores, boolean[] labels, int validation) {
  /** Of a column, the most frequent values, whose rows a monitor looks at by themselves. */
  private static final int WATCHED = 50;

  /**
   * Rows of none of the validation's, as a model scores them.
   *
   * @param zone whose days they are of
   */
  static HeldOut scored(ScoringModel model, TrainingRows rows, int[] numbers, ZoneId zone) {
    return new HeldOut(
        rows.days(numbers, zone), model.score(rows.inputs(), numbers), rows.labels(numbers), 0);
  }

  /** What the scores of all rows come to. */
  BinaryMetrics metrics() {
    return BinaryMetrics.of(scores, labels);
  }

  /** What became of the rows of each day. */
  SortedMap<Integer, Outcomes> byDay() {
    return byDay(all());
  }

  private SortedMap<Integer, Outcomes> byDay(int[] rows) {
    SortedMap<Integer, Outcomes> byDay = new TreeMap<>();
    groups(rows, row -> days[row])
        .forEach((day, of) -> byDay.put(day, OutcomeSums.of(scores(of), labels(of)).outcomes()));
    return byDay;
  }

  private int[] all() {
    return IntStream.range(0, days.length).toArray();
  }

  /** What the model promises for later days. */
  Map<Measure, Promise> promise() {
    return promise(all());
  }

  private Map<Measure, Promise> promise(int[] rows) {
    List<Outcomes> outcomes = List.copyOf(byDay(rows).values());
    Map<Measure, Promise> promise = new TreeMap<>();
    for (Measure measure : Measure.values()) {
      Promise.of(measure, outcomes).ifPresent(of -> promise.put(measure, of));
    }
    return promise;
  }

  /**
   * The slices of a column that have test rows, by value.
   *
   * @param values of the rows
   */
  List<Slice> slices(String[] values) {
    Map<String, int[]> members =
        groups(IntStream.range(0, values.length).toArray(), row -> values[row]);
    Set<String> watched =
        members.entrySet().stream()
            .sorted(Comparator.comparing((Map.Entry<String, int[]> of) -> -of.getValue().length))
            .limit(WATCHED)
            .map(Map.Entry::getKey)
            .collect(Collectors.toSet());
    List<Slice> slices = new ArrayList<>();
    members.forEach(
        (value, rows) -> {
          int[] test = Arrays.stream(rows).filter(row -> row >= validation).toArray();
          if (test.length > 0) {
            slices.add(
                new Slice(
                    value,
                    BinaryMetrics.of(scores(test), labels(test)),
                    watched.contains(value) ? promise(rows) : Map.of()));
          }
        });
    return slices;
  }

  /**
   * The rows of days that are there as a whole, with which the part of a day that a split by keys
   * deals to validation has no likeness; all rows where it deals a part of each day.
   *
   * @param population how many rows each day has in all parts
   */
  HeldOut ofWholeDays(Map<Integer, Long> population) {
    int[] whole =
        groups(all(), row -> days[row]).entrySet().stream()
            .filter(
                day -> day.getValue().length >= DriftProfile.FULL * population.get(day.getKey()))
            .flatMapToInt(day -> Arrays.stream(day.getValue()))
            .toArray();
    return whole.length == 0
        ? this
        : new HeldOut(
            Arrays.stream(whole).map(row -> days[row]).toArray(),
            scores(whole),
            labels(whole),
            (int) Arrays.stream(whole).filter(row -> row < validation).count());
  }

  private static <K extends Comparable<K>> Map<K, int[]> groups(int[] rows, IntFunction<K> by) {
    Map<K, int[]> groups = new TreeMap<>();
    Arrays.stream(rows)
        .boxed()
        .collect(Collectors.groupingBy(by::apply))
        .forEach((key, of) -> groups.put(key, of.stream().mapToInt(row -> row).toArray()));
    return groups;
  }

  private double[] scores(int[] rows) {
    return Arrays.stream(rows).mapToDouble(row -> scores[row]).toArray();
  }

  private boolean[] labels(int[] rows) {
    boolean[] some = new boolean[rows.length];
    for (int k = 0; k < some.length; k++) {
      some[k] = labels[rows[k]];
    }
    return some;
  }
}
