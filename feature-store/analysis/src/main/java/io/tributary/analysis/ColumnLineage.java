package io.tributary.analysis;

import io.tributary.core.ColumnOrigin;
import io.tributary.core.ColumnReference;
import io.tributary.definition.Column;
import io.tributary.definition.Derivation;
import io.tributary.definition.Lookup;
import io.tributary.definition.SourceInput;
import io.tributary.definition.TrainingSet;
import io.tributary.expression.RowExpressions;
import io.tributary.expression.Scope;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.sql.types.StructType;

/**
 * Where each column of a definition comes from, one step back, as its typed expressions say.
 *
 * <p>Values are what a column is computed from; conditions decide which of them count: filters, the
 * columns by which rows are joined, the times by which events are visible. A source's declared
 * columns come from nowhere before it.
 */
final class ColumnLineage {
  private static final String SCORE = "score";

  private ColumnLineage() {}

  static Map<String, ColumnOrigin> of(CheckedSource source) {
    Map<String, ColumnOrigin> columns = new LinkedHashMap<>();
    Map<String, Set<String>> origins = source.rows().origins();
    if (source.definition().input() instanceof SourceInput.Query query) {
      Columns from = new Columns("source " + query.source(), source.input());
      Set<ColumnReference> filter =
          source.filter().map(f -> from.all(f.columns())).orElse(Set.of());
      for (String name : source.rowSchema().fieldNames()) {
        columns.put(name, ColumnOrigin.of(from.all(origins.get(name)), filter));
      }
      return columns;
    }
    for (Column column : source.definition().columns()) {
      columns.put(column.name(), new ColumnOrigin(Set.of(), Set.of(), column.tags()));
    }
    Set<String> lookups = new TreeSet<>();
    source.definition().lookup().forEach(l -> lookups.add(l.name()));
    for (String name : source.rowSchema().fieldNames()) {
      if (!columns.containsKey(name)) {
        columns.put(name, ofRow(source, lookups.contains(name) ? Set.of(name) : origins.get(name)));
      }
    }
    return columns;
  }

  /** What the columns that a row brings, and its look-ups, come from. */
  private static ColumnOrigin ofRow(CheckedSource source, Set<String> paths) {
    String thing = "source " + source.name();
    Columns own = new Columns(thing, source.input());
    Set<ColumnReference> values = new TreeSet<>();
    Set<ColumnReference> conditions = new TreeSet<>();
    for (String path : paths) {
      Lookup lookup = null;
      for (Lookup each : source.definition().lookup()) {
        if (Scope.key(each.name()).equals(column(path))) {
          lookup = each;
        }
      }
      if (lookup == null) {
        values.add(own.column(path));
        continue;
      }
      lookup.keys().forEach(key -> conditions.add(own.column(Scope.key(key))));
      StructType fields =
          (StructType) source.input().apply(source.input().fieldIndex(lookup.name())).dataType();
      Columns reference = new Columns("source " + lookup.source(), fields);
      if (path.indexOf('.') < 0) {
        values.addAll(reference.all(Arrays.asList(fields.fieldNames())));
      } else {
        values.add(reference.column(path.substring(path.indexOf('.') + 1)));
      }
    }
    return ColumnOrigin.of(values, conditions);
  }

  static Map<String, ColumnOrigin> of(CheckedView view) {
    Map<String, ColumnOrigin> columns = new LinkedHashMap<>();
    String thing = "view " + view.id();
    Map<String, Set<String>> arguments = view.arguments().origins();
    if (view.source().isEmpty()) {
      view.definition()
          .request()
          .keySet()
          .forEach(c -> columns.put(c, ColumnOrigin.of(Set.of(), Set.of())));
    }
    Columns input =
        view.source()
            .map(s -> new Columns("source " + s.name(), s.rowSchema()))
            .orElseGet(() -> new Columns(thing, view.input()));
    Set<ColumnReference> seen = new TreeSet<>();
    if (view.hasFilter()) {
      seen.addAll(input.all(arguments.get(CheckedView.WHERE)));
    }
    for (String entity : view.definition().entity()) {
      columns.put(entity, ColumnOrigin.of(Set.of(input.column(Scope.key(entity))), Set.of()));
      seen.add(input.column(Scope.key(entity)));
    }
    view.source()
        .filter(s -> !s.definition().isStatic())
        .ifPresent(
            s -> {
              seen.add(input.column(CheckedSource.EVENT_TIME));
              seen.add(input.column(CheckedSource.KNOWN_TIME));
            });
    for (FeatureComputation computation : view.computations()) {
      Set<ColumnReference> conditions = new TreeSet<>(seen);
      computation.filter().ifPresent(f -> conditions.addAll(input.all(arguments.get(f))));
      columns.put(
          computation.feature().name(),
          ColumnOrigin.of(input.all(computation.values()), conditions));
    }
    Map<String, Set<String>> derived = view.completion().origins();
    Columns own = new Columns(thing, view.completion().input());
    for (Derivation derivation : view.definition().derived()) {
      columns.put(
          derivation.name(), ColumnOrigin.of(own.all(derived.get(derivation.name())), Set.of()));
    }
    return columns;
  }

