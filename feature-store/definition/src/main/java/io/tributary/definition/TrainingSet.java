package io.tributary.definition;

import java.util.List;
import java.util.Optional;

/**
 * A training set: who asks and when, what is to be predicted, and with which features.
 *
 * @param knownUntil labels are read as known by then; empty = the end of the pinned data
 */
public record TrainingSet(
    String name,
    String description,
    Spine rows,
    Label label,
    List<ViewUse> features,
    Optional<java.time.Instant> knownUntil,
    Mark mark) {
  public TrainingSet {
    features = List.copyOf(features);
  }

  /**
   * The rows that ask: one for each event of a source that is known at its as-of.
   *
   * @param source the source of the rows
   * @param asOf the instant at which a row asks, from the source's columns
   */
  public record Spine(String source, SqlText asOf) {}

  /**
   * What is to be predicted, joined to the spine by event key and read from the last version known
   * by {@code knownUntil}.
   *
   * @param where rows whose outcome is not of interest; they are counted, and no such filter exists
   *     when scoring
   */
  public record Label(String name, String source, SqlText value, Optional<SqlText> where) {}
}
