package io.tributary.definition.internal;

import io.tributary.core.Condition;
import io.tributary.core.Durations;
import io.tributary.core.Nearest;
import io.tributary.definition.Model;
import io.tributary.definition.Model.AdmissionRule;
import io.tributary.definition.Model.Encoding;
import io.tributary.definition.Model.Fit;
import io.tributary.definition.Model.Layer;
import io.tributary.definition.Model.Problem;
import io.tributary.definition.Model.Promotion;
import io.tributary.definition.Model.Retrain;
import io.tributary.definition.Model.Split;
import io.tributary.definition.Problems;
import io.tributary.definition.TrainingSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What stands in a file of {@code models/}. */
final class ModelParser {
  static final List<String> METRICS = List.of("auc", "log-loss", "brier", "calibration");
  private static final List<String> RULED =
      List.of(
          "auc",
          "log-loss",
          "brier",
          "calibration",
          AdmissionRule.LEAKS,
          AdmissionRule.REPRODUCED.metric());
  private static final Pattern PRODUCTION =
      Pattern.compile("production(?:\\s*([-+])\\s*([0-9.]\\S*))?");

  static final YamlKey<String> MODEL =
      YamlKey.required("model", YamlTypes.NAME_TYPE, "The model's name.");
  static final YamlKey<String> DESCRIPTION =
      YamlKey.withDefault("description", YamlTypes.TEXT, "\"\"", "What it is for, for people.");
  static final YamlKey<Problem> PROBLEM =
      YamlKey.withDefault(
          "problem",
          YamlTypes.choice(Problem.class),
          "binary",
          "What it foretells: `binary`, a label that is true or false; `number`, a label that is a"
              + " number. One that foretells a number is trained elsewhere and registered by"
              + " `tributary registry register`; it is scored, promoted by a person, and not"
              + " monitored in this version. Of its keys only `description`, `training-set`,"
              + " `inputs` and `admit` are written.");
  static final YamlKey<String> TRAINING_SET =
      YamlKey.required(
          "training-set", YamlTypes.NAME_TYPE, "The training set that it learns from.");

  private static final String OF_TRAINED = "an error, but for `problem: number`";

  static final YamlKey<Split> SPLIT =
      YamlKey.optional(
          "split",
          SplitParser.SPLIT,
          OF_TRAINED,
          "Which rows serve for what, by as-of, by the hash of a key, or both; rows in no part are"
              + " not used.");

  private static final YamlType<Encoding> ENCODING =
      YamlTypes.scalar(
          "an encoding",
          "standardize, raw, one-hot or embedding(4)",
          (value, text) -> {
            Optional<Encoding> encoding = CallText.parse(text).flatMap(ModelParser::encoding);
            if (encoding.isEmpty()) {
              value.problem(
                  Problems.unknown(
                      value.subject()
                          + " is "
                          + value.found()
                          + ", not an encoding: standardize, raw, one-hot, or embedding(WIDTH) with"
                          + " a width from 1 to 512",
                      text.strip(),
                      List.of("standardize", "raw", "one-hot", "embedding(4)")));
            }
            return encoding;
          });
  static final YamlKey<Map<String, Encoding>> INPUTS =
      YamlKey.withDefault(
          "inputs",
          Structures.map(YamlTypes.TEXT, ENCODING),
          "{default: standardize}",
          "How columns become numbers, by column (a column of the rows, or VIEW__FEATURE);"
              + " `default` covers each feature that is not named; of `problem: number` each that is a"
              + " number or a boolean.");

  private static final YamlType<Layer> LAYER =
      new YamlType<>("a layer", "dense(128, relu) or dropout(0.2)", List.of(), ModelParser::layer);
  static final YamlKey<List<Layer>> NETWORK =
      YamlKey.optional(
          "network",
          Structures.list(LAYER),
          OF_TRAINED,
          "The hidden layers in order; the output layer follows from the label.");

