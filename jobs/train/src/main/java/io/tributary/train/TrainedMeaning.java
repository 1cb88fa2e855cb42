package io.tributary.train;

import io.tributary.analysis.CheckedTrainingSet;
import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.events.definitions.DefinitionStore;
import io.tributary.lake.Lake;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.TrainingSetReference;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * What the inputs and the label of a model version meant when it was trained, or what those of some
 * rows mean.
 *
 * @param views of its inputs, {@code name@version}, by role; empty if not recorded
 * @param definitions of the views of its training set, by kind and name; empty if not recorded
 * @param trainingSet the definition of that; empty if not recorded
 */
record TrainedMeaning(
    Map<String, String> views,
    Map<String, Definition> definitions,
    Optional<Definition> trainingSet) {
  TrainedMeaning {
    views = Collections.unmodifiableMap(new TreeMap<>(views));
    definitions = Collections.unmodifiableMap(new TreeMap<>(definitions));
  }

  static TrainedMeaning of(Lake lake, ModelVersion version) {
    TrainedMeaning made =
        of(
            lake.definitions().store(),
            version.trainingSet().map(TrainingSetReference::name),
            version.definitions());
    Map<String, String> views = new TreeMap<>();
    version
        .onlineUse()
        .ifPresent(use -> use.views().forEach(view -> views.put(view.role(), view.view())));
    return new TrainedMeaning(views, made.definitions(), made.trainingSet());
  }

  /**
   * What rows of a training set mean, by the definitions that it was made of.
   *
   * @param trainingSet its name; empty if nobody knows
   */
  static TrainedMeaning of(
      DefinitionStore store, Optional<String> trainingSet, Map<String, Digest> used) {
    Map<String, Definition> views = new TreeMap<>();
    used.forEach(
        (name, digest) -> {
          if (name.startsWith(Definition.VIEW + " ")) {
            views.put(name, store.read(digest));
          }
        });
    return new TrainedMeaning(
        Map.of(),
        views,
        trainingSet
            .flatMap(name -> Optional.ofNullable(used.get("training-set " + name)))
            .map(store::read));
  }

  /** What rows mean that are made by a project as it is. */
  static TrainedMeaning of(CheckedTrainingSet set, List<Definition> definitions) {
    Map<String, String> views = new TreeMap<>();
    set.uses().forEach(use -> views.put(use.definition().prefix(), use.view().id().toString()));
    Map<String, Definition> used = new TreeMap<>();
    definitions.forEach(definition -> used.put(definition.reference(), definition));
    return new TrainedMeaning(
        views, used, Optional.ofNullable(used.get("training-set " + set.name())));
  }

  /**
   * Why rows of another version's training set are not what this one was trained on; empty if they
   * are.
   *
   * @param upToDate whether both versions may use what their views mean by now
   */
  Optional<String> unlike(TrainedMeaning rows, boolean upToDate) {
    return unlike(rows, view -> upToDate);
  }

  /**
   * Why rows are not what this version was trained on; empty if they are.
   *
   * @param allowed whether it may use what a view of the rows means, though it was trained on
   *     something else
   */
  Optional<String> unlike(TrainedMeaning rows, Predicate<Definition> allowed) {
    return views.entrySet().stream()
        .flatMap(view -> unlike(rows, view.getKey(), view.getValue(), allowed).stream())
        .findFirst()
        .or(
            () ->
                trainingSet.isEmpty()
                        || rows.trainingSet.isEmpty()
                        || label(trainingSet.get()).equals(label(rows.trainingSet.get()))
                    ? Optional.empty()
                    : Optional.of(
                        "the labels of the rows are defined otherwise than those that one was trained on"));
  }

  /**
   * Why a split does not tell which of some rows this version has seen; empty if it does.
   *
   * @param by the columns whose values the split divides rows by
   */
  Optional<String> dealtUnlike(TrainedMeaning rows, Collection<String> by) {
    return trainingSet.isEmpty()
            || rows.trainingSet.isEmpty()
            || dealt(trainingSet.get(), by).equals(dealt(rows.trainingSet.get(), by))
        ? Optional.empty()
        : Optional.of(
            "the as-of of the rows%s is defined otherwise than that of those that one was trained on, so that nobody can tell which of them it has seen"
                .formatted(by.isEmpty() ? "" : " or " + String.join(", ", by)));
  }

  private Optional<String> unlike(
      TrainedMeaning rows, String role, String view, Predicate<Definition> allowed) {
    String inRole = rows.views.getOrDefault(role, view);
    if (!inRole.equals(view)) {
      return Optional.of("the rows have %s, and one was trained on %s".formatted(inRole, view));
    }
    Definition mine = definitions.get(Definition.VIEW + " " + view);
    if (mine == null || rows.definitions.isEmpty()) {
      return Optional.empty();
    }
    Definition theirs = rows.definitions.get(mine.reference());
    if (theirs == null) {
      return Optional.of("the rows do not have %s, which one was trained on".formatted(view));
    }
    return mine.meaningDigest().equals(theirs.meaningDigest()) || allowed.test(theirs)
        ? Optional.empty()
        : Optional.of(
            "the rows have another meaning of %s than one was trained on".formatted(view));
  }

  /** What rows are divided by: their as-of, and some columns. */
  private static Set<String> dealt(Definition trainingSet, Collection<String> by) {
    Map<String, String> population =
        Definition.facts(
            trainingSet
                .parts()
                .getOrDefault(Definition.facts(trainingSet.meaning()).get("population"), ""));
    Set<String> dealt = new TreeSet<>();
    population.forEach(
        (fact, value) -> {
          boolean isTime =
              Set.of("as-of", "every", "origin").contains(fact)
                  || fact.equals("spine._event_time") && !population.containsKey("as-of");
          if (isTime
              || fact.startsWith("column[")
                  && by.contains(value.substring(0, Math.max(0, value.indexOf(' '))))) {
            dealt.add(isTime ? fact + " " + value : value);
          }
        });
    return dealt;
  }

  /** What the label is and where it is read. */
  private static Map<String, String> label(Definition trainingSet) {
    Map<String, String> facts = new TreeMap<>(Definition.facts(trainingSet.meaning()));
    facts.keySet().removeIf(fact -> !fact.equals("label") && !fact.startsWith("label-source."));
    return facts;
  }
}
