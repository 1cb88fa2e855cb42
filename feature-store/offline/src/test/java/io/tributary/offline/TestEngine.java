package io.tributary.offline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.tributary.definition.FeatureView;
import io.tributary.offline.World.Event;
import io.tributary.offline.World.Label;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TestEngine {
  private static final int WORLDS = Integer.getInteger("worlds", 2_500);

  @Test
  void agreesWithTheReferenceToTheBitOnEachWorld() {
    long cells = 0;
    for (long seed = 0; seed < WORLDS; seed++) {
      World world = Worlds.world(seed);
      for (FeatureView view : world.views()) {
        List<List<Object>> expected = new Reference().answer(world, view);
        List<Event> shuffled = new ArrayList<>(world.events());
        Collections.shuffle(shuffled, new Random(seed));
        cells += compare(world, view, expected, EngineRun.answer(world, view, world.events()));
        compare(world, view, expected, EngineRun.answerFromFiles(world, view, shuffled));
      }
    }
    assertThat(cells).isGreaterThan(WORLDS * 10L);
  }

  @Test
  void agreesWithTheReferenceOnWhatIsAmbiguous() {
    Map<Boolean, Integer> seen = new HashMap<>();
    for (long seed = 0; seed < WORLDS; seed++) {
      World world = Worlds.world(seed);
      for (FeatureView view : world.views()) {
        List<Boolean> actual = EngineRun.ambiguous(world, view, world.events());
        for (int row = 0; row < actual.size(); row++) {
          Label label = world.labels().get(row);
          boolean expected = new Reference().ambiguous(world, view, label);
          assertThat(actual.get(row)).as("%s %s of %s", world, view, label).isEqualTo(expected);
          seen.merge(expected, 1, Integer::sum);
        }
      }
    }
    assertThat(seen.get(true)).isGreaterThan(WORLDS / 50);
    assertThat(seen.get(false)).isGreaterThan(WORLDS);
  }

  static long compare(
      World world, FeatureView view, List<List<Object>> expected, List<List<Object>> actual) {
    long cells = 0;
    for (int row = 0; row < expected.size(); row++) {
      for (int f = 0; f < expected.get(row).size(); f++) {
        cells++;
        Object e = expected.get(row).get(f);
        Object a = actual.get(row).get(f);
        if (!Reference.same(e, a)) {
          fail(
              "%s label %s, feature %s: expected %s but was %s",
              world, world.labels().get(row), view.features().get(f), e, a);
        }
      }
    }
    return cells;
  }
}
