package io.tributary.registry;

import io.tributary.core.Digest;
import io.tributary.core.Interval;
import io.tributary.core.Pin;
import java.util.List;
import java.util.Set;

/**
 * What an interval is scored from.
 *
 * @param scores the score set
 * @param pins what is read
 * @param definitions what is used, by kind and name
 * @param readers the definitions that decide what is read: the score set's, and the models'
 */
public record ScoringUse(
    String scores,
    Interval interval,
    List<Pin> pins,
    Set<String> definitions,
    Set<Digest> readers) {
  public ScoringUse {
    pins = List.copyOf(pins);
    definitions = Set.copyOf(definitions);
    readers = Set.copyOf(readers);
  }

  /** Whether a reach that was told by some definitions holds for it. */
  boolean isBy(Set<Digest> told) {
    return told.isEmpty() || told.containsAll(readers);
  }
}
