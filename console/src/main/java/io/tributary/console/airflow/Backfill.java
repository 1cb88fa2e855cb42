package io.tributary.console.airflow;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.time.Instant;
import java.util.Optional;

/**
 * A backfill: runs of a DAG for logical dates that have passed.
 *
 * @param fromDate the first logical date
 * @param toDate the last one, included
 * @param createdAt when the server kept it, before its runs
 * @param completedAt when no run of it goes on any more
 */
@JsonNaming(SnakeCaseStrategy.class)
public record Backfill(
    long id,
    String dagId,
    Instant fromDate,
    Instant toDate,
    boolean isPaused,
    String reprocessBehavior,
    int maxActiveRuns,
    Instant createdAt,
    Optional<Instant> completedAt) {
  /** {@code running}, {@code paused}, {@code completed}. */
  public String state() {
    return completedAt.isPresent() ? "completed" : isPaused ? "paused" : "running";
  }
}
