package io.tributary.offline;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.definition.Feature;
import io.tributary.definition.FeatureView;
import io.tributary.definition.SqlText;
import io.tributary.offline.World.Event;
import io.tributary.offline.World.Label;
import io.tributary.offline.explanation.Exclusion;
import io.tributary.offline.internal.reference.ReferenceEvaluator;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What an explanation says of each candidate, against the naive reference. */
class TestReferenceEvaluator {
  private static final int WORLDS = 1_000;

  private final Reference reference = new Reference();
  private final Map<Exclusion, Integer> seen = new EnumMap<>(Exclusion.class);

  @Test
  void agreesWithTheReferenceOnEachCandidateAndOnTheValueOfRandomCells() {
    int cells = 0;
    int explained = 0;
    for (long seed = 0; seed < WORLDS; seed++) {
      World world = Worlds.world(seed);
      Random random = new Random(seed);
      for (FeatureView view : world.views()) {
        for (Label label : world.labels()) {
          if (label.asOf() != null && random.nextInt(3) == 0) {
            int feature = random.nextInt(view.features().size());
            explained += explained(world, view, feature, label);
            cells++;
          }
        }
      }
    }
    assertThat(cells).isGreaterThan(1_000);
    assertThat(explained).isGreaterThan(500);
    assertThat(seen.keySet()).containsExactly(Exclusion.values());
    assertThat(seen.values()).allMatch(count -> count >= 10, "is seen often: " + seen);
  }

  /** Whether the value of a cell is made of events at all. */
  private int explained(World world, FeatureView view, int place, Label label) {
    Feature feature = view.features().get(place);
    List<ReferenceEvaluator.Version<Integer>> versions = new ArrayList<>();
    for (int row = 0; row < world.events().size(); row++) {
      versions.add(version(world, view, feature, label, row));
    }
    Optional<Long> span =
        feature instanceof Feature.Windowed w
            ? Optional.of(label.asOf() - reference.lower(w.window(), label.asOf()))
            : view.ttl().map(ttl -> ttl.toNanos() / 1000);
    ReferenceEvaluator reading =
        new ReferenceEvaluator(feature, view.knowledgeTime(), span, label.asOf());
    List<ReferenceEvaluator.Outcome<Integer>> outcomes = reading.outcomes(versions);

    Map<Integer, Optional<Exclusion>> expected = new TreeMap<>();
    for (int row = 0; row < world.events().size(); row++) {
      Event e = world.events().get(row);
      if (!e.deleted() && reference.sameEntity(view, label, e)) {
        expected.put(row, reference.exclusion(world, view, feature, label, row));
      }
    }
    Map<Integer, Optional<Exclusion>> actual = new TreeMap<>();
    outcomes.forEach(o -> actual.put(o.version().row(), o.exclusion()));
    assertThat(actual).as("%s %s of %s", world, feature, label).isEqualTo(expected);
    outcomes.forEach(o -> o.exclusion().ifPresent(e -> seen.merge(e, 1, Integer::sum)));

    List<ReferenceEvaluator.Version<Integer>> winners =
        outcomes.stream()
            .filter(o -> o.exclusion().isEmpty())
            .map(ReferenceEvaluator.Outcome::version)
            .toList();
    Object value = reference.answer(world, view, label).get(place);
    assertThat(Reference.same(reading.value(feature, winners), value))
        .as("%s %s of %s is %s: %s", world, feature, label, value, reading.value(feature, winners))
        .isTrue();
    return winners.isEmpty() ? 0 : 1;
  }

  private ReferenceEvaluator.Version<Integer> version(
      World world, FeatureView view, Feature feature, Label label, int row) {
    Event e = world.events().get(row);
    Object event =
        world.eventKey().isEmpty()
            ? (Object) row
            : world.eventKey().stream().map(e.values()::get).collect(Collectors.toList());
    List<String> rank = new ArrayList<>();
    world.sequence().ifPresent(rank::add);
    rank.addAll(view.tieBreak());
    return new ReferenceEvaluator.Version<>(
        row,
        event,
        e.event(),
        e.known(),
        e.deleted(),
        reference.sameEntity(view, label, e),
        values(e, rank),
        values(e, reference.values(world)),
        values(e, reference.rankingColumns(world, view)),
        () -> taken(view, feature, e));
  }

  private static List<Object> values(Event e, List<String> columns) {
    return columns.stream().map(e.values()::get).collect(Collectors.toList());
  }

  private ReferenceEvaluator.Taken taken(FeatureView view, Feature feature, Event e) {
    boolean ofView = reference.passes(view.where(), e);
    if (feature instanceof Feature.Windowed w) {
      Object value = w.argument().map(SqlText::sql).map(e.values()::get).orElse(null);
      Object dimension = w.by().map(SqlText::sql).map(e.values()::get).orElse(null);
      return new ReferenceEvaluator.Taken(ofView, reference.passes(w.where(), e), value, dimension);
    }
    String column = ((Feature.Lookup) feature).expression().sql();
    return new ReferenceEvaluator.Taken(ofView, true, e.values().get(column), null);
  }
}
