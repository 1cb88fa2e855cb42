package io.tributary.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.definition.ProjectReader;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TestExampleProject {
  @Test
  void checks() {
    Path folder = Path.of("..", "..", "examples", "nyc-flights");
    CheckedProject project =
        CheckedProject.check(ProjectReader.read(folder, Map.of(), Optional.empty()));

    assertThat(project.trainingSet("late_arrival").labelType().catalogString())
        .isEqualTo("boolean");
    assertThat(project.model("late_arrival").inputs()).hasSizeGreaterThan(30);
    assertThat(project.sources())
        .containsKeys("flights", "weather", "planes", "airlines", "airports", "schedule");
  }
}
