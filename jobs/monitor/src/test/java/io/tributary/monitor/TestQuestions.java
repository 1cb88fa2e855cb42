package io.tributary.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Lazy;
import io.tributary.definition.Model.Encoding;
import io.tributary.definition.Monitor;
import io.tributary.definition.SourceLocation;
import io.tributary.drift.Column;
import io.tributary.drift.DriftProfile;
import io.tributary.drift.InputName;
import io.tributary.drift.Standing;
import io.tributary.model.BinaryMetrics;
import io.tributary.model.Input;
import io.tributary.model.InputRows;
import io.tributary.model.ModelMetrics;
import io.tributary.model.ModelSignature;
import io.tributary.model.ReferenceProfile;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
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
  private static final Monitor MONITOR =
      new Monitor(
          "late",
          "",
          "late",
          "departures",
          28,
          0.2,
          0.2,
          0,
          1,
          Optional.of(0.05),
          Optional.of(0.6),
          Duration.ofDays(2),
          0.05,
          Monitor.Breach.RETRAIN,
          new SourceLocation("monitors/late.yaml", 1));

  private static final int WEEKDAY = 3;

  private final Made made = new Made();
  private final Questions questions =
      new Questions(MONITOR, made.profile, made.inputs, made.scores, made.metrics);

  /** Two limits of about one in a hundred each. */
  @Test
  void breachesSeldomOnUntouchedNights() {
    int breached = 0;
    for (int seed = 100; seed < 150; seed++) {
      Night night = new Night(seed, 0);
      breached +=
          questions.ofDay(night.counts(made), WEEKDAY).stream().anyMatch(MonitorVerdict::breached)
              ? 1
              : 0;
      assertThat(questions.ofActuals(matured(night.scores, night.labels)).breached()).isFalse();
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
              assertThat(v.detail()).isEqualTo("3 intervals, fewer than 7");
            });
  }

  private List<KeptCounts.Day> window(int nights, double shift) {
    return IntStream.range(0, nights)
        .mapToObj(
            n -> {
              IntervalCounts counts = new Night(5_000 + n, shift).counts(made);
              return new KeptCounts.Day(
                  LocalDate.EPOCH.plusDays(n),
                  new Matured.Scorer("late", 1, "a"),
                  Lazy.of(() -> made.inputs.grouped(counts.inputs())),
                  Lazy.of(() -> made.scores.grouped(counts.scores())));
            })
        .toList();
  }

  @Test
  void judgesNothingThatIsNoDay() {
    assertThat(questions.ofOthers(new Night(7, 9).counts(made), "it is half of one"))
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
    assertThat(questions.ofDay(new Night(7, 9).counts(made, 0, ROWS / 2), WEEKDAY))
        .noneMatch(MonitorVerdict::breached);
    assertThat(questions.population(ROWS / 2, WEEKDAY).breached()).isTrue();
    assertThat(questions.population(0, WEEKDAY).breached()).isTrue();
    assertThat(questions.population(ROWS * 6 / 10, WEEKDAY).breached()).isFalse();
  }

  @Test
  void breachesOnlyInputsOnAshiftedNight() {
    Night night = new Night(7, 0);
    Night shifted = new Night(7, 9);
    shifted.scores = night.scores;
    assertThat(breached(shifted, night.scores, night.labels)).containsExactly(Question.INPUTS);
    assertThat(
            questions.ofDay(shifted.counts(made), WEEKDAY).stream()
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
  void judgesNothingByTooFewRows() {
    MonitorVerdict verdict =
        questions.ofActuals(matured(new double[] {0.5, 0.4}, new boolean[] {true, false}));
    assertThat(verdict.breached()).isFalse();
    assertThat(verdict.value()).isNaN();
    assertThat(verdict.detail()).startsWith("2 matured rows, too few");
  }

  @Test
  void countsTheSameInAnyPartition() {
    Night night = new Night(13, 0);
    IntervalCounts whole = night.counts(made);
    IntervalCounts parts = new IntervalCounts(made.inputs, made.scores);
    for (int from = ROWS - 50; from >= 0; from -= 50) {
      parts.add(night.counts(made, from, from + 50));
    }
    assertThat(parts.inputs()).isEqualTo(whole.inputs());
    assertThat(parts.scores()).isEqualTo(whole.scores());
    assertThat(parts.meanScore()).isEqualTo(whole.meanScore());
  }

  @Test
  void ordersMaturedRowsExactlyInAnyParts() {
    SplittableRandom random = new SplittableRandom(5);
    for (int world = 0; world < 200; world++) {
      int n = 1 + random.nextInt(60);
      double[] scores = random.doubles(n).map(s -> Math.round(s * 10) / 10.0).toArray();
      boolean[] labels = new boolean[n];
      for (int i = 0; i < n; i++) {
        labels[i] = random.nextInt(3) == 0;
      }
      assertThat(matured(scores, labels).auc()).isEqualTo(BinaryMetrics.auc(scores, labels));
      assertThat(matured(scores, labels).rows()).isEqualTo(n);
    }
  }

  /** Counted in two parts, in the order of the scores. */
  private static Matured matured(double[] scores, boolean[] labels) {
    List<Row> rows =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(Comparator.comparing(i -> scores[i]))
            .map(i -> RowFactory.create("late", 1L, "a", scores[i], labels[i]))
            .toList();
    int cut = rows.size() / 2;
    while (cut > 0 && rows.get(cut).getDouble(3) == rows.get(cut - 1).getDouble(3)) {
      cut--;
    }
    Matured matured = new Matured(0, 0, 0);
    for (List<Row> part : List.of(rows.subList(0, cut), rows.subList(cut, rows.size()))) {
      Iterator<Matured.Part> counted = Matured.parts(part.iterator());
      while (counted.hasNext()) {
        matured = matured.then(counted.next().counts());
      }
    }
    return matured;
  }

  private Set<Question> breached(Night night, double[] maturedScores, boolean[] labels) {
    List<MonitorVerdict> verdicts = new ArrayList<>(questions.ofDay(night.counts(made), WEEKDAY));
    verdicts.add(questions.ofActuals(matured(maturedScores, labels)));
    return verdicts.stream()
        .filter(MonitorVerdict::breached)
        .map(MonitorVerdict::question)
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

    IntervalCounts counts(Made made) {
      return counts(made, 0, ROWS);
    }

    IntervalCounts counts(Made made, int from, int to) {
      IntervalCounts counts = new IntervalCounts(made.inputs, made.scores);
      counts.count(
          made.inputs, made.scores, rows(from, to), Arrays.copyOfRange(scores, from, to), 0, 1);
      return counts;
    }
  }

  /**
   * A model's profile and metrics, made from 270 nights of training, 30 of validation, 60 of test.
   */
  private static final class Made {
    final ReferenceProfile profile;
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
      profile =
          ReferenceProfile.of(
              ZoneId.of("UTC"),
              part(ReferenceProfile.Range.TRAIN, 0, 270, scores, labels),
              part(ReferenceProfile.Range.VALIDATE, 270, 300, scores, labels),
              test);
      inputs =
          drift(SIGNATURE.inputs().stream().map(Input::column).toList(), rows.columns(), 0, 270);
      this.scores = drift(List.of("score"), List.of(new Column.Numbers(scores)), 270, NIGHTS);
      BinaryMetrics measured = BinaryMetrics.of(test.scores(), test.labels());
      metrics = new ModelMetrics(measured, measured, Map.of(), Map.of(), Map.of(), List.of(), 0);
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
