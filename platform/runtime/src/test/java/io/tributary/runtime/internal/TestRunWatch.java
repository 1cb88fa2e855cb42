package io.tributary.runtime.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.RunId;
import io.tributary.lake.TasksDone;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TestRunWatch {
  private static final RunId RUN = RunId.startingAt(Instant.parse("2024-03-01T03:00:00Z"));

  @Test
  void saysRowsTheirRateAndTheTimeOfTheTasksAtHand() {
    assertThat(new TasksDone(14, 16, 1_200_000, 500).after(12))
        .isEqualTo(
            "12 s, 1,200,000 rows read (100,000/s), 500 rows written (41/s), 14 of 16 tasks, about 2 s for the others at hand");
  }

  @Test
  void saysOnlyWhatIsKnown() {
    assertThat(TasksDone.NONE.after(3)).isEqualTo("3 s");
    assertThat(new TasksDone(0, 4, 0, 0).after(3)).isEqualTo("3 s, 0 of 4 tasks");
    assertThat(new TasksDone(1, 9, 0, 0).after(3)).isEqualTo("3 s, 1 of 9 tasks");
    assertThat(new TasksDone(4, 4, 7, 0).after(0)).isEqualTo("0 s, 7 rows read, 4 of 4 tasks");
  }

  @Test
  void speaksUntilItIsClosed() throws Exception {
    BlockingQueue<String> said = new LinkedBlockingQueue<>();
    Duration soon = Duration.ofMillis(1);
    try (RunWatch watch =
        RunWatch.over(
            RUN, "ingest rides", () -> new TasksDone(1, 2, 5, 0), said::add, soon, soon)) {
      assertThat(said.poll(10, TimeUnit.SECONDS)).startsWith("ingest rides: 0 s, 5 rows read");
      assertThat(said.poll(10, TimeUnit.SECONDS)).isNotNull();
    }
  }

  @Test
  void saysNothingOfWhatIsDoneAtOnce() {
    BlockingQueue<String> said = new LinkedBlockingQueue<>();
    RunWatch.over(RUN, "ingest rides", () -> TasksDone.NONE, said::add).close();
    assertThat(said).isEmpty();
  }
}
