package io.tributary.bench;

import io.tributary.drift.Column;
import io.tributary.drift.DriftProfile;
import io.tributary.drift.DriftProfile.Distribution;
import io.tributary.drift.DriftProfile.Grouped;
import io.tributary.drift.Standing;
import io.tributary.drift.Trailing;
import java.time.Month;
import java.time.format.TextStyle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Where inputs stand in windows of nights, with nothing planted and with an index of 0.3. */
final class MovedWorld {
  private static final int LENGTH = 28;
  private static final double LIMIT = 0.2;
  private static final double PLANTED = 0.3;
  private static final double MOST_PLANTED = 40;

  /** Half of an interval of 90 % at a standard error of 0.03. */
  private static final double NARROW = 1.645 * 0.03;

  private static final Set<Standing> NOT_BEYOND = EnumSet.of(Standing.WITHIN, Standing.CANNOT_TELL);

  private final History history;
  private final DriftProfile profile;
  private final Effort effort;
  private final int inputs;
  private final Grouped[] plain;
  private final Grouped[][] planted;

  /** Plants. */
  MovedWorld(History history, DriftProfile profile, Effort effort) {
    this.history = history;
    this.profile = profile;
    this.effort = effort;
    inputs = history.inputs().size();
    int[] trained = history.rowsOf(history.full());
    List<Shifted> shifted = history.taken(trained).stream().parallel().map(Shifted::new).toList();
    double[] strengths = strengths(shifted);
    plain = new Grouped[history.parts().ended()];
    planted = new Grouped[inputs][plain.length];
    IntStream.concat(Arrays.stream(history.full()), Arrays.stream(history.later()))
        .parallel()
        .forEach(
            night -> {
              List<Column> columns = history.columns(night);
              plain[night] = grouped(columns, night);
              for (int i = 0; i < inputs; i++) {
                List<Column> changed = new ArrayList<>(columns);
                changed.set(i, shifted.get(i).by(strengths[i], columns.get(i), 1_000L * night + i));
                planted[i][night] = grouped(changed, night);
              }
            });
  }

  private Grouped grouped(List<Column> columns, int night) {
    return profile.grouped(History.counted(profile, columns, history.rows(night)));
  }

  /** How strongly each input is shifted so that training has the index; found by halving. */
  private double[] strengths(List<Shifted> shifted) {
    int[] nights = Arrays.stream(history.full()).filter(night -> night % 5 == 0).toArray();
    double[] low = new double[inputs];
    double[] high = new double[inputs];
    Arrays.fill(high, MOST_PLANTED);
    double[] middle = new double[inputs];
    for (int halved = 0; halved < 16; halved++) {
      Arrays.setAll(middle, i -> (low[i] + high[i]) / 2);
      List<Grouped> moved =
          Arrays.stream(nights)
              .parallel()
              .mapToObj(
                  night -> {
                    List<Column> columns = new ArrayList<>(history.columns(night));
                    for (int i = 0; i < inputs; i++) {
                      columns.set(
                          i, shifted.get(i).by(middle[i], columns.get(i), 1_000L * night + i));
                    }
                    return grouped(columns, night);
                  })
              .toList();
      List<Grouped> unmoved =
          Arrays.stream(nights).mapToObj(night -> grouped(history.columns(night), night)).toList();
      List<Distribution> after = profile.distributions(moved);
      List<Distribution> before = profile.distributions(unmoved);
      for (int i = 0; i < inputs; i++) {
        boolean enough = index(after.get(i).others(), before.get(i).others()) >= PLANTED;
        (enough ? high : low)[i] = middle[i];
      }
    }
    return middle;
  }

  private static double index(double[] shares, double[] training) {
    double index = 0;
    for (int group = 0; group < shares.length; group++) {
      double p = Math.max(shares[group], 1e-6);
      double q = Math.max(training[group], 1e-6);
      index += (p - q) * Math.log(p / q);
    }
    return index;
  }

