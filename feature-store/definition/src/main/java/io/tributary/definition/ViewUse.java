package io.tributary.definition;

import io.tributary.core.Definition;
import io.tributary.core.PlatformException;
import io.tributary.definition.internal.TrainingSetParser;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A feature view as a training set joins it.
 *
 * @param keys the view's entity (or request) column → the spine's column; columns not named here
 *     have the same name in both
 * @param role a name for this use; empty = the view's name
 * @param take the features to take; empty = all
 */
public record ViewUse(
    ViewId view, Map<String, String> keys, Optional<String> role, List<String> take) {
  private static final List<String> ALL = List.of();

  public ViewUse {
    keys = Map.copyOf(keys);
    take = List.copyOf(take);
  }

  /**
   * Uses as people write them in one place: {@code view@1} takes all features, {@code
   * view@1.feature} one; those of one view are one use, where it is named first.
   *
   * @throws PlatformException INVALID_DEFINITION for what is no reference
   */
  public static List<ViewUse> parse(List<String> references) {
    Map<ViewId, List<String>> taken = new LinkedHashMap<>();
    for (String reference : references) {
      int dot = reference.indexOf('.');
      ViewId view = ViewId.parse(dot < 0 ? reference : reference.substring(0, dot));
      List<String> features = dot < 0 ? ALL : List.of(reference.substring(dot + 1));
      taken.merge(
          view,
          features,
          (a, b) ->
              a.isEmpty() || b.isEmpty()
                  ? ALL
                  : Stream.concat(a.stream(), b.stream()).distinct().toList());
    }
    return taken.entrySet().stream()
        .map(e -> new ViewUse(e.getKey(), Map.of(), Optional.empty(), e.getValue()))
        .toList();
  }

  /**
   * Those of a training set, as the lake keeps its text.
   *
   * @throws PlatformException INVALID_DEFINITION where this build can't read it
   */
  public static List<ViewUse> kept(Definition trainingSet) {
    return TrainingSetParser.uses(trainingSet.name(), trainingSet.text());
  }

  /** The prefix of its columns in a training set. */
  public String prefix() {
    return role.orElse(view.name());
  }

  /** The column of a feature in a training set, {@code carrier_history__late_share_6h}. */
  public String column(String feature) {
    return prefix() + "__" + feature;
  }
}
