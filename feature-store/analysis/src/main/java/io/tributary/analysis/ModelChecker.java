package io.tributary.analysis;

import io.tributary.core.Digest;
import io.tributary.definition.Accuracy;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Model;
import io.tributary.definition.Model.Encoding;
import io.tributary.expression.Scope;
import io.tributary.expression.Types;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;

/** Checks one model against its training set. */
final class ModelChecker {
  private static final String DEFAULT = "default";

  private final Map<String, CheckedTrainingSet> trainingSets;
  private final Analysis analysis;
  private final Model model;
  private final String thing;
  private boolean failed;

  ModelChecker(Analysis analysis, Map<String, CheckedTrainingSet> trainingSets, Model model) {
    this.trainingSets = trainingSets;
    this.analysis = analysis;
    this.model = model;
    this.thing = "model " + model.name();
  }

  /** Empty where something is wrong, or its training set is. */
  Optional<CheckedModel> check() {
    CheckedTrainingSet set = trainingSets.get(model.trainingSet());
    if (set == null) {
      return Optional.empty();
    }
    String label = set.definition().label().name();
    if (!model.isTrainedHere() && !Types.isNumeric(set.labelType())) {
      problem(
          "label \"%s\" of training-set %s is %s, and the model foretells a number. Make a number of it there, or say problem: binary."
              .formatted(label, set.name(), Types.name(set.labelType())));
    }
    if (model.isTrainedHere() && !Types.isBoolean(set.labelType())) {
      problem(
          "label \""
              + label
              + "\" of training-set "
              + set.name()
              + " is "
              + Types.name(set.labelType())
              + ", and models learn only labels that are true or false. Make a condition of it there,"
              + " as in value: amount > 100, or "
              + (Types.isNumeric(set.labelType())
                  ? "say problem: number in the model, which is then trained elsewhere."
                  : "train no model on this training set."));
    }
    Set<String> names = new TreeSet<>(List.of(set.schema().fieldNames()));
    names.remove(label);
    names.remove(CheckedTrainingSet.AS_OF);
    Map<String, Encoding> named = new LinkedHashMap<>(model.inputs());
    Optional<Encoding> byDefault = Optional.ofNullable(named.remove(DEFAULT));
    named.keySet().stream()
        .filter(c -> !names.contains(c))
        .forEach(c -> unknown("input", c, names));
    model.slices().stream()
        .filter(s -> !names.contains(s))
        .forEach(s -> unknown("slice", s, names));
    model.split().by().forEach(column -> groups(column, set));
    List<CheckedModel.Input> inputs = new ArrayList<>();
    Set<String> features = new TreeSet<>();
    set.uses().forEach(use -> use.columns().forEach(c -> features.add(c.name())));
    for (StructField column : set.schema().fields()) {
      Optional<Encoding> encoding =
          Optional.ofNullable(named.get(column.name()))
              .or(
                  () ->
                      features.contains(column.name()) && isTaken(column.dataType())
                          ? byDefault
                          : Optional.empty());
      if (names.contains(column.name()) && encoding.isPresent()) {
        require(column.name(), column.dataType(), encoding.get());
        inputs.add(new CheckedModel.Input(column.name(), column.dataType(), encoding.get()));
      }
    }
    if (inputs.isEmpty()) {
      problem(
          "it has no inputs. Write \"default: standardize\" in inputs, or name columns of the training set.");
    }
    CheckedModel checked =
        new CheckedModel(
            model,
            set,
            inputs,
            Digest.of(fit("fit 1", set, inputs).toString()),
            meaning(set, inputs).digest(analysis.forms()));
    if (model.staleOnline()) {
      servable(checked.uses());
    }
    return failed ? Optional.empty() : Optional.of(checked);
  }

  /** Whether a feature that is not named is an input: ONNX has no texts. */
  private boolean isTaken(DataType type) {
    return model.isTrainedHere() || Types.isNumeric(type) || Types.isBoolean(type);
  }

