package io.tributary.core;

/** What becomes of the use of a thing that somebody marked as suspect. */
public enum SuspectUse {
  /** It is refused. */
  REFUSE,
  /** It goes on; run record, result and summary say so. */
  WARN
}
