package io.tributary.offline.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TestTimes {
  @Test
  void staysAtTheEndsOfTime() {
    assertThat(Times.plus(5, 3)).isEqualTo(8);
    assertThat(Times.minus(5, 8)).isEqualTo(-3);
    assertThat(Times.plus(Long.MAX_VALUE - 1, 5)).isEqualTo(Long.MAX_VALUE);
    assertThat(Times.minus(Long.MIN_VALUE + 1, 5)).isEqualTo(Long.MIN_VALUE);
    assertThat(Times.minus(Long.MAX_VALUE, 5)).isEqualTo(Long.MAX_VALUE);
    assertThat(Times.plus(Long.MIN_VALUE, 5)).isEqualTo(Long.MIN_VALUE);
    assertThat(Times.plus(Long.MAX_VALUE - 5, -5)).isEqualTo(Long.MAX_VALUE - 10);
  }
}
