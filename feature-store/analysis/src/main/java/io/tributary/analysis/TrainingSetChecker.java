package io.tributary.analysis;

import io.tributary.definition.Source;
import io.tributary.definition.SqlText;
import io.tributary.definition.TrainingSet;
import io.tributary.definition.ViewId;
import io.tributary.definition.ViewUse;
import io.tributary.expression.Division;
import io.tributary.expression.ResolvedExpression;
import io.tributary.expression.RowExpressions;
import io.tributary.expression.Scope;
import io.tributary.expression.SqlDialect;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;

/** Types one training set. */
final class TrainingSetChecker {
  private final SourceChecker sources;
  private final Map<ViewId, CheckedView> views;
  private final Analysis analysis;
  private final TrainingSet set;
  private final String thing;
  private boolean failed;

  TrainingSetChecker(
      Analysis analysis, SourceChecker sources, Map<ViewId, CheckedView> views, TrainingSet set) {
    this.sources = sources;
    this.views = views;
    this.analysis = analysis;
    this.set = set;
    this.thing = "training-set " + set.name();
  }

  /** Empty where something is wrong, or what it is made of is. */
  Optional<CheckedTrainingSet> check() {
    SpineChecker rows = new SpineChecker(analysis, sources, set);
    Optional<Scope> all = rows.columns();
    boolean ofRow = set.label().ofRow();
    Optional<AnalyzedSource> labels =
        ofRow
            ? rows.source()
            : sources.find(set.label().source()).filter(s -> !s.definition().isStatic());
    SqlDialect profile = new SqlDialect(analysis.project().zone(), Division.FAILS);
    Optional<CheckedSpine> spine = rows.check();
    Optional<CheckedLabel> label = labels.flatMap(l -> label(l, all, profile));
    if (all.isEmpty()) {
      return Optional.empty();
    }
    Optional<Scope> own = all;
    if (ofRow && label.isPresent()) {
      own = Optional.of(rows.without(own.get(), label.get().label(), spine));
    }
    Scope asking =
        own.get()
            .with(
                new StructField(
                    CheckedTrainingSet.AS_OF, DataTypes.TimestampType, true, Metadata.empty()));
    Scope columns = asking;
    List<CheckedUse> uses = new ArrayList<>();
    for (ViewUse use : set.features()) {
      Optional<CheckedUse> checked = use(use, asking);
      checked.ifPresent(uses::add);
      for (StructField column : checked.map(CheckedUse::columns).orElse(List.of())) {
        columns = with(columns, column, "feature");
      }
    }
    if (label.isPresent()) {
      columns = with(columns, label.get().column(), "label");
    }
    if (ofRow && label.isPresent() && labels.isPresent()) {
      RowExpressions made = label.get().label();
      AnalyzedSource source = labels.get();
      uses.forEach(use -> requireBlind(use, source, made));
    }
    boolean complete =
        spine.isPresent() && labels.isPresent() && labels.get().checked().isPresent();
    if (failed || !complete || label.isEmpty() || uses.size() < set.features().size()) {
      return Optional.empty();
    }
    CanonicalForm population = population(rows.meaning(spine.get(), own.get()), uses);
    CanonicalForm whole =
        SpineChecker.bounds(
                CanonicalForm.of("training-set 1")
                    .fact("population", population.digest(analysis.forms())),
                set.rows())
            .byName("label-source", labels.get().eventMeaning())
            .fact("label", label.get().meaning())
            .fact("known-until", set.knownUntil());
    return Optional.of(
        new CheckedTrainingSet(
            set,
            spine.get(),
            asking.schema(),
            labels.get().checked().get(),
            label.get().label(),
            label.get().outcome(),
            uses,
            columns.schema(),
            whole.digest(analysis.forms()),
            population.digest(analysis.forms())));
  }

  /** A view of the rows that say their labels must not show what those are made of. */
  private void requireBlind(CheckedUse use, AnalyzedSource rows, RowExpressions label) {
    if (use.view().source().filter(s -> s.name().equals(rows.definition().name())).isEmpty()) {
      return;
    }
    Set<String> told = new TreeSet<>();
    label.columns().forEach(c -> told.addAll(rows.deciding(c)));
    for (String column : use.view().arguments().columns()) {
      if (rows.deciding(column).stream().anyMatch(told::contains)) {
        problem(
            "view "
                + use.definition().view()
                + " shows \""
                + column
                + "\" of the rows that ask, of which their label \""
                + set.label().name()
                + "\" is made: each row would be shown its own. Leave it out of the view, or read the"
                + " view from another source.");
      }
    }
  }

  private void problem(String why) {
    failed = true;
    analysis.problem(thing, set.location(), why);
  }

  private Scope with(Scope columns, StructField column, String kind) {
    if (columns.find(column.name()).isPresent()) {
      problem(kind + " \"" + column.name() + "\" has the name of another column. Rename one.");
      return columns;
    }
    return columns.with(column);
  }

  /** A label of either kind. */
  private record CheckedLabel(
      StructField column, RowExpressions label, Optional<CheckedView> outcome, String meaning) {}

