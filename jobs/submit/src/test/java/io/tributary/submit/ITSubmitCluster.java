package io.tributary.submit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs on a master and two workers leave what one process leaves. */
@Tag("long")
class ITSubmitCluster {
  private static final List<String> SETTINGS =
      List.of(
          "spark.driver.host=127.0.0.1",
          "spark.driver.bindAddress=127.0.0.1",
          "spark.executor.memory=512m",
          "spark.executor.cores=1");

  @TempDir static Path folder;
  private static Path project;
  private static SparkHome spark;
  private static Standalone cluster;
  private static Map<String, String> expected;

  @BeforeAll
  static void runInOneProcess() throws Exception {
    project = Rides.copyTo(folder.resolve("project"));
    spark = SparkHome.in(folder.resolve("spark"));
    run("local[2]", List.of(), "pipeline.RunMain", "local");
    expected = contents("local");
    assertThat(expected).hasSizeGreaterThan(6);
    cluster = Standalone.start(spark, folder, 1);
  }

  @AfterAll
  static void stop() throws Exception {
    if (cluster != null) {
      cluster.close();
    }
    spark.close();
  }

  @Test
  void eachJobByItsOwnMainClass() throws Exception {
    String lake = "jobs";
    List<String> history = List.of("--from", "2024-01-01", "--to", "2024-01-30");
    List<String> night = List.of("--from", "2024-01-30", "--to", "2024-01-31");
    onCluster("ingest.IngestMain", lake);
    onCluster("features.MaterializeMain", lake, history);
    onCluster("features.TrainingSetMain", lake);
    onCluster("train.TrainMain", lake);
    onCluster("features.MaterializeMain", lake, night);
    onCluster("features.PublishMain", lake, night);
    onCluster("score.ScoreMain", lake, night);
    onCluster("monitor.MonitorMain", lake, night);
    assertThat(contents(lake)).isEqualTo(expected);
  }

  @Test
  void anExecutorThatIsKilledChangesNothing() throws Exception {
    Process run = submit(cluster.address(), SETTINGS, "pipeline.RunMain", "killed", List.of());
    Path features = folder.resolve("killed/features/driver_history_v1");
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
    while (run.isAlive() && !Files.exists(features) && System.nanoTime() < deadline) {
      run.waitFor(20, TimeUnit.MILLISECONDS);
    }
    Optional<ProcessHandle> executor = cluster.executor();
    assertThat(executor).as(Files.readString(output("killed"))).isPresent();
    executor.get().destroyForcibly();
    end(run, "killed");
    assertThat(cluster.executors()).as("executors, with the one in its place").isEqualTo(3);
    assertThat(contents("killed")).isEqualTo(expected);
  }

  private static void onCluster(String main, String lake) throws Exception {
    onCluster(main, lake, List.of());
  }

  private static void onCluster(String main, String lake, List<String> more) throws Exception {
    run(cluster.address(), SETTINGS, main, lake, more);
  }

  private static void run(String master, List<String> settings, String main, String lake)
      throws Exception {
    run(master, settings, main, lake, List.of());
  }

  private static void run(
      String master, List<String> settings, String main, String lake, List<String> more)
      throws Exception {
    end(submit(master, settings, main, lake, more), lake);
  }

  private static Process submit(
      String master, List<String> settings, String main, String lake, List<String> more)
      throws IOException {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(
        List.of(project.toString(), "--lake", folder.resolve(lake).toString(), "--json"));
    arguments.addAll(more);
    return spark.submit(output(lake), master, settings, "io.tributary." + main, arguments);
  }

  private static void end(Process process, String lake) throws Exception {
    try {
      assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("ends within minutes").isTrue();
      assertThat(process.exitValue()).as(Files.readString(output(lake))).isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  private static Path output(String lake) {
    return folder.resolve(lake + ".out");
  }

  private static Map<String, String> contents(String lake) {
    return Rides.contents(folder.resolve(lake));
  }
}
