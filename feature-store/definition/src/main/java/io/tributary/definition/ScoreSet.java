package io.tributary.definition;

import java.util.Optional;

/**
 * A batch scoring: a registered model over the rows of a training set's population.
 *
 * @param model the model's name
 * @param alias which version: resolved when a run starts, which records the number
 * @param rows the training set whose spine and as-of are scored, without label
 * @param decide the decision, over {@code score}; empty = none
 */
public record ScoreSet(
    String name,
    String description,
    String model,
    String alias,
    String rows,
    Optional<SqlText> decide,
    SourceLocation location) {}
