package io.tributary.definition;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestCopies {
  @TempDir Path folder;

  @Test
  void lieInAllThatIsMadeOfASourceAlsoByWayOfOthers() throws IOException {
    Project project = TestExample.read();
    assertThat(Copies.of(project, "airports").keySet())
        .contains(
            "bronze.airports",
            "quarantine.airports",
            "validated.airports",
            "validated.flights",
            "features.carrier_history_v1",
            "online:carrier_history@1",
            "training.late_arrival",
            "imported/",
            "model:late_arrival",
            "scores.departures")
        .doesNotContain("validated.weather", "features.airport_weather_v1");
  }

  @Test
  void lieNowhereElse() throws IOException {
    Project project = FullProject.read(folder);
    assertThat(Copies.of(project, "clicks").keySet())
        .containsExactly("bronze.clicks", "quarantine.clicks", "validated.clicks");
    assertThat(Copies.of(project, "orders").keySet())
        .contains("validated.orders", "training.next_order")
        .doesNotContain("bronze.baskets");
  }
}
