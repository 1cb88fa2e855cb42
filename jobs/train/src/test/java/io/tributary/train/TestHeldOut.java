package io.tributary.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TestHeldOut {
  /** Of day 1 a row in four, dealt to validation; of day 2 three in four. */
  private static final HeldOut HELD =
      new HeldOut(new int[] {1, 2, 2, 2}, new double[] {0.1, 0.2, 0.3, 0.4}, new boolean[4], 2);

  @Test
  void partsOfDaysAreNotPutBesideWholeOnes() {
    HeldOut whole = HELD.ofWholeDays(Map.of(1, 4L, 2, 4L));
    assertThat(whole.days()).containsExactly(2, 2, 2);
    assertThat(whole.scores()).containsExactly(0.2, 0.3, 0.4);
    assertThat(whole.validation()).isEqualTo(1);
  }

  @Test
  void partsStayWhereAllDaysAreParts() {
    assertThat(HELD.ofWholeDays(Map.of(1, 4L, 2, 8L))).isSameAs(HELD);
  }
}
