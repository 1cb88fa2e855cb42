package io.tributary.definition;

/** Which instant a view answers for. */
public enum Accuracy {
  /** The as-of itself. */
  EXACT,
  /** The greatest snapshot instant that was published by the as-of. */
  SNAPSHOT
}
