package io.tributary.definition.internal;

import io.tributary.core.Durations;
import io.tributary.definition.Monitor;
import io.tributary.definition.Monitor.Aside;
import io.tributary.definition.Monitor.Breach;
import io.tributary.definition.ScoreSet;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What stands in a file of {@code monitors/}. */
final class MonitorParser {
  private static final double ANY = Double.MAX_VALUE;

  static final YamlKey<String> MONITOR =
      YamlKey.required("monitor", YamlTypes.NAME_TYPE, "The monitor's name.");
  static final YamlKey<String> DESCRIPTION =
      YamlKey.withDefault("description", YamlTypes.TEXT, "\"\"", "What it is for, for people.");
  static final YamlKey<String> MODEL =
      YamlKey.optional(
          "model", YamlTypes.NAME_TYPE, "the monitor's name", "The model that is watched.");
  static final YamlKey<String> SCORES =
      YamlKey.optional(
          "scores",
          YamlTypes.NAME_TYPE,
          "the only scoring of that model",
          "The scoring that is watched.");

  private static final YamlKey<Double> PSI =
      YamlKey.withDefault(
          "psi",
          YamlTypes.number(0, ANY),
          "0.2",
          "The population stability index from which on a window is beyond.");
  static final YamlKey<Long> WINDOW =
      YamlKey.withDefault(
          "window",
          YamlTypes.integer(8, 366),
          "28",
          "How many days, the interval's own the last, are compared with training together.");
  static final YamlKey<Double> MATTERS =
      YamlKey.withDefault(
          "matters",
          YamlTypes.number(0, 1),
          "0.01",
          "By how much the shift of an input or of the predictions in a window must move the mean"
              + " score to be a breach.");
  static final YamlKey<Double> INPUTS =
      YamlKey.withDefault(
          "inputs",
          Structures.object("limits", List.of(PSI), f -> Optional.of(f.or(PSI, 0.2))),
          "{}",
          "Are the inputs distributed as in training?");
  static final YamlKey<Double> PREDICTIONS =
      YamlKey.withDefault(
          "predictions",
          Structures.object("limits", List.of(PSI), f -> Optional.of(f.or(PSI, 0.2))),
          "{}",
          "Are the predicted labels distributed as in training?");

  /** A lower and an upper bound. */
  record Range(double lowest, double highest) {}

  private static final YamlType<Range> RANGE =
      new YamlType<>("a lower and an upper bound", "[0, 1]", List.of(), MonitorParser::range);
  private static final YamlKey<Range> SCORE =
      YamlKey.withDefault("score", RANGE, "[0, 1]", "The bounds of each score.");

  private static final String LEARNT = "learnt";

  /** Bounds of the mean score, empty where training's nights are. */
  private static final YamlType<Optional<Range>> RANGE_OR_LEARNT =
      new YamlType<>(
          "a lower and an upper bound, or " + LEARNT,
          "[0, 1]",
          List.of(),
          MonitorParser::rangeOrLearnt);

  private static final YamlKey<Optional<Range>> MEAN =
      YamlKey.optional(
          "mean",
          RANGE_OR_LEARNT,
          "not bounded",
          "The bounds of a night's mean score. `learnt`: the least and the greatest of a night of"
              + " the model's training.");

  /** Bounds of the scores; of the mean empty where it has none, or learns them. */
  record Bounds(Range score, Optional<Optional<Range>> mean) {
    Optional<Range> declared() {
      return mean.flatMap(of -> of);
    }

    boolean learnt() {
      return mean.isPresent() && mean.get().isEmpty();
    }
  }

  static final YamlKey<Bounds> BOUNDS =
      YamlKey.withDefault(
          "bounds",
          Structures.object(
              "bounds",
              List.of(SCORE, MEAN),
              f -> Optional.of(new Bounds(f.or(SCORE, new Range(0, 1)), f.find(MEAN)))),
          "{}",
          "Are the scores within bounds?");

