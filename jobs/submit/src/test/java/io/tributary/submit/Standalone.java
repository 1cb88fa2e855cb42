package io.tributary.submit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A master and two workers on loopback. */
final class Standalone implements AutoCloseable {
  private static final String DEPLOY = "org.apache.spark.deploy.";

  private final String address;
  private final Path work;
  private final List<Process> processes = new ArrayList<>();

  private Standalone(String address, Path work) {
    this.address = address;
    this.work = work;
  }

  /** Starts them with so many cores each. */
  static Standalone start(SparkHome spark, Path folder, int cores) throws Exception {
    int port = freePort();
    Path work = Files.createDirectories(folder.resolve("work"));
    Standalone cluster = new Standalone("spark://127.0.0.1:" + port, work);
    try {
      Path log = folder.resolve("master.out");
      cluster.add(
          spark.start(
              log,
              "256m",
              DEPLOY + "master.Master",
              List.of("--host", "127.0.0.1", "--port", "" + port, "--webui-port", "0")));
      cluster.await(log, "I have been elected leader");
      for (int i = 1; i <= 2; i++) {
        Path output = folder.resolve("worker" + i + ".out");
        cluster.add(
            spark.start(
                output,
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
                    cluster.address)));
        cluster.await(output, "Successfully registered with master");
      }
      return cluster;
    } catch (Exception | Error e) {
      cluster.close();
      throw e;
    }
  }

  String address() {
    return address;
  }

  /** An executor process that is running, the oldest first. */
  Optional<ProcessHandle> executor() {
    return processes.stream()
        .flatMap(p -> p.toHandle().descendants())
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

  private void add(Process process) {
    processes.add(process);
  }

  private void await(Path log, String line) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    Process last = processes.get(processes.size() - 1);
    while (!Files.readString(log).contains(line)) {
      if (System.nanoTime() > deadline || last.waitFor(100, TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException("never said " + line + ": " + Files.readString(log));
      }
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    List<ProcessHandle> all = new ArrayList<>();
    for (Process process : processes) {
      process.descendants().forEach(all::add);
      all.add(process.toHandle());
    }
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(p -> p.onExit().join());
  }
}
