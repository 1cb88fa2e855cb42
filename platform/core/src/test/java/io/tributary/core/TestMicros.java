package io.tributary.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestMicros {
  @ParameterizedTest
  @ValueSource(
      longs = {0, 1, -1, 999_999, -999_999, 1_000_000, -1_000_001, Long.MAX_VALUE, Long.MIN_VALUE})
  void everyMicrosecondGoesThereAndBack(long micros) {
    assertThat(Micros.of(Micros.instant(micros))).isEqualTo(micros);
  }

  @Test
  void whatIsFinerIsCutOffAndWhatIsFurtherRefused() {
    assertThat(Micros.of(Instant.parse("2300-01-01T00:00:00.000001999Z")))
        .isEqualTo(10_413_792_000_000_001L);
    assertThat(Micros.of(Instant.parse("1969-12-31T23:59:59.999999999Z"))).isEqualTo(-1);
    assertThat(Micros.of(Duration.parse("PT-0.5S"))).isEqualTo(-500_000);
    assertThatThrownBy(() -> Micros.of(Instant.MAX)).isInstanceOf(ArithmeticException.class);
  }
}