  private static final YamlKey<Duration> AFTER =
      YamlKey.withDefault(
          "after",
          YamlTypes.DURATION,
          "2d",
          "How long after the as-of an outcome is taken as mature.");
  private static final YamlKey<Double> AUC_DROP =
      YamlKey.withDefault(
          "auc-drop",
          YamlTypes.number(0, 1),
          "0.05",
          "How much lower than promised the AUC of a window's days may be: of each day the AUC less what its scores promise, beside the same of validation and test.");

  /** When outcomes are judged, and by what. */
  record Actuals(Duration after, double aucDrop) {}

  static final YamlKey<Actuals> ACTUALS =
      YamlKey.withDefault(
          "actuals",
          Structures.object(
              "when outcomes are judged",
              List.of(AFTER, AUC_DROP),
              f -> Optional.of(new Actuals(f.or(AFTER, Duration.ofDays(2)), f.or(AUC_DROP, 0.05)))),
          "{}",
          "Are the matured outcomes predicted as well as the test rows'?");
  private static final YamlKey<LocalDate> NIGHT =
      YamlKey.required("night", YamlTypes.DAY, "The night, a day of the project's zone.");
  private static final YamlKey<String> REASON =
      YamlKey.required("reason", YamlTypes.TEXT, "Why it is no measure of what is usual.");
  static final YamlKey<List<Aside>> ASIDE =
      YamlKey.withDefault(
          "aside",
          Structures.list(
              Structures.object(
                  "a night and a reason",
                  List.of(NIGHT, REASON),
                  f ->
                      f.find(NIGHT)
                          .flatMap(
                              night -> f.find(REASON).map(reason -> new Aside(night, reason))))),
          "[]",
          "Nights of the model's training that have no say in the limits of a night: a model's card and"
              + " a night's page name those that set them. What is set aside counts as an alarm in the"
              + " rate that is stated.");
  static final YamlKey<Breach> BREACH =
      YamlKey.withDefault(
          "breach",
          YamlTypes.choice(Breach.class),
          "alert",
          "What a breach leads to beside its report: `alert`, that those who `notify` names are"
              + " notified; `block-promotion`, also that no version of the model is promoted until"
              + " somebody allows it again by `tributary registry unblock`; `retrain`, also that a"
              + " challenger is trained, where actuals or a window breach, as the model's `retrain`"
              + " says.");

  static final List<YamlKey<?>> KEYS =
      List.of(
          MONITOR,
          DESCRIPTION,
          MODEL,
          SCORES,
          WINDOW,
          MATTERS,
          INPUTS,
          PREDICTIONS,
          BOUNDS,
          ACTUALS,
          ASIDE,
          BREACH);

  private MonitorParser() {}

  static Optional<Monitor> bind(YamlFields f) {
    Optional<String> name = f.find(MONITOR);
    String description = f.or(DESCRIPTION, "");
    Optional<String> model = f.has(MODEL) ? f.find(MODEL) : name;
    YamlValue modelAt = f.value(MODEL).or(() -> f.value(MONITOR)).orElse(f.mapping());
    Links links = f.mapping().origin().links();
    model.ifPresent(m -> links.refer(DefinitionKind.MODEL, m, modelAt, found -> {}));
    Optional<String> scores = model.flatMap(m -> scores(f, m, links));
    Optional<Long> window = f.find(WINDOW);
    Optional<Double> matters = f.find(MATTERS);
    Optional<Double> inputs = f.find(INPUTS);
    Optional<Double> predictions = f.find(PREDICTIONS);
    Optional<Bounds> bounds = f.find(BOUNDS);
    Optional<Actuals> actuals = f.find(ACTUALS);
    Optional<List<Aside>> aside = f.find(ASIDE);
    Optional<Breach> breach = f.find(BREACH);
    if (!f.complete() || name.isEmpty() || scores.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Monitor(
            name.get(),
            description,
            model.orElseThrow(),
            scores.get(),
            Math.toIntExact(window.orElseThrow()),
            matters.orElseThrow(),
            inputs.orElseThrow(),
            predictions.orElseThrow(),
            bounds.orElseThrow().score().lowest(),
            bounds.orElseThrow().score().highest(),
            bounds.orElseThrow().declared().map(Range::lowest),
            bounds.orElseThrow().declared().map(Range::highest),
            bounds.orElseThrow().learnt(),
            actuals.orElseThrow().after(),
            actuals.orElseThrow().aucDrop(),
            aside.orElseThrow().stream().sorted(Comparator.comparing(Aside::night)).toList(),
            breach.orElseThrow(),
            f.mapping().origin().location(f.line(MONITOR))));
  }

