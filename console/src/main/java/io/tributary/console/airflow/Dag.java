package io.tributary.console.airflow;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.time.Instant;
import java.util.Optional;

/**
 * A DAG as the server last read it.
 *
 * @param isPaused no run of it goes on until it is unpaused
 * @param hasImportErrors its file could not be read again since
 * @param fileloc its file, where the server has it
 * @param timetableSummary its schedule, {@code 0 6 * * *}
 * @param nextDagrunLogicalDate of the run that comes next, as the two after it
 */
@JsonNaming(SnakeCaseStrategy.class)
public record Dag(
    String dagId,
    boolean isPaused,
    boolean hasImportErrors,
    String fileloc,
    Optional<String> timetableSummary,
    Optional<Instant> nextDagrunLogicalDate,
    Optional<Instant> nextDagrunDataIntervalEnd,
    Optional<Instant> nextDagrunRunAfter) {}