  private static final YamlKey<String> UPDATER =
      YamlKey.withDefault(
          "updater",
          YamlTypes.choice(Fit.UPDATERS),
          "adam",
          "How gradients change the parameters.");
  private static final YamlKey<Double> LEARNING_RATE =
      YamlKey.withDefault("learning-rate", YamlTypes.number(1e-9, 10), "0.001", "The step size.");
  private static final YamlKey<Long> BATCH =
      YamlKey.withDefault("batch", YamlTypes.integer(1, 1 << 20), "1024", "Rows a step.");
  private static final YamlKey<Long> EPOCHS =
      YamlKey.withDefault(
          "epochs", YamlTypes.integer(1, 100_000), "30", "Passes over the rows at most.");
  private static final YamlKey<Long> PATIENCE =
      YamlKey.withDefault(
          "patience",
          YamlTypes.integer(1, 100_000),
          "4",
          "Epochs without a better validation loss before it stops; the best epoch is kept.");
  private static final YamlKey<Long> SEED =
      YamlKey.withDefault(
          "seed",
          YamlTypes.integer(0, Long.MAX_VALUE),
          "1",
          "What all that is random follows from.");
  static final YamlKey<Fit> FIT =
      YamlKey.withDefault(
          "fit",
          Structures.object(
              "how it is fitted",
              List.of(UPDATER, LEARNING_RATE, BATCH, EPOCHS, PATIENCE, SEED),
              f ->
                  Optional.of(
                      new Fit(
                          f.or(UPDATER, "adam"),
                          f.or(LEARNING_RATE, 0.001),
                          f.or(BATCH, 1024L).intValue(),
                          f.or(EPOCHS, 30L).intValue(),
                          f.or(PATIENCE, 4L).intValue(),
                          f.or(SEED, 1L)))),
          "{}",
          "How the network is fitted.");

  private static final YamlKey<List<String>> EVALUATED =
      YamlKey.withDefault(
          "metrics",
          Structures.distinct(YamlTypes.choice(METRICS)),
          "[auc, log-loss, brier, calibration]",
          "By what a version is judged and shown: rules and the registry know these alone. Another"
              + " choice is another version of the same fit.");
  private static final YamlKey<List<String>> SLICES =
      YamlKey.withDefault(
          "slices",
          Structures.distinct(YamlTypes.COLUMN_TYPE),
          "[]",
          "Columns by whose values it is measured too.");

  /** What is measured. */
  record Evaluation(List<String> metrics, List<String> slices) {}

  static final YamlKey<Evaluation> EVALUATE =
      YamlKey.withDefault(
          "evaluate",
          Structures.object(
              "what is measured",
              List.of(EVALUATED, SLICES),
              f -> Optional.of(new Evaluation(f.or(EVALUATED, METRICS), f.or(SLICES, List.of())))),
          "{}",
          "What is measured.");
  private static final YamlType<String> ALLOWED = YamlTypes.choice(List.of("allowed"));
  private static final YamlType<AdmissionRule> RULE_TYPE =
      new YamlType<>(
          "a rule",
          "auc >= 0.72, log-loss < baseline, auc >= production - 0.005, leaks <= 143, leaks: allowed"
              + " or reproduced",
          List.of(),
          ModelParser::rule);
  static final YamlKey<List<AdmissionRule>> ADMIT =
      YamlKey.withDefault(
          "admit",
          Structures.list(RULE_TYPE),
          "[]",
          "What a version must meet to be promoted. A model whose training set leaks is promoted"
              + " only where `leaks <= 143`, a number of rows, or `leaks: allowed` says so. With"
              + " `production` both versions are measured on the same rows, those of their"
              + " comparison; where no version is in force, such a rule holds. `reproduced`:"
              + " `tributary reproduce` has made it again, to the bit. Of `problem: number` rules"
              + " compare with numbers, by whatever measures its versions are registered with:"
              + " `rmse <= 12.5`.");

