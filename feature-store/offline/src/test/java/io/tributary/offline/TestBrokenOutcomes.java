package io.tributary.offline;

import io.tributary.definition.Accuracy;
import io.tributary.definition.Feature;
import io.tributary.definition.FeatureView;
import io.tributary.offline.World.Event;
import io.tributary.offline.World.Label;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Breaks rule 14 in one way after another and shows that the worlds tell the difference. */
class TestBrokenOutcomes {
  private static final int WORLDS = 600;

  private static class Broken extends OutcomeReference {
    Broken(OutcomeReference right) {
      super(
          right.world,
          right.label,
          right.from,
          right.withFrom,
          right.to,
          right.withTo,
          right.maturity,
          right.taken,
          right.nights);
    }
  }

  @TestFactory
  List<DynamicTest> someWorldTellsThatARuleIsBroken() {
    return rules().entrySet().stream()
        .map(rule -> DynamicTest.dynamicTest(rule.getKey(), () -> telling(rule.getValue())))
        .toList();
  }

  /** Rule 14 broken in one way after another. */
  static Map<String, Function<OutcomeReference, OutcomeReference>> rules() {
    Map<String, Function<OutcomeReference, OutcomeReference>> broken = new LinkedHashMap<>();
    broken.put(
        "the lower bound is the other kind",
        right ->
            new OutcomeReference(
                right.world,
                right.label,
                right.from,
                !right.withFrom,
                right.to,
                right.withTo,
                right.maturity,
                right.taken,
                right.nights));
    broken.put(
        "the upper bound is the other kind",
        right ->
            new OutcomeReference(
                right.world,
                right.label,
                right.from,
                right.withFrom,
                right.to,
                !right.withTo,
                right.maturity,
                right.taken,
                right.nights));
    broken.put(
        "read at the interval's end, before it is mature",
        right ->
            new Broken(right) {
              @Override
              long readAt(long t) {
                return t + to;
              }
            });
    broken.put(
        "read a microsecond late",
        right ->
            new Broken(right) {
              @Override
              long readAt(long t) {
                return t + to + maturity + 1;
              }
            });
    broken.put(
        "mature only after its instant",
        right ->
            new Broken(right) {
              @Override
              boolean isMature(long t, long knownUntil) {
                return readAt(t) < knownUntil;
              }
            });
    broken.put(
        "by the version that the row knew",
        right ->
            new Broken(right) {
              @Override
              Optional<Event> told(List<Event> versions, Label row) {
                return reference
                    .version(world, label, versions, row.asOf())
                    .filter(e -> !e.deleted())
                    .filter(e -> reference.sameEntity(label, row, e))
                    .filter(e -> reference.passes(label.where(), e));
              }
            });
    broken.put(
        "by the last version, whenever known",
        right ->
            new Broken(right) {
              @Override
              long readAt(long t) {
                return Long.MAX_VALUE / 4;
              }
            });
    broken.put(
        "events in both: those that happened before the as-of, known or not",
        right ->
            new Broken(right) {
              @Override
              Optional<Event> shown(FeatureView view, List<Event> versions, Label row) {
                return told(versions, row).filter(e -> reference.happened(e, row.asOf()));
              }
            });
    broken.put(
        "events in neither: however long ago",
        right ->
            new Broken(right) {
              @Override
              boolean reaches(FeatureView view, Event e, long t) {
                return true;
              }
            });
    broken.put(
        "events in neither: a bound on the wrong side",
        right ->
            new Broken(right) {
              @Override
              boolean beforeInterval(Event e, long t) {
                return withFrom ? e.event() <= t + from : e.event() < t + from;
              }
            });
    broken.put(
        "shown whatever the features' filters say",
        right ->
            new Broken(right) {
              @Override
              boolean takes(Feature feature, Event e) {
                return true;
              }
            });
    broken.put(
        "shown by features that are not taken",
        right ->
            new Broken(right) {
              @Override
              Stream<Feature> features(FeatureView view) {
                return view.features().stream();
              }
            });
    broken.put(
        "a snapshot shows what is there at the as-of",
        right ->
            new Broken(right) {
              @Override
              Optional<Event> shown(FeatureView view, List<Event> versions, Label row) {
                return seen(view, versions, row);
              }
            });
    broken.put(
        "a snapshot shows for ever",
        right ->
            new Broken(right) {
              @Override
              Optional<Event> shown(FeatureView view, List<Event> versions, Label row) {
                return view.accuracy() == Accuracy.EXACT
                    ? seen(view, versions, row)
                    : snapshots
                        .night(view, nights, row.asOf())
                        .flatMap(
                            night ->
                                seen(view, versions, new Label(row.id(), night.at(), row.keys())));
              }
            });
    return broken;
  }

  /** The seed of the first world in which a broken rule has another answer. */
  static long telling(Function<OutcomeReference, OutcomeReference> breaking) {
    for (long seed = 1; seed <= WORLDS; seed++) {
      OutcomeCase at = new OutcomeCase(seed, true, true);
      long until = at.reference.lastKnown();
      OutcomeReference broken = breaking.apply(at.reference);
      if (!OutcomeAnswer.of(at, broken, until).equals(OutcomeAnswer.of(at, at.reference, until))) {
        return seed;
      }
    }
    throw new AssertionError(WORLDS + " worlds all agree with the broken rule");
  }
}
