package io.tributary.quality;

import java.util.Optional;

/**
 * A row that broke an expectation.
 *
 * @param place {@code file:line}; empty where rows don't say where they are from
 * @param value what it has in the expectation's columns
 */
public record Sample(Optional<String> place, String value) {
  @Override
  public String toString() {
    return place.map(p -> p + " has " + value).orElse(value);
  }
}