  /** All questions but what a shift does to the score. */
  List<Finding> findings() {
    List<int[]> exchangeable = exchangeable(10 * effort.windows);
    List<int[]> trained = consecutive(history.full());
    List<int[]> later = consecutive(history.later());
    List<Finding> findings = new ArrayList<>();
    findings.add(
        plain(
            "exchangeable windows",
            exchangeable,
            standing -> !NOT_BEYOND.contains(standing),
            "beyond",
            0.05));
    findings.addAll(exchangeablePlanted(exchangeable.subList(0, effort.windows)));
    findings.add(alone("consecutive windows of training", trained));
    findings.add(alone("consecutive later windows", later));
    findings.add(
        plain(
            "consecutive windows of training",
            trained,
            standing -> standing == Standing.BEYOND_ALONE,
            "beyond, alone",
            1 / 3.0));
    findings.add(
        plain(
            "consecutive later windows",
            later,
            standing -> standing == Standing.BEYOND_ALONE,
            "beyond, alone",
            1 / 3.0));
    return findings;
  }

  /** Windows with as many nights of each weekday, drawn from training's. */
  private List<int[]> exchangeable(int number) {
    SplittableRandom random = new SplittableRandom(3);
    List<int[]> drawn = new ArrayList<>();
    for (int window = 0; window < number; window++) {
      List<List<Integer>> left =
          IntStream.range(0, 7)
              .mapToObj(
                  weekday ->
                      Arrays.stream(history.full())
                          .filter(night -> history.weekday(night) == weekday)
                          .boxed()
                          .collect(Collectors.toCollection(ArrayList::new)))
              .map(nights -> (List<Integer>) nights)
              .toList();
      drawn.add(
          IntStream.range(0, LENGTH)
              .map(k -> left.get(k % 7).remove(random.nextInt(left.get(k % 7).size())))
              .toArray());
    }
    return drawn;
  }

  private List<int[]> consecutive(int[] nights) {
    return IntStream.iterate(0, from -> from + LENGTH <= nights.length, from -> from + effort.step)
        .mapToObj(from -> Arrays.copyOfRange(nights, from, from + LENGTH))
        .toList();
  }

  private List<Trailing.Shift> shifts(Grouped[] nights, int[] window) {
    Trailing trailing =
        profile.trailing(
            Arrays.stream(window).mapToObj(night -> nights[night]).toList(),
            Arrays.stream(window).mapToObj(history::day).toList(),
            LIMIT);
    if (trailing.cannotJudge().isPresent()) {
      throw new IllegalStateException(trailing.cannotJudge().get());
    }
    return trailing.shifts();
  }

  private Finding plain(
      String what, List<int[]> of, Predicate<Standing> wrong, String standing, double most) {
    int[] byInput = new int[inputs];
    long any =
        of.stream()
            .filter(
                window -> {
                  List<Trailing.Shift> shifts = shifts(plain, window);
                  int[] found =
                      IntStream.range(0, inputs)
                          .filter(i -> wrong.test(shifts.get(i).standing()))
                          .toArray();
                  Arrays.stream(found).forEach(i -> byInput[i]++);
                  return found.length > 0;
                })
            .count();
    return new Finding(
        history.name(),
        what,
        "nothing",
        "%s in ≤ %.0f %%".formatted(standing, 100 * most),
        "%.1f %% of %d".formatted(100.0 * any / of.size(), of.size()),
        Optional.of(any <= most * of.size()),
        IntStream.range(0, inputs)
            .filter(i -> byInput[i] > 0)
            .mapToObj(i -> "%s %d".formatted(history.inputs().get(i).name(), byInput[i]))
            .toList());
  }

  private record Counted(double beyond, double within, double width) {}

