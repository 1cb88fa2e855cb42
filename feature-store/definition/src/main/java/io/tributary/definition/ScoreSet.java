package io.tributary.definition;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A batch scoring: versions of a registered model over the rows of a training set's population.
 * Which they are is resolved when a run starts, which records the numbers.
 *
 * @param model the model's name
 * @param alias of the version that counts, the champion, or its number
 * @param challengers aliases or numbers of versions that are compared with it
 * @param shadows aliases or numbers of versions that score beside it
 * @param rows the training set whose spine and as-of are scored, without label
 * @param decide the decision, over {@code score}; empty = none
 * @param decisions those of their own, by version number or role
 */
public record ScoreSet(
    String name,
    String description,
    String model,
    String alias,
    List<String> challengers,
    List<String> shadows,
    String rows,
    Optional<SqlText> decide,
    Map<String, SqlText> decisions,
    SourceLocation location) {
  public static final String CHALLENGER = "challenger";
  public static final String SHADOW = "shadow";

  public ScoreSet {
    challengers = List.copyOf(challengers);
    shadows = List.copyOf(shadows);
    decisions = Collections.unmodifiableMap(new TreeMap<>(decisions));
  }

  /** Whether the champion is named by its number, so that no promotion changes it. */
  public boolean isNumbered() {
    return Character.isDigit(alias.charAt(0));
  }
}
