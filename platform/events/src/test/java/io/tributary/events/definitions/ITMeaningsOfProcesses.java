package io.tributary.events.definitions;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that give one version different meanings at once, in a lake without locks. */
class ITMeaningsOfProcesses {
  private static final int ROUNDS = 6;

  @TempDir Path lake;

  @Test
  void noRunLosesItsMeaningToAnotherBeforeItHasEnded() throws Exception {
    List<Process> processes = new ArrayList<>();
    List<BufferedReader> outputs = new ArrayList<>();
    for (String meaning : List.of("a", "b", "a")) {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx256m",
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  MeaningProcess.class.getName(),
                  lake.toString(),
                  meaning,
                  "" + ROUNDS)
              .redirectErrorStream(true)
              .start();
      processes.add(process);
      outputs.add(
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)));
    }
    for (BufferedReader output : outputs) {
      until(output, "ready");
    }
    for (Process process : processes) {
      process.getOutputStream().write('\n');
      process.getOutputStream().flush();
    }
    List<String> said = new ArrayList<>();
    for (BufferedReader output : outputs) {
      output.lines().filter(line -> !line.contains("SLF4J")).forEach(said::add);
    }
    for (Process process : processes) {
      assertThat(process.waitFor()).as("%s", said).isZero();
    }
    assertThat(said).hasSize(3 * ROUNDS).containsOnly("held");
    Meanings meanings = Meanings.open(lake.toString());
    assertThat(meanings.changes(MeaningProcess.NAME)).hasSize(3 * ROUNDS);
    assertThat(
            meanings.changes(MeaningProcess.NAME).stream().map(Meanings.Change::meaning).distinct())
        .hasSize(2);
  }

  private static void until(BufferedReader output, String line) throws IOException {
    String read;
    do {
      read = output.readLine();
    } while (read != null && !read.equals(line));
    assertThat(read).isEqualTo(line);
  }
}
