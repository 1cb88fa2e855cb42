package io.tributary.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.PlatformException;
import io.tributary.definition.TrainingSet.Spine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code rows} of a training set may say. */
class TestSpineReading {
  private static final String WEEKLY = "training-sets/weekly.yaml";

  @TempDir Path folder;

  private Project read(Map<String, String> files) throws IOException {
    FullProject.write(folder, files);
    return ProjectReader.read(folder, FullProject.ENVIRONMENT, Optional.empty());
  }

  @Test
  void readsEachKind() throws IOException {
    Map<String, TrainingSet> sets = read(FullProject.files()).trainingSets();
    assertThat(sets.get("weekly").rows())
        .isInstanceOfSatisfying(
            Spine.Periodic.class,
            p -> {
              assertThat(p.source()).isEqualTo("orders");
              assertThat(p.where().orElseThrow().sql()).isEqualTo("not big");
              assertThat(p.entity()).containsExactly("customer");
              assertThat(p.every()).isEqualTo(Duration.ofDays(7));
              assertThat(p.from()).contains(Instant.parse("2023-12-31T23:00:00Z"));
              assertThat(p.to()).contains(Instant.parse("2024-06-02T22:00:00Z"));
            });
    assertThat(sets.get("called").rows())
        .isInstanceOfSatisfying(
            Spine.Listed.class,
            l -> {
              assertThat(l.asOf().sql()).isEqualTo("called");
              assertThat(l.where().orElseThrow().sql()).isEqualTo("agent <> 'test'");
            });
    TrainingSet.Label label = sets.get("called").label();
    assertThat(label.ofRow()).isTrue();
    assertThat(label.source()).isEqualTo("calls");
  }

  @Test
  void saysWhatRowsLack() throws IOException {
    fails(WEEKLY, "  every: 7d\n", "", 3, "\"rows\": missing \"as-of\".");
    fails(WEEKLY, "  every: 7d\n", "  as-of: placed\n", 7, "\"entity\" belongs to \"every\"");
    fails(WEEKLY, "  every: 7d\n", "  every: 7d\n  as-of: placed\n", 6, "has both \"as-of\" and");
    fails(WEEKLY, "  every: 7d\n", "  every: 0d\n", 6, "\"every\" is no time at all.");
    fails(WEEKLY, "  entity: [customer]\n", "", 6, "\"entity\" names no column.");
    fails(WEEKLY, "entity: [customer]", "entity: []", 7, "\"entity\" names no column.");
    fails(WEEKLY, "entity: [customer]", "entity: [custmer]", 7, "Did you mean \"customer\"?");
    fails(WEEKLY, "to: 2024-06-03", "to: 2024-01-01", 9, "\"to\" is not after \"from\"");
    fails(WEEKLY, "source: orders\n", "source: customers\n", 4, "\"customers\" is static");
    fails(
        WEEKLY,
        "entity: [customer]",
        "entity: [state]",
        16,
        "needs \"customer\", and the entity [state] has no such column.");
    fails(WEEKLY, "  during: \"(0d, 7d]\"\n  keys: [customer]\n", "", 12, "no interval says which");
    fails(
        WEEKLY,
        "value: sum(amount) from orders\n  during: \"(0d, 7d]\"\n  keys: [customer]\n",
        "value: big\n",
        11,
        "rows that ask every so often say nothing themselves.");
  }

  @Test
  void aStaticSourceWithoutKeyIsNeitherViewedNorLookedUp() throws IOException {
    fails(
        "features/orders_2.yaml",
        "source: orders",
        "source: calls",
        5,
        "source \"calls\" is static and is looked up by its key, which it has not.");
    fails(
        "sources/orders.yaml",
        "source: customers",
        "source: calls",
        23,
        "source \"calls\" is looked up by its key, which it has not.");
  }

  private void fails(String file, String from, String to, int line, String why) throws IOException {
    Map<String, String> files = new LinkedHashMap<>(FullProject.files());
    assertThat(files.get(file)).contains(from);
    files.computeIfPresent(file, (f, text) -> text.replace(from, to));
    FullProject.write(folder, files);
    assertThatThrownBy(() -> ProjectReader.read(folder, FullProject.ENVIRONMENT, Optional.empty()))
        .isInstanceOf(PlatformException.class)
        .satisfies(
            e ->
                assertThat(List.of(e.getMessage().split("\n")))
                    .anyMatch(m -> m.contains(file + ":" + line + ")") && m.contains(why)));
  }
}
