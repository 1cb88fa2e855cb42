package io.tributary.drift;

import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.Lazy;
import io.tributary.core.PlatformException;
import io.tributary.drift.BreakTest.Trained;
import io.tributary.drift.InputReference.Range;
import io.tributary.drift.Statistic.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * What a model keeps of the rows that it was trained on, so that later intervals can be compared
 * with training's own: each input's bins, ranges and ties, and of each interval its statistics and
 * counts. Without rows, of a size that grows with inputs times intervals, and with the texts of
 * categories. Immutable, for all threads.
 */
public final class DriftProfile {
  /** The rate of false alarms that is aimed at, over all inputs together. */
  static final double RATE = 0.01;

  private static final int FORMAT = 1;

  /** A profile of nothing, which judges nothing. */
  public static final DriftProfile NONE =
      of(List.of(), List.of(), new int[0], List.<TrainedInterval>of());

  /**
   * Intervals with a smaller part of their weekday's usual rows neither calibrate nor are judged.
   */
  public static final double FULL = 0.55;

  private static final int LEAST_ROWS = 50;

  private static final String NOTHING_KEPT =
      "the model's version keeps nothing of its training's intervals; a new one does";

  /** Months of training from which on there are weeks to be the same. */
  private static final int SEASONS = 13;

  /** Days before and after the same weeks that count to them. */
  private static final int MARGIN = 14;

  /** Intervals in which breaks are planted, to know what would not be seen. */
  private static final int PLANTED = 60;

  private final Header header;
  private final List<Trained> trained;
  private final List<long[][]> groups;
  private final Statistics statistics;

  /** Made when an interval is first judged: to count one needs none. */
  private final Lazy<Optional<BreakTest>> test;

  private final Lazy<WindowTest> windows;

  private final Set<String> aside;

  private DriftProfile(
      Header header,
      List<Trained> trained,
      List<long[][]> groups,
      Set<String> aside,
      Lazy<WindowTest> windows) {
    this.header = header;
    this.aside = Set.copyOf(aside);
    this.trained = List.copyOf(trained);
    this.groups = List.copyOf(groups);
    statistics = new Statistics(header.inputs());
    test =
        Lazy.of(
            () -> {
              List<Trained> calibrating = calibrating();
              return calibrating.size() < BreakTest.LEAST_INTERVALS
                  ? Optional.empty()
                  : Optional.of(new BreakTest(header.inputs(), calibrating, header.noise(), RATE));
            });
    this.windows = windows;
  }

  private static DriftProfile of(Header header, List<Trained> trained, List<long[][]> groups) {
    return new DriftProfile(
        header, trained, groups, Set.of(), Lazy.of(() -> windows(header, groups)));
  }

  private static WindowTest windows(Header header, List<long[][]> groups) {
    List<Kept> full = header.intervals().subList(header.firstFull(), groups.size());
    return new WindowTest(
        header.inputs(),
        groups.subList(header.firstFull(), groups.size()),
        full.stream().mapToInt(Kept::weekday).toArray());
  }

  /**
   * An interval of training.
   *
   * @param name such as its day
   * @param weekday 0 to 6
   * @param warm whether the features' longest windows were full by then: others tell nothing
   * @param population how many rows there were, of which all or a part trained
   */
  public record TrainedInterval(String name, int weekday, boolean warm, long population) {}

  /**
   * An interval as it is kept.
   *
   * @param calibrates whether it is among those that set the limit
   */
  record Kept(String name, int weekday, long rows, long population, boolean calibrates) {
    /** Its day, if its name is one. */
    Optional<LocalDate> date() {
      try {
        return Optional.of(LocalDate.parse(name));
      } catch (DateTimeParseException e) {
        return Optional.empty();
      }
    }
  }

  /**
   * What is kept as JSON.
   *
   * @param noise the variance that a single row adds to what is left of each statistic
   * @param found by input and breakage, the share of intervals in which it would be found
   * @param dependence by input and group, the mean score where the input has values of the group;
   *     empty where it is not known
   */
  record Header(
      int format,
      List<Kept> intervals,
      DriftReference inputs,
      double[] noise,
      List<Map<Breakage, Double>> found,
      List<double[]> dependence) {
    Header {
      dependence = dependence == null ? List.of() : List.copyOf(dependence);
    }

    /** The first interval in which all windows of features were full. */
    int firstFull() {
      int first = 0;
      while (first < intervals.size() && !intervals.get(first).calibrates()) {
        first++;
      }
      return first;
    }
  }

