package io.tributary.offline.explanation;

/**
 * Why a version of an event has no part in a feature's value, in the order in which the rules are
 * checked.
 */
public enum Exclusion {
  /** Its known time lies behind the instant (rule 3). */
  NOT_YET_KNOWN,
  /** Its event time lies behind the instant (rule 3). */
  NOT_YET_HAPPENED,
  /** A version of the same event that counts before it is known by the instant (rule 4). */
  CORRECTED,
  /** A tombstone of its event is known by the instant (rule 4). */
  WITHDRAWN,
  /** The view's filter is not true of it (rule 4). */
  LEFT_OUT_BY_VIEW,
  /** The feature's own filter is not true of it (rule 4). */
  LEFT_OUT_BY_FEATURE,
  /** What the feature aggregates, or is split by, is null (rule 7). */
  NULL,
  /** It is older than the window (rule 6) or the TTL (rule 5). */
  TOO_OLD,
  /** A look-up's winner is greater (rule 5). */
  OUTRANKED
}
