package io.tributary.console.airflow;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.time.Instant;
import java.util.Optional;

/**
 * A task of a run.
 *
 * @param mapIndex which of a mapped task's; −1 of one that is not mapped
 * @param state empty while nothing is decided
 * @param tryNumber how often it was started; 0 before that
 */
@JsonNaming(SnakeCaseStrategy.class)
public record TaskInstance(
    String taskId,
    String dagRunId,
    int mapIndex,
    Optional<String> state,
    int tryNumber,
    Optional<Instant> startDate,
    Optional<Instant> endDate) {
  /** Its name, with its index where it is mapped. */
  public String name() {
    return mapIndex < 0 ? taskId : taskId + "[" + mapIndex + "]";
  }

  boolean is(String other) {
    return state.equals(Optional.of(other));
  }

  public boolean hasFailed() {
    return is("failed");
  }

  /** Whether it runs, or has begun and waits: clearing would end it, or begin it twice. */
  public boolean isActive() {
    return isRunning() || is("queued") || is("deferred") || is("up_for_reschedule");
  }

  public boolean isRunning() {
    return is("running") || is("restarting");
  }
}
