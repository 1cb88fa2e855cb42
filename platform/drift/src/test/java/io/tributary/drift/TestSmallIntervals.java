package io.tributary.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.drift.BreakTest.Trained;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Days with a fifth of the usual rows: chance has more room in them, and a break has not. */
class TestSmallIntervals {
  private static final int TRAINING = 200;
  private static final int LATER = 200;
  private static final int PART = 5;
  private static final World WORLD = new World(5, TRAINING + LATER, 300);
  private static final DriftReference REFERENCE = WORLD.reference(TRAINING);
  private static final Statistics STATISTICS = new Statistics(REFERENCE);
  private static final List<Trained> TRAINED = WORLD.trained(REFERENCE, TRAINING);

  /** The share of later days that alarm when every fifth of their rows is there, changed. */
  private static double alarms(BreakTest test, UnaryOperator<List<Column>> change) {
    int alarms = 0;
    for (int day = TRAINING; day < TRAINING + LATER; day++) {
      int[] some = new int[WORLD.rows(day, day + 1) / PART];
      Arrays.setAll(some, k -> k * PART);
      IntervalState state = REFERENCE.empty();
      REFERENCE.count(
          change.apply(DriftReference.taken(WORLD.columns(day, day + 1), some)),
          some.length,
          state);
      alarms += test.judge(STATISTICS.of(state), day % 7, state.rows()).alarms() ? 1 : 0;
    }
    return (double) alarms / LATER;
  }

  private static List<Column> stuck(List<Column> columns) {
    List<Column> changed = new ArrayList<>(columns);
    double[] values = ((Column.Numbers) columns.get(0)).values().clone();
    Arrays.fill(values, REFERENCE.inputs().get(0).median());
    changed.set(0, new Column.Numbers(values));
    return changed;
  }

  @Test
  void alarmNoOftenerThanLargeOnesAndStillFindABreak() {
    BreakTest test = WORLD.test(REFERENCE, TRAINED);
    assertThat(alarms(test, columns -> columns)).isLessThanOrEqualTo(0.03);
    assertThat(alarms(test, TestSmallIntervals::stuck)).isEqualTo(1);
  }

  /** What a single row adds is what keeps them silent. */
  @Test
  void alarmTooOftenWhereNothingIsKnownOfRows() {
    double[] none = new double[STATISTICS.all().size()];
    BreakTest test = new BreakTest(REFERENCE, TRAINED, none, 0.01);
    assertThat(alarms(test, columns -> columns)).isGreaterThan(0.1);
  }
}
