package io.tributary.console.init;

import java.time.ZoneId;
import java.util.List;
import java.util.Optional;

/**
 * What a user has specified, so that it is not guessed.
 *
 * @param time the column that says when a row happened
 * @param key the columns that identify a row; empty = not specified
 * @param entity the column whose features are made
 * @param dayFirst whether 03/04/2024 is in April
 * @param zone what times without an offset mean
 */
record Choices(
    Optional<String> time,
    List<String> key,
    Optional<String> entity,
    Optional<Boolean> dayFirst,
    ZoneId zone) {
  Choices {
    key = List.copyOf(key);
  }
}