  private static Optional<String> scores(YamlFields f, String model, Links links) {
    Optional<String> written = f.find(SCORES);
    if (f.has(SCORES)) {
      written.ifPresent(
          s -> {
            YamlValue at = f.value(SCORES).orElseThrow();
            links.<ScoreSet>refer(
                DefinitionKind.SCORES,
                s,
                at,
                set -> {
                  if (!set.model().equals(model)) {
                    at.problem(
                        "scores \""
                            + s
                            + "\" are those of model \""
                            + set.model()
                            + "\", not of \""
                            + model
                            + "\". Name a scoring of that model.");
                  }
                });
          });
      return written;
    }
    if (!links.allRead(DefinitionKind.SCORES)) {
      return Optional.empty();
    }
    List<String> known =
        links.<ScoreSet>all(DefinitionKind.SCORES).values().stream()
            .filter(s -> s.model().equals(model))
            .map(ScoreSet::name)
            .toList();
    if (known.size() != 1) {
      f.problem(
          MONITOR,
          known.isEmpty()
              ? "no scoring uses model \""
                  + model
                  + "\", so there is nothing to watch. Define one in scores/."
              : "model \"" + model + "\" has the scorings " + known + ". Write \"scores\".");
      return Optional.empty();
    }
    return Optional.of(known.get(0));
  }

  private static Optional<Optional<Range>> rangeOrLearnt(YamlValue value) {
    if (value.isList()) {
      return range(value).map(Optional::of);
    }
    return YamlTypes.choice(List.of(LEARNT)).bind(value).map(learnt -> Optional.empty());
  }

  private static Optional<Range> range(YamlValue value) {
    List<Double> bounds =
        Structures.list(YamlTypes.number(-ANY, ANY)).bind(value).orElse(List.of());
    if (bounds.size() == 2 && bounds.get(0) < bounds.get(1)) {
      return Optional.of(new Range(bounds.get(0), bounds.get(1)));
    }
    if (value.isList() && (bounds.size() == value.items().size())) {
      value.problem(
          value.subject() + " is not " + RANGE.expected() + ", the lower one first. Write it so.");
    }
    return Optional.empty();
  }

  static Map<String, Object> render(Monitor monitor) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("monitor", monitor.name());
    tree.put("description", monitor.description());
    tree.put("model", monitor.model());
    tree.put("scores", monitor.scores());
    tree.put("window", monitor.window());
    tree.put("matters", monitor.matters());
    Map<String, Object> inputs = new LinkedHashMap<>();
    inputs.put("psi", monitor.inputPsi());
    tree.put("inputs", inputs);
    Map<String, Object> predictions = new LinkedHashMap<>();
    predictions.put("psi", monitor.predictionPsi());
    tree.put("predictions", predictions);
    Map<String, Object> bounds = new LinkedHashMap<>();
    bounds.put("score", List.of(monitor.lowest(), monitor.highest()));
    if (monitor.lowestMean().isPresent() && monitor.highestMean().isPresent()) {
      bounds.put("mean", List.of(monitor.lowestMean().get(), monitor.highestMean().get()));
    }
    if (monitor.learntMean()) {
      bounds.put("mean", LEARNT);
    }
    tree.put("bounds", bounds);
    Map<String, Object> actuals = new LinkedHashMap<>();
    actuals.put("after", Durations.print(monitor.actualsAfter()));
    actuals.put("auc-drop", monitor.aucDrop());
    tree.put("actuals", actuals);
    tree.put(
        "aside",
        monitor.aside().stream()
            .map(of -> Map.of("night", of.night().toString(), "reason", of.reason()))
            .toList());
    tree.put("breach", YamlTypes.kebab(monitor.breach()));
    return tree;
  }
}
