package io.tributary.analysis;

import io.tributary.definition.Accuracy;
import io.tributary.definition.Derivation;
import io.tributary.definition.Feature;
import io.tributary.definition.FeatureView;
import io.tributary.definition.SqlText;
import io.tributary.definition.TrainingSet;
import io.tributary.definition.ViewId;
import io.tributary.expression.Scope;
import io.tributary.expression.Types;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;

/**
 * Types a label over an interval, as a view: its aggregates are features over one window as long as
 * the interval, and the label and its filter are derived from them.
 */
final class OutcomeChecker {
  private final SourceChecker sources;
  private final Analysis analysis;
  private final TrainingSet.Label label;
  private final TrainingSet.Outcome outcome;
  private final String thing;

  OutcomeChecker(Analysis analysis, SourceChecker sources, TrainingSet set) {
    this.sources = sources;
    this.analysis = analysis;
    this.label = set.label();
    this.outcome = label.outcome().orElseThrow();
    this.thing = "training-set " + set.name();
  }

  /** Why a label can't be of a type; empty where it can. */
  static Optional<String> unfit(DataType type) {
    if (Types.isBoolean(type) || Types.isNumeric(type) || Types.isString(type)) {
      return Optional.empty();
    }
    return Optional.of(
        "a label is true or false, a number or a text, but this is "
            + Types.name(type)
            + ". Write a condition, a number or a class.");
  }

  /** What a label over an interval means. */
  static String meaning(TrainingSet.Label label, CheckedView checked, CanonicalForms texts) {
    TrainingSet.Outcome outcome = label.outcome().orElseThrow();
    return CanonicalForm.of("outcome 1")
        .fact("name", label.name())
        .fact("computed", checked.digest())
        .fact("after", outcome.during().after())
        .fact("until", outcome.during().until())
        .fact("end", outcome.during().end())
        .fact("maturity", outcome.maturity())
        .byName("key", outcome.keys())
        .digest(texts)
        .hex();
  }

  /** Empty where something is wrong, which has been said. */
  Optional<CheckedView> check(AnalyzedSource source, Optional<Scope> rows) {
    boolean good = rows.isPresent();
    for (Map.Entry<String, String> key : outcome.keys().entrySet()) {
      good &= rows.isPresent() && matches(key.getKey(), key.getValue(), source, rows.get());
    }
    Optional<CheckedView> checked =
        new ViewChecker(analysis, sources, view(), thing, Optional.of("the label"))
            .check()
            .filter(this::fits);
    return good ? checked : Optional.empty();
  }

  private FeatureView view() {
    SqlText filter =
        outcome.filter().orElseGet(() -> new SqlText("true", label.value().location()));
    return new FeatureView(
        new ViewId("label " + label.name() + " of " + thing, 1),
        "",
        "",
        List.copyOf(new TreeMap<>(outcome.keys()).keySet()),
        Map.of(),
        Optional.of(label.source()),
        outcome.events(),
        List.<Feature>copyOf(outcome.aggregates()),
        List.of(
            new Derivation(label.name(), outcome.value()),
            new Derivation(CheckedView.WHERE, filter)),
        Optional.empty(),
        List.of(),
        false,
        true,
        Accuracy.EXACT,
        Duration.ZERO,
        Optional.empty(),
        false,
        Map.of(),
        analysis.project().zone(),
        List.of(),
        "active",
        label.value().location());
  }

  private boolean matches(String theirs, String mine, AnalyzedSource source, Scope rows) {
    Optional<StructField> asked = rows.find(mine);
    Optional<StructField> told = source.columns().find(theirs);
    if (asked.isEmpty()) {
      return false;
    }
    if (told.isPresent() && !SourceChecker.comparable(asked.get(), told.get())) {
      analysis.problem(
          thing,
          label.value().location(),
          SourceChecker.differ(asked.get(), told.get(), source.definition()));
      return false;
    }
    return told.isPresent();
  }

  private boolean fits(CheckedView checked) {
    Optional<String> why = unfit(checked.schema().apply(label.name()).dataType());
    why.ifPresent(w -> analysis.problem(thing, label.value().location(), w));
    DataType filter = checked.schema().apply(CheckedView.WHERE).dataType();
    if (!Types.isBoolean(filter)) {
      analysis.problem(
          thing,
          label.where().orElseThrow().location(),
          "a filter is true or false, but this is " + Types.name(filter) + ". Write a condition.");
      return false;
    }
    return why.isEmpty();
  }
}