  /**
   * The profile of training's rows.
   *
   * @param names of the inputs
   * @param columns of the inputs, in the same order
   * @param intervalOf the number of each row's interval
   * @param intervals all of them, in the order of time
   */
  public static DriftProfile of(
      List<InputName> names,
      List<Column> columns,
      int[] intervalOf,
      List<TrainedInterval> intervals) {
    int rows = intervalOf.length;
    List<Range> ranges =
        columns.stream().parallel().map(c -> Range.of(c, rows, intervalOf)).toList();
    DriftReference reference = DriftReference.of(names, columns, rows, intervalOf, ranges);
    Statistics statistics = new Statistics(reference);
    int[] order =
        IntStream.range(0, rows)
            .boxed()
            .sorted(Comparator.comparingInt(row -> intervalOf[row]))
            .mapToInt(Integer::intValue)
            .toArray();
    int[] starts = new int[intervals.size() + 1];
    Arrays.stream(intervalOf).forEach(interval -> starts[interval + 1]++);
    Arrays.parallelPrefix(starts, Integer::sum);
    List<Counted> counted =
        IntStream.range(0, intervals.size())
            .parallel()
            .mapToObj(
                i -> {
                  int[] own = Arrays.copyOfRange(order, starts[i], starts[i + 1]);
                  return Counted.of(
                      reference, statistics, columns, own, ranges, i, intervals.get(i).weekday());
                })
            .toList();
    List<Trained> all = counted.stream().map(Counted::whole).toList();
    List<Kept> kept = new ArrayList<>();
    for (int i = 0; i < counted.size(); i++) {
      TrainedInterval interval = intervals.get(i);
      long has = all.get(i).rows();
      kept.add(
          new Kept(
              interval.name(),
              interval.weekday(),
              has,
              interval.population(),
              interval.warm()
                  && has >= LEAST_ROWS
                  && has >= FULL * usualRows(all, interval.weekday())));
    }
    int[] calibrating =
        IntStream.range(0, kept.size()).filter(i -> kept.get(i).calibrates()).toArray();
    List<Trained> whole = Arrays.stream(calibrating).mapToObj(all::get).toList();
    double[] noise = new double[statistics.all().size()];
    List<Map<Breakage, Double>> found = List.of();
    if (calibrating.length >= BreakTest.LEAST_INTERVALS) {
      List<Trained> halves =
          Arrays.stream(calibrating).mapToObj(i -> counted.get(i).half()).toList();
      noise = new BreakTest(reference, whole, noise, RATE).noise(whole, halves);
    }
    if (calibrating.length >= 2 * BreakTest.LEAST_INTERVALS) {
      found =
          new BlindSpots(reference, columns, order, starts)
              .found(whole, calibrating, noise, RATE, PLANTED);
    }
    return of(
        new Header(FORMAT, kept, reference, noise, found, List.of()),
        all,
        counted.stream().map(Counted::groups).toList());
  }

  /**
   * The same profile, in whose limit some intervals have no say: a person knows that they are no
   * measure of what is usual. Windows are compared with them all the same, and what would not be
   * found is as it was.
   *
   * @param names of intervals; those that are none of training's change nothing
   */
  public DriftProfile without(Set<String> names) {
    return names.isEmpty() ? this : new DriftProfile(header, trained, groups, names, windows);
  }

  /** The mean score of rows in which one input has other rows' values. */
  public interface MeanScore {
    /**
     * The mean score.
     *
     * @param from the rows whose values the input has; it is missing where there are none
     */
    double of(int input, int[] from);
  }

