package io.tributary.definition.internal;

import io.tributary.core.Interval;
import io.tributary.definition.ColumnType;
import io.tributary.definition.DescribedModel;
import io.tributary.definition.DescribedModel.Build;
import io.tributary.definition.Problems;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What stands in the {@value DescribedModel#FILE} of a model that was trained elsewhere. */
public final class DescribedModelParser {
  private static final Pattern BUILD = Pattern.compile("([a-z][a-z0-9_]*)@([1-9]\\d{0,8})");
  private static final String BUNDLE = "bundle";
  private static final String NONE = "none";

  /** A column of a training set, of a feature view's, too. */
  private static final YamlType<String> COLUMN =
      matching("a column's name", "carrier_history__late_share_7d", "[A-Za-z_][A-Za-z0-9_]*");

  /** A named text, of whatever form. */
  private static final YamlType<Map<String, String>> TEXTS =
      Structures.map(YamlTypes.TEXT, YamlTypes.TEXT);

  static final YamlKey<String> MODEL =
      YamlKey.required(
          "model", YamlTypes.NAME_TYPE, "The model of which it becomes the next version.");
  static final YamlKey<String> KIND =
      YamlKey.required(
          "kind",
          YamlTypes.choice(List.of(BUNDLE, "onnx", "files")),
          "What the files are: a bundle of Tributary, one ONNX model, or any others, which are never scored.");
  static final YamlKey<String> DESCRIPTION =
      YamlKey.optional("description", YamlTypes.TEXT, "no description", "What it is, for people.");
  static final YamlKey<String> PROBLEM =
      YamlKey.withDefault(
          "problem",
          YamlTypes.choice(List.of("binary", "classes", "number")),
          "binary",
          "What it foretells: a boolean, one of several classes, or a number.");
  static final YamlKey<Map<String, ColumnType>> INPUTS =
      YamlKey.optional(
          "inputs",
          Structures.map(COLUMN, ColumnTypes.TYPE),
          "of a bundle its own; else nobody knows",
          "The columns that it takes and their types, in its order.");
  static final YamlKey<String> LABEL =
      YamlKey.optional(
          "label", YamlTypes.COLUMN_TYPE, "nobody knows", "The column that it foretells.");
  static final YamlKey<String> OUTPUT =
      YamlKey.optional(
          "output",
          YamlTypes.TEXT,
          "the only output of floating-point numbers",
          "The output of an ONNX model that has the score.");
  static final YamlKey<Map<String, Double>> METRICS =
      YamlKey.withDefault(
          "metrics",
          Structures.map(
              matching("a measure's name", "log-loss", "[a-z][a-z0-9-]*"),
              YamlTypes.number(-Double.MAX_VALUE, Double.MAX_VALUE)),
          "{}",
          "Its measures, by name.");
  static final YamlKey<Interval> MEASURED_ON =
      YamlKey.optional(
          "measured-on",
          YamlTypes.INTERVAL,
          "nobody knows",
          "The as-of of the rows that the metrics are of.");
  static final YamlKey<Map<String, String>> PARAMETERS =
      YamlKey.withDefault("parameters", TEXTS, "{}", "What it was fitted with, by name.");
  static final YamlKey<String> CODE_REVISION =
      YamlKey.optional(
          "code-revision",
          YamlTypes.TEXT,
          "unknown",
          "The revision of the code that trained it; say also if there were uncommitted changes.");
  static final YamlKey<Map<String, String>> ENVIRONMENT =
      YamlKey.withDefault(
          "environment", TEXTS, "{}", "Where it was trained: versions, by what has them.");
  static final YamlKey<Optional<Build>> TRAINING_SET =
      YamlKey.required(
          "training-set",
          YamlTypes.scalar(
              "a training set's build or none",
              "late_arrival@3",
              (value, text) -> {
                Matcher build = BUILD.matcher(text.strip());
                if (text.strip().equals(NONE)) {
                  return Optional.of(Optional.empty());
                }
                if (build.matches()) {
                  return Optional.of(
                      Optional.of(new Build(build.group(1), Long.parseLong(build.group(2)))));
                }
                value.problem(
                    "%s is %s, not a build. Write its training set, @ and the build's number, as in late_arrival@3, or none."
                        .formatted(value.subject(), value.found()));
                return Optional.empty();
              }),
          "The build of this lake that it was trained on, or `none`: on rows that the lake does not have.");

  static final List<YamlKey<?>> KEYS =
      List.of(
          MODEL,
          KIND,
          DESCRIPTION,
          PROBLEM,
          INPUTS,
          LABEL,
          OUTPUT,
          METRICS,
          MEASURED_ON,
          PARAMETERS,
          CODE_REVISION,
          ENVIRONMENT,
          TRAINING_SET);

  private DescribedModelParser() {}

  /**
   * Reads a description.
   *
   * @param zone of bare dates
   * @param problems gets what is wrong
   */
  public static Optional<DescribedModel> read(Path file, ZoneId zone, Problems problems) {
    Origin origin =
        new Origin(
            file.getFileName().toString(),
            "the model",
            zone,
            problems,
            new Links(file.getParent()),
            Optional.empty());
    return YamlFile.read(file, origin).flatMap(root -> bind(new YamlFields(root, KEYS)));
  }

  private static Optional<DescribedModel> bind(YamlFields f) {
    Optional<String> model = f.find(MODEL);
    Optional<String> kind = f.find(KIND);
    Optional<String> description = f.find(DESCRIPTION);
    Optional<String> problem = f.find(PROBLEM);
    Optional<Map<String, ColumnType>> inputs = f.find(INPUTS);
    Optional<String> label = f.find(LABEL);
    Optional<String> output = f.find(OUTPUT);
    Optional<Map<String, Double>> metrics = f.find(METRICS);
    Optional<Interval> measuredOn = f.find(MEASURED_ON);
    Optional<Map<String, String>> parameters = f.find(PARAMETERS);
    Optional<String> codeRevision = f.find(CODE_REVISION);
    Optional<Map<String, String>> environment = f.find(ENVIRONMENT);
    Optional<Optional<Build>> trainingSet = f.find(TRAINING_SET);
    kind.ifPresent(of -> kinds(f, of));
    if (!f.complete()) {
      return Optional.empty();
    }
    return Optional.of(
        new DescribedModel(
            model.orElseThrow(),
            kind.orElseThrow(),
            description.filter(text -> !text.isEmpty()),
            problem.orElseThrow(),
            inputs.orElse(Map.of()),
            label,
            output,
            metrics.orElseThrow(),
            measuredOn,
            parameters.orElseThrow(),
            codeRevision,
            environment.orElseThrow(),
            trainingSet.orElseThrow()));
  }

  private static YamlType<String> matching(String name, String example, String form) {
    Pattern pattern = Pattern.compile(form);
    return YamlTypes.scalar(
        name,
        example,
        (value, text) -> {
          if (!pattern.matcher(text).matches()) {
            value.problem(
                "\"%s\" can't be %s. Write it as in %s."
                    .formatted(YamlValue.shortened(text), name, example));
            return Optional.empty();
          }
          return Optional.of(text);
        });
  }

  /** What one kind says and another does not. */
  private static void kinds(YamlFields f, String kind) {
    if (kind.equals(BUNDLE)) {
      for (YamlKey<?> key : List.of(INPUTS, LABEL, PROBLEM)) {
        if (f.has(key)) {
          f.problem(
              key,
              "a bundle's files say its %s. Leave \"%s\" out.".formatted(key.name(), key.name()));
        }
      }
    }
    if (!kind.equals("onnx") && f.has(OUTPUT)) {
      f.problem(OUTPUT, "\"output\" is of kind onnx alone. Leave it out.");
    }
    if (kind.equals("onnx") && f.lacks(INPUTS)) {
      f.problem(
          KIND,
          "an ONNX model does not say its columns. Name them and their types under \"inputs\".");
    }
  }
}
