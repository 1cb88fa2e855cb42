package io.tributary.submit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Json;
import io.tributary.testing.Folders;
import io.tributary.testing.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
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

  /** A task of Airflow's, without a scheduler. */
  private static final String TASK =
      """
      import json, sys
      from types import SimpleNamespace
      from tributary_airflow import TributaryOperator

      main = "io.tributary.ingest.IngestMain"
      task = TributaryOperator(
          task_id="ingest", command="ingest", project=sys.argv[1], main=main, connection="tributary")
      pushed = {}
      task.execute({"ti": SimpleNamespace(xcom_push=lambda key, value: pushed.update({key: value}))})
      print(json.dumps(pushed))
      """;

  @Test
  void aTaskOfAirflowIsSubmitted() throws Exception {
    String lake = "task";
    int code = task(lake, cluster.address());
    assertThat(code).as(Files.readString(output(lake))).isZero();
    assertThat(Files.readString(output(lake))).contains("{\"exit_code\": 0, \"runs\": [\"");
    Map<String, String> ingested = contents(lake);
    ingested.remove("online");
    assertThat(ingested).isNotEmpty();
    assertThat(expected).containsAllEntriesOf(ingested);
    assertThat(cluster.executors()).as("as the connection's conf says").isEqualTo(2);
  }

  @Test
  void aTaskOfAirflowIsTriedAgainWhereNoMasterAnswers() throws Exception {
    String lake = "nobody";
    int code = task(lake, "spark://127.0.0.1:" + ServerProcess.freePort());
    assertThat(code).as(Files.readString(output(lake))).isNotZero();
    assertThat(Files.readString(output(lake)))
        .contains("the Spark session has ended, as where its master spark://127.0.0.1:")
        .contains("[exit code 4: something outside failed]");
  }

  private static int task(String lake, String master) throws Exception {
    Path root = Folders.repository();
    Path script = Files.writeString(folder.resolve("task.py"), TASK);
    Map<String, String> conf =
        SETTINGS.stream()
            .map(setting -> setting.split("=", 2))
            .collect(Collectors.toMap(setting -> setting[0], setting -> setting[1]));
    ProcessBuilder builder =
        new ProcessBuilder(
            "bash",
            "-ec",
            "source bin/environment.sh; python=$(tools_environment \"$PWD\"); exec \"$python/bin/python\" \"$@\"",
            "task",
            script.toString(),
            project.toString());
    builder
        .environment()
        .putAll(
            Map.of(
                "AIRFLOW_HOME",
                folder.resolve("airflow").toString(),
                "PYTHONPATH",
                root.resolve("airflow-dags").toString(),
                "AIRFLOW_CONN_TRIBUTARY",
                Json.write(
                    Map.of(
                        "conn_type",
                        "generic",
                        "extra",
                        Map.of(
                            "spark_submit", spark.program().toString(),
                            "jar", spark.jobs().toString(),
                            "master", master,
                            "conf", conf,
                            "lake", folder.resolve(lake).toString())))));
    Process process =
        builder
            .directory(root.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output(lake).toFile())
            .start();
    try {
      assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("ends within minutes").isTrue();
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
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