  /** Whether there is anything that {@code online: stale} allows. */
  private void servable(List<CheckedUse> uses) {
    List<FeatureView> views = uses.stream().map(use -> use.view().definition()).toList();
    Optional<FeatureView> unpublished =
        views.stream().filter(v -> !v.isOnDemand() && !v.online()).findFirst();
    if (unpublished.isPresent()) {
      problem(
          "\"online: stale\" allows nothing: view "
              + unpublished.get().id()
              + " says online: false, so the online store has nothing of it. Publish it, or take"
              + " \"online\" out of the model.");
    } else if (views.stream().allMatch(v -> v.isOnDemand() || v.accuracy() == Accuracy.SNAPSHOT)) {
      problem(
          "\"online: stale\" allows nothing: none of its inputs comes from a view of accuracy:"
              + " exact, so the online store answers as in training. Take it out.");
    }
  }

  /** A column that rows are split by. */
  private void groups(String column, CheckedTrainingSet set) {
    Scope asking = new Scope("", set.asking());
    Optional<StructField> field =
        asking.find(column).filter(f -> f.name().equals(column) && asking.names().contains(column));
    if (field.isEmpty()) {
      unknown("split by", column, new TreeSet<>(asking.names()));
    } else if (!Types.isKey(field.get().dataType())) {
      problem(
          "split by \""
              + column
              + "\": it is "
              + Types.name(field.get().dataType())
              + ", which can't be compared beyond doubt. Use whole numbers, decimals, text, booleans,"
              + " dates or timestamps.");
    }
  }

  private void unknown(String kind, String column, Set<String> names) {
    failed = true;
    analysis
        .problems()
        .addUnknown(
            thing,
            model.location(),
            kind + ": training-set " + model.trainingSet() + " has no column",
            column,
            names);
  }

  private void require(String column, DataType type, Encoding encoding) {
    boolean isNumber = Types.isNumeric(type) || Types.isBoolean(type);
    boolean isCategory = Types.isString(type) || Types.isInteger(type) || Types.isBoolean(type);
    boolean numeric = encoding instanceof Encoding.Standardize || encoding instanceof Encoding.Raw;
    if (numeric ? isNumber : isCategory) {
      return;
    }
    String what = "input \"" + column + "\" is " + Types.name(type);
    if (numeric && isCategory) {
      problem(
          what
              + ", which is no number. Give it an encoding, "
              + column
              + ": one-hot or "
              + column
              + ": embedding(4).");
    } else if (isNumber) {
      problem(what + ", which has too many values to be a category. Use standardize or raw.");
    } else if (type instanceof MapType) {
      problem(
          what
              + ", which no encoding takes. Take values out of it in \"derived\" of its view, as in"
              + " spent_7d['books'], and leave it out by \"take\".");
    } else {
      problem(
          what
              + ", which no encoding takes. Make a number or text of it in its view, or leave it out by \"take\".");
    }
  }

  private void problem(String why) {
    failed = true;
    analysis.problem(thing, model.location(), why);
  }

  private CanonicalForm meaning(CheckedTrainingSet set, List<CheckedModel.Input> inputs) {
    if (!model.isTrainedHere()) {
      return CanonicalForm.of("model 1")
          .fact("name", model.name())
          .fact("training-set", set.digest())
          .fact("problem", model.problem())
          .inOrder("input", inputs.stream().map(i -> Scope.key(i.column())).toList())
          .inOrder("admit", model.admit());
    }
    return fit("model 1", set, inputs)
        .inOrder("metric", new TreeSet<>(model.metrics()))
        .inOrder("slice", new TreeSet<>(model.slices()))
        .inOrder("admit", model.admit())
        .fact("online", model.staleOnline() ? Optional.of("stale") : Optional.empty());
  }

  private CanonicalForm fit(String kind, CheckedTrainingSet set, List<CheckedModel.Input> inputs) {
    Map<String, Encoding> encodings = new LinkedHashMap<>();
    inputs.forEach(i -> encodings.put(Scope.key(i.column()), i.encoding()));
    return CanonicalForm.of(kind)
        .fact("name", model.name())
        .fact("training-set", set.digest())
        .fact("split", model.split())
        .byName("input", encodings)
        .inOrder("layer", model.network())
        .fact("fit", model.fit());
  }
}
