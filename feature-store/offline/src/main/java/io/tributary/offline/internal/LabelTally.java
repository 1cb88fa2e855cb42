package io.tributary.offline.internal;

import io.tributary.events.facts.LabelCounts;
import io.tributary.lake.Tally;

/** What is counted of labels, and under which names. */
public final class LabelTally {
  /** Rows of which a label was looked for. */
  static final String ASKED = "asked";

  static final String UNKNOWN = "unknown";
  static final String FILTERED = "filtered";
  static final String MISSING = "missing";
  static final String IMMATURE = "immature";
  static final String TIMELESS = "timeless";

  /** The greatest known time of the label's source. */
  public static final String LAST_KNOWN = "last-known";

  /** The greatest event time of an outcome's source. */
  public static final String LAST_EVENT = "last-event";

  private LabelTally() {}

  public static LabelCounts counts(Tally tally) {
    long timeless = tally.total(TIMELESS);
    long immature = tally.total(IMMATURE);
    return new LabelCounts(
        tally.total(ASKED) + timeless + immature,
        tally.total(UNKNOWN) + timeless,
        tally.total(FILTERED),
        tally.total(MISSING),
        immature);
  }
}
