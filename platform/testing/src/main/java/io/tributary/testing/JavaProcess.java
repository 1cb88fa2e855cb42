package io.tributary.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/** A main class of the tests' class path in a process of its own, small and quick to start. */
public final class JavaProcess {
  private static final List<String> SMALL =
      List.of(
          "-Xmx1g",
          "-XX:TieredStopAtLevel=1",
          "-XX:ReservedCodeCacheSize=240m",
          "-XX:+UseSerialGC");

  private JavaProcess() {}

  /**
   * @param options of the virtual machine, after those that Spark needs
   * @param words its main class and what that is given
   */
  public static ProcessBuilder of(List<String> options, String... words) {
    List<String> command = new ArrayList<>(List.of(java()));
    inherited().forEach(command::add);
    command.addAll(SMALL);
    command.addAll(options);
    command.add("-cp");
    command.add(classPath());
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("OMP_NUM_THREADS", "1");
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    return builder;
  }

  /** The program that this process runs on. */
  public static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** The options of this process without which Spark does not start, and its zone. */
  public static Stream<String> inherited() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(
            option ->
                option.startsWith("--add-")
                    || option.startsWith("-XX:+Ignore")
                    || option.startsWith("-Djdk.")
                    || option.startsWith("-Duser.timezone"));
  }

  /** The tests' own, also where the build starts them from a jar that only lists it. */
  public static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  /**
   * Lets processes work at the same time: each writes {@code ready} and waits for a line, then all
   * get it at once.
   *
   * @param limits after how many lines each is killed; {@link Integer#MAX_VALUE} for never
   * @return the lines of each, after {@code ready}
   * @throws IllegalStateException where one that is not to be killed fails, or another ends well
   */
  public static List<List<String>> race(List<ProcessBuilder> racers, List<Integer> limits)
      throws IOException, InterruptedException, ExecutionException {
    List<Process> processes = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(racers.size());
    try {
      List<BufferedReader> outputs = new ArrayList<>();
      for (ProcessBuilder racer : racers) {
        processes.add(racer.redirectError(ProcessBuilder.Redirect.INHERIT).start());
        outputs.add(processes.get(processes.size() - 1).inputReader(StandardCharsets.UTF_8));
      }
      for (BufferedReader output : outputs) {
        require("ready".equals(output.readLine()), "a process was not ready");
      }
      List<Future<List<String>>> lines = new ArrayList<>();
      for (int i = 0; i < processes.size(); i++) {
        Process process = processes.get(i);
        BufferedReader output = outputs.get(i);
        int limit = limits.get(i);
        lines.add(threads.submit(() -> listen(process, output, limit)));
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
      }
      List<List<String>> all = new ArrayList<>();
      for (Future<List<String>> each : lines) {
        all.add(each.get());
      }
      return all;
    } finally {
      processes.forEach(Process::destroyForcibly);
      threads.shutdownNow();
    }
  }

  private static List<String> listen(Process process, BufferedReader output, int limit)
      throws IOException, InterruptedException {
    List<String> lines = new ArrayList<>();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      lines.add(line);
      if (lines.size() == limit) {
        // Not the process itself: that would close its output, with what is still in it.
        process.toHandle().destroyForcibly();
      }
    }
    int code = process.waitFor();
    require(code == (lines.size() < limit ? 0 : 137), "a process ended with " + code);
    return lines;
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }
}