  /**
   * The same profile, which also says what a shift does to the mean score: that depends on an input
   * as on its groups one by one (partial dependence: Friedman 2001).
   *
   * @param columns of some rows of training
   * @param scores the mean score, where an input has values of these
   */
  public DriftProfile with(List<Column> columns, int rows, MeanScore scores) {
    int[][] bins = header.inputs().bins(columns, rows);
    List<double[]> dependence =
        IntStream.range(0, bins.length)
            .parallel()
            .mapToObj(
                i -> {
                  Groups groups = Groups.of(header.inputs().inputs().get(i));
                  double[] means = new double[groups.size()];
                  Arrays.setAll(
                      means,
                      g ->
                          scores.of(
                              i,
                              IntStream.range(0, rows)
                                  .filter(row -> groups.group(bins[i][row]) == g)
                                  .toArray()));
                  return means;
                })
            .toList();
    return of(
        new Header(
            header.format(),
            header.intervals(),
            header.inputs(),
            header.noise(),
            header.found(),
            dependence),
        trained,
        groups);
  }

  /** What an interval of training comes down to: all of its rows, a half of them, its counts. */
  private record Counted(Trained whole, Trained half, long[][] groups) {
    static Counted of(
        DriftReference reference,
        Statistics statistics,
        List<Column> columns,
        int[] rows,
        List<Range> ranges,
        int interval,
        int weekday) {
      IntervalState whole = reference.empty();
      reference.countTrained(
          DriftReference.taken(columns, rows), rows.length, whole, ranges, interval);
      SplittableRandom random = new SplittableRandom(interval);
      int[] some = Arrays.stream(rows).filter(row -> random.nextInt(2) == 0).toArray();
      IntervalState half = reference.empty();
      reference.countTrained(
          DriftReference.taken(columns, some), some.length, half, ranges, interval);
      return new Counted(
          new Trained(rounded(statistics.of(whole)), weekday, rows.length),
          new Trained(statistics.of(half), weekday, some.length),
          Groups.counts(reference, whole));
    }
  }

  /** As they are kept, so that a profile that was read judges as the one that was written. */
  private static double[] rounded(double[] values) {
    return Arrays.stream(values).map(value -> (float) value).toArray();
  }

  private static double usualRows(List<Trained> trained, int weekday) {
    return BreakTest.median(
        trained.stream()
            .filter(interval -> interval.weekday() == weekday)
            .mapToDouble(Trained::rows)
            .toArray());
  }

  private List<Trained> calibrating() {
    return Arrays.stream(calibratingPlaces()).mapToObj(trained::get).toList();
  }

  private int[] calibratingPlaces() {
    return IntStream.range(0, trained.size())
        .filter(i -> header.intervals().get(i).calibrates() && !setAside(i))
        .toArray();
  }

  private boolean setAside(int interval) {
    return aside.contains(header.intervals().get(interval).name());
  }

  /** The intervals of training that would have a say in the limit and are set aside. */
  public List<String> setAside() {
    return header.intervals().stream()
        .filter(Kept::calibrates)
        .map(Kept::name)
        .filter(aside::contains)
        .toList();
  }

  /** A state without rows, into which an interval is counted. */
  public IntervalState empty() {
    return header.inputs().empty();
  }

  /**
   * Counts rows into the state of their interval.
   *
   * @param columns of the inputs, in the profile's order
   */
  public void count(List<Column> columns, int rows, IntervalState into) {
    header.inputs().count(columns, rows, into);
  }

