package io.tributary.definition;

import io.tributary.definition.internal.FeatureTyping;
import java.util.Map;
import java.util.Optional;

/**
 * The type of a feature, as far as the definitions tell it without its expressions being compiled:
 * where the aggregate alone decides, and where it takes a column or a cast whose type is declared.
 *
 * @param type as columns are declared, {@code bigint}; empty where an expression decides
 * @param unit what a number counts, {@code seconds}; empty where its expression decides
 */
public record FeatureType(Optional<String> type, Optional<String> unit) {
  /** Of all features of a view, in its order, derived ones last. */
  public static Map<String, FeatureType> of(Project project, FeatureView view) {
    return new FeatureTyping(project, view).types();
  }
}
