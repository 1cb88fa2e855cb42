package io.tributary.analysis;

import io.tributary.core.Durations;
import io.tributary.definition.Monitor;
import io.tributary.definition.Project;
import io.tributary.definition.ScoreSet;
import io.tributary.definition.SourceLocation;
import io.tributary.definition.SqlText;
import io.tributary.expression.Division;
import io.tributary.expression.ResolvedExpression;
import io.tributary.expression.Scope;
import io.tributary.expression.SqlDialect;
import io.tributary.expression.Types;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Checks score sets against their models and rows, and monitors against what they watch. */
final class ScoreChecker {
  private final Project project;
  private final Map<String, CheckedTrainingSet> trainingSets;
  private final Map<String, CheckedModel> models;
  private final Problems problems;

  ScoreChecker(
      Project project,
      Map<String, CheckedTrainingSet> trainingSets,
      Map<String, CheckedModel> models,
      Problems problems) {
    this.project = project;
    this.trainingSets = trainingSets;
    this.models = models;
    this.problems = problems;
  }

  /** Empty where something is wrong, or what it needs is. */
  Optional<CheckedScores> check(ScoreSet scores) {
    String thing = "scores " + scores.name();
    boolean known =
        exists(thing, scores.location(), "model", scores.model(), project.models().keySet())
            & exists(
                thing,
                scores.location(),
                "training set",
                scores.rows(),
                project.trainingSets().keySet());
    Optional<ExpressionAnalysis> decide = scores.decide().map(sql -> decide(thing, sql));
    CheckedModel model = models.get(scores.model());
    CheckedTrainingSet rows = trainingSets.get(scores.rows());
    if (!known || model == null || rows == null || decide.isPresent() && decide.get().failed()) {
      return Optional.empty();
    }
    boolean fits = true;
    for (CheckedModel.Input input : model.inputs()) {
      boolean brings =
          Arrays.stream(rows.schema().fields())
              .anyMatch(f -> f.name().equals(input.column()) && f.dataType().equals(input.type()));
      if (!brings) {
        fits = false;
        problems.add(
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
        problems.add(
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
            .fact("decide", decide.map(d -> d.identity(CheckedScores.DECISION)));
    return fits
        ? Optional.of(
            new CheckedScores(
                scores,
                model,
                rows,
                decide.map(ExpressionAnalysis::finish),
                meaning.digest(problems.texts())))
        : Optional.empty();
  }

  private ExpressionAnalysis decide(String thing, SqlText sql) {
    Scope score = new Scope("a score", new StructType().add("score", DataTypes.DoubleType));
    ExpressionAnalysis rows =
        new ExpressionAnalysis(
            problems, thing, new SqlDialect(project.zone(), Division.FAILS), score, Map.of());
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
    boolean known =
        exists(thing, monitor.location(), "model", monitor.model(), project.models().keySet())
            & exists(
                thing,
                monitor.location(),
                "score set",
                monitor.scores(),
                project.scores().keySet());
    if (known && !project.scores().get(monitor.scores()).model().equals(monitor.model())) {
      problems.add(
          thing,
          monitor.location(),
          "scores "
              + monitor.scores()
              + " are of model "
              + project.scores().get(monitor.scores()).model()
              + ", not of "
              + monitor.model()
              + ". Watch scores of that model.");
    }
    if (known) {
      Optional.ofNullable(project.trainingSets().get(project.scores().get(monitor.scores()).rows()))
          .flatMap(set -> set.label().outcome())
          .map(outcome -> outcome.during().end().plus(outcome.maturity()))
          .filter(mature -> monitor.actualsAfter().compareTo(mature) < 0)
          .ifPresent(
              mature ->
                  problems.add(
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

  private boolean exists(
      String thing, SourceLocation location, String kind, String name, Set<String> known) {
    if (!known.contains(name)) {
      problems.addUnknown(thing, location, "there is no " + kind, name, known);
    }
    return known.contains(name);
  }
}
