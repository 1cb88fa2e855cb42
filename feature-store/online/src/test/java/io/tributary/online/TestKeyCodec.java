package io.tributary.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
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

  @Test
  void refusesWhatWouldBeAnotherKeyOrDearToRead() {
    StoredColumn text = new StoredColumn("t", "string");
    StoredColumn time = new StoredColumn("at", "timestamp");
    StoredColumn sum = new StoredColumn("sum", "decimal(10,2)");
    StoredColumn flag = new StoredColumn("flag", "boolean");
    assertRefused(() -> KeyCodec.encode(List.of(text), List.of("half a \ud800")), "string");
    assertRefused(
        () ->
            KeyCodec.encode(
                List.of(time), List.of(Instant.parse("2024-01-01T00:00:00.000000001Z"))),
        "timestamp");
    assertRefused(() -> KeyCodec.encode(List.of(time), List.of(Instant.MAX)), "timestamp");
    assertRefused(
        () -> KeyCodec.encode(List.of(sum), List.of(new BigDecimal("1e900000000"))), "decimal");
    assertRefused(
        () -> KeyCodec.encode(List.of(sum), List.of(new BigDecimal("1e-900000000"))), "decimal");
    assertRefused(() -> KeyCodec.parse(List.of(sum), List.of("1".repeat(1_000))), "decimal");
    assertRefused(() -> KeyCodec.parse(List.of(flag), List.of("yes")), "boolean");
    assertThat(KeyCodec.parse(List.of(flag, sum), List.of("True", "1e2")))
        .containsExactly(true, new BigDecimal("1e2"));
    assertThat(KeyCodec.encode(List.of(sum), List.of(new BigDecimal("1e2"))))
        .isEqualTo(KeyCodec.encode(List.of(sum), List.of(new BigDecimal("100.00"))));
  }

  private static void assertRefused(ThrowingCallable call, String type) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST))
        .hasMessageContaining("is no " + type)
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(250));
  }
}
