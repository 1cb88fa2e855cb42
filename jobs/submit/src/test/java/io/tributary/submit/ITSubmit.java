package io.tributary.submit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Json;
import io.tributary.core.command.CommandEntry;
import io.tributary.core.command.Commands;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jobs' jar, given to a real {@code spark-submit}. */
class ITSubmit {
  @TempDir static Path folder;
  private static SparkHome spark;

  @BeforeAll
  static void installSpark() throws Exception {
    spark = SparkHome.in(folder.resolve("spark"));
  }

  @AfterAll
  static void removeSpark() throws Exception {
    spark.close();
  }

  @Test
  void bringsNothingThatSparkHas() throws Exception {
    List<String> names =
        spark.jars().stream()
            .map(j -> j.getFileName().toString().replaceAll("-\\d.*", ""))
            .toList();
    assertThat(names)
        .contains("spark-core_2.12", "scala-library", "jackson-databind", "rocksdbjni")
        .noneMatch(n -> n.startsWith("tributary") || n.startsWith("delta") || n.startsWith("nd4j"));
  }

  @Test
  void holdsEachMainClassThatTheCommandStarts() throws Exception {
    List<String> mains =
        Commands.all().stream()
            .filter(CommandEntry::isSubmitted)
            .map(command -> command.main().orElseThrow().replace('.', '/') + ".class")
            .toList();
    assertThat(mains).hasSizeGreaterThan(7);
    assertThat(SparkHome.classes(Path.of(System.getProperty("submit.jar")))).containsAll(mains);
  }

  @Test
  void doesEveryStepInOneProcess() throws Exception {
    Path project = Rides.copyTo(folder.resolve("project"));
    Path lake = folder.resolve("lake");
    Path output = folder.resolve("local.out");
    int code =
        spark
            .submit(
                output,
                "local[2]",
                List.of(),
                "io.tributary.pipeline.RunMain",
                List.of(project.toString(), "--lake", lake.toString(), "--json"))
            .waitFor();
    List<String> lines = Files.readAllLines(output);
    assertThat(code).as(String.join("\n", lines)).isZero();
    String result = lines.stream().filter(l -> l.startsWith("[{")).findFirst().orElseThrow();
    Set<String> outcomes = new TreeSet<>();
    Set<String> jobs = new TreeSet<>();
    for (JsonNode step : Json.mapper().readTree(result)) {
      outcomes.add(step.at("/record/outcome").asText());
      jobs.add(step.at("/record/key/job").asText());
    }
    assertThat(outcomes).contains("SUCCEEDED").isSubsetOf("SUCCEEDED", "UNCHANGED");
    assertThat(jobs)
        .contains("ingest", "materialize", "publish", "training-set", "train", "score", "monitor");
    Map<String, String> contents = Rides.contents(lake);
    assertThat(contents)
        .containsKeys("validated.rides", "features.driver_history_v1", "scores.next", "online");
    assertThat(contents.get("online")).startsWith("3 rows");
  }

  @Test
  void endsWithTheCodeThatSaysWhoMustAct() throws Exception {
    Path output = folder.resolve("nowhere.out");
    int code =
        spark
            .submit(
                output,
                "local[1]",
                List.of(),
                "io.tributary.ingest.IngestMain",
                List.of(folder.resolve("nowhere/").toString()))
            .waitFor();
    assertThat(code).isEqualTo(2);
    assertThat(Files.readAllLines(output)).anyMatch(l -> l.startsWith("Cannot read project"));
  }
}
