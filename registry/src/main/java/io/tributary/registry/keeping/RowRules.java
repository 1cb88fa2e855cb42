package io.tributary.registry.keeping;

import io.tributary.core.Digest;
import io.tributary.core.Pin;
import io.tributary.events.LogCommit;
import io.tributary.events.TableHistory;
import io.tributary.events.facts.IngestFacts;
import io.tributary.events.runs.RunLog;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** By which rules the rows of a table's versions were made, as far as its log knows. */
public final class RowRules {
  private final TreeMap<Long, Digest> since = new TreeMap<>();
  private final TreeSet<Long> rebuilt = new TreeSet<>();

  private RowRules(TableHistory table) {
    for (LogCommit commit : table.known()) {
      RunLog.facts(commit)
          .flatMap(facts -> facts.facts(IngestFacts.class))
          .flatMap(IngestFacts::validated)
          .ifPresent(
              validated -> {
                since.put(commit.version(), validated.rules());
                if (validated.rebuilt()) {
                  rebuilt.add(commit.version());
                }
              });
    }
  }

  public static RowRules of(TableHistory table) {
    return new RowRules(table);
  }

  /**
   * The pin by which the rows that were read can be read now: of a table whose rows were made anew
   * by other rules since, that of its version of then.
   */
  public Pin readable(Pin pin) {
    if (pin.deliveries().isEmpty()) {
      return pin;
    }
    Map.Entry<Long, Digest> then = since.floorEntry(pin.version().version());
    boolean asThen =
        then == null ? !isRebuiltSince(pin) : then.getValue().equals(since.lastEntry().getValue());
    return asThen ? pin : Pin.of(pin.version());
  }

  /**
   * Whether the rows were made anew since a pin, if only by the same rules again in the end: after
   * one more edit they are to be read at the table's version of then.
   */
  boolean isRebuiltSince(Pin pin) {
    return rebuilt.higher(pin.version().version()) != null;
  }
}
