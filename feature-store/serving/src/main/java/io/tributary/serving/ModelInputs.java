package io.tributary.serving;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.ViewUse;
import io.tributary.model.Input;
import io.tributary.online.Answer;
import io.tributary.online.StoredColumn;
import io.tributary.online.StoredFeature;
import io.tributary.serving.ServedViews.Asked;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/**
 * The inputs of a model's version that the online store has, or that are computed from what a
 * request brings: by the views, roles and keys that its training set joined.
 */
final class ModelInputs {
  private final ServedViews views;
  private final ServedModels models;

  ModelInputs(ServedViews views, ServedModels models) {
    this.views = views;
    this.models = models;
  }

  /**
   * Features of one view in one role that are inputs of a version.
   *
   * @param keys the view's key column → the column of the rows that ask
   * @param inputs of each feature that is asked for, which input it is
   */
  record Lookup(Asked asked, Map<String, String> keys, List<Integer> inputs) {}

  /** The columns of rows that name entities, and that inputs are computed from. */
  static Set<String> keys(List<Lookup> lookups) {
    Set<String> keys = new LinkedHashSet<>();
    for (Lookup lookup : lookups) {
      lookup.asked().needed().forEach(key -> keys.add(lookup.keys().get(key)));
    }
    return keys;
  }

  /**
   * Where the inputs of a version are looked up, by what is in force now, or computed. Inputs that
   * no view has are not among them, nor those of views on demand of which rows bring along all.
   *
   * @param brought whether rows bring a column along
   */
  List<Lookup> of(ServedVersion version, Predicate<String> brought) {
    List<Input> inputs = version.model().signature().inputs();
    List<Lookup> lookups = new ArrayList<>();
    for (ViewUse use : version.uses()) {
      if (views.isServed(use.view())
          && isAsked(use, inputs)
          && !(views.onDemand().isServed(use.view()) && isBrought(use, inputs, brought))) {
        Asked all = views.whole(use.view());
        List<StoredFeature> features = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        Map<String, StoredFeature> byColumn = new HashMap<>();
        all.features().forEach(of -> byColumn.put(use.column(of.name()), of));
        for (int i = 0; i < inputs.size(); i++) {
          StoredFeature feature = byColumn.get(inputs.get(i).column());
          if (feature != null) {
            features.add(feature);
            places.add(i);
          }
        }
        Map<String, String> keys = new LinkedHashMap<>();
        for (StoredColumn key : all.view().keys()) {
          keys.put(key.name(), use.keys().getOrDefault(key.name(), key.name()));
        }
        lookups.add(new Lookup(all.only(features), keys, places));
      }
    }
    return lookups;
  }

  private static boolean isAsked(ViewUse use, List<Input> inputs) {
    return inputs.stream().anyMatch(input -> input.column().startsWith(use.column("")));
  }

  private static boolean isBrought(ViewUse use, List<Input> inputs, Predicate<String> brought) {
    return inputs.stream()
        .map(Input::column)
        .filter(column -> column.startsWith(use.column("")))
        .allMatch(brought);
  }

  /**
   * All of them, of a version whose inputs may come from the online store.
   *
   * @throws Refused 409 where they may not, or there is nothing of them
   */
  List<Lookup> require(ServedVersion version) {
    List<Lookup> lookups = of(version, column -> false);
    require(version, lookups);
    if (lookups.isEmpty()) {
      throw ServedModels.unusable(
          new PlatformException(
              ErrorCode.REFUSED,
              "Cannot look up inputs of %s: no view that is served has any of them."
                  .formatted(version.version().reference())));
    }
    return lookups;
  }

  /**
   * Refuses a version whose inputs may not come from the online store, or would be something else
   * than in training.
   *
   * @throws Refused 409
   */
  void require(ServedVersion version, List<Lookup> lookups) {
    try {
      version
          .offline()
          .ifPresent(
              why -> {
                throw new PlatformException(why.code(), why.getMessage(), why);
              });
      Map<String, String> types = new HashMap<>();
      for (Lookup lookup : lookups) {
        models.requireMeaning(version, lookup.asked());
        List<Input> inputs = version.model().signature().inputs();
        for (int f = 0; f < lookup.inputs().size(); f++) {
          Input input = inputs.get(lookup.inputs().get(f));
          String type = lookup.asked().features().get(f).type();
          if (!type.equals(input.type())) {
            types.put(input.column(), "%s, not %s".formatted(type, input.type()));
          }
        }
      }
      if (!types.isEmpty()) {
        throw new PlatformException(
            ErrorCode.CONTRACT_BROKEN,
            "Cannot use %s online: features are of other types than it was trained on: %s. Train it again."
                .formatted(version.version().reference(), types));
      }
    } catch (PlatformException e) {
      throw ServedModels.unusable(e);
    }
  }

  /**
   * The values of what is looked up, by lookup and row.
   *
   * @param said what a row says in a column
   */
  List<List<List<Answer>>> read(
      List<Lookup> lookups,
      int rows,
      BiFunction<Integer, String, JsonNode> said,
      Instant at,
      Call call) {
    ServedViews.requireFew(rows, lookups.stream().map(Lookup::asked).toList());
    List<List<List<Answer>>> read = new ArrayList<>();
    for (Lookup lookup : lookups) {
      List<List<Object>> keys = new ArrayList<>();
      Set<String> needed = Set.copyOf(lookup.asked().needed());
      for (int row = 0; row < rows; row++) {
        int of = row;
        keys.add(
            EntityKeys.of(lookup.asked(), needed, key -> said.apply(of, lookup.keys().get(key))));
      }
      read.add(views.answers(lookup.asked(), keys, at, call));
    }
    return read;
  }
}
