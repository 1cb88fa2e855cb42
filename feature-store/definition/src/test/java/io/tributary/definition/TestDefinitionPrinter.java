package io.tributary.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.recursive.comparison.RecursiveComparisonConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestDefinitionPrinter {
  @TempDir Path folder;

  @Test
  void everyDefinitionOfTheExampleReadsBackEqual() throws IOException {
    Project project = TestExample.read();
    rewrite(project, TestExample.FOLDER);
    assertSame(reread(Map.of()), project);
  }

  @Test
  void everyKindOfKeyReadsBackEqual() throws IOException {
    Project project = FullProject.read(folder.resolve("first"));
    rewrite(project, project.folder());
    assertSame(reread(FullProject.ENVIRONMENT), project);
  }

  @Test
  void anAggregateByADimensionReadsBackEqual() throws IOException {
    FullProject.read(folder.resolve("first"));
    Path file = folder.resolve("first/features/orders_2.yaml");
    String split = "n: count(*) where big by lower(state) over 24h";
    Files.writeString(file, Files.readString(file).replace("n: count(*) over 24h", split));
    Project project =
        ProjectReader.read(folder.resolve("first"), FullProject.ENVIRONMENT, Optional.empty());
    rewrite(project, project.folder());
    assertThat(DefinitionPrinter.yaml(project, "orders@2")).contains(split);
    assertSame(reread(FullProject.ENVIRONMENT), project);
  }

  @Test
  void writesDefaultsOut() {
    assertThat(DefinitionPrinter.yaml(TestExample.read(), "weather@1"))
        .startsWith("view: weather@1\n")
        .contains("entity: [airport]\n")
        .contains("ttl: 3h\n")
        .contains("accuracy: exact\n")
        .contains("online: true\n")
        .contains("zone: America/New_York\n")
        .contains("status: active\n");
  }

  @Test
  void namesAThingByKindFileOrBareViewName() {
    Project project = TestExample.read();
    String model = DefinitionPrinter.yaml(project, "model late_arrival");
    assertThat(model).startsWith("model: late_arrival\n");
    assertThat(DefinitionPrinter.yaml(project, "models/late_arrival.yaml")).isEqualTo(model);
    assertThat(DefinitionPrinter.yaml(project, "weather@1"))
        .isEqualTo(DefinitionPrinter.yaml(project, "view weather"));
    assertThat(DefinitionPrinter.yaml(project, "tributary.yaml"))
        .startsWith("project: nyc-flights\n");
  }

  @Test
  void jsonSaysTheSameInTheSameOrder() throws IOException {
    JsonNode tree =
        Json.mapper().readTree(DefinitionPrinter.json(TestExample.read(), "model late_arrival"));
    assertThat(tree.fieldNames())
        .toIterable()
        .startsWith("model", "description", "problem", "training-set", "split");
    assertThat(tree.at("/fit/learning-rate").doubleValue()).isEqualTo(0.001);
    assertThat(tree.at("/inputs/default").textValue()).isEqualTo("standardize");
  }

  @Test
  void namesTheNearestThingAndAllThereAre() {
    assertThatThrownBy(() -> DefinitionPrinter.yaml(TestExample.read(), "carier_history@1"))
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
        .hasMessageStartingWith(
            "Cannot show carier_history@1: project nyc-flights defines no such thing."
                + " Did you mean \"carrier_history@1\"? It defines:\n  project nyc-flights\n")
        .hasMessageContaining("\n  source flights\n");
  }

  @Test
  void asksForTheKindWhereANameIsShared() {
    assertThatThrownBy(() -> DefinitionPrinter.yaml(TestExample.read(), "late_arrival"))
        .hasMessage(
            "Cannot show late_arrival: several things have that name. Name its kind or version:"
                + " training-set late_arrival, model late_arrival, monitor late_arrival.");
  }

  @Test
  void showsTheVariableInPlaceOfASecret() throws IOException {
    Project project = FullProject.read(folder.resolve("first"));
    assertThat(DefinitionPrinter.yaml(project, "project acme"))
        .contains("password: ${TILL_PASSWORD}\n")
        .doesNotContain("hunter2");
    assertThat(DefinitionPrinter.json(project, "project acme")).doesNotContain("hunter2");
    assertThat(Json.write(project)).contains("${TILL_PASSWORD}").doesNotContain("hunter2");
    assertThat(project.toString()).doesNotContain("hunter2");
  }

  private void rewrite(Project project, Path from) throws IOException {
    List<String> folders =
        List.of(
            "sources", "features", "training-sets", "models", "scores", "monitors", "pipelines");
    for (String name : folders) {
      try (Stream<Path> files = Files.list(from.resolve(name))) {
        for (Path file : files.toList()) {
          write(name + "/" + file.getFileName(), project);
        }
      }
    }
    write("tributary.yaml", project);
    Path suites = from.resolve("expectations");
    Files.createDirectories(folder.resolve("expectations"));
    try (Stream<Path> files = Files.list(suites)) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve("expectations").resolve(file.getFileName()));
      }
    }
  }

  private void write(String file, Project project) throws IOException {
    Path to = folder.resolve(file);
    Files.createDirectories(to.getParent());
    Files.writeString(to, DefinitionPrinter.yaml(project, file));
  }

  private Project reread(Map<String, String> environment) {
    return ProjectReader.read(folder, environment, Optional.empty());
  }

  private static void assertSame(Project read, Project written) {
    RecursiveComparisonConfiguration places =
        RecursiveComparisonConfiguration.builder()
            .withIgnoredFieldsOfTypes(SourceLocation.class)
            .withIgnoredFields("folder")
            .withStrictTypeChecking(true)
            .build();
    assertThat(read).usingRecursiveComparison(places).isEqualTo(written);
  }
}