  private static final double DEFAULT_MARGIN = 0.005;
  static final YamlKey<Promotion> PROMOTE =
      YamlKey.withDefault(
          "promote",
          YamlTypes.choice(Promotion.class),
          "automatic",
          "What becomes of a version that is trained and admitted, because of a breach too:"
              + " `automatic`, it is promoted where no version is in force, or where it is surely not"
              + " worse by the margin on its test rows, night by night; `by-hand`, somebody promotes it.");
  static final YamlKey<Double> MARGIN =
      YamlKey.withDefault(
          "margin",
          YamlTypes.number(0, 1),
          String.valueOf(DEFAULT_MARGIN),
          "By how much area may be smaller, or log loss larger, than that of the version in force,"
              + " and not matter.");

  static final YamlKey<Boolean> ONLINE =
      YamlKey.optional(
          "online",
          YamlTypes.choice(Map.of("stale", true)),
          "then no version that saw views of `accuracy: exact` may be used online",
          "`stale` allows the online store to serve features as of its last publication to a model"
              + " that was trained on them as of the row itself; for views of `accuracy: exact`.");

  private static final YamlKey<Duration> AT_MOST_EVERY =
      YamlKey.withDefault(
          "at-most-every",
          YamlTypes.DURATION,
          "7d",
          "How much newer the newest matured day must be than that of the last time.");
  private static final YamlType<Retrain> RETRAINING =
      Structures.object(
          "how it is trained again",
          List.of(AT_MOST_EVERY),
          f -> f.find(AT_MOST_EVERY).map(Retrain::new));
  static final YamlKey<Retrain> RETRAIN =
      YamlKey.withDefault(
          "retrain",
          new YamlType<>(
              RETRAINING.name(),
              RETRAINING.example(),
              RETRAINING.keys(),
              value -> hasOwnPolicy(value) ? Optional.empty() : RETRAINING.bind(value)),
          "{}",
          "How it is trained again when a monitor of it says `breach: retrain`: on the newest matured"
              + " days, its whole split moved on until the test rows end with them.");

  static final List<YamlKey<?>> KEYS =
      List.of(
          MODEL,
          DESCRIPTION,
          PROBLEM,
          TRAINING_SET,
          SPLIT,
          INPUTS,
          NETWORK,
          FIT,
          EVALUATE,
          ADMIT,
          ONLINE,
          PROMOTE,
          MARGIN,
          RETRAIN);

  private ModelParser() {}

  static Optional<Model> bind(YamlFields f) {
    Optional<String> name = f.find(MODEL);
    String description = f.or(DESCRIPTION, "");
    Problem problem = f.or(PROBLEM, Problem.BINARY);
    Optional<String> set = f.find(TRAINING_SET);
    Optional<Split> split = f.find(SPLIT);
    Map<String, Encoding> inputs = new LinkedHashMap<>();
    inputs.put("default", new Encoding.Standardize());
    inputs.putAll(f.or(INPUTS, Map.of()));
    Optional<List<Layer>> network = f.find(NETWORK);
    Optional<Fit> fit = f.find(FIT);
    Optional<Evaluation> evaluation = f.find(EVALUATE);
    Optional<List<AdmissionRule>> admit = f.find(ADMIT);
    boolean staleOnline = f.or(ONLINE, false);
    Optional<Promotion> promote = f.find(PROMOTE);
    double margin = f.or(MARGIN, DEFAULT_MARGIN);
    Optional<Retrain> retrain = f.find(RETRAIN);
    if (problem == Problem.NUMBER) {
      checkElsewhere(f, admit.orElse(List.of()));
    } else {
      checkTrained(f);
      if (evaluation.isPresent() && admit.isPresent()) {
        checkRules(f, admit.get(), evaluation.get().metrics());
      }
    }
    set.ifPresent(s -> checkColumns(f, s, split, evaluation));
    if (!f.complete() || name.isEmpty()) {
      return Optional.empty();
    }
    boolean number = problem == Problem.NUMBER;
    return Optional.of(
        new Model(
            name.get(),
            description,
            problem,
            set.orElseThrow(),
            split.orElse(Split.NONE),
            inputs,
            network.orElse(List.of()),
            fit.orElseThrow(),
            number ? List.of() : evaluation.orElseThrow().metrics(),
            evaluation.orElseThrow().slices(),
            admit.orElseThrow(),
            staleOnline,
            number ? Promotion.BY_HAND : promote.orElseThrow(),
            margin,
            retrain.orElseThrow(),
            f.mapping().origin().location(f.line(MODEL))));
  }

