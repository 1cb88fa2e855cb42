package io.tributary.analysis;

import io.tributary.core.Durations;
import io.tributary.definition.Monitor;
import io.tributary.definition.ScoreSet;
import io.tributary.definition.SqlText;
import io.tributary.expression.Division;
import io.tributary.expression.ResolvedExpression;
import io.tributary.expression.Scope;
import io.tributary.expression.SqlDialect;
import io.tributary.expression.Types;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Checks score sets against their models and rows, and monitors against what they watch. */
final class ScoreChecker {
  private final Map<String, CheckedTrainingSet> trainingSets;
  private final Map<String, CheckedModel> models;
  private final Analysis analysis;

  ScoreChecker(
      Analysis analysis,
      Map<String, CheckedTrainingSet> trainingSets,
      Map<String, CheckedModel> models) {
    this.trainingSets = trainingSets;
    this.models = models;
    this.analysis = analysis;
  }

  /** Empty where something is wrong, or what it needs is. */
  Optional<CheckedScores> check(ScoreSet scores) {
    String thing = "scores " + scores.name();
    Optional<ExpressionAnalysis> decide = scores.decide().map(sql -> decide(thing, sql));
    Map<String, ExpressionAnalysis> decisions = new TreeMap<>();
    scores.decisions().forEach((who, sql) -> decisions.put(who, decide(thing, sql)));
    CheckedModel model = models.get(scores.model());
    CheckedTrainingSet rows = trainingSets.get(scores.rows());
    if (model == null
        || rows == null
        || Stream.concat(decide.stream(), decisions.values().stream())
            .anyMatch(ExpressionAnalysis::failed)) {
      return Optional.empty();
    }
    boolean fits = model.definition().isTrainedHere() || decidesNothing(scores);
    for (CheckedModel.Input input : model.inputs()) {
      boolean brings =
          Arrays.stream(rows.schema().fields())
              .anyMatch(f -> f.name().equals(input.column()) && f.dataType().equals(input.type()));
      if (!brings) {
        fits = false;
        analysis.problem(
            thing,
            scores.location(),
            "the rows of training-set "
                + rows.name()
                + " lack input \""
                + input.column()
                + "\", "
                + Types.name(input.type())
                + ", of model "
                + model.name()
                + ". Score rows that have it.");
      }
    }
    for (String column : rows.asking().fieldNames()) {
      if (!column.equals(CheckedTrainingSet.AS_OF) && CheckedScores.isOwn(column)) {
        fits = false;
        analysis.problem(
            thing,
            scores.location(),
            "the rows of training-set "
                + rows.name()
                + " have a column \""
                + column
                + "\", which is a column of scores too. Name it otherwise in a query source, and take"
                + " its rows.");
      }
    }
    CanonicalForm meaning =
        CanonicalForm.of("scores 1")
            .fact("name", scores.name())
            .fact("model", scores.model())
            .fact("alias", scores.alias())
            .fact("rows", rows.population())
            .fact("decide", decide.map(d -> d.identity(CheckedScores.DECISION)))
            .inOrder("challenger", scores.challengers())
            .inOrder("shadow", scores.shadows());
    decisions.forEach(
        (who, d) -> meaning.fact("decide." + who, d.identity(CheckedScores.DECISION)));
    return fits
        ? Optional.of(
            new CheckedScores(
                scores,
                model,
                rows,
                decide.map(ExpressionAnalysis::finish),
                decisions.entrySet().stream()
                    .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().finish())),
                meaning.digest(analysis.forms())))
        : Optional.empty();
  }

  /** Of a model that foretells a number. */
  private boolean decidesNothing(ScoreSet scores) {
    boolean decides = scores.decide().isPresent() || !scores.decisions().isEmpty();
    if (decides) {
      analysis.problem(
          "scores " + scores.name(),
          scores.location(),
          "model %s foretells a number, and decisions are made on probabilities. Take %s out, and compare output.number where the scores are read."
              .formatted(
                  scores.model(), scores.decide().isPresent() ? "\"decide\"" : "\"decisions\""));
    }
    return !decides;
  }

  private ExpressionAnalysis decide(String thing, SqlText sql) {
    Scope score = new Scope("a score", new StructType().add("score", DataTypes.DoubleType));
    ExpressionAnalysis rows =
        new ExpressionAnalysis(
            analysis,
            thing,
            new SqlDialect(analysis.project().zone(), Division.FAILS),
            score,
            Map.of());
    Optional<ResolvedExpression> typed = rows.add(CheckedScores.DECISION, sql);
    if (typed.isPresent() && !Types.isBoolean(typed.get().column().dataType())) {
      rows.problem(
          sql,
          "a decision is true or false, but this is "
              + Types.name(typed.get().column().dataType())
              + ". Write a condition, as in score > 0.5.");
    }
    return rows;
  }

  void check(Monitor monitor) {
    String thing = "monitor " + monitor.name();
    Optional<ScoreSet> judged =
        Optional.ofNullable(analysis.project().scores().get(monitor.scores()));
    Optional.ofNullable(analysis.project().models().get(monitor.model()))
        .filter(model -> !model.isTrainedHere())
        .ifPresent(
            model ->
                analysis.problem(
                    thing,
                    monitor.location(),
                    "model %s foretells a number, and monitors judge probabilities in this version. Take the monitor out, and look at the scores in another way."
                        .formatted(model.name())));
    judged
        .filter(scores -> monitor.breach() == Monitor.Breach.RETRAIN && scores.isNumbered())
        .ifPresent(
            scores ->
                analysis.problem(
                    thing,
                    monitor.location(),
                    "a breach trains a challenger, which could never take the place of version "
                        + scores.alias()
                        + ", as scores "
                        + scores.name()
                        + " names that by its number. Name an alias there, as in "
                        + scores.model()
                        + "@production, or write breach: alert."));
    judged
        .map(scores -> analysis.project().trainingSets().get(scores.rows()))
        .flatMap(set -> set.label().outcome())
        .map(outcome -> outcome.during().end().plus(outcome.maturity()))
        .filter(mature -> monitor.actualsAfter().compareTo(mature) < 0)
        .ifPresent(
            mature ->
                analysis.problem(
                    thing,
                    monitor.location(),
                    "actuals are judged "
                        + Durations.print(monitor.actualsAfter())
                        + " after the as-of, when no outcome is known: the label's interval and its"
                        + " maturity end after "
                        + Durations.print(mature)
                        + ". Write actuals: {after: "
                        + Durations.print(mature)
                        + "} or more."));
  }
}
