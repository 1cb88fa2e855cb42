package io.tributary.analysis;

import io.tributary.core.Digest;
import io.tributary.definition.ScoreSet;
import io.tributary.expression.RowExpressions;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A score set whose rows bring what its model needs.
 *
 * @param decide over a row of one column, {@code score double}: one boolean column, {@link
 *     #DECISION}
 * @param decisions the same of their own, by version number or role
 * @param digest of its meaning: model, versions, decisions, and the population of its rows; not the
 *     label
 */
public record CheckedScores(
    ScoreSet definition,
    CheckedModel model,
    CheckedTrainingSet rows,
    Optional<RowExpressions> decide,
    Map<String, RowExpressions> decisions,
    Digest digest) {
  /** Whether a row's score decides for it. */
  public static final String DECISION = "decision";

  /** The columns that scores have beside those that rows ask with and those that begin with _. */
  public static final Set<String> COLUMNS =
      Set.of("output", DECISION, "flags", "model", "model_version", "artefact", "inputs");

  /** How a version decides in a role. */
  public Optional<RowExpressions> decision(String role, long number) {
    return Optional.ofNullable(decisions.get(Long.toString(number)))
        .or(() -> Optional.ofNullable(decisions.get(role)))
        .or(() -> decide);
  }

  /** Whether scores have a column of this name, whoever asked with what. */
  public static boolean isOwn(String column) {
    return column.startsWith("_") || COLUMNS.contains(column.toLowerCase(Locale.ROOT));
  }

  public String name() {
    return definition.name();
  }
}