  private static void checkTrained(YamlFields f) {
    List<YamlKey<?>> missing = Stream.<YamlKey<?>>of(SPLIT, NETWORK).filter(f::lacks).toList();
    if (!missing.isEmpty()) {
      f.problem(
          missing.get(0),
          "missing "
              + missing.stream()
                  .map(key -> "\"" + key.name() + "\"")
                  .collect(Collectors.joining(", "))
              + ". Write it: "
              + missing.get(0).doc());
    }
  }

  /** Of a model that foretells a number. */
  private static void checkElsewhere(YamlFields f, List<AdmissionRule> rules) {
    for (YamlKey<?> key :
        List.of(SPLIT, NETWORK, FIT, EVALUATE, ONLINE, PROMOTE, MARGIN, RETRAIN)) {
      if (f.has(key)) {
        f.problem(
            key,
            "\"%s\" is of models that Tributary trains, and it trains none that foretells a number. Take it out; whoever trains the model registers its versions, and a person promotes them."
                .formatted(key.name()));
      }
    }
    for (int i = 0; i < rules.size(); i++) {
      AdmissionRule rule = rules.get(i);
      if (rule.equals(AdmissionRule.REPRODUCED)
          || rule.besideProduction()
          || rule.measures() && rule.bound().isEmpty()) {
        f.problemAt(
            f.value(ADMIT).orElseThrow().items().get(i).line(),
            "the rule \"%s\" never holds of a model that foretells a number: its versions are trained elsewhere, and have no baseline, no comparison on the same rows, and can't be made again. Compare with a number, as in rmse <= 12.5."
                .formatted(rule));
      }
    }
  }

  /**
   * Whether a policy stands in {@code retrain}, as it did before there was one for all versions.
   */
  private static boolean hasOwnPolicy(YamlValue retrain) {
    Optional<YamlValue.Entry> former =
        retrain.entries().stream().filter(e -> e.key().equals(PROMOTE.name())).findFirst();
    former.ifPresent(
        entry ->
            retrain
                .origin()
                .problem(
                    entry.line(),
                    "\"retrain.promote\" became \"promote\" of the model, one policy for all its"
                        + " versions. Take it out of \"retrain\", and write "
                        + (entry.value().isScalar() && entry.value().rawText().equals("by-hand")
                            ? "promote: by-hand"
                            : "promote: automatic and, for what if-not-worse was, margin: 0.01")
                        + " at the top of the file."));
    return former.isPresent();
  }

  private static Optional<Encoding> encoding(CallText call) {
    if (call.name().equals("embedding") && call.arguments().size() == 1) {
      return call.integer(0, 1, Encoding.Embedding.MAX_WIDTH).map(Encoding.Embedding::new);
    }
    if (!call.arguments().isEmpty()) {
      return Optional.empty();
    }
    return switch (call.name()) {
      case "standardize" -> Optional.of(new Encoding.Standardize());
      case "raw" -> Optional.of(new Encoding.Raw());
      case "one-hot" -> Optional.of(new Encoding.OneHot());
      default -> Optional.empty();
    };
  }

  private static Optional<Layer> layer(YamlValue value) {
    return YamlTypes.blockText(value, LAYER)
        .flatMap(
            text -> {
              Optional<Layer> layer = CallText.parse(text).flatMap(ModelParser::layer);
              if (layer.isEmpty()) {
                value.problem(
                    value.subject()
                        + " is "
                        + value.found()
                        + ", not a layer. Write dense(WIDTH, ACTIVATION) with a width from 1 to "
                        + Layer.Dense.MAX_WIDTH
                        + " and one of "
                        + String.join(", ", Layer.Dense.ACTIVATIONS)
                        + ", or dropout(SHARE) with a share below 1.");
              }
              return layer;
            });
  }

