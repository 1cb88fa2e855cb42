package io.tributary.definition;

import java.util.List;
import java.util.Map;
import java.util.Optional;

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
  public ViewUse {
    keys = Map.copyOf(keys);
    take = List.copyOf(take);
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
