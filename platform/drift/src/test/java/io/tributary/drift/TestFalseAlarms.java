package io.tributary.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Where nothing breaks, alarms are as frequent as the test states. */
class TestFalseAlarms {
  private static void alarmsAsStated(ExchangeableWorlds worlds) {
    assertThat(worlds.mean()).isCloseTo(ExchangeableWorlds.stated(), within(2 * worlds.error()));
  }

  @Test
  void alarmsAsOftenAsItStates() {
    alarmsAsStated(ExchangeableWorlds.of(16, 8, 400));
  }

  @Test
  @Tag("long")
  void alarmsAsOftenAsItStatesWithManyInputs() {
    alarmsAsStated(ExchangeableWorlds.of(60, 70, 3_000));
  }
}