  private static Optional<Layer> layer(CallText call) {
    int n = call.arguments().size();
    if (call.name().equals("dense") && (n == 1 || n == 2)) {
      String activation = n == 2 ? call.arguments().get(1) : "relu";
      return Layer.Dense.ACTIVATIONS.contains(activation)
          ? call.integer(0, 1, Layer.Dense.MAX_WIDTH)
              .map(width -> new Layer.Dense(width, activation))
          : Optional.empty();
    }
    if (call.name().equals("dropout") && n == 1) {
      return YamlTypes.decimal(call.arguments().get(0))
          .filter(share -> share >= 0 && share < 1)
          .map(Layer.Dropout::new);
    }
    return Optional.empty();
  }

  private static Optional<AdmissionRule> rule(YamlValue value) {
    if (!value.isMapping()) {
      return value.text(RULE_TYPE).flatMap(text -> rule(value, text));
    }
    List<YamlValue.Entry> entries = value.entries();
    if (entries.size() == 1 && entries.get(0).key().equals(AdmissionRule.LEAKS)) {
      return ALLOWED.bind(entries.get(0).value()).map(allowed -> AdmissionRule.LEAKS_ALLOWED);
    }
    value.mistyped(RULE_TYPE);
    return Optional.empty();
  }

  private static Optional<AdmissionRule> rule(YamlValue value, String text) {
    if (text.strip().equals(AdmissionRule.LEAKS_ALLOWED.toString())) {
      return Optional.of(AdmissionRule.LEAKS_ALLOWED);
    }
    if (text.strip().equals(AdmissionRule.REPRODUCED.toString())) {
      return Optional.of(AdmissionRule.REPRODUCED);
    }
    Optional<Condition> written =
        Condition.parse(text).filter(condition -> condition.operator().orders());
    boolean ofBaseline = written.filter(c -> c.value().equals("baseline")).isPresent();
    Optional<Matcher> beside =
        written.map(c -> PRODUCTION.matcher(c.value())).filter(Matcher::matches);
    Optional<Double> bound =
        beside.isPresent()
            ? beside.flatMap(ModelParser::added)
            : written.flatMap(c -> YamlTypes.decimal(c.value()));
    if (written.isEmpty() || (bound.isEmpty() && !ofBaseline)) {
      value.problem(
          value.subject()
              + " is "
              + value.found()
              + ", not a rule. Write METRIC < NUMBER, METRIC < baseline or METRIC > production -"
              + " NUMBER, with one of < <= > >=, as in auc >= 0.72.");
      return Optional.empty();
    }
    String metric = written.get().name();
    String operator = written.get().operator().toString();
    if (metric.equals(AdmissionRule.LEAKS)) {
      if (!operator.equals("<=")
          || beside.isPresent()
          || bound.filter(b -> b >= 0 && b == Math.rint(b)).isEmpty()) {
        value.problem(
            value.subject()
                + " is "
                + value.found()
                + ", not a rule on leaks. Write leaks <= 143, a whole number of rows, or leaks:"
                + " allowed.");
        return Optional.empty();
      }
      return Optional.of(new AdmissionRule(AdmissionRule.LEAKS, "<=", bound));
    }
    return Optional.of(new AdmissionRule(metric, operator, bound, beside.isPresent()));
  }

  /** What is added to the measure of production. */
  private static Optional<Double> added(Matcher beside) {
    return beside.group(1) == null
        ? Optional.of(0.0)
        : YamlTypes.decimal(beside.group(2)).map(n -> beside.group(1).equals("-") ? -n : n);
  }

  private static void checkRules(YamlFields f, List<AdmissionRule> rules, List<String> metrics) {
    List<YamlValue> items = f.value(ADMIT).map(YamlValue::items).orElse(List.of());
    for (int i = 0; i < rules.size(); i++) {
      String metric = rules.get(i).metric();
      if (rules.get(i).measures() && !METRICS.contains(metric)) {
        f.problemAt(
            items.get(i).line(), Problems.unknown("no metric \"" + metric + "\"", metric, RULED));
      } else if (rules.get(i).measures() && !metrics.contains(metric)) {
        f.problemAt(
            items.get(i).line(),
            "the rule \""
                + rules.get(i)
                + "\" needs the metric "
                + metric
                + ", which \"evaluate.metrics\" does not measure. Add it there.");
      }
    }
  }

