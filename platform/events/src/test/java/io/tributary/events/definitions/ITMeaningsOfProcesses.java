package io.tributary.events.definitions;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.testing.JavaProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that give one version different meanings at once, in a lake without locks. */
class ITMeaningsOfProcesses {
  private static final int ROUNDS = 6;

  @TempDir Path lake;

  @Test
  void noRunLosesItsMeaningToAnotherBeforeItHasEnded() throws Exception {
    List<ProcessBuilder> processes =
        Stream.of("a", "b", "a")
            .map(
                meaning ->
                    JavaProcess.of(
                        List.of("-Xmx256m"),
                        MeaningProcess.class.getName(),
                        lake.toString(),
                        meaning,
                        "" + ROUNDS))
            .toList();
    int never = Integer.MAX_VALUE;
    assertThat(JavaProcess.race(processes, List.of(never, never, never)))
        .hasSize(3)
        .allSatisfy(lines -> assertThat(lines).hasSize(ROUNDS).containsOnly("held"));
    Meanings meanings = Meanings.open(lake.toString());
    assertThat(meanings.changes(MeaningProcess.NAME)).hasSize(3 * ROUNDS);
    assertThat(
            meanings.changes(MeaningProcess.NAME).stream().map(Meanings.Change::meaning).distinct())
        .hasSize(2);
  }
}
