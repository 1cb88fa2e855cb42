package io.tributary.model;

/**
 * A model that scores rows, each by itself: a row's score depends on that row alone, bit for bit,
 * whatever rows are scored with it. Safe for threads.
 */
public sealed interface ScoringModel permits TrainedModel, OnnxModel {
  /** What it takes and gives. */
  ModelSignature signature();

  /** An empty block, for rows that are scored as they come. */
  ScoringBlock block();
}
