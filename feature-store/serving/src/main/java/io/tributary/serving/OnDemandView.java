package io.tributary.serving;

import io.tributary.core.PlatformException;
import io.tributary.online.StoredView;
import java.util.List;
import java.util.Set;

/** A view whose features are computed from what a request brings. Safe for threads. */
public interface OnDemandView {
  /** Its features, and as keys the columns of the request, in the types that are declared. */
  StoredView view();

  /** The columns of the request that features are computed from, also through other features. */
  Set<String> needs(Set<String> features);

  /**
   * The features of each row, before their defaults, in the order of the view; null for what is
   * null, and for what can't be computed and was not asked for.
   *
   * @param rows the request's columns, as the online store has values of their types; null for what
   *     is null, and for those that are not needed
   * @throws PlatformException INVALID_VALUE for the first row of which one of {@code features}
   *     can't be computed
   */
  List<List<Object>> compute(List<List<Object>> rows, Set<String> features);
}
