package io.tributary.train;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.DealtSplit;
import io.tributary.definition.DealtSplit.Dealt;
import io.tributary.definition.Model;
import io.tributary.definition.Model.AdmissionRule;
import io.tributary.drift.Column;
import io.tributary.drift.DriftProfile;
import io.tributary.drift.DriftProfile.TrainedInterval;
import io.tributary.drift.InputName;
import io.tributary.events.facts.FitFacts;
import io.tributary.model.BinaryMetrics;
import io.tributary.model.Epoch;
import io.tributary.model.Examples;
import io.tributary.model.FitPlan;
import io.tributary.model.FittedNetwork;
import io.tributary.model.LogisticBaseline;
import io.tributary.model.ModelBundle;
import io.tributary.model.ModelMetrics;
import io.tributary.model.NetworkFit;
import io.tributary.model.ReferenceProfile;
import io.tributary.model.ReferenceProfile.Part;
import io.tributary.model.ReferenceProfile.Range;
import io.tributary.model.TrainedModel;
import io.tributary.model.Vectorizer;
import io.tributary.registry.AdmissionVerdict;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The result of training a model definition on a training set's rows: a bundle, its metrics beside
 * the baselines, and the verdicts of the admission rules. The same rows and definition give the
 * same bytes (on one kind of CPU, with {@code OMP_NUM_THREADS=1}).
 *
 * <p>While fitting, memory holds the rows twice and their vectors: about 20 bytes for each value of
 * a row.
 *
 * @param split as applied to the rows
 * @param counts of the rows in each part of the split
 * @param fitSeconds wall-clock time of fitting the network
 */
