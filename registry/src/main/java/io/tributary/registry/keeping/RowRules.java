package io.tributary.registry.keeping;

import io.tributary.core.Digest;
import io.tributary.core.Pin;
import io.tributary.events.LogCommit;
import io.tributary.events.TableHistory;
import io.tributary.events.facts.IngestFacts;
import io.tributary.events.runs.RunLog;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** By which rules the rows of a table's versions were made, as far as its log knows. */
public final class RowRules {
  private final TreeMap<Long, Digest> since = new TreeMap<>();

  private RowRules(TableHistory table) {
    for (LogCommit commit : table.known()) {
      RunLog.facts(commit)
          .flatMap(facts -> facts.facts(IngestFacts.class))
          .flatMap(IngestFacts::validated)
          .ifPresent(validated -> since.put(commit.version(), validated.rules()));
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
    return rules(since.floorEntry(pin.version().version())).equals(rules(since.lastEntry()))
        ? pin
        : Pin.of(pin.version());
  }

  private static Optional<Digest> rules(Map.Entry<Long, Digest> at) {
    return Optional.ofNullable(at).map(Map.Entry::getValue);
  }
}
