package io.tributary.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.expression.KeptExpressions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestExampleProject {
  @Test
  void checks() {
    Path folder = Path.of("..", "..", "examples", "nyc-flights");
    CheckedProject project = CheckedProject.read(folder, Map.of(), Optional.empty());

    assertThat(project.trainingSet("late_arrival").labelType().catalogString())
        .isEqualTo("boolean");
    assertThat(project.model("late_arrival").inputs()).hasSizeGreaterThan(30);
    assertThat(project.sources())
        .containsKeys("flights", "weather", "planes", "airlines", "airports", "schedule");
  }

  @Test
  void isTheSameByWhatAnotherProcessResolved(@TempDir Path kept) throws IOException {
    Project example =
        ProjectReader.read(
            Path.of("..", "..", "examples", "nyc-flights"), Map.of(), Optional.empty());
    CheckedProject anew = CheckedProject.check(example);
    CheckedProject first = checked(example, kept);
    Path file;
    try (Stream<Path> files = Files.list(kept)) {
      file = files.findFirst().orElseThrow();
    }
    Object written = fileKey(file);
    Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));

    CheckedProject second = checked(example, kept);

    assertThat(fileKey(file)).as("all was known").isEqualTo(written);
    assertThat(Files.getLastModifiedTime(file).toInstant()).as("was used").isAfter(Instant.EPOCH);
    for (CheckedProject project : List.of(first, second)) {
      assertThat(told(project)).isEqualTo(told(anew));
      assertThat(project.definitions(List.of("monitor late_arrival", "scores departures")))
          .isEqualTo(anew.definitions(List.of("monitor late_arrival", "scores departures")));
    }
  }

  private static CheckedProject checked(Project project, Path kept) {
    CheckedProject.Checking checking =
        CheckedProject.checking(project, KeptExpressions.of(project.folder(), kept, "code"));
    assertThat(checking.problems()).isEmpty();
    return checking.checked();
  }

  /** Another one when the file is replaced. */
  private static Object fileKey(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }

  private static String told(CheckedProject project) {
    return Stream.of(project.sources(), project.views())
        .flatMap(all -> all.values().stream())
        .map(Object::toString)
        .map(text -> text.replaceAll("@[0-9a-f]{5,}", ""))
        .collect(Collectors.joining("\n"));
  }

  private static final String SOURCE =
      """
      source: trips
      read: {path: trips.csv}
      columns: {cab: string, at: timestamp, fare: double}
      event-time: %s
      """;

  private static void write(Path folder, String eventTime, String entity) throws IOException {
    Map<String, String> files =
        Map.of(
            "tributary.yaml", "project: cabs\nzone: UTC\nlake: lake\n",
            "sources/trips.yaml", SOURCE.formatted(eventTime),
            "features/fares.yaml",
                """
                view: fares@1
                entity: [%s]
                source: trips
                features:
                  fare: sum(fare) over 1d
                  text: sum(cab) over 1d
                """
                    .formatted(entity));
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path path = folder.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.getValue());
    }
  }

  @Test
  void tellsOfTypesBesideNamesAndOfEachOnce(@TempDir Path folder) throws IOException {
    String name =
        "Cannot check view fares@1 (features/fares.yaml:2): source \"trips\" has no column"
            + " \"cabb\". Did you mean \"cab\"?";
    String type =
        "Cannot check source trips (sources/trips.yaml:4): an event time is a timestamp or a date,"
            + " but this is double. Write one.";
    write(folder, "fare", "cabb");
    assertThatThrownBy(() -> CheckedProject.read(folder, Map.of(), Optional.empty()))
        .isInstanceOfSatisfying(
            PlatformException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_DEFINITION))
        .hasMessage(
            "Cannot check project cabs: 2 problems. Correct them all:\n  " + name + "\n  " + type);

    write(folder, "at", "cab");
    assertThatThrownBy(() -> CheckedProject.read(folder, Map.of(), Optional.empty()))
        .hasMessageContaining("(features/fares.yaml:6): feature \"text_1d\": sum needs a number");
  }

  @Test
  void leavesNothingOutOfAProjectThatNoReaderChecked(@TempDir Path folder) throws IOException {
    write(folder, "fare", "cab");
    Project read = ProjectReader.check(folder, Map.of(), Optional.empty()).project().orElseThrow();
    Project lacking =
        new Project(
            read.name(),
            folder,
            read.zone(),
            read.lake(),
            read.online(),
            read.lineage(),
            read.retention(),
            read.suspect(),
            read.serving(),
            read.airflow(),
            Map.of(),
            read.views(),
            Map.of(),
            Map.of(),
            Map.of(),
            Map.of(),
            Map.of(),
            Map.of(),
            List.of());
    assertThatThrownBy(() -> CheckedProject.check(lacking))
        .hasMessageStartingWith(
            "Cannot check view fares@1: it is missing from project cabs, or names what that lacks.");
  }
}
