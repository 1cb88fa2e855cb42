package io.tributary.offline.internal.spine;

import io.tributary.events.facts.LabelCounts;
import io.tributary.rows.Tally;

/** What is counted of labels, and under which names. */
public final class LabelTally {
  /** Rows of which a label was looked for. */
  public static final String ASKED = "asked";

  public static final String UNKNOWN = "unknown";
  public static final String FILTERED = "filtered";
  public static final String MISSING = "missing";
  public static final String IMMATURE = "immature";
  public static final String TIMELESS = "timeless";

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