  private Optional<CheckedLabel> label(
      AnalyzedSource source, Optional<Scope> rows, SqlDialect profile) {
    if (set.label().outcome().isPresent()) {
      Optional<CheckedView> outcome =
          new OutcomeChecker(analysis, sources, set).check(source, rows);
      failed |= outcome.isEmpty();
      return outcome.map(
          o ->
              new CheckedLabel(
                  o.schema().apply(set.label().name()),
                  o.completion(),
                  outcome,
                  OutcomeChecker.meaning(set.label(), o, analysis.forms())));
    }
    ExpressionAnalysis label = ofEvent(source, profile);
    rows.filter(own -> !set.label().ofRow()).ifPresent(own -> labelKeys(own, source));
    if (label.failed()) {
      return Optional.empty();
    }
    String meaning =
        set.label().name()
            + " "
            + label.identity(set.label().name())
            + " "
            + label.identity(CheckedView.WHERE);
    return Optional.of(
        new CheckedLabel(
            label.accepted().get(0).column(), label.finish(), Optional.empty(), meaning));
  }

  private ExpressionAnalysis ofEvent(AnalyzedSource source, SqlDialect profile) {
    TrainingSet.Label label = set.label();
    ExpressionAnalysis rows =
        new ExpressionAnalysis(analysis, thing, profile, source.columns(), source.identities());
    Optional<ResolvedExpression> typed = rows.add(label.name(), label.value());
    typed
        .flatMap(t -> OutcomeChecker.unfit(t.column().dataType()))
        .ifPresent(why -> rows.problem(label.value(), why));
    if (label.where().isPresent()) {
      Conditions.add(rows, CheckedView.WHERE, label.where().get());
    } else {
      rows.addOwn(CheckedView.WHERE, new SqlText("true", label.value().location()));
    }
    return rows;
  }

  private void labelKeys(Scope rows, AnalyzedSource labels) {
    Source source = labels.definition();
    failed |= source.eventKey().isEmpty();
    for (String key : source.eventKey()) {
      Optional<StructField> mine = rows.find(key);
      Optional<StructField> theirs = labels.columns().find(key);
      failed |= mine.isEmpty();
      if (mine.isPresent()
          && theirs.isPresent()
          && !SourceChecker.comparable(mine.get(), theirs.get())) {
        problem(SourceChecker.differ(mine.get(), theirs.get(), source));
      }
    }
  }

  private Optional<CheckedUse> use(ViewUse use, Scope asking) {
    CheckedView view = views.get(use.view());
    if (view == null) {
      return Optional.empty();
    }
    Optional<Map<String, String>> keys =
        new KeyMatch(analysis, thing, set.location(), use, view).check(asking);
    List<StructField> taken = new ArrayList<>();
    List<String> wanted = use.take().isEmpty() ? view.definition().featureNames() : use.take();
    boolean good = keys.isPresent();
    for (String feature : wanted) {
      Optional<StructField> field = new Scope("", view.schema()).find(feature);
      good &= field.isPresent();
      field.ifPresent(taken::add);
    }
    if (!good) {
      return Optional.empty();
    }
    taken.sort(java.util.Comparator.comparingInt(f -> view.schema().fieldIndex(f.name())));
    List<StructField> columns =
        taken.stream()
            .map(f -> new StructField(use.column(f.name()), f.dataType(), true, Metadata.empty()))
            .toList();
    Optional<RowExpressions> onDemand =
        view.definition().isOnDemand()
            ? Optional.of(onDemand(use, view, keys.get(), taken, asking))
            : Optional.empty();
    return Optional.of(new CheckedUse(use, view, keys.get(), taken, columns, onDemand));
  }

  private RowExpressions onDemand(
      ViewUse use,
      CheckedView view,
      Map<String, String> keys,
      List<StructField> taken,
      Scope asking) {
    SqlDialect profile = new SqlDialect(view.definition().zone(), Division.FAILS);
    ExpressionAnalysis request = new ExpressionAnalysis(analysis, thing, profile, asking, Map.of());
    for (StructField column : view.input().fields()) {
      String text = "cast(`" + keys.get(column.name()) + "` as " + column.dataType().sql() + ")";
      request.addOwn(column.name(), new SqlText(text, set.location()));
    }
    ExpressionAnalysis renamed =
        new ExpressionAnalysis(analysis, thing, profile, new Scope(thing, view.schema()), Map.of());
    for (StructField feature : taken) {
      renamed.addOwn(
          use.column(feature.name()), new SqlText("`" + feature.name() + "`", set.location()));
    }
    return request.finish().then(view.onDemand()).then(renamed.finish());
  }

  private static CanonicalForm population(CanonicalForm rows, List<CheckedUse> uses) {
    List<String> views = new ArrayList<>();
    for (CheckedUse use : uses) {
      views.add(
          use.definition().prefix()
              + " "
              + use.view().digest()
              + " "
              + new TreeMap<>(use.keys())
              + " "
              + use.features().stream().map(StructField::name).sorted().toList());
    }
    return rows.inOrder("view", views);
  }
}
