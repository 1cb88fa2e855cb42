package io.tributary.core;

/** How a run ended. */
public enum Outcome {
  /** It did its work. */
  SUCCEEDED,
  /** Its recorded inputs are those of an earlier run: nothing was written. */
  UNCHANGED,
  /** It ended with an error; the error's code says who must act. */
  FAILED
}
