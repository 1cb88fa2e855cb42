package io.tributary.train;

import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.events.definitions.DefinitionStore;
import io.tributary.lake.Lake;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.OnlineUse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the inputs and the label of a model version meant when it was trained.
 *
 * @param views of its inputs; empty if not recorded
 * @param definitions of the views of its training set, by kind and name; empty if not recorded
 * @param trainingSet the definition of that; empty if not recorded
 */
record TrainedMeaning(
    List<OnlineUse.View> views,
    Map<String, Definition> definitions,
    Optional<Definition> trainingSet) {
  static TrainedMeaning of(Lake lake, ModelVersion version) {
    DefinitionStore store = lake.definitions().store();
    Map<String, Definition> views = new TreeMap<>();
    version.definitions().entrySet().stream()
        .filter(used -> used.getKey().startsWith(Definition.VIEW + " "))
        .forEach(used -> views.put(used.getKey(), store.read(used.getValue())));
    Optional<Digest> trainingSet =
        version.trainingSet().map(set -> version.definitions().get("training-set " + set.name()));
    return new TrainedMeaning(
        version.onlineUse().map(OnlineUse::views).orElse(List.of()),
        views,
        trainingSet.map(store::read));
  }

  /**
   * Why rows of another version's training set are not what this one was trained on; empty if they
   * are.
   *
   * @param upToDate whether both versions may use what their views mean by now
   */
  Optional<String> unlike(TrainedMeaning rows, boolean upToDate) {
    return views.stream()
        .flatMap(view -> unlike(rows, view, upToDate).stream())
        .findFirst()
        .or(
            () ->
                trainingSet.isEmpty()
                        || rows.trainingSet.isEmpty()
                        || label(trainingSet.get()).equals(label(rows.trainingSet.get()))
                    ? Optional.empty()
                    : Optional.of("their labels are defined otherwise"));
  }

  private Optional<String> unlike(TrainedMeaning rows, OnlineUse.View view, boolean upToDate) {
    Optional<String> inRole =
        rows.views.stream()
            .filter(other -> other.role().equals(view.role()))
            .map(OnlineUse.View::view)
            .findFirst();
    if (inRole.filter(other -> !other.equals(view.view())).isPresent()) {
      return Optional.of(
          "one was trained on %s, the other on %s".formatted(view.view(), inRole.get()));
    }
    Definition mine = definitions.get(Definition.VIEW + " " + view.view());
    if (mine == null || rows.definitions.isEmpty()) {
      return Optional.empty();
    }
    Definition theirs = rows.definitions.get(mine.reference());
    if (theirs == null) {
      return Optional.of(
          "one was trained on %s, which the training set of the other does not have"
              .formatted(view.view()));
    }
    return upToDate || mine.meaningDigest().equals(theirs.meaningDigest())
        ? Optional.empty()
        : Optional.of("one was trained on another meaning of %s".formatted(view.view()));
  }

  /** What the label is and where it is read. */
  private static Map<String, String> label(Definition trainingSet) {
    Map<String, String> facts = new TreeMap<>(Definition.facts(trainingSet.meaning()));
    facts.keySet().removeIf(fact -> !fact.equals("label") && !fact.startsWith("label-source."));
    return facts;
  }
}
