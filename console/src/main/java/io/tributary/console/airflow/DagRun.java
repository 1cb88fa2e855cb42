package io.tributary.console.airflow;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A run of a DAG.
 *
 * @param runType {@code manual}, {@code scheduled}, {@code backfill}, {@value #BY_ASSETS} …
 * @param state {@code queued}, {@code running}, {@code success}, {@code failed}
 * @param conf what whoever triggered it gave
 */
@JsonNaming(SnakeCaseStrategy.class)
public record DagRun(
    String dagRunId,
    String dagId,
    Optional<Instant> logicalDate,
    Optional<Instant> dataIntervalStart,
    Optional<Instant> dataIntervalEnd,
    Instant runAfter,
    Optional<Instant> queuedAt,
    Optional<Instant> startDate,
    Optional<Instant> endDate,
    String runType,
    String state,
    Map<String, Object> conf) {
  static final String BY_ASSETS = "asset_triggered";

  /** Whether it goes on no more. */
  public boolean hasEnded() {
    return state.equals("success") || hasFailed();
  }

  public boolean hasFailed() {
    return state.equals("failed");
  }
}
