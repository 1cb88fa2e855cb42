package io.tributary.analysis;

import io.tributary.definition.SqlText;
import io.tributary.definition.TrainingSet;
import io.tributary.definition.TrainingSet.Spine;
import io.tributary.expression.Division;
import io.tributary.expression.ResolvedExpression;
import io.tributary.expression.RowExpressions;
import io.tributary.expression.Scope;
import io.tributary.expression.SqlDialect;
import io.tributary.expression.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.types.StructField;

/** Types the rows that ask for one training set. */
final class SpineChecker {
  private final Analysis analysis;
  private final TrainingSet set;
  private final String thing;
  private final Optional<AnalyzedSource> facts;

  /** Says at once what is wrong with the source alone. */
  SpineChecker(Analysis analysis, SourceChecker sources, TrainingSet set) {
    this.analysis = analysis;
    this.set = set;
    this.thing = "training-set " + set.name();
    this.facts = find(sources);
  }

  private Optional<AnalyzedSource> find(SourceChecker sources) {
    return sources
        .find(set.rows().source())
        .filter(s -> !(s.definition().isStatic() && set.rows() instanceof Spine.Periodic));
  }

  /** The columns of a row that asks, its as-of aside; empty where there are none to tell. */
  Optional<Scope> columns() {
    return facts.map(
        f -> {
          Scope all = f.columns();
          if (!(set.rows() instanceof Spine.Periodic periodic)) {
            return all;
          }
          Scope entity = new Scope("training-set \"" + set.name() + "\"", List.of(), all.broken());
          for (String column : periodic.entity()) {
            entity = all.find(column).map(entity::with).orElse(entity.withBroken(column));
          }
          return entity;
        });
  }

  /** Where the rows come from; empty where that can't be told. */
  Optional<AnalyzedSource> source() {
    return facts;
  }

  /**
   * The columns that rows still ask with where a label is made of others; says it where they are
   * chosen by these.
   */
  Scope without(Scope columns, RowExpressions label, Optional<CheckedSpine> spine) {
    List<String> used = label.columns();
    for (String column :
        spine.flatMap(CheckedSpine::filter).map(RowExpressions::columns).orElse(List.of())) {
      if (used.contains(column)) {
        analysis.problem(
            thing,
            set.rows().where().orElseThrow().location(),
            "the rows are chosen by \""
                + column
                + "\", of which their label is made: a filter on the outcome does not exist when"
                + " scoring. Move it to the label's \"where\".");
      }
    }
    return new Scope(
        columns.owner() + " (without what the label is made of)",
        columns.columns().stream().filter(c -> !used.contains(c.name())).toList(),
        columns.broken());
  }

  /** Empty where something is wrong. */
  Optional<CheckedSpine> check() {
    if (facts.isEmpty()) {
      return Optional.empty();
    }
    AnalyzedSource from = facts.get();
    SqlDialect profile = new SqlDialect(analysis.project().zone(), Division.FAILS);
    Optional<RowExpressions> filter = set.rows().where().flatMap(w -> filter(from, w, profile));
    Optional<RowExpressions> asOf = Optional.empty();
    Optional<Instant> origin = Optional.empty();
    boolean good = filter.isPresent() == set.rows().where().isPresent();
    if (set.rows() instanceof Spine.Listed listed) {
      asOf = asOf(from, listed.asOf(), profile);
      good &= asOf.isPresent();
    } else if (set.rows() instanceof Spine.Periodic periodic) {
      good &= entity(from, periodic);
      origin =
          Optional.of(
              periodic
                  .from()
                  .orElseGet(
                      () ->
                          Spine.Periodic.ORIGIN
                              .atStartOfDay(analysis.project().zone())
                              .toInstant()));
    }
    if (!good || from.checked().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new CheckedSpine(set.rows(), from.checked().get(), filter, asOf, origin));
  }

  private Optional<RowExpressions> filter(AnalyzedSource from, SqlText where, SqlDialect profile) {
    ExpressionAnalysis rows =
        new ExpressionAnalysis(analysis, thing, profile, from.columns(), from.identities());
    return Conditions.add(rows, CheckedView.WHERE, where) && !rows.failed()
        ? Optional.of(rows.finish())
        : Optional.empty();
  }

  private Optional<RowExpressions> asOf(AnalyzedSource from, SqlText sql, SqlDialect profile) {
    ExpressionAnalysis rows =
        new ExpressionAnalysis(analysis, thing, profile, from.columns(), from.identities());
    Optional<ResolvedExpression> typed = rows.add(CheckedTrainingSet.AS_OF, sql);
    if (typed.isPresent() && !Types.isInstant(typed.get().column().dataType())) {
      rows.problem(
          sql,
          "an as-of is a timestamp, but this is "
              + Types.name(typed.get().column().dataType())
              + ". Write an instant.");
    }
    return rows.failed() ? Optional.empty() : Optional.of(rows.finish());
  }

  private boolean entity(AnalyzedSource from, Spine.Periodic periodic) {
    boolean good = true;
    for (String column : periodic.entity()) {
      Optional<StructField> field = from.columns().find(column);
      if (field.isPresent() && Types.isKey(field.get().dataType())) {
        continue;
      }
      good = false;
      if (field.isPresent()) {
        analysis.problem(
            thing,
            set.location(),
            "entity column \""
                + column
                + "\" is "
                + Types.name(field.get().dataType())
                + ", which can't be compared beyond doubt. Use whole numbers, decimals, text,"
                + " booleans, dates or timestamps.");
      }
    }
    return good;
  }

  /** What the rows mean: who asks, and when. */
  CanonicalForm meaning(CheckedSpine spine, Scope asking) {
    AnalyzedSource from = facts.orElseThrow();
    List<String> columns = new ArrayList<>();
    for (StructField column : asking.columns()) {
      columns.add(column.name() + " " + from.identity(column.name()));
    }
    CanonicalForm meaning =
        CanonicalForm.of("population 1")
            .byName("spine", from.eventMeaning())
            .inOrder("column", columns)
            .fact("as-of", spine.asOf().map(RowExpressions::identity))
            .fact("where", spine.filter().map(RowExpressions::identity));
    if (spine.definition() instanceof Spine.Periodic periodic) {
      meaning.fact("every", periodic.every()).fact("origin", spine.origin());
    }
    return meaning;
  }

  /** What bounds the training set's rows and not those of a score set. */
  static CanonicalForm bounds(CanonicalForm meaning, Spine spine) {
    return spine instanceof Spine.Periodic periodic
        ? meaning.fact("from", periodic.from()).fact("to", periodic.to())
        : meaning;
  }
}
