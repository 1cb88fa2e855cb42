package io.tributary.drift;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TestBlindSpots {
  @Test
  void saysWhatWouldBeFoundAndWhatNot() {
    int days = 150;
    World world = new World(7, days, 200);
    DriftReference reference = world.reference(days);
    List<Map<Breakage, Double>> found =
        world
            .blindSpots(reference, days)
            .found(
                world.trained(reference, days),
                world.numbers(days),
                new double[new Statistics(reference).all().size()],
                0.01,
                30);
    Map<Breakage, Double> plain = found.get(World.NAMES.indexOf("plain"));
    assertThat(plain).containsEntry(Breakage.STUCK, 1.0).containsEntry(Breakage.RESCALED, 1.0);
    // Its partner gives away that rows were mixed; "noisy" has none.
    assertThat(plain).containsEntry(Breakage.SHUFFLED, 1.0);
    assertThat(found.get(World.NAMES.indexOf("noisy"))).containsEntry(Breakage.SHUFFLED, 0.0);
    assertThat(found.get(World.NAMES.indexOf("kind")))
        .containsEntry(Breakage.RENAMED, 1.0)
        .doesNotContainKey(Breakage.RESCALED);
  }
}
