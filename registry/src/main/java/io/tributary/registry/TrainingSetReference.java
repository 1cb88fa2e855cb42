package io.tributary.registry;

import io.tributary.core.Digest;
import io.tributary.core.Pin;
import io.tributary.core.TableVersion;
import io.tributary.events.facts.SharedEvents;
import java.util.List;

/**
 * The build of a training set that a model was fitted to, with what is needed to build it again.
 *
 * @param number of the build, from 1
 * @param table the version with its rows
 * @param pins the inputs that it was built from
 * @param definition the digest of its definition
 * @param content the digest of its rows
 * @param shared the leaks and blind spots of its rows
 */
public record TrainingSetReference(
    String name,
    long number,
    TableVersion table,
    List<Pin> pins,
    Digest definition,
    Digest content,
    SharedEvents shared) {
  public TrainingSetReference {
    pins = List.copyOf(pins);
  }

  /** The rows that leak, over all views. */
  public long leaks() {
    return shared.inBoth().values().stream().mapToLong(SharedEvents.Count::rows).sum();
  }

  /** {@code name@number}. */
  @Override
  public String toString() {
    return name + "@" + number;
  }
}