  /**
   * The categories that training had no row of, with how many rows have each, by input.
   *
   * @param columns of the inputs, in the profile's order
   */
  public Map<String, Map<String, Long>> unseen(List<Column> columns, int rows) {
    Map<String, Map<String, Long>> unseen = new TreeMap<>();
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i) instanceof Column.Categories categories) {
        InputReference input = header.inputs().inputs().get(i);
        int[] bins = categories.texts().stream().mapToInt(input.bins()::bin).toArray();
        boolean any = Arrays.stream(bins).anyMatch(bin -> bin == ValueBins.UNSEEN);
        for (int row = 0; any && row < rows; row++) {
          int code = categories.codes()[row];
          if (code != ValueBins.MISSING && bins[code] == ValueBins.UNSEEN) {
            unseen
                .computeIfAbsent(input.name(), name -> new TreeMap<>())
                .merge(categories.texts().get(code), 1L, Long::sum);
          }
        }
      }
    }
    return unseen;
  }

  /** A state that {@link IntervalState#bytes} gave. */
  public IntervalState state(byte[] bytes) {
    IntervalState state = empty();
    state.add(bytes);
    return state;
  }

  /**
   * How many rows an interval of training had on a weekday; 0 where there was none.
   *
   * @param weekday 0 to 6
   */
  public double usualRows(int weekday) {
    return BreakTest.median(
        header.intervals().stream()
            .filter(interval -> interval.weekday() == weekday)
            .mapToDouble(Kept::population)
            .toArray());
  }

  /** Why no interval can be judged by this profile; empty if some can. */
  public Optional<String> cannotJudge() {
    int calibrating = calibrating().size();
    if (trained.isEmpty()) {
      return Optional.of(NOTHING_KEPT);
    }
    return calibrating < BreakTest.LEAST_INTERVALS
        ? Optional.of(
            "training has %s full intervals of %s rows and more, and %s are the least that can set a limit"
                .formatted(calibrating, LEAST_ROWS, BreakTest.LEAST_INTERVALS))
        : Optional.empty();
  }

  /** Why an interval can't be judged; empty if it can. */
  public Optional<String> cannotJudge(IntervalState state, int weekday) {
    double usual = usualRows(weekday);
    Optional<String> never = cannotJudge();
    if (never.isPresent()) {
      return never;
    }
    if (calibrating().stream().noneMatch(interval -> interval.weekday() == weekday)) {
      return Optional.of("training has no such weekday");
    }
    if (state.rows() < LEAST_ROWS) {
      return Optional.of(state.rows() + " rows, fewer than " + LEAST_ROWS);
    }
    return state.rows() < FULL * usual
        ? Optional.of(
            String.format(
                Locale.ROOT, "%s rows, and %.0f are usual on this weekday", state.rows(), usual))
        : Optional.empty();
  }

  /** Judges an interval alone. */
  public Tonight tonight(IntervalState state, int weekday) {
    Optional<String> why = cannotJudge(state, weekday);
    if (why.isPresent()) {
      return Tonight.cannotJudge(why.get());
    }
    BreakTest breaks = test.get().orElseThrow();
    BreakTest.Judgement judgement = breaks.judge(statistics.of(state), weekday, state.rows());
    return new Tonight(
        Optional.empty(),
        judgement.inputs(statistics.all()).stream()
            .map(finding -> deviation(finding.statistic(), finding.score()))
            .toList(),
        judgement.whole(),
        judgement.limit(),
        rate().orElseThrow().expected(),
        rate().orElseThrow().atMost());
  }

  private Tonight.Deviation deviation(int place, double score) {
    Statistic statistic = statistics.all().get(place);
    InputReference input = header.inputs().inputs().get(statistic.input());
    return new Tonight.Deviation(input.name(), statistic.text(input), score);
  }

  /**
   * The rate of false alarms of the limit; empty where no interval can be judged. Of the intervals
   * that are set aside each would alarm: their share is a part of it.
   */
  public Optional<FalseAlarms> rate() {
    double without = setAside().size();
    return test.get()
        .map(
            breaks -> {
              double share = without / (without + breaks.scores().length);
              return new FalseAlarms(
                  share + (1 - share) * breaks.rate().expected(),
                  share + (1 - share) * breaks.rate().atMost());
            });
  }

  /**
   * The means of a number in the intervals of training that have a say in limits.
   *
   * @param least of an interval
   * @param greatest of an interval
   * @param rate the share of intervals like these that lie beyond one of both, by chance
   */
  public record Means(double least, double greatest, double rate) {}

  /** The means of a number, outliers cut off as they are in {@link #mean}. */
  public Means means(int input) {
    InputReference reference = header.inputs().inputs().get(input);
    int place = meanPlace(input);
    double[] means =
        calibrating().stream()
            .mapToDouble(interval -> interval.statistics()[place])
            .filter(mean -> !Double.isNaN(mean))
            .toArray();
    double without = setAside().size();
    return new Means(
        reference.centre() + reference.scale() * Arrays.stream(means).min().orElse(Double.NaN),
        reference.centre() + reference.scale() * Arrays.stream(means).max().orElse(Double.NaN),
        (without + means.length * 2.0 / (means.length + 1)) / (without + means.length));
  }

  /** The mean of a number in an interval, outliers cut off; NaN where it has too few. */
  public double mean(int input, IntervalState state) {
    InputReference reference = header.inputs().inputs().get(input);
    return reference.centre() + reference.scale() * (float) statistics.of(state)[meanPlace(input)];
  }

  private int meanPlace(int input) {
    return statistics.all().indexOf(new Statistic(input, Kind.MEAN, OptionalInt.empty()));
  }

  /** How many of training's rows it is made of. */
  public long rows() {
    return header.intervals().stream().mapToLong(Kept::rows).sum();
  }

  /**
   * In how many of these, drawn at random, inputs were looked for that go together; of few inputs
   * and rows all.
   */
  public long comparedRows() {
    return PartnerSearch.compared(header.inputs().inputs().size(), rows());
  }

  /** The intervals of training that reach the limit or come nearest to it, the farthest first. */
  public List<LimitSetter> limitSetters(int most) {
    if (test.get().isEmpty()) {
      return List.of();
    }
    BreakTest breaks = test.get().orElseThrow();
    double[] scores = breaks.scores();
    int[] calibrating = calibratingPlaces();
    return IntStream.range(0, scores.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -scores[i]))
        .limit(most)
        .map(
            i -> {
              OptionalInt farthest = breaks.farthest(i);
              return new LimitSetter(
                  header.intervals().get(calibrating[i]).name(),
                  scores[i],
                  farthest.isPresent()
                      ? Optional.of(deviation(farthest.getAsInt(), scores[i]))
                      : Optional.empty());
            })
        .toList();
  }

  /**
   * How an input's values are distributed: shares of rows by groups of values, missing ones last.
   *
   * @param training all of its full intervals
   * @param others the intervals beside it; all 0 where they have no row
   */
  public record Distribution(
      String input, List<String> groups, double[] training, double[] others) {}

  /** The inputs' distributions in some intervals beside those of training. */
  public List<Distribution> distributions(List<Grouped> intervals) {
    List<long[][]> trainedOn = groups.subList(header.firstFull(), groups.size());
    List<long[][]> others = intervals.stream().map(interval -> interval.counts).toList();
    List<Distribution> distributions = new ArrayList<>();
    for (int i = 0; i < header.inputs().inputs().size(); i++) {
      InputReference input = header.inputs().inputs().get(i);
      Groups of = Groups.of(input);
      distributions.add(
          new Distribution(
              input.name(), of.labels(input), shares(trainedOn, i, of), shares(others, i, of)));
    }
    return distributions;
  }

  /**
   * How the inputs lie beside those of another training, by all rows of both, in the order of this
   * one's inputs. Left out are inputs that the other one does not have, or has as numbers where
   * these are categories.
   */
  public List<InputShift> shiftsFrom(DriftProfile other) {
    Map<String, InputReference> before = new HashMap<>();
    other.header.inputs().inputs().forEach(input -> before.put(input.name(), input));
    return header.inputs().inputs().stream()
        .filter(
            input ->
                before.containsKey(input.name())
                    && before.get(input.name()).categorical() == input.categorical())
        .map(input -> InputShift.of(input, rows(), before.get(input.name()), other.rows()))
        .toList();
  }

  private static double[] shares(List<long[][]> intervals, int input, Groups of) {
    double[] shares = new double[of.size()];
    double rows =
        Math.max(1, intervals.stream().mapToLong(c -> Arrays.stream(c[input]).sum()).sum());
    for (long[][] counts : intervals) {
      for (int group = 0; group < shares.length; group++) {
        shares[group] += counts[input][group] / rows;
      }
    }
    return shares;
  }

  /**
   * What an input does to the score (partial dependence: Friedman 2001).
   *
   * @param groups of its values, missing ones last
   * @param shares of training's rows
   * @param scores the mean score where all rows have values of a group
   */
  public record Dependence(String input, List<String> groups, double[] shares, double[] scores) {
    /**
     * How far the mean score goes with the input: the standard deviation over training's rows
     * (Greenwell, Boehmke, McCarthy 2018).
     */
    public double importance() {
      double mean = 0;
      for (int group = 0; group < shares.length; group++) {
        mean += shares[group] * scores[group];
      }
      double squares = 0;
      for (int group = 0; group < shares.length; group++) {
        squares += shares[group] * (scores[group] - mean) * (scores[group] - mean);
      }
      return Math.sqrt(squares);
    }
  }

  /** What each input does to the score; empty where that was not computed. */
  public List<Dependence> dependences() {
    if (header.dependence().isEmpty()) {
      return List.of();
    }
    List<Distribution> distributions = distributions(List.of());
    return IntStream.range(0, distributions.size())
        .mapToObj(
            i ->
                new Dependence(
                    distributions.get(i).input(),
                    distributions.get(i).groups(),
                    distributions.get(i).training(),
                    header.dependence().get(i).clone()))
        .toList();
  }

  /**
   * What would not be seen: by input, then by what breaks, the share of intervals of training in
   * which it was found in the first interval. Empty where training had too few intervals.
   */
  public Map<String, Map<String, Double>> found() {
    Map<String, Map<String, Double>> found = new LinkedHashMap<>();
    for (int i = 0; i < header.found().size(); i++) {
      Map<String, Double> shares = new LinkedHashMap<>();
      header.found().get(i).forEach((breakage, share) -> shares.put(breakage.text(), share));
      found.put(header.inputs().inputs().get(i).name(), shares);
    }
    return found;
  }

  /**
   * An interval of training that goes far.
   *
   * @param by the input that goes farthest; empty where the interval as a whole is what does
   */
  public record LimitSetter(String interval, double score, Optional<Tonight.Deviation> by) {
    /** The input by which it goes far, for people. */
    public String input() {
      return by.map(Tonight.Deviation::input).orElse("all together");
    }

    /** What of the input, for people. */
    public String statistic() {
      return by.map(Tonight.Deviation::statistic).orElse("unlike training as a whole");
    }
  }

  /** What a window needs of one of its intervals. */
  public Grouped grouped(IntervalState state) {
    return new Grouped(Groups.counts(header.inputs(), state));
  }

  /** An interval's rows by input, counted in the few groups that windows are compared by. */
  public static final class Grouped {
    private final long[][] counts;

    private Grouped(long[][] counts) {
      this.counts = counts;
    }
  }

  /**
   * Judges a window of consecutive intervals.
   *
   * @param window its intervals in order
   * @param days of them
   * @param limit of the index, as declared
   */
  public Trailing trailing(List<Grouped> window, List<LocalDate> days, double limit) {
    if (trained.isEmpty()) {
      return Trailing.cannotJudge(NOTHING_KEPT);
    }
    int first = header.firstFull();
    int full = groups.size() - first;
    if (window.size() < MeanOfIntervals.LEAST_INTERVALS) {
      return Trailing.cannotJudge(
          "%s intervals, fewer than %s".formatted(window.size(), MeanOfIntervals.LEAST_INTERVALS));
    }
    if (full < Math.max(WindowTest.LEAST_INTERVALS, 2 * window.size())) {
      return Trailing.cannotJudge(
          "training has %s full intervals, and two windows of %s, %s at least, are needed"
              .formatted(full, window.size(), WindowTest.LEAST_INTERVALS));
    }
    List<long[][]> counts = window.stream().map(interval -> interval.counts).toList();
    Optional<double[]> parts =
        header.dependence().isEmpty()
            ? Optional.empty()
            : Optional.of(windows.get().parts(counts, header.dependence()));
    List<long[][]> sameWeeks = sameWeeks(days);
    Optional<double[]> beside =
        sameWeeks.size() < MeanOfIntervals.LEAST_INTERVALS
            ? Optional.empty()
            : Optional.of(WindowTest.beside(counts, sameWeeks));
    int[] weekdays = days.stream().mapToInt(day -> day.getDayOfWeek().getValue() - 1).toArray();
    return new Trailing(
        Optional.empty(),
        windows.get().judge(counts, weekdays, limit).stream()
            .map(
                verdict ->
                    new Trailing.Shift(
                        header.inputs().inputs().get(verdict.input()).name(),
                        verdict.standing(),
                        verdict.stability().value(),
                        verdict.stability().lower(),
                        verdict.stability().upper(),
                        verdict.own().index(),
                        of(parts, verdict.input()),
                        verdict.smallestFound(),
                        verdict.farthest(),
                        header.intervals().get(first + verdict.farthestFrom()).name(),
                        of(beside, verdict.input())))
            .toList());
  }

  private static OptionalDouble of(Optional<double[]> numbers, int input) {
    return numbers.map(of -> OptionalDouble.of(of[input])).orElse(OptionalDouble.empty());
  }

  /**
   * Training's full intervals in the same weeks of former years; none in a training of one year.
   */
  private List<long[][]> sameWeeks(List<LocalDate> days) {
    List<Kept> full = header.intervals().subList(header.firstFull(), groups.size());
    if (full.stream().anyMatch(kept -> kept.date().isEmpty())
        || full.get(0)
            .date()
            .get()
            .plusMonths(SEASONS)
            .isAfter(full.get(full.size() - 1).date().get().plusDays(1))) {
      return List.of();
    }
    LocalDate from = days.get(0).minusDays(MARGIN);
    LocalDate to = days.get(days.size() - 1).plusDays(MARGIN);
    return IntStream.range(0, full.size())
        .filter(
            i ->
                IntStream.rangeClosed(1, to.getYear() - full.get(i).date().get().getYear())
                    .mapToObj(full.get(i).date().get()::plusYears)
                    .anyMatch(day -> !day.isBefore(from) && !day.isAfter(to)))
        .mapToObj(i -> groups.get(header.firstFull() + i))
        .toList();
  }

  /** Its bytes: the same for the same rows. */
  public byte[] bytes() {
    byte[] json = Json.write(header).getBytes(StandardCharsets.UTF_8);
    int width = statistics.all().size();
    long cells = groups.stream().mapToLong(DriftProfile::cells).sum();
    ByteBuffer bytes =
        ByteBuffer.allocate(
            Math.toIntExact(
                Integer.BYTES
                    + json.length
                    + (long) trained.size() * width * Float.BYTES
                    + cells * Long.BYTES));
    bytes.putInt(json.length).put(json);
    for (int i = 0; i < trained.size(); i++) {
      for (double value : trained.get(i).statistics()) {
        bytes.putFloat((float) value);
      }
      for (long[] counts : groups.get(i)) {
        Arrays.stream(counts).forEach(bytes::putLong);
      }
    }
    return bytes.array();
  }

  private static long cells(long[][] counts) {
    return Arrays.stream(counts).mapToLong(of -> of.length).sum();
  }

  /**
   * Reads what {@link #bytes()} gave.
   *
   * @throws PlatformException {@code CORRUPT} if the bytes are none of a profile, {@code REFUSED}
   *     if a newer build wrote them
   */
  public static DriftProfile read(byte[] stored) {
    ByteBuffer bytes = ByteBuffer.wrap(stored);
    int length = stored.length < Integer.BYTES ? -1 : bytes.getInt();
    if (length < 0 || length > bytes.remaining()) {
      throw corrupt();
    }
    byte[] json = new byte[length];
    bytes.get(json);
    Header header = Json.read(new String(json, StandardCharsets.UTF_8), Header.class);
    if (header.format() > FORMAT) {
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot read a model's drift profile: it has format %s, and this build reads formats up to %s. Use the build that wrote it."
              .formatted(header.format(), FORMAT));
    }
    int width = new Statistics(header.inputs()).all().size();
    int[] sizes =
        header.inputs().inputs().stream().mapToInt(input -> Groups.of(input).size()).toArray();
    long needed =
        (long) width * Float.BYTES + Arrays.stream(sizes).asLongStream().sum() * Long.BYTES;
    if (bytes.remaining() != needed * header.intervals().size()) {
      throw corrupt();
    }
    List<Trained> trained = new ArrayList<>();
    List<long[][]> groups = new ArrayList<>();
    for (Kept kept : header.intervals()) {
      double[] values = new double[width];
      Arrays.setAll(values, k -> bytes.getFloat());
      trained.add(new Trained(values, kept.weekday(), kept.rows()));
      long[][] counts = new long[sizes.length][];
      for (int i = 0; i < sizes.length; i++) {
        counts[i] = new long[sizes[i]];
        Arrays.setAll(counts[i], b -> bytes.getLong());
      }
      groups.add(counts);
    }
    return of(header, trained, groups);
  }

  private static PlatformException corrupt() {
    return new PlatformException(
        ErrorCode.CORRUPT,
        "Cannot read a model's drift profile: its bytes are not whole. Restore the artefact.");
  }
}
