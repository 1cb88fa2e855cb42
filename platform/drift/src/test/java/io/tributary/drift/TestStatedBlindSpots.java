package io.tributary.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.drift.BreakTest.Trained;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What training says would be found is what later days find, each judged as a monitor judges it:
 * all inputs counted, what the break does to the day's unrest and to the others' ties included.
 */
class TestStatedBlindSpots {
  private static final int TRAINING = 150;
  private static final int LATER = 60;

  /**
   * An input and how it breaks.
   *
   * @param stated the share of days in which training says it would be found
   * @param found the share of later days
   */
  private record Pair(String input, Breakage breakage, double stated, double found) {
    boolean off() {
      return Math.abs(stated - found) > 0.1;
    }

    boolean uncertain() {
      return stated > 0.02 && stated < 0.98;
    }
  }

  private static List<Pair> pairs(int rowsADay) {
    World world = new World(7, TRAINING + LATER, rowsADay);
    DriftReference reference = world.reference(TRAINING);
    Statistics statistics = new Statistics(reference);
    List<Trained> trained = world.trained(reference, TRAINING);
    BreakTest test = world.test(reference, trained);
    List<Map<Breakage, Double>> stated =
        world
            .blindSpots(reference, TRAINING)
            .found(
                trained,
                world.numbers(TRAINING),
                new double[statistics.all().size()],
                0.01,
                TRAINING);
    List<Pair> pairs = new ArrayList<>();
    for (int input = 0; input < stated.size(); input++) {
      for (Map.Entry<Breakage, Double> of : stated.get(input).entrySet()) {
        int alarms = 0;
        for (int day = TRAINING; day < TRAINING + LATER; day++) {
          List<Column> columns = new ArrayList<>(world.columns(day, day + 1));
          InputReference broken = reference.inputs().get(input);
          columns.set(input, of.getKey().broken(columns.get(input), broken, new Random(day)));
          IntervalState state = reference.empty();
          reference.count(columns, rowsADay, state);
          alarms += test.judge(statistics.of(state), day % 7, rowsADay).alarms() ? 1 : 0;
        }
        pairs.add(
            new Pair(World.NAMES.get(input), of.getKey(), of.getValue(), (double) alarms / LATER));
      }
    }
    return pairs;
  }

  @Test
  void holdWithinTenPointsInLaterDays() {
    List<Pair> pairs = Stream.of(25, 50, 90).flatMap(rows -> pairs(rows).stream()).toList();
    assertThat(pairs).hasSize(3 * 61);
    assertThat(pairs).filteredOn(Pair::off).hasSizeLessThanOrEqualTo(9);
    // Where all or nothing was stated, it is easily kept.
    List<Pair> uncertain = pairs.stream().filter(Pair::uncertain).toList();
    assertThat(uncertain).hasSizeGreaterThan(15);
    assertThat(uncertain).filteredOn(Pair::off).hasSizeLessThanOrEqualTo(4);
  }
}