record ModelTraining(
    ModelBundle bundle,
    ModelMetrics metrics,
    List<AdmissionVerdict> verdicts,
    DealtSplit split,
    FitFacts.Rows counts,
    double fitSeconds) {
  /**
   * How many threads share a batch: part of the definition of a fit, as another number gives other
   * bits.
   */
  public static final int REPLICAS = 2;

  private static final int SOME_ROWS = 4_000;

  /** Of more inputs than a hundred fewer rows do: each pass through the network costs more, too. */
  private static final int SOME_VALUES = 400_000;

  private static final int LEAST_ROWS = 500;

  public ModelTraining {
    verdicts = List.copyOf(verdicts);
  }

  /** Whether all admission rules hold that can be judged. */
  public boolean admitted() {
    return verdicts.stream().noneMatch(AdmissionVerdict::failed);
  }

  /**
   * Fits, evaluates and judges a model.
   *
   * @param leaks how many rows of its training set have features of events that their label is made
   *     from
   * @param origins of its inputs
   * @param zone whose calendar days are the nights of its profile
   * @param upTo where the test rows end, with the whole split moved; empty = where the split says
   * @param known a network that was fitted to the same rows by the same definition of a fit, and is
   *     reused
   * @param progress receives a line for each step
   * @throws PlatformException {@code INVALID_VALUE} if a part of the split has no rows
   */
  public static ModelTraining of(
      Model model,
      TrainingRows rows,
      long leaks,
      InputOrigins origins,
      ZoneId zone,
      Optional<Instant> upTo,
      Optional<FittedNetwork> known,
      Consumer<String> progress) {
    if (rows.rows() == 0) {
      throw new PlatformException(
          ErrorCode.INVALID_VALUE,
          "Cannot train model %s: its training set has no row with an as-of and a label. Load rows whose outcome is known."
              .formatted(model.name()));
    }
    DealtSplit written = DealtSplit.of(model, rows.newest(), zone);
    DealtSplit split = upTo.map(behind -> written.testedUpTo(behind, zone)).orElse(written);
    List<int[]> parts = split.parts().stream().map(rows::numbers).toList();
    for (int i = 0; i < parts.size(); i++) {
      require(model, split, split.parts().get(i), parts.get(i));
    }
    int[] train = parts.get(0);
    int[] validate = parts.get(1);
    int[] test = parts.get(2);
    FitFacts.Rows counts =
        new FitFacts.Rows(
            train.length,
            validate.length,
            test.length,
            (long) rows.rows() - train.length - validate.length - test.length,
            rows.withoutLabel());

    Vectorizer vectorizer =
        Vectorizer.fitting(rows.signature()).add(rows.inputs(), train, 0, train.length).fitted();
    Examples trainExamples = examples(vectorizer, rows, train);
    Examples validateExamples = examples(vectorizer, rows, validate);
    Examples testExamples = examples(vectorizer, rows, test);
    progress.accept(
        "%,d training rows of %,d numbers, %,d to validate, %,d to test"
            .formatted(
                trainExamples.rows(),
                vectorizer.width(),
                validateExamples.rows(),
                testExamples.rows()));
    long begun = System.nanoTime();
    FittedNetwork network =
        known.orElseGet(
            () ->
                NetworkFit.fit(
                    vectorizer,
                    new FitPlan(
                        model.network(), model.fit(), Math.min(REPLICAS, model.fit().batch())),
                    trainExamples,
                    validateExamples,
                    epoch -> progress.accept(line(epoch))));
    double fitSeconds = (System.nanoTime() - begun) / 1e9;
    TrainedModel trained = TrainedModel.of(vectorizer, network);
    double[] testScores = trained.score(testExamples);
    double[] validateScores = trained.score(validateExamples);
    int[] unseen = IntStream.concat(Arrays.stream(validate), Arrays.stream(test)).toArray();
    double[] unseenScores =
        DoubleStream.concat(Arrays.stream(validateScores), Arrays.stream(testScores)).toArray();
    HeldOut held =
        new HeldOut(rows.days(unseen, zone), unseenScores, rows.labels(unseen), validate.length);
    ModelMetrics metrics =
        new ModelMetrics(
            BinaryMetrics.of(testScores, testExamples.labels()),
            BinaryMetrics.of(validateScores, validateExamples.labels()),
            baselines(vectorizer, trainExamples, testExamples),
            held.promise(),
            model.slices().stream()
                .collect(
                    Collectors.toMap(
                        column -> column, column -> held.slices(rows.slice(column, unseen)))),
            network.history(),
            network.bestEpoch());
    Map<Integer, Long> population =
        Arrays.stream(rows.days(IntStream.range(0, rows.rows()).toArray(), zone))
            .boxed()
            .collect(Collectors.groupingBy(day -> day, Collectors.counting()));
    ReferenceProfile profile =
        ReferenceProfile.of(
            zone,
            part(Range.TRAIN, rows, train, zone, trained.score(trainExamples)),
            part(Range.VALIDATE, rows, validate, zone, validateScores),
            part(Range.TEST, rows, test, zone, testScores));
    HeldOut whole = held.ofWholeDays(population);
    int[] some =
        some(
            train,
            Math.min(SOME_ROWS, Math.max(LEAST_ROWS, SOME_VALUES / rows.inputs().inputs())),
            model.fit().seed());
    ModelBundle bundle =
        ModelBundle.of(
            network,
            vectorizer,
            profile,
            drift(
                    origins.names(),
                    taken(rows, train),
                    rows.days(train, zone),
                    population,
                    origins.longest())
                .with(taken(rows, some), some.length, trained.meanScore(rows.inputs(), some)),
            drift(
                    List.of(new InputName("score", "score")),
                    List.of(new Column.Numbers(whole.scores())),
                    whole.days(),
                    population,
                    Duration.ZERO)
                .with(
                    List.of(new Column.Numbers(whole.scores())),
                    whole.scores().length,
                    (input, from) ->
                        Arrays.stream(from)
                            .mapToDouble(row -> whole.scores()[row])
                            .average()
                            .orElse(0)),
            metrics);
    bundle
        .inputs()
        .cannotJudge()
        .ifPresent(why -> progress.accept("WARN a monitor cannot judge the inputs: " + why));
    bundle
        .scores()
        .cannotJudge()
        .ifPresent(
            why ->
                progress.accept(
                    "WARN a monitor cannot judge the predictions: of validation and test, " + why));
    return new ModelTraining(
        bundle, metrics, verdicts(model, metrics, leaks), split, counts, fitSeconds);
  }

  private static List<Column> taken(TrainingRows rows, int[] numbers) {
    return rows.inputs().columns().stream().map(column -> column.taken(numbers)).toList();
  }

  /** Rows to find out by what the score depends on, in random order. */
  private static int[] some(int[] rows, int most, long seed) {
    int[] shuffled = rows.clone();
    SplittableRandom random = new SplittableRandom(seed);
    int some = Math.min(most, rows.length);
    for (int k = 0; k < some; k++) {
      int other = random.nextInt(k, shuffled.length);
      int row = shuffled[other];
      shuffled[other] = shuffled[k];
      shuffled[k] = row;
    }
    return Arrays.copyOf(shuffled, some);
  }

  private static List<AdmissionVerdict> verdicts(Model model, ModelMetrics metrics, long leaks) {
    List<AdmissionRule> rules = new ArrayList<>(model.admit());
    if (rules.stream().noneMatch(rule -> rule.metric().equals(AdmissionRule.LEAKS))) {
      rules.add(AdmissionRule.NO_LEAKS);
    }
    return rules.stream().map(rule -> verdict(rule, metrics, leaks)).toList();
  }

  private static AdmissionVerdict verdict(AdmissionRule rule, ModelMetrics metrics, long leaks) {
    if (rule.equals(AdmissionRule.LEAKS_ALLOWED)) {
      return AdmissionVerdict.allowed(rule.toString(), rule.metric(), leaks);
    }
    if (rule.equals(AdmissionRule.REPRODUCED) || rule.besideProduction()) {
      return AdmissionVerdict.atPromotion(
          rule.toString(), rule.metric(), rule.operator(), rule.bound().orElse(0.0));
    }
    return AdmissionVerdict.judge(
        rule.toString(),
        rule.metric(),
        rule.operator(),
        rule.bound().orElseGet(() -> metrics.baseline(rule.metric())),
        rule.metric().equals(AdmissionRule.LEAKS)
            ? Optional.of((double) leaks)
            : Optional.ofNullable(metrics.test().named().get(rule.metric())));
  }

  private static Map<String, BinaryMetrics> baselines(
      Vectorizer vectorizer, Examples train, Examples test) {
    double[] constant = new double[test.rows()];
    Arrays.fill(constant, train.share());
    return Map.of(
        "constant",
        BinaryMetrics.of(constant, test.labels()),
        "logistic",
        BinaryMetrics.of(LogisticBaseline.fit(vectorizer, train).score(test), test.labels()));
  }

  private static Examples examples(Vectorizer vectorizer, TrainingRows rows, int[] numbers) {
    return Examples.of(vectorizer, rows.inputs(), rows.labels(), numbers, 0, numbers.length);
  }

  private static Part part(
      Range range, TrainingRows rows, int[] numbers, ZoneId zone, double[] scores) {
    return new Part(range, rows.days(numbers, zone), scores, rows.labels(numbers));
  }

  /**
   * The profile of columns by day.
   *
   * @param days of the rows, as days since 1970-01-01
   * @param population how many rows each day has in all parts
   * @param warmUp how long after the first row all is like it will be
   */
  private static DriftProfile drift(
      List<InputName> names,
      List<Column> columns,
      int[] days,
      Map<Integer, Long> population,
      Duration warmUp) {
    int[] distinct = Arrays.stream(days).distinct().sorted().toArray();
    long warm = distinct[0] + warmUp.plusDays(1).minusNanos(1).toDays();
    return DriftProfile.of(
        names,
        columns,
        Arrays.stream(days).map(day -> Arrays.binarySearch(distinct, day)).toArray(),
        Arrays.stream(distinct)
            .mapToObj(LocalDate::ofEpochDay)
            .map(
                day ->
                    new TrainedInterval(
                        day.toString(),
                        day.getDayOfWeek().getValue() - 1,
                        day.toEpochDay() >= warm,
                        population.get((int) day.toEpochDay())))
            .toList());
  }

  private static String line(Epoch epoch) {
    return "epoch %d: log loss %.5f in training, %.5f in validation%s"
        .formatted(
            epoch.epoch(),
            epoch.trainLoss(),
            epoch.validationLoss(),
            epoch.best() ? "" : " (no better)");
  }

  private static void require(Model model, DealtSplit split, Dealt part, int[] numbers) {
    if (numbers.length > 0) {
      return;
    }
    List<String> by = model.split().by();
    String what =
        part.written()
                .map(written -> part.name() + " part of its split, " + written)
                .orElse("part of " + model.split().train() + " that validates")
            + (by.isEmpty() ? "" : " by " + String.join(", ", by));
    throw new PlatformException(
        ErrorCode.INVALID_VALUE,
        "Cannot train model %s: its training set has no row in the %s (%s; its data ends at %s). %s."
            .formatted(
                model.name(),
                what,
                part,
                split.end(),
                by.isEmpty()
                    ? "Widen the interval, or load the data of that time"
                    : "Give the part a larger share"
                        + (part.asOf().isPresent() ? " or interval" : "")
                        + ", or split by what has more values"));
  }
}
