package io.tributary.core;

/** The runners, and the choice between them; the answers are the same, to the bit. */
public enum RunnerChoice {
  /** This process where it can, else Spark. */
  auto,
  /** This process without Spark. */
  local,
  spark
}
