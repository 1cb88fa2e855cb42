package io.tributary.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tributary.core.Lazy;
import io.tributary.definition.Model.Encoding;
import io.tributary.definition.Monitor;
import io.tributary.definition.SourceLocation;
import io.tributary.drift.Column;
import io.tributary.drift.DriftProfile;
import io.tributary.drift.InputName;
import io.tributary.drift.Measure;
import io.tributary.drift.OutcomeSums;
import io.tributary.drift.Outcomes;
import io.tributary.drift.Promise;
import io.tributary.drift.ScoreBins;
import io.tributary.drift.Standing;
import io.tributary.events.facts.LabelCounts;
import io.tributary.model.BinaryMetrics;
import io.tributary.model.Input;
import io.tributary.model.InputRows;
import io.tributary.model.ModelMetrics;
import io.tributary.model.ModelSignature;
import io.tributary.model.ReferenceProfile;
import io.tributary.model.ScoreColumns;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TestQuestions {
  private static final int ROWS = 300;
  private static final int NIGHTS = 360;
  private static final ModelSignature SIGNATURE =
      new ModelSignature(
          "late",
          List.of(
              new Input("share", "double", new Encoding.Standardize()),
              new Input("wind", "double", new Encoding.Standardize()),
              new Input("carrier", "string", new Encoding.OneHot())),
          "late");
  private static final Monitor MONITOR = monitor(Optional.of(0.05), Optional.of(0.6), false);

  private static final int WEEKDAY = 3;

  private static final Made MADE = new Made();
  private final Questions questions = new Questions(MONITOR, MADE.inputs, MADE.scores);
  private final Actuals actuals = new Actuals(MONITOR, MADE.metrics);

  private static Monitor monitor(
      Optional<Double> lowestMean, Optional<Double> highestMean, boolean learntMean) {
    return new Monitor(
        "late",
        "",
        "late",
        "departures",
        28,
        0.01,
        0.2,
        0.2,
        0,
        1,
        lowestMean,
        highestMean,
        learntMean,
        Duration.ofDays(2),
        0.05,
        List.of(),
        Monitor.Breach.RETRAIN,
        new SourceLocation("monitors/late.yaml", 1));
  }

  /** Two limits of about one in a hundred each. */
  @Test
  void breachesSeldomOnUntouchedNights() {
    int breached = 0;
    for (int seed = 100; seed < 150; seed++) {
      Night night = new Night(seed, 0);
      breached +=
          questions.ofDay(night.counts(), WEEKDAY).stream().anyMatch(MonitorVerdict::breached)
              ? 1
              : 0;
      assertThat(actuals.ofWindow(List.of(matured(night.scores, night.labels))))
          .noneMatch(WindowVerdict::breaching);
    }
    assertThat(breached).isLessThanOrEqualTo(2);
  }

  /** 28 nights in which the wind has moved by more than training ever saw, and nothing else has. */
  @Test
  void saysWhichInputOfAWindowHasMoved() {
    List<KeptCounts.Day> moved = window(28, 2);
    assertThat(questions.ofWindow(moved))
        .filteredOn(v -> v.standing().orElseThrow() == Standing.BEYOND_ALONE)
        .singleElement()
        .satisfies(
            v -> {
              assertThat(v.item()).isEqualTo("wind");
              assertThat(v.value()).isBetween(v.lower(), v.upper());
              assertThat(v.smallestFound()).isBetween(0.2, v.lower());
              assertThat(v.farthest()).isLessThan(v.lower());
            });
    assertThat(questions.ofWindow(window(28, 0)))
        .noneMatch(v -> v.item().equals("wind") && v.standing().get().unlikeTraining());
    assertThat(questions.ofWindow(window(3, 2)))
        .hasSize(2)
        .allSatisfy(
            v -> {
              assertThat(v.standing()).isEmpty();
              assertThat(v.detail()).isEqualTo("3 intervals, fewer than 8");
            });
  }

  private List<KeptCounts.Day> window(int nights, double shift) {
    return IntStream.range(0, nights)
        .mapToObj(
            n -> {
              IntervalCounts counts = new Night(5_000 + n, shift).counts();
              return new KeptCounts.Day(
                  LocalDate.EPOCH.plusDays(n),
                  new Matured.Scorer("late", 1, "a"),
                  Lazy.of(() -> MADE.inputs.grouped(counts.inputs())),
                  Lazy.of(() -> MADE.scores.grouped(counts.scores())));
            })
        .toList();
  }

  @Test
  void judgesNothingThatIsNoDay() {
    assertThat(questions.ofOthers(new Night(7, 9).counts(), "it is half of one"))
        .filteredOn(v -> v.question() != Question.BOUNDS)
        .allSatisfy(
            v -> {
              assertThat(v.breached()).isFalse();
              assertThat(v.value()).isNaN();
              assertThat(v.detail()).isEqualTo("cannot judge: it is half of one");
            })
        .extracting(MonitorVerdict::question)
        .containsExactly(Question.INPUTS, Question.PREDICTIONS);
  }

  @Test
  void breachesThePopulationAloneWhenHalfOfTheRowsAreGone() {
    assertThat(questions.ofDay(new Night(7, 9).counts(0, ROWS / 2), WEEKDAY))
        .noneMatch(MonitorVerdict::breached);
    assertThat(questions.population(ROWS / 2, List.of(WEEKDAY), true, Map.of()).breached())
        .isTrue();
    assertThat(questions.population(0, List.of(WEEKDAY), true, Map.of()).breached()).isTrue();
    assertThat(questions.population(ROWS * 6 / 10, List.of(WEEKDAY), true, Map.of()).breached())
        .isFalse();
  }

  @Test
  void saysWhichCategoriesTrainingDidNotHave() {
    Night night = new Night(7, 0);
    night.carrier[3] = "YY";
    night.carrier[4] = "XX";
    night.carrier[299] = "XX";
    IntervalCounts whole = night.counts();
    IntervalCounts parts = night.counts(150, 300).with(night.counts(0, 150));
    assertThat(parts.unseen()).hasToString(whole.unseen().toString());
    assertThat(questions.population(ROWS, List.of(WEEKDAY), true, whole.unseen()).detail())
        .isEqualTo(
            "on this weekday 300 rows are usual; new since training: carrier \"XX\" in 2 rows,"
                + " \"YY\" in 1 rows");
  }

  @Test
  void cannotJudgeThePopulationOfOtherRows() {
    MonitorVerdict verdict = questions.population(1, List.of(WEEKDAY), false, Map.of());
    assertThat(verdict.breached()).isFalse();
    assertThat(verdict.detail())
        .isEqualTo("cannot judge: the scores are of other rows than the model's training set");
  }

  @Test
  void breachesOnlyInputsOnAshiftedNight() {
    Night night = new Night(7, 0);
    Night shifted = new Night(7, 9);
    shifted.scores = night.scores;
    assertThat(breached(shifted, night.scores, night.labels)).containsExactly(Question.INPUTS);
    assertThat(
            questions.ofDay(shifted.counts(), WEEKDAY).stream()
                .filter(MonitorVerdict::breached)
                .map(MonitorVerdict::item))
        .containsExactly("wind");
  }

  @Test
  void breachesOnlyInputsWhenAnInputGoesMissing() {
    Night night = new Night(8, 0);
    for (int row = 0; row < ROWS; row += 2) {
      night.wind[row] = Double.NaN;
    }
    assertThat(breached(night, night.scores, night.labels)).containsExactly(Question.INPUTS);
  }

  @Test
  void breachesBoundsAndPredictionsOnScoresOfTwo() {
    Night night = new Night(9, 0);
    double[] honest = night.scores.clone();
    Arrays.fill(night.scores, 2.0);
    assertThat(breached(night, honest, night.labels))
        .containsExactly(Question.PREDICTIONS, Question.BOUNDS);
  }

  @Test
  void breachesOnlyBoundsOnScoresThatAreNoNumber() {
    Night night = new Night(10, 0);
    double[] honest = night.scores.clone();
    night.scores[17] = Double.NaN;
    assertThat(breached(night, honest, night.labels)).containsExactly(Question.BOUNDS);
  }

  @Test
  void breachesOnlyPredictionsWhenScoresMoveWithinBounds() {
    Night night = new Night(11, 0);
    double[] moved = Arrays.stream(night.scores).map(s -> 0.45 + s / 10).toArray();
    double[] honest = night.scores;
    night.scores = moved;
    assertThat(breached(night, honest, night.labels)).containsExactly(Question.PREDICTIONS);
  }

  /** The least and the greatest of ninety nights: of 91 nights alike two are expected beyond. */
  @Test
  void learnsTheBoundsOfTheMeanFromTraining() {
    Questions learnt =
        new Questions(monitor(Optional.empty(), Optional.empty(), true), MADE.inputs, MADE.scores);
    double[] trained =
        IntStream.range(270, NIGHTS)
            .mapToDouble(n -> Arrays.stream(new Night(1_000 + n, 0).scores).average().orElseThrow())
            .toArray();
    int beyond = 0;
    for (int seed = 20_000; seed < 21_000; seed++) {
      List<MonitorVerdict> means = means(learnt, new Night(seed, 0).counts());
      assertThat(means)
          .extracting(MonitorVerdict::measure)
          .containsExactly("mean-above", "mean-below");
      assertThat(means.get(0).limit())
          .isCloseTo(Arrays.stream(trained).min().orElseThrow(), within(0.001));
      assertThat(means.get(1).limit())
          .isCloseTo(Arrays.stream(trained).max().orElseThrow(), within(0.001));
      beyond += means.stream().anyMatch(MonitorVerdict::breached) ? 1 : 0;
    }
    assertThat(beyond).isBetween(1, 60);
    Night moved = new Night(11, 0);
    moved.scores = Arrays.stream(moved.scores).map(s -> s * 0.7).toArray();
    assertThat(means(learnt, moved.counts()))
        .extracting(MonitorVerdict::breached)
        .containsExactly(true, false);
    assertThat(means(learnt, moved.counts()).get(0).detail())
        .isEqualTo(
            "the least of training's nights; of nights like them 2.2 % lie below the least or above"
                + " the greatest");
    assertThat(means(learnt, moved.counts(0, ROWS / 2)))
        .singleElement()
        .satisfies(
            v -> {
              assertThat(v.breached()).isFalse();
              assertThat(v.detail())
                  .isEqualTo("cannot judge: 150 rows, and 300 are usual on this weekday");
            });
  }

  private static List<MonitorVerdict> means(Questions questions, IntervalCounts counts) {
    return questions.ofDay(counts, WEEKDAY).stream()
        .filter(v -> v.question() == Question.BOUNDS && v.measure().startsWith("mean"))
        .toList();
  }

  /** A night that is set aside has no say in the bounds, and counts as beyond them in the rate. */
  @Test
  void learnsNoBoundOfNightsThatAreSetAside() {
    DriftProfile.Means all = MADE.scores.means(0);
    String greatest =
        IntStream.range(270, NIGHTS)
            .boxed()
            .max(
                Comparator.comparingDouble(
                    n -> Arrays.stream(new Night(1_000 + n, 0).scores).sum()))
            .map(n -> "night " + n)
            .orElseThrow();
    DriftProfile.Means without = MADE.scores.without(Set.of(greatest)).means(0);
    assertThat(without.greatest()).isLessThan(all.greatest());
    assertThat(without.least()).isEqualTo(all.least());
    assertThat(all.rate()).isCloseTo(2 / 91.0, within(1e-9));
    assertThat(without.rate()).isCloseTo((1 + 89 * 2 / 90.0) / 90, within(1e-9));
  }

  @Test
  void breachesOnlyActualsOnFlippedLabels() {
    Night night = new Night(12, 0);
    boolean[] flipped = new boolean[ROWS];
    for (int i = 0; i < ROWS; i++) {
      flipped[i] = !night.labels[i];
    }
    assertThat(breached(night, night.scores, flipped)).containsExactly(Question.ACTUALS);
  }

  @Test
  void canNotTellByTwoRows() {
    List<WindowVerdict> verdicts =
        actuals.ofWindow(List.of(matured(new double[] {0.4, 0.5}, new boolean[] {true, false})));
    assertThat(verdicts).hasSize(Measure.values().length);
    assertThat(verdicts.get(0).standing()).contains(Standing.CANNOT_TELL);
    assertThat(verdicts.get(0).breaching()).isFalse();
  }

  @Test
  void saysWhatBecameOfTheLabelsThatWereDue() {
    assertThat(
            Actuals.ofInterval(
                    Optional.empty(),
                    9,
                    Optional.of(new LabelCounts(9, 5, 1, 2, 1)),
                    Optional.of(Duration.ofHours(47)))
                .detail())
        .isEqualTo(
            "0 matured rows of 9 scored (0 %): 1 labels of no interest, 6 not known by then, 2 without value; the last label was known 47 hours before the interval's end; cannot judge, no labels of both kinds");
    MonitorVerdict some =
        Actuals.ofInterval(
            Optional.of(matured(new double[] {0.2, 0.7}, new boolean[] {false, true}).rows()),
            3,
            Optional.empty(),
            Optional.empty());
    assertThat(some.value()).isEqualTo(1);
    assertThat(some.breached()).isFalse();
    assertThat(some.detail())
        .startsWith("2 matured rows of 3 scored (67 %); their scores promise 0.");
  }

  @Test
  void saysWhyItCanNotJudge() {
    List<KeptActuals.Day> alike =
        List.of(matured(new double[] {0.5, 0.4}, new boolean[] {false, false}));
    assertThat(actuals.ofWindow(alike).get(0).standing()).isEmpty();
    assertThat(actuals.ofWindow(alike).get(0).detail())
        .isEqualTo("on none of its days labels of both kinds matured");
    ModelMetrics unpromising =
        new ModelMetrics(
            MADE.metrics.test(), MADE.metrics.test(), Map.of(), Map.of(), Map.of(), List.of(), 0);
    assertThat(new Actuals(MONITOR, unpromising).ofWindow(alike))
        .allSatisfy(
            v ->
                assertThat(v.detail())
                    .startsWith("its days of validation and test are too few to promise"));
  }

  /** 28 nights of which a part of the labels has nothing to do with the scores. */
  @Test
  void breachesWhenOrderIsLostAndOnlyForTheChampion() {
    List<KeptActuals.Day> window = new ArrayList<>();
    for (int n = 0; n < 28; n++) {
      Night night = new Night(7_000 + n, 0);
      Random random = new Random(n);
      for (int i = 0; i < ROWS / 3; i++) {
        night.labels[i] = random.nextDouble() < 0.25;
      }
      window.add(matured(night.scores, night.labels));
    }
    WindowVerdict auc = actuals.ofWindow(window).get(0);
    assertThat(auc.standing()).contains(Standing.BEYOND);
    assertThat(auc.breaching()).isTrue();
    assertThat(auc.limit()).isEqualTo(-0.05);
    assertThat(auc.value()).isBetween(auc.lower(), auc.upper()).isLessThan(-0.05);
    assertThat(auc.detail()).contains("0.05 less takes");
    double together =
        BinaryMetrics.auc(
                window.stream().flatMapToDouble(day -> Arrays.stream(scores.get(day))).toArray(),
                bits(window.stream().map(labels::get).toList()))
            .orElseThrow();
    assertThat(auc.detail()).containsPattern("all rows together 0\\.\\d{4}");
    assertThat(Double.parseDouble(auc.detail().replaceFirst(".*together (0\\.\\d+).*", "$1")))
        .isCloseTo(together, within(0.003));
    List<KeptActuals.Day> challenger =
        window.stream()
            .map(
                day ->
                    new KeptActuals.Day(
                        day.date(), day.scorer(), "challenger", day.rows(), day.bins(), Map.of()))
            .toList();
    assertThat(actuals.ofWindow(challenger).get(0).standing()).contains(Standing.BEYOND);
    assertThat(actuals.ofWindow(challenger)).noneMatch(WindowVerdict::breaching);
  }

  private static boolean[] bits(List<boolean[]> parts) {
    boolean[] all = new boolean[parts.stream().mapToInt(part -> part.length).sum()];
    int n = 0;
    for (boolean[] part : parts) {
      System.arraycopy(part, 0, all, n, part.length);
      n += part.length;
    }
    return all;
  }

  @Test
  void countsTheSameInAnyPartition() {
    Night night = new Night(13, 0);
    night.scores[7] = 1.5;
    night.carrier[60] = "B6";
    night.carrier[130] = "B6";
    IntervalCounts whole = night.counts();
    IntervalCounts parts = new IntervalCounts(MADE.inputs, MADE.scores);
    for (int from = ROWS - 50; from >= 0; from -= 50) {
      parts.with(night.counts(from, from + 50));
    }
    assertThat(parts.inputs()).isEqualTo(whole.inputs());
    assertThat(parts.scores()).isEqualTo(whole.scores());
    assertThat(parts.meanScore()).isEqualTo(whole.meanScore());
    assertThat(parts.outside()).isEqualTo(whole.outside()).isEqualTo(1);
    assertThat(parts.unseen())
        .isEqualTo(whole.unseen())
        .isEqualTo(Map.of("carrier", Map.of("B6", 2L)));
  }

  private final Map<KeptActuals.Day, double[]> scores = new IdentityHashMap<>();
  private final Map<KeptActuals.Day, boolean[]> labels = new IdentityHashMap<>();

  private KeptActuals.Day matured(double[] scores, boolean[] labels) {
    OutcomeSums sums = OutcomeSums.of(scores, labels);
    KeptActuals.Day day =
        new KeptActuals.Day(
            LocalDate.of(2024, 1, 1),
            new Matured.Scorer("late", 1, "a"),
            ScoreColumns.CHAMPION,
            sums.outcomes(),
            new ScoreBins(
                Arrays.stream(sums.binRows()).boxed().toList(),
                Arrays.stream(sums.binPositives()).boxed().toList()),
            Map.of());
    this.scores.put(day, scores);
    this.labels.put(day, labels);
    return day;
  }

  private Set<Question> breached(Night night, double[] maturedScores, boolean[] labels) {
    List<MonitorVerdict> verdicts = new ArrayList<>(questions.ofDay(night.counts(), WEEKDAY));
    return Stream.concat(
            verdicts.stream().filter(MonitorVerdict::breached).map(MonitorVerdict::question),
            actuals.ofWindow(List.of(matured(maturedScores, labels))).stream()
                .filter(WindowVerdict::breaching)
                .map(WindowVerdict::question))
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Question.class)));
  }

  /**
   * A night: one share that hardly moves within it, a wind, a carrier; scores and labels that go
   * with them.
   */
  private static final class Night {
    final double[] share = new double[ROWS];
    final double[] wind = new double[ROWS];
    final String[] carrier = new String[ROWS];
    double[] scores = new double[ROWS];
    final boolean[] labels = new boolean[ROWS];

    Night(int seed, double shift) {
      // Consecutive seeds of Random begin alike.
      Random random = new Random(new SplittableRandom(seed).nextLong());
      double level = 0.1 + 0.2 * random.nextDouble();
      for (int i = 0; i < ROWS; i++) {
        share[i] = level + 0.005 * random.nextGaussian();
        wind[i] = 10 + 3 * random.nextGaussian() + shift;
        carrier[i] = random.nextInt(3) == 0 ? "UA" : "DL";
        scores[i] = 1 / (1 + Math.exp(1.5 - 1.3 * random.nextGaussian()));
        labels[i] = random.nextDouble() < scores[i];
      }
    }

    InputRows rows(int from, int to) {
      InputRows rows = new InputRows(SIGNATURE.inputs(), to - from);
      for (int i = from; i < to; i++) {
        rows.append();
        rows.number(0, share[i]);
        rows.number(1, wind[i]);
        rows.text(2, carrier[i]);
      }
      return rows;
    }

    IntervalCounts counts() {
      return counts(0, ROWS);
    }

    IntervalCounts counts(int from, int to) {
      IntervalCounts counts = new IntervalCounts(MADE.inputs, MADE.scores);
      counts.count(
          MADE.inputs, MADE.scores, rows(from, to), Arrays.copyOfRange(scores, from, to), 0, 1);
      return counts;
    }
  }

  /**
   * A model's profile and metrics, made from 270 nights of training, 30 of validation, 60 of test.
   */
  private static final class Made {
    final DriftProfile inputs;
    final DriftProfile scores;
    final ModelMetrics metrics;

    Made() {
      InputRows rows = new InputRows(SIGNATURE.inputs(), NIGHTS * ROWS);
      double[] scores = new double[NIGHTS * ROWS];
      boolean[] labels = new boolean[NIGHTS * ROWS];
      for (int n = 0; n < NIGHTS; n++) {
        Night night = new Night(1_000 + n, 0);
        rows.appendAll(night.rows(0, ROWS));
        System.arraycopy(night.scores, 0, scores, n * ROWS, ROWS);
        System.arraycopy(night.labels, 0, labels, n * ROWS, ROWS);
      }
      ReferenceProfile.Part test = part(ReferenceProfile.Range.TEST, 300, NIGHTS, scores, labels);
      ReferenceProfile profile =
          ReferenceProfile.of(
              ZoneId.of("UTC"),
              part(ReferenceProfile.Range.TRAIN, 0, 270, scores, labels),
              part(ReferenceProfile.Range.VALIDATE, 270, 300, scores, labels),
              test);
      inputs =
          drift(SIGNATURE.inputs().stream().map(Input::column).toList(), rows.columns(), 0, 270);
      this.scores = drift(List.of("score"), List.of(new Column.Numbers(scores)), 270, NIGHTS);
      BinaryMetrics measured = BinaryMetrics.of(test.scores(), test.labels());
      List<Outcomes> unseen =
          profile.nights().stream()
              .filter(night -> night.range() != ReferenceProfile.Range.TRAIN)
              .map(ReferenceProfile.Night::outcomes)
              .toList();
      metrics =
          new ModelMetrics(
              measured,
              measured,
              Map.of(),
              Arrays.stream(Measure.values())
                  .collect(
                      Collectors.toMap(
                          measure -> measure,
                          measure -> Promise.of(measure, unseen).orElseThrow())),
              Map.of(),
              List.of(),
              0);
    }

    private static DriftProfile drift(List<String> names, List<Column> columns, int from, int to) {
      int[] rows = IntStream.range(from * ROWS, to * ROWS).toArray();
      return DriftProfile.of(
          names.stream().map(name -> new InputName(name, "rows")).toList(),
          columns.stream().map(column -> column.taken(rows)).toList(),
          Arrays.stream(rows).map(row -> row / ROWS - from).toArray(),
          IntStream.range(from, to)
              .mapToObj(n -> new DriftProfile.TrainedInterval("night " + n, n % 7, true, ROWS))
              .toList());
    }

    private static ReferenceProfile.Part part(
        ReferenceProfile.Range range, int from, int to, double[] scores, boolean[] labels) {
      return new ReferenceProfile.Part(
          range,
          IntStream.range(from * ROWS, to * ROWS).map(i -> i / ROWS).toArray(),
          Arrays.copyOfRange(scores, from * ROWS, to * ROWS),
          Arrays.copyOfRange(labels, from * ROWS, to * ROWS));
    }
  }
}