  private List<Finding> exchangeablePlanted(List<int[]> of) {
    List<Counted> counted =
        IntStream.range(0, inputs).parallel().mapToObj(i -> counted(i, of)).toList();
    List<String> unfound = new ArrayList<>();
    List<String> unnoticed = new ArrayList<>();
    int narrow = 0;
    for (int i = 0; i < inputs; i++) {
      String input = history.inputs().get(i).name();
      Counted seen = counted.get(i);
      if (seen.width() <= NARROW) {
        narrow++;
        if (seen.beyond() < 0.95) {
          unfound.add("%s %.0f %%".formatted(input, 100 * seen.beyond()));
        }
      }
      if (seen.within() > 0.05) {
        unnoticed.add("%s %.0f %%".formatted(input, 100 * seen.within()));
      }
    }
    String planted = "index 0.3, %d windows an input".formatted(of.size());
    return List.of(
        new Finding(
            history.name(),
            "exchangeable windows",
            planted,
            "beyond in ≥ 95 % where the standard error is ≤ 0.03",
            "%d of %d inputs".formatted(narrow - unfound.size(), narrow),
            Optional.of(unfound.isEmpty()),
            unfound),
        new Finding(
            history.name(),
            "exchangeable windows",
            planted,
            "within in ≤ 5 %% for %d of %d inputs".formatted(inputs - 1, inputs),
            "%d of %d inputs".formatted(inputs - unnoticed.size(), inputs),
            Optional.of(unnoticed.size() <= 1),
            unnoticed));
  }

  private Counted counted(int input, List<int[]> of) {
    double beyond = 0;
    double within = 0;
    double width = 0;
    for (int[] window : of) {
      Trailing.Shift shift = shifts(planted[input], window).get(input);
      beyond += NOT_BEYOND.contains(shift.standing()) ? 0 : 1;
      within += shift.standing() == Standing.WITHIN ? 1 : 0;
      width += (shift.upper() - shift.lower()) / 2;
    }
    return new Counted(beyond / of.size(), within / of.size(), width / of.size());
  }

  private Finding alone(String what, List<int[]> of) {
    double[] found =
        IntStream.range(0, inputs)
            .parallel()
            .mapToDouble(
                i ->
                    of.stream()
                            .filter(
                                window ->
                                    shifts(planted[i], window).get(i).standing()
                                        == Standing.BEYOND_ALONE)
                            .count()
                        / (double) of.size())
            .toArray();
    long certain = Arrays.stream(found).filter(share -> share >= 0.95).count();
    int least = inputs * 53 / 70;
    return new Finding(
        history.name(),
        what,
        "index 0.3 in one input, %d windows".formatted(of.size()),
        "beyond, alone in ≥ 95 %% for %d of %d inputs".formatted(least, inputs),
        "%d of %d, mean %.1f %%"
            .formatted(certain, inputs, 100 * Arrays.stream(found).average().orElse(0)),
        Optional.of(certain >= least),
        IntStream.range(0, inputs)
            .filter(i -> found[i] < 0.95)
            .mapToObj(i -> "%s %.0f %%".formatted(history.inputs().get(i).name(), 100 * found[i]))
            .toList());
  }

  /** What the inputs' shifts do to the mean score, beside how it really moved, by month. */
  List<Finding> parts() {
    double before = history.meanScore(history.full());
    List<Finding> findings = new ArrayList<>();
    for (Month month :
        Arrays.stream(history.later())
            .mapToObj(night -> history.day(night).getMonth())
            .distinct()
            .toList()) {
      int[] nights =
          Arrays.stream(history.later())
              .filter(night -> history.day(night).getMonth() == month)
              .toArray();
      double moved = history.meanScore(nights) - before;
      double sum =
          shifts(plain, nights).stream().mapToDouble(shift -> shift.part().orElseThrow()).sum();
      findings.add(
          new Finding(
              history.name(),
              "parts of the mean score's shift in "
                  + month.getDisplayName(TextStyle.FULL, Locale.ENGLISH),
              "nothing",
              "sum within 20 % of the shift",
              "%+.4f of %+.4f: %.2f".formatted(sum, moved, sum / moved),
              Optional.of(Math.abs(sum / moved - 1) <= 0.2),
              List.of()));
    }
    return findings;
  }
}
