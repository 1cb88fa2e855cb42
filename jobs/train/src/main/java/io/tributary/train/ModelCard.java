package io.tributary.train;

import io.tributary.definition.Monitor;
import io.tributary.drift.DriftProfile;
import io.tributary.drift.DriftProfile.Dependence;
import io.tributary.drift.Measure;
import io.tributary.drift.MeasureInterval;
import io.tributary.drift.Outcomes;
import io.tributary.drift.Promise;
import io.tributary.events.facts.SharedEvents;
import io.tributary.model.BinaryMetrics;
import io.tributary.model.BinaryMetrics.CalibrationBin;
import io.tributary.model.Epoch;
import io.tributary.model.ModelBundle;
import io.tributary.model.ModelMetrics;
import io.tributary.model.ReferenceProfile.Night;
import io.tributary.model.ReferenceProfile.Range;
import io.tributary.registry.FitParameters;
import io.tributary.registry.ModelEnvironment;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.RegisteredVersion;
import io.tributary.registry.TrainingSetReference;
import io.tributary.report.Badge;
import io.tributary.report.Badge.Tone;
import io.tributary.report.Block;
import io.tributary.report.Cell;
import io.tributary.report.Chart;
import io.tributary.report.Chart.Mark;
import io.tributary.report.Chart.Series;
import io.tributary.report.Charts;
import io.tributary.report.Facts;
import io.tributary.report.Fold;
import io.tributary.report.Page;
import io.tributary.report.Prose;
import io.tributary.report.Section;
import io.tributary.report.Table;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What is known of a model version when it is made, as a page: how good it is and how surely, where
 * it is worse, what a monitor of it could not see, and what it was made from. Of one that was
 * trained elsewhere {@link ElsewhereCard} says it.
 */
final class ModelCard {
  private static final double SEEN = 0.9;
  private static final int SETTERS = 5;
  private static final int MOST_IMPORTANT = 10;
  private static final int DRAWN = 6;

  private final RegisteredVersion registered;
  private final List<String> aliases;
  private final List<Monitor> monitors;
  private final ModelVersion version;
  private final FitParameters fitted;
  private final ModelEnvironment environment;
  private final TrainingSetReference trainingSet;
  private final ModelBundle bundle;
  private final ModelMetrics metrics;

  /**
   * Prepares.
   *
   * @param aliases that stand for the version
   * @param monitors of the model
   */
  ModelCard(
      RegisteredVersion registered,
      List<String> aliases,
      List<Monitor> monitors,
      ModelBundle bundle) {
    this.registered = registered;
    this.aliases = aliases;
    this.monitors = monitors;
    this.version = registered.version();
    this.fitted = version.parameters().orElseThrow();
    this.environment = version.environment().orElseThrow();
    this.trainingSet = version.trainingSet().orElseThrow();
    this.bundle = bundle;
    this.metrics = bundle.metrics();
  }

  Page page() {
    return new Page(
        "Model " + version.reference(),
        standing(registered, aliases),
        List.of(
            new Section("How good it is", quality()),
            new Section("Calibration", List.of(calibration())),
            new Section("Slices", slices()),
            new Section("What inputs do to the score", importance()),
            new Section("Nights", nights()),
            new Section("What a monitor could not see", blindSpots()),
            new Section("Leaks", leaks()),
            new Section("How it was fitted", fit()),
            new Section("What it was made from", lineage())));
  }

  /**
   * When it was registered, by whom, and what stands for it.
   *
   * @param aliases that stand for the version
   */
  static String standing(RegisteredVersion registered, List<String> aliases) {
    return "Registered %s by %s. %s"
        .formatted(
            registered.at().truncatedTo(java.time.temporal.ChronoUnit.SECONDS),
            registered.principal(),
            use(registered, aliases));
  }

  private static String use(RegisteredVersion registered, List<String> aliases) {
    return registered
        .retirement()
        .map(r -> "Retired: " + r.reason() + ".")
        .orElse(
            aliases.isEmpty()
                ? "No alias stands for it."
                : "It is " + String.join(", ", aliases) + ".");
  }

