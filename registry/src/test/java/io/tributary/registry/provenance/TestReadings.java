package io.tributary.registry.provenance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.events.definitions.ColumnGraph;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class TestReadings {
  private static final Definition SHOPS =
      definition("source", "shops", Map.of(), Map.of(), Map.of());

  private static Definition definition(
      String kind,
      String name,
      Map<String, String> meaning,
      Map<String, String> parts,
      Map<String, Digest> uses) {
    return new Definition(
        kind, name, "file.yaml", "active", "", facts(meaning), parts, uses, Map.of());
  }

  private static String facts(Map<String, String> facts) {
    return new TreeMap<>(facts)
        .entrySet().stream()
            .map(f -> "%s %d %s\n".formatted(f.getKey(), f.getValue().length(), f.getValue()))
            .collect(Collectors.joining());
  }

  /** What a query's column is that is an expression. */
  private static Optional<String> stored(String expression) {
    String digest = Digest.of(expression).hex();
    Definition query =
        definition(
            "source",
            "towns",
            Map.of(),
            Map.of(digest, "spark-3.5.7 ansi physical-time-1 " + expression),
            Map.of());
    return Readings.stored(query, SHOPS, digest);
  }

  @Test
  void aFieldOfAStructIsNoColumn() {
    assertThat(stored("#shops.town \"string\"")).contains("town");
    assertThat(stored("#shops.opened \"timestamp\" in Europe/Berlin")).contains("opened");
    String type = "{\"type\":\"struct\",\"fields\":[]}";
    assertThat(stored("#shops.addr " + type + ".city")).isEmpty();
    assertThat(stored("#shops.addr " + type + " in Europe/Berlin.since")).isEmpty();
  }

  @Test
  void keysCompareByValueAndContent() {
    assertThat(DeliveredEvents.normal(List.of(new byte[] {1, 2}, new BigDecimal("7.00"), "a")))
        .isEqualTo(DeliveredEvents.normal(List.of(new byte[] {1, 2}, 7L, "a")))
        .isNotEqualTo(DeliveredEvents.normal(List.of(new byte[] {1, 3}, 7L, "a")));
  }

  /** A correction takes the event away, and the entity goes on being asked for. */
  @Test
  void aGridAsksForAnEntityThatItSawOnceForEver() {
    String population = facts(Map.of("every", "PT1H", "spine.source", "shops"));
    Definition set =
        definition(
            "training-set",
            "hourly",
            Map.of("population", "p"),
            Map.of("p", population),
            Map.of(SHOPS.reference(), SHOPS.digest()));
    ColumnGraph graph =
        ColumnGraph.of(set.digest(), Map.of(set.digest(), set, SHOPS.digest(), SHOPS)::get);
    assertThat(Readings.ofRows(graph, "training-set hourly", Set.of(), "source shops"))
        .containsExactly(
            new Reading(
                List.of(),
                List.of(),
                Optional.of("_event_time"),
                false,
                Reading.EVER,
                Optional.empty()));
  }
}
