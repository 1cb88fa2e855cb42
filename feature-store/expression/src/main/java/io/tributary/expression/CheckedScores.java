package io.tributary.expression;

import io.tributary.core.Digest;
import io.tributary.definition.ScoreSet;
import java.util.Optional;

/**
 * A score set whose rows bring what its model needs.
 *
 * @param decide over a row of one column, {@code score double}: one boolean column, {@link
 *     #DECISION}
 * @param digest of its meaning: model, alias, decision, and the population of its rows; not the
 *     label
 */
public record CheckedScores(
    ScoreSet definition,
    CheckedModel model,
    CheckedTrainingSet rows,
    Optional<RowExpressions> decide,
    Digest digest) {
  /** Whether a row's score decides for it. */
  public static final String DECISION = "decision";

  public String name() {
    return definition.name();
  }
}
