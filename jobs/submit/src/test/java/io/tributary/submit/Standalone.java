package io.tributary.submit;

import io.tributary.testing.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** A master and two workers on loopback. */
final class Standalone implements AutoCloseable {
  private static final String DEPLOY = "org.apache.spark.deploy.";

  private final String address;
  private final Path work;
  private final List<ServerProcess> processes = new ArrayList<>();

  private Standalone(String address, Path work) {
    this.address = address;
    this.work = work;
  }

  /** Starts them with so many cores each. */
  static Standalone start(SparkHome spark, Path folder, int cores) throws Exception {
    int port = ServerProcess.freePort();
    Path work = Files.createDirectories(folder.resolve("work"));
    Standalone cluster = new Standalone("spark://127.0.0.1:" + port, work);
    try {
      cluster.start(
          spark.command(
              "256m",
              DEPLOY + "master.Master",
              List.of("--host", "127.0.0.1", "--port", "" + port, "--webui-port", "0")),
          folder.resolve("master.out"),
          "I have been elected leader");
      for (int i = 1; i <= 2; i++) {
        cluster.start(
            spark.command(
                "256m",
                DEPLOY + "worker.Worker",
                List.of(
                    "--host",
                    "127.0.0.1",
                    "--cores",
                    "" + cores,
                    "--memory",
                    "1g",
                    "--webui-port",
                    "0",
                    "--work-dir",
                    work.toString(),
                    cluster.address)),
            folder.resolve("worker" + i + ".out"),
            "Successfully registered with master");
      }
      return cluster;
    } catch (Exception | Error e) {
      cluster.close();
      throw e;
    }
  }

  private void start(ProcessBuilder command, Path log, String ready) throws IOException {
    processes.add(
        ServerProcess.start(command, log, Duration.ofMinutes(2), ServerProcess.logged(ready)));
  }

  String address() {
    return address;
  }

  /** An executor process that is running, the oldest first. */
  Optional<ProcessHandle> executor() {
    return processes.stream()
        .flatMap(p -> p.descendants())
        .filter(p -> p.info().commandLine().orElse("").contains("CoarseGrainedExecutorBackend"))
        .min(Comparator.comparing(p -> p.info().startInstant().orElseThrow()));
  }

  /** How many executors have been started for the newest application. */
  long executors() throws IOException {
    try (var applications = Files.list(work)) {
      Path newest = applications.max(Comparator.naturalOrder()).orElseThrow();
      try (var executors = Files.list(newest)) {
        return executors.count();
      }
    }
  }

  @Override
  public void close() {
    processes.forEach(ServerProcess::close);
  }
}
