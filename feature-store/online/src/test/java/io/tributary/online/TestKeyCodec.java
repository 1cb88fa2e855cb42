package io.tributary.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.PlatformException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TestKeyCodec {
  private static final List<StoredColumn> PAIR =
      List.of(new StoredColumn("a", "string"), new StoredColumn("b", "string"));
  private static final List<StoredColumn> NUMBER = List.of(new StoredColumn("n", "bigint"));

  @Test
  void keepsApartColumnsWhoseConcatenationsCollide() {
    assertThat(KeyCodec.encode(PAIR, List.of("ab", "c")))
        .isNotEqualTo(KeyCodec.encode(PAIR, List.of("a", "bc")));
    assertThat(KeyCodec.encode(PAIR, List.of("a\0", "b")))
        .isNotEqualTo(KeyCodec.encode(PAIR, List.of("a", "\0b")));
    assertThat(KeyCodec.encode(PAIR, List.of("a ", "b")))
        .isNotEqualTo(KeyCodec.encode(PAIR, List.of("a", "b")));
  }

  @Test
  void comparesIntegersOfDifferentWidthByValue() {
    assertThat(KeyCodec.encode(NUMBER, List.of(7))).isEqualTo(KeyCodec.encode(NUMBER, List.of(7L)));
  }

  @Test
  void ordersNegativeNumbersBelowPositiveOnes() {
    assertThat(
            Arrays.compareUnsigned(
                KeyCodec.encode(NUMBER, List.of(-1L)), KeyCodec.encode(NUMBER, List.of(1L))))
        .isNegative();
  }

  @Test
  void refusesFloatingPointKeys() {
    assertThatThrownBy(
            () -> KeyCodec.encode(List.of(new StoredColumn("x", "double")), List.of(1.0)))
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining("Cannot store key column x")
        .hasMessageContaining("double");
  }

  @Test
  void saysWhichColumnsAKeyNeeds() {
    assertThatThrownBy(() -> KeyCodec.parse(PAIR, List.of("JFK")))
        .hasMessage(
            "Cannot read key [JFK]: the entity has 2 columns [a, b]. Give one value for each, in this order.");
    assertThatThrownBy(() -> KeyCodec.parse(NUMBER, List.of("seven")))
        .hasMessageContaining("\"seven\" is no bigint");
  }
}
