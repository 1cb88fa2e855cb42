package io.tributary.offline.engine;

import java.io.Serializable;

/**
 * A user-defined aggregate in the engine's terms; it keeps the laws of {@link
 * io.tributary.core.aggregate.MergeableAggregate}.
 */
public interface UserAggregate extends Serializable {
  /** The state of one value, which comes as {@link InputColumn} holds it. */
  Object of(Object value);

  Object merge(Object a, Object b);

  /** As {@link FeatureValues} holds it, or null. */
  Object result(Object state);
}
