package io.tributary.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TestNames {
  @Test
  void tableVersionsPrintSoThatTheyParseBack() {
    TableVersion version = new TableVersion(TableName.parse("bronze.flights"), "2f9c-1", 57);
    assertThat(TableVersion.parse(version.toString())).isEqualTo(version);
    assertThat(version.shortName()).isEqualTo("bronze.flights@57");
    assertThat(Json.read(Json.write(Pin.upTo(version, 3)), Pin.class))
        .isEqualTo(Pin.upTo(version, 3));
    assertThat(Json.read(Json.write(Pin.of(version)), Pin.class)).isEqualTo(Pin.of(version));
  }

  @Test
  void refusesLayersThatDoNotExist() {
    assertThatThrownBy(() -> TableName.parse("gold.flights"))
        .hasMessageContaining("no layer \"gold\"");
    assertThatThrownBy(() -> TableName.parse("bronze.Flights")).hasMessageContaining("snake_case");
  }

  @Test
  void aNameSaysWhetherATextIsOne() {
    assertThat(TableName.find("scores.departures")).contains(TableName.of("scores", "departures"));
    assertThat(TableName.find("gold.flights")).isEmpty();
    assertThat(TableName.find("bronze.Flights")).isEmpty();
    assertThat(TableName.find("data/flights.csv")).isEmpty();
    assertThat(RunId.isId("20260131T061500Z-1a2b3c4d")).isTrue();
    assertThat(RunId.isId("20260131T061500Z-1a2b3c4")).isFalse();
  }

  @Test
  void durationsPrintSoThatTheyParseBack() {
    for (String text :
        new String[] {"0s", "1us", "1500us", "20ms", "86400000001us", "45s", "90m", "6h", "7d"}) {
      assertThat(Durations.print(Durations.parse(text))).isEqualTo(text);
    }
    assertThat(Durations.parse("24h")).isEqualTo(Duration.ofDays(1));
    assertThat(Durations.parse("3ms")).isEqualTo(Durations.parse("3000us"));
    assertThatThrownBy(() -> Durations.parse("1 week"))
        .hasMessage(
            "Cannot read duration \"1 week\": write a number and us, ms, s, m, h or d, as in 90m or 7d.");
    assertThatThrownBy(() -> Durations.parse("999999999d"))
        .hasMessage(
            "Cannot read duration \"999999999d\": it is longer than 292,000 years. Write a shorter one.");
  }

  @Test
  void runIdsSortByStart() {
    RunId early = RunId.startingAt(Instant.parse("2026-01-31T06:15:00Z"));
    RunId late = RunId.startingAt(Instant.parse("2026-01-31T06:15:01Z"));
    assertThat(early.text()).isLessThan(late.text());
    assertThat(RunId.parse(early.toString())).isEqualTo(early);
  }

  @Test
  void digestsAreThoseOfTheStandard() {
    assertThat(Digest.of("abc").hex())
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }

  @Test
  void writesTheSameJsonWhateverTheOrderOfKeys() {
    assertThat(Json.write(new java.util.LinkedHashMap<>(Map.of("b", 1, "a", 2))))
        .isEqualTo("{\"a\":2,\"b\":1}");
  }

  @Test
  void findsTheErrorCodeBehindWrappers() {
    PlatformException missing =
        new PlatformException(ErrorCode.NOT_FOUND, "Cannot find it: gone. Look elsewhere.");
    assertThat(PlatformException.codeOf(new RuntimeException(new IllegalStateException(missing))))
        .isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(PlatformException.codeOf(new IllegalStateException("x"))).isEqualTo(ErrorCode.BUG);
  }

  /** What is left out is asked for, and never recorded. */
  @Test
  void aPinReadsUpToADeliveryButForThoseThatItLeavesOut() {
    Pin pin = Pin.upTo(TableVersion.parse("validated.flights@3#9f-1"), 19);
    Pin without = pin.without(List.of(17L));
    assertThat(List.of(16L, 17L, 19L, 20L)).filteredOn(pin::reads).containsExactly(16L, 17L, 19L);
    assertThat(List.of(16L, 17L, 19L, 20L)).filteredOn(without::reads).containsExactly(16L, 19L);
    assertThat(Pin.of(pin.version()).without(List.of(17L)).reads(20)).isTrue();
    assertThat(Json.write(without))
        .isEqualTo(Json.write(pin))
        .isEqualTo("{\"version\":\"validated.flights@3#9f-1\",\"deliveries\":19}");
    assertThat(Json.read(Json.write(without), Pin.class)).isEqualTo(pin);
    assertThat(Json.read(Json.write(Pin.of(pin.version())), Pin.class))
        .isEqualTo(Pin.of(pin.version()));
  }
}