  static Map<String, ColumnOrigin> of(CheckedTrainingSet set) {
    Map<String, ColumnOrigin> columns = new LinkedHashMap<>();
    String thing = "training-set " + set.name();
    CheckedSource asking = set.spine().source();
    Columns rows = new Columns("source " + asking.name(), asking.rowSchema());
    Columns own = new Columns(thing, set.asking());
    Set<ColumnReference> chosen =
        set.spine().filter().map(f -> rows.all(f.columns())).orElse(Set.of());
    for (String name : set.asking().fieldNames()) {
      Set<ColumnReference> values =
          !name.equals(CheckedTrainingSet.AS_OF)
              ? Set.of(rows.column(Scope.key(name)))
              : set.spine().asOf().map(a -> rows.all(a.columns())).orElse(Set.of());
      columns.put(name, ColumnOrigin.of(values, chosen));
    }
    for (CheckedUse use : set.uses()) {
      Map<String, Set<String>> computed =
          use.onDemand().map(RowExpressions::origins).orElse(Map.of());
      Set<ColumnReference> joined =
          own.all(use.keys().values().stream().map(Scope::key).collect(Collectors.toSet()));
      joined.add(new ColumnReference(thing, CheckedTrainingSet.AS_OF));
      for (int i = 0; i < use.features().size(); i++) {
        String column = use.columns().get(i).name();
        Set<ColumnReference> values = new TreeSet<>();
        values.add(new ColumnReference("view " + use.view().id(), use.features().get(i).name()));
        if (use.onDemand().isPresent()) {
          values.addAll(own.all(computed.get(column)));
        }
        columns.put(
            column, ColumnOrigin.of(values, use.onDemand().isPresent() ? Set.of() : joined));
      }
    }
    columns.put(set.definition().label().name(), label(set, own));
    return columns;
  }

  private static ColumnOrigin label(CheckedTrainingSet set, Columns asking) {
    TrainingSet.Label label = set.definition().label();
    Columns told = new Columns("source " + set.labelSource().name(), set.labelSource().rowSchema());
    if (set.outcome().isEmpty()) {
      Map<String, Set<String>> origins = set.label().origins();
      return ColumnOrigin.of(
          told.all(origins.get(label.name())), told.all(origins.get(CheckedView.WHERE)));
    }
    CheckedView outcome = set.outcome().get();
    Map<String, ColumnOrigin> computed = of(outcome);
    Set<ColumnReference> values = new TreeSet<>();
    Set<ColumnReference> conditions = new TreeSet<>();
    for (Set<String> features :
        List.of(
            outcome.completion().origins().get(label.name()),
            outcome.completion().origins().get(CheckedView.WHERE))) {
      boolean isLabel = values.isEmpty() && conditions.isEmpty();
      for (Map.Entry<String, ColumnOrigin> column : computed.entrySet()) {
        if (features.contains(Scope.key(column.getKey()))) {
          (isLabel ? values : conditions).addAll(column.getValue().values());
          conditions.addAll(column.getValue().conditions());
        }
      }
    }
    label
        .outcome()
        .orElseThrow()
        .keys()
        .values()
        .forEach(k -> conditions.add(asking.column(Scope.key(k))));
    return ColumnOrigin.of(values, conditions);
  }

  static Map<String, ColumnOrigin> of(CheckedModel model) {
    Map<String, ColumnOrigin> columns = new LinkedHashMap<>();
    String thing = "model " + model.name();
    String set = "training-set " + model.trainingSet().name();
    Set<ColumnReference> inputs = new TreeSet<>();
    for (CheckedModel.Input input : model.inputs()) {
      columns.put(
          input.column(),
          ColumnOrigin.of(Set.of(new ColumnReference(set, input.column())), Set.of()));
      inputs.add(new ColumnReference(thing, input.column()));
    }
    String label = model.trainingSet().definition().label().name();
    columns.put(SCORE, ColumnOrigin.of(inputs, Set.of(new ColumnReference(set, label))));
    return columns;
  }

  static Map<String, ColumnOrigin> of(CheckedScores scores) {
    Map<String, ColumnOrigin> columns = new LinkedHashMap<>();
    String rows = "training-set " + scores.rows().name();
    for (String name : scores.rows().asking().fieldNames()) {
      columns.put(name, ColumnOrigin.of(Set.of(new ColumnReference(rows, name)), Set.of()));
    }
    Set<ColumnReference> inputs = new TreeSet<>();
    for (CheckedModel.Input input : scores.model().inputs()) {
      inputs.add(new ColumnReference(rows, input.column()));
    }
    inputs.add(new ColumnReference("model " + scores.model().name(), SCORE));
    columns.put(SCORE, ColumnOrigin.of(inputs, Set.of()));
    if (scores.decide().isPresent() || !scores.decisions().isEmpty()) {
      columns.put(
          CheckedScores.DECISION,
          ColumnOrigin.of(Set.of(new ColumnReference("scores " + scores.name(), SCORE)), Set.of()));
    }
    return columns;
  }

  private static String column(String path) {
    int dot = path.indexOf('.');
    return dot < 0 ? path : path.substring(0, dot);
  }

  /** The columns of a thing, found by the lower-case paths that expressions have. */
  private record Columns(String thing, StructType schema) {
    ColumnReference column(String path) {
      String key = ColumnLineage.column(path);
      for (String name : schema.fieldNames()) {
        if (Scope.key(name).equals(key)) {
          return new ColumnReference(thing, name);
        }
      }
      return new ColumnReference(thing, key);
    }

    Set<ColumnReference> all(Collection<String> paths) {
      Set<ColumnReference> columns = new TreeSet<>();
      paths.forEach(path -> columns.add(column(Scope.key(path))));
      return columns;
    }
  }
}
