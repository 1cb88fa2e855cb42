package io.tributary.offline;

import io.tributary.definition.FeatureView;
import io.tributary.events.facts.LabelCounts;
import io.tributary.events.facts.SharedEvents;
import io.tributary.offline.World.Label;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a training set's label over an interval is for the rows of a case, and what it shares with
 * views.
 *
 * @param values by the row's number, of rows that have one
 */
record OutcomeAnswer(Map<Integer, Object> values, LabelCounts counts, SharedEvents shared) {
  /** What a reference says when so much is known. */
  static OutcomeAnswer of(OutcomeCase at, OutcomeReference reference, long until) {
    long timeless = 0;
    long early = 0;
    long missing = 0;
    Map<Integer, Object> values = new TreeMap<>();
    Map<String, List<Long>> both = new TreeMap<>();
    Map<String, List<Long>> neither = new TreeMap<>();
    for (FeatureView view : at.world.views()) {
      both.put(view.id().name(), new ArrayList<>());
      if (view.entity().stream()
          .sorted()
          .toList()
          .equals(reference.label.entity().stream().sorted().toList())) {
        neither.put(view.id().name(), new ArrayList<>());
      }
    }
    for (Label row : at.rows) {
      if (row.asOf() == null) {
        timeless++;
        continue;
      }
      if (!reference.isMature(row.asOf(), until)) {
        early++;
        continue;
      }
      Object value = reference.value(row);
      if (value == null) {
        missing++;
        continue;
      }
      values.put(row.id(), value);
      for (FeatureView view : at.world.views()) {
        both.get(view.id().name()).add(reference.both(view, row));
        if (neither.containsKey(view.id().name())) {
          neither.get(view.id().name()).add(reference.neither(view, row));
        }
      }
    }
    return new OutcomeAnswer(
        values,
        new LabelCounts(at.rows.size(), timeless, 0, missing, early),
        new SharedEvents(counts(both), counts(neither)));
  }

  /** Of each view how many events, and of how many rows. */
  static Map<String, SharedEvents.Count> counts(Map<String, List<Long>> byView) {
    Map<String, SharedEvents.Count> counts = new TreeMap<>();
    byView.forEach(
        (view, each) ->
            counts.put(
                view,
                new SharedEvents.Count(
                    each.stream().mapToLong(n -> n).sum(),
                    each.stream().filter(n -> n > 0).count())));
    return counts;
  }

  /** Whether the engine's answer is this one, to the bit. */
  boolean isThatOf(Map<Integer, Object> labels, LabelledRows found) {
    return labels.keySet().equals(values.keySet())
        && values.entrySet().stream()
            .allMatch(e -> Reference.same(e.getValue(), labels.get(e.getKey())))
        && counts.equals(found.counts())
        && shared.equals(found.shared());
  }
}
