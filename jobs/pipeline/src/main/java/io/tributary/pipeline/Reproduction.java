package io.tributary.pipeline;

import io.tributary.core.Digest;
import java.util.List;
import java.util.Optional;

/**
 * What came of making a thing again from what the lake keeps of it.
 *
 * @param thing {@code training-set:name@number} or {@code model:name@number}
 * @param equal whether it is the same, to the bit
 * @param recorded the digest of its rows, or its artefact, as recorded
 * @param found the same of what was made now; empty where it could not be made
 * @param rows of the training set, as made now; 0 where it could not be made
 * @param why it differs, in order of cause; empty where it is equal
 */
record Reproduction(
    String thing,
    boolean equal,
    Digest recorded,
    Optional<Digest> found,
    long rows,
    List<Cause> why) {
  /**
   * Why a thing can't be made again, or comes out otherwise.
   *
   * @param kind {@code environment}, {@code code}, {@code data} (what is no longer there), {@code
   *     row} (the first that differs, by its place) or {@code files} (of the artefact)
   */
  record Cause(String kind, String text) {}

  Reproduction {
    why = List.copyOf(why);
  }
}
