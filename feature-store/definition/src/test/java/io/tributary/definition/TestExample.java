package io.tributary.definition;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.testing.Folders;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TestExample {
  static final Path FOLDER = Folders.repository().resolve("examples/nyc-flights");

  static Project read() {
    return ProjectReader.read(FOLDER, Map.of(), Optional.empty());
  }

  @Test
  void readsWithoutProblems() {
    assertThat(ProjectReader.check(FOLDER, Map.of(), Optional.empty()).problems()).isEmpty();
  }

  @Test
  void putsTheLakeBelowItsFolder() {
    Project project = read();
    assertThat(project.name()).isEqualTo("nyc-flights");
    assertThat(project.lake()).isEqualTo(FOLDER.resolve("lake").toString());
    assertThat(project.online().text()).isEqualTo("rocksdb:" + FOLDER.resolve("lake") + "/online");
  }

  @Test
  void keepsViewsInTheOrderOfTheirNames() {
    assertThat(read().views().keySet())
        .extracting(ViewId::toString)
        .contains("carrier_history@1", "clock@1", "weather@1")
        .isSorted();
  }

  @Test
  void hasAModerateNumberOfFeatures() {
    Project project = read();
    long features =
        project.trainingSets().get("late_arrival").features().stream()
            .mapToLong(
                use ->
                    use.take().isEmpty()
                        ? project.views().get(use.view()).featureNames().size()
                        : use.take().size())
            .sum();
    assertThat(features).isBetween(40L, 70L);
  }
}