  private List<Block> quality() {
    BinaryMetrics test = metrics.test();
    Map<String, MeasureInterval> intervals = bundle.profile().intervals(test);
    List<String> heading = new ArrayList<>(List.of("On the test rows", "Model", "From", "To"));
    heading.addAll(metrics.baselines().keySet());
    List<List<Cell>> rows = new ArrayList<>();
    test.named()
        .forEach(
            (name, value) -> {
              Optional<MeasureInterval> interval = Optional.ofNullable(intervals.get(name));
              List<Cell> row =
                  new ArrayList<>(
                      List.of(
                          Cell.of(name),
                          Cell.of(value, 4),
                          Cell.of(interval.map(MeasureInterval::lower).orElse(Double.NaN), 4),
                          Cell.of(interval.map(MeasureInterval::upper).orElse(Double.NaN), 4)));
              metrics
                  .baselines()
                  .values()
                  .forEach(b -> row.add(Cell.of(b.named().getOrDefault(name, Double.NaN), 4)));
              rows.add(row);
            });
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        new Table(
            "%,d test rows, of which %,d are %s"
                .formatted(test.rows(), test.positives(), bundle.signature().label()),
            heading,
            rows));
    blocks.add(
        Prose.of(
            "From and to: where 95 of 100 such test sets would have the measure, other nights in place of these. The night is the sample, not the row. A dash: too little is kept of each night to say."));
    blocks.addAll(promise());
    blocks.add(
        new Table(
            "Admission",
            List.of("Rule", "Value", "Verdict"),
            version.admission().stream()
                .map(
                    v ->
                        List.of(
                            Cell.of(v.rule()),
                            Cell.of(v.value().orElse(Double.NaN), 4),
                            Cell.of(
                                v.atPromotion().isPresent()
                                    ? new Badge(Tone.NEUTRAL, "when promoted")
                                    : v.passed()
                                        ? new Badge(Tone.GOOD, "met")
                                        : new Badge(Tone.BAD, "not met"))))
                .toList()));
    return blocks;
  }

  /** What matured labels of later nights are compared with. */
  private List<Block> promise() {
    Map<Measure, Promise> promise = metrics.promise();
    if (promise.isEmpty()) {
      return List.of(
          Prose.of("Too few nights were tested to promise how good later nights will be."));
    }
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        new Table(
            "What later nights are compared with: each measure less what the scores promise",
            List.of("Measure", "Nights", "Mean difference", "Standard error"),
            promise.entrySet().stream()
                .map(
                    e ->
                        List.of(
                            Cell.of(e.getKey().text()),
                            Cell.of((long) e.getValue().intervals()),
                            Cell.of(e.getValue().mean(), 4),
                            Cell.of(e.getValue().error(), 4)))
                .toList()));
    for (Monitor monitor : monitors) {
      Optional.ofNullable(promise.get(Measure.AUC))
          .map(auc -> auc.needed(monitor.aucDrop()))
          .ifPresent(
              nights ->
                  blocks.add(
                      Prose.of(
                          "Monitor %s finds a fall of the AUC by %s in 95 of 100 cases %s."
                              .formatted(
                                  monitor.name(),
                                  monitor.aucDrop(),
                                  nights.isPresent()
                                      ? "within %s nights; its window has %s"
                                          .formatted(nights.getAsInt(), monitor.window())
                                      : "in no number of nights that is of use, for too few were tested"))));
    }
    return blocks;
  }

  private Block calibration() {
    List<CalibrationBin> bins = metrics.test().calibration();
    double[] scores = bins.stream().mapToDouble(CalibrationBin::meanScore).toArray();
    return Chart.ofNumbers(
        "Share that came true, by score",
        String.format(
            Locale.ROOT,
            "The mean distance from the diagonal is %.4f. The band is what chance allows in so many rows.",
            metrics.test().calibrationError()),
        scores,
        Series.of("share", Mark.POINTS, bins.stream().mapToDouble(CalibrationBin::share).toArray()),
        Series.band("by chance", chance(bins, -1), chance(bins, 1)),
        Series.of("calibrated", Mark.LIMIT, scores));
  }

  private static double[] chance(List<CalibrationBin> bins, int sign) {
    return bins.stream()
        .mapToDouble(
            b ->
                Math.max(
                    0,
                    Math.min(
                        1,
                        b.meanScore()
                            + sign
                                * 1.96
                                * Math.sqrt(b.meanScore() * (1 - b.meanScore()) / b.rows()))))
        .toArray();
  }

  private List<Block> slices() {
    if (metrics.slices().isEmpty()) {
      return List.of(Prose.of("None: the model's definition names none."));
    }
    List<Block> blocks = new ArrayList<>();
    metrics
        .slices()
        .forEach(
            (column, slices) ->
                blocks.add(
                    new Table(
                        "By " + column,
                        List.of(
                            column,
                            "Rows",
                            "Share true",
                            "Mean score",
                            "AUC",
                            "Log loss",
                            "Calibration"),
                        slices.stream()
                            .map(
                                slice -> {
                                  BinaryMetrics m = slice.metrics();
                                  return List.of(
                                      Cell.of(slice.value()),
                                      Cell.of(m.rows()),
                                      Cell.of((double) m.positives() / m.rows(), 3),
                                      Cell.of(m.meanScore(), 3),
                                      Cell.bar(m.auc().orElse(Double.NaN), 3, 1),
                                      Cell.of(m.logLoss(), 3),
                                      Cell.of(m.calibrationError(), 3));
                                })
                            .toList())));
    return blocks;
  }

  private List<Block> importance() {
    List<Dependence> inputs =
        bundle.inputs().dependences().stream()
            .filter(input -> Arrays.stream(input.shares()).sum() > 0)
            .sorted(Comparator.comparingDouble(d -> -d.importance()))
            .toList();
    if (inputs.isEmpty()) {
      return List.of(
          Prose.of("Not known: training had no full day, or this version keeps nothing of it."));
    }
    double most = inputs.get(0).importance();
    List<List<Cell>> rows =
        inputs.stream()
            .map(d -> List.of(Cell.of(d.input()), Cell.bar(d.importance(), 4, most)))
            .toList();
    List<String> heading = List.of("Input", "Moves the mean score by");
    int first = Math.min(MOST_IMPORTANT, rows.size());
    return List.of(
        Prose.of(
            "How far the mean score goes with an input alone, all others left as they are: the standard deviation over training's rows."),
        new Table("The most important inputs", heading, rows.subList(0, first)),
        new Fold("All " + rows.size() + " inputs", List.of(new Table("All", heading, rows))),
        new Charts(
            inputs.subList(0, Math.min(DRAWN, first)).stream().map(ModelCard::chart).toList()));
  }

  private static Chart chart(Dependence input) {
    double[] scores = input.scores();
    int[] seen = IntStream.range(0, scores.length).filter(g -> input.shares()[g] > 0).toArray();
    int least = seen[0];
    int most = seen[0];
    for (int group : seen) {
      least = scores[group] < scores[least] ? group : least;
      most = scores[group] > scores[most] ? group : most;
    }
    return Chart.ofGroups(
        input.input(),
        String.format(
            Locale.ROOT,
            "The mean score is %.3f where all rows have “%s”, and %.3f where they have “%s”.",
            scores[least],
            input.groups().get(least),
            scores[most],
            input.groups().get(most)),
        input.groups(),
        Series.of("mean score", Mark.LINE, scores),
        Series.of("share of training's rows", Mark.BARS, input.shares()));
  }

  private List<Block> nights() {
    List<Night> nights =
        bundle.profile().nights().stream().filter(n -> n.range() != Range.TRAIN).toList();
    Map<LocalDate, Outcomes> byDay = new TreeMap<>();
    nights.forEach(night -> byDay.put(night.day(), night.outcomes()));
    List<LocalDate> days = List.copyOf(byDay.keySet());
    return List.of(
        new Charts(
            List.of(
                Chart.ofDays(
                    "AUC of each night",
                    "Of the nights of validation and test, which the fit has not seen.",
                    days,
                    line("auc", byDay, n -> n.auc().orElse(Double.NaN))),
                Chart.ofDays(
                    "Mean score and share true",
                    "The nearer the two lines, the better the model knows good nights from bad ones.",
                    days,
                    line("mean score", byDay, Outcomes::meanScore),
                    line("share true", byDay, n -> (double) n.positives() / n.rows())),
                Chart.ofDays(
                    "Log loss of each night",
                    "The smaller the better.",
                    days,
                    line("log loss", byDay, Outcomes::logLoss)))));
  }

  private static Series line(
      String name, Map<LocalDate, Outcomes> byDay, ToDoubleFunction<Outcomes> value) {
    return Series.of(name, Mark.LINE, byDay.values().stream().mapToDouble(value).toArray());
  }

  private List<Block> blindSpots() {
    DriftProfile profile = bundle.inputs();
    Map<String, Map<String, Double>> found = profile.found();
    List<Block> blocks = new ArrayList<>();
    profile
        .cannotJudge()
        .ifPresent(why -> blocks.add(Prose.of("Inputs are not judged: " + why + ".")));
    bundle
        .scores()
        .cannotJudge()
        .ifPresent(
            why ->
                blocks.add(
                    Prose.of("Predictions are not judged: of validation and test, " + why + ".")));
    if (profile.comparedRows() < profile.rows()) {
      blocks.add(
          Prose.of(
              String.format(
                  Locale.ROOT,
                  "Which of the inputs go together was looked for in %,d of %,d rows, drawn at random: fewer, the more inputs there are. A tie that these don't show is not watched.",
                  profile.comparedRows(),
                  profile.rows())));
    }
    if (found.isEmpty()) {
      blocks.add(Prose.of("What could not be seen is not known: training has too few intervals."));
      return blocks;
    }
    Map<String, List<String>> unseen = new LinkedHashMap<>();
    found.forEach(
        (input, shares) ->
            shares.forEach(
                (breakage, share) -> {
                  if (share < SEEN) {
                    unseen
                        .computeIfAbsent(breakage, b -> new ArrayList<>())
                        .add("%s (%.0f %%)".formatted(input, 100 * share));
                  }
                }));
    blocks.add(
        Prose.of(
            "Each break was planted in nights of training that were left out of the limit. These are found in the first night less than nine times in ten; in brackets how often. Nothing is promised of rows shuffled within a night."));
    unseen.entrySet().stream()
        .sorted(Comparator.comparingInt(e -> -e.getValue().size()))
        .forEach(
            e ->
                blocks.add(
                    Prose.of(
                        "%s: %s of %s inputs: %s."
                            .formatted(
                                e.getKey().substring(0, 1).toUpperCase(Locale.ROOT)
                                    + e.getKey().substring(1),
                                e.getValue().size(),
                                found.values().stream()
                                    .filter(shares -> shares.containsKey(e.getKey()))
                                    .count(),
                                String.join(", ", e.getValue())))));
    if (unseen.isEmpty()) {
      blocks.add(Prose.of("None: each break of each input is found at least so often."));
    }
    blocks.add(new Fold("All inputs and breaks", List.of(breaks(found))));
    List<DriftProfile.LimitSetter> setters = profile.limitSetters(SETTERS);
    profile
        .rate()
        .ifPresent(
            rate ->
                blocks.add(
                    Prose.of(
                        String.format(
                            Locale.ROOT,
                            "The limit that one interval of training's kind in %.0f exceeds, and at most %.1f %% of them with 95 %% probability, is set by these:",
                            1 / rate.expected(),
                            100 * rate.atMost()))));
    blocks.add(
        new Table(
            "Nights that set the limit",
            List.of("Night", "Deviation", "Input", "In"),
            setters.stream()
                .map(
                    s ->
                        List.of(
                            Cell.of(s.interval()),
                            Cell.of(s.score(), 2),
                            Cell.of(s.input()),
                            Cell.of(s.statistic())))
                .toList()));
    monitors.stream()
        .filter(monitor -> !monitor.aside().isEmpty())
        .forEach(monitor -> blocks.add(aside(monitor, profile.without(monitor.nightsAside()))));
    return blocks;
  }

  /** The nights that a person has set aside, and the rate that the limit then has. */
  private static Prose aside(Monitor monitor, DriftProfile without) {
    return Prose.of(
        "Monitor %s sets aside %s%s."
            .formatted(
                monitor.name(),
                monitor.aside().stream()
                    .map(of -> "%s (%s)".formatted(of.night(), of.reason()))
                    .collect(Collectors.joining(", ")),
                without
                    .rate()
                    .map(
                        rate ->
                            String.format(
                                Locale.ROOT,
                                ": of nights of training's kind %.1f %% then alarm, at most %.1f %%",
                                100 * rate.expected(),
                                100 * rate.atMost()))
                    .orElse(": too few are left to judge by")));
  }

  private static Table breaks(Map<String, Map<String, Double>> found) {
    List<String> breakages =
        found.values().stream().flatMap(shares -> shares.keySet().stream()).distinct().toList();
    List<String> heading = new ArrayList<>(List.of("Input"));
    heading.addAll(breakages);
    List<List<Cell>> rows = new ArrayList<>();
    found.forEach(
        (input, shares) -> {
          List<Cell> row = new ArrayList<>(List.of(Cell.of(input)));
          breakages.forEach(
              b -> row.add(Cell.bar(100 * shares.getOrDefault(b, Double.NaN), 0, 100)));
          rows.add(row);
        });
    return new Table("Found in the first night, of 100", heading, rows);
  }

  private List<Block> leaks() {
    SharedEvents shared = trainingSet.shared();
    List<Block> blocks = new ArrayList<>();
    shared
        .inBoth()
        .forEach(
            (role, count) -> {
              if (count.rows() > 0) {
                blocks.add(
                    Prose.of(
                        "LEAK: %,d rows see in %s what their label tells of."
                            .formatted(count.rows(), role)));
              }
            });
    shared
        .inNeither()
        .forEach(
            (role, count) -> {
              if (count.rows() > 0) {
                blocks.add(
                    Prose.of(
                        "Blind spot: %,d rows with events that neither %s nor their label has."
                            .formatted(count.rows(), role)));
              }
            });
    if (shared.inBoth().isEmpty()) {
      blocks.add(Prose.of("None of its views is of what its label is read from."));
    } else if (shared.inBoth().values().stream().allMatch(c -> c.rows() == 0)) {
      blocks.add(Prose.of("None in " + String.join(", ", shared.inBoth().keySet()) + "."));
    }
    return blocks;
  }

  private List<Block> fit() {
    List<Epoch> history = metrics.history();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("network", String.join(", ", fitted.network()));
    facts.put(
        "updater",
        "%s, learning rate %s, batch %s, seed %s"
            .formatted(fitted.updater(), fitted.learningRate(), fitted.batch(), fitted.seed()));
    facts.put(
        "epochs",
        "%s of at most %s; the best is %s"
            .formatted(history.size(), fitted.mostEpochs(), metrics.bestEpoch()));
    fitted
        .split()
        .parts()
        .forEach(part -> facts.put(part.name(), part.asOf().map(Object::toString).orElse("")));
    return List.of(
        Chart.ofNumbers(
            "Log loss by epoch",
            "The network of the smallest loss on the validation rows is kept.",
            history.stream().mapToDouble(Epoch::epoch).toArray(),
            Series.of(
                "validation",
                Mark.LINE,
                history.stream().mapToDouble(Epoch::validationLoss).toArray()),
            Series.of(
                "training", Mark.LINE, history.stream().mapToDouble(Epoch::trainLoss).toArray())),
        new Facts(facts),
        new Fold(
            fitted.inputs().size() + " inputs",
            List.of(
                new Table(
                    "Inputs and how each becomes numbers",
                    List.of("Input", "Encoding"),
                    fitted.inputs().entrySet().stream()
                        .map(e -> List.of(Cell.of(e.getKey()), Cell.of(e.getValue())))
                        .toList()))));
  }

  private List<Block> lineage() {
    Map<String, String> facts = new LinkedHashMap<>();
    registered.importedFrom().ifPresent(from -> facts.put("imported", from.toString()));
    facts.put("artefact", version.artefact().digest().toString());
    facts.put("training set", trainingSet.toString());
    facts.put("its rows", trainingSet.table().toString());
    facts.put("their content", trainingSet.content().toString());
    version.run().ifPresent(run -> facts.put("run", run.text()));
    facts.put("definition", version.definition().toString());
    facts.put(
        "code",
        environment.machine().code()
            + (environment.machine().dirty() ? ", with uncommitted changes" : ""));
    facts.put(
        "machine",
        environment.device()
            + ", "
            + environment.machine().os()
            + ", "
            + environment.machine().java());
    facts.put("libraries", "digest " + environment.dependencyDigest());
    return List.of(
        new Facts(facts),
        new Table(
            "Sources as they were",
            List.of("Table", "Version", "Up to delivery"),
            trainingSet.pins().stream()
                .map(
                    p ->
                        List.of(
                            Cell.of(p.version().table().toString()),
                            Cell.of(Long.toString(p.version().version())),
                            Cell.of(p.deliveries().map(Object::toString).orElse(""))))
                .toList()),
        new Fold(
            version.definitions().size() + " definitions",
            List.of(
                new Table(
                    "Definitions that it is made of",
                    List.of("Definition", "Digest"),
                    version.definitions().entrySet().stream()
                        .map(e -> List.of(Cell.of(e.getKey()), Cell.of(e.getValue().toString())))
                        .toList()))));
  }
}