  private static void checkColumns(
      YamlFields f, String set, Optional<Split> split, Optional<Evaluation> evaluation) {
    YamlValue at = f.value(TRAINING_SET).orElseThrow();
    Links links = at.origin().links();
    links.<TrainingSet>refer(
        DefinitionKind.TRAINING_SET,
        set,
        at,
        training ->
            links.later(
                () ->
                    TrainingSetParser.columns(training, links)
                        .ifPresent(
                            columns -> checkColumns(f, training, columns, split, evaluation))));
  }

  private static void checkColumns(
      YamlFields f,
      TrainingSet training,
      List<String> columns,
      Optional<Split> split,
      Optional<Evaluation> evaluation) {
    String set = training.name();
    for (YamlValue.Entry entry : f.value(INPUTS).map(YamlValue::entries).orElse(List.of())) {
      if (entry.key().equals(training.label().name())) {
        f.problemAt(
            entry.line(),
            "\"%s\" is the label: a model can't be shown its own answer. Take it out of inputs."
                .formatted(entry.key()));
      } else if (!entry.key().equals("default")) {
        checkColumn(f, set, columns, entry.key(), entry.line());
      }
    }
    int line = line(f, EVALUATE, SLICES);
    evaluation.ifPresent(e -> e.slices().forEach(s -> checkColumn(f, set, columns, s, line)));
    int by = line(f, SPLIT, SplitParser.BY);
    split.ifPresent(s -> s.by().forEach(c -> checkColumn(f, set, columns, c, by)));
  }

  private static int line(YamlFields f, YamlKey<?> outer, YamlKey<?> inner) {
    return f.value(outer).map(YamlValue::entries).orElse(List.of()).stream()
        .filter(e -> e.key().equals(inner.name()))
        .findFirst()
        .map(YamlValue.Entry::line)
        .orElse(f.line(outer));
  }

  private static void checkColumn(
      YamlFields f, String set, List<String> columns, String column, int line) {
    if (!columns.contains(column)) {
      f.problemAt(
          line,
          "training set \""
              + set
              + "\" has no column \""
              + column
              + "\"."
              + Nearest.of(column, columns)
                  .map(near -> " Did you mean \"" + near + "\"?")
                  .orElse(" Its columns are those of its rows, and VIEW__FEATURE."));
    }
  }

  static Map<String, Object> render(Model model) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("model", model.name());
    tree.put("description", model.description());
    tree.put("problem", YamlTypes.kebab(model.problem()));
    tree.put("training-set", model.trainingSet());
    if (model.isTrainedHere()) {
      tree.put("split", SplitParser.render(model.split()));
    }
    Map<String, Object> inputs = new LinkedHashMap<>();
    model.inputs().forEach((column, encoding) -> inputs.put(column, encoding.text()));
    tree.put("inputs", inputs);
    List<String> admit = model.admit().stream().map(AdmissionRule::toString).toList();
    if (!model.isTrainedHere()) {
      tree.put("admit", admit);
      return tree;
    }
    List<Object> network = new ArrayList<>();
    model.network().forEach(layer -> network.add(layer.text()));
    tree.put("network", network);
    Map<String, Object> fit = new LinkedHashMap<>();
    fit.put("updater", model.fit().updater());
    fit.put("learning-rate", model.fit().learningRate());
    fit.put("batch", model.fit().batch());
    fit.put("epochs", model.fit().epochs());
    fit.put("patience", model.fit().patience());
    fit.put("seed", model.fit().seed());
    tree.put("fit", fit);
    Map<String, Object> evaluate = new LinkedHashMap<>();
    evaluate.put("metrics", model.metrics());
    evaluate.put("slices", model.slices());
    tree.put("evaluate", evaluate);
    tree.put("admit", admit);
    if (model.staleOnline()) {
      tree.put("online", "stale");
    }
    tree.put("promote", YamlTypes.kebab(model.promote()));
    tree.put("margin", model.margin());
    tree.put("retrain", Map.of("at-most-every", Durations.print(model.retrain().atMostEvery())));
    return tree;
  }
}
