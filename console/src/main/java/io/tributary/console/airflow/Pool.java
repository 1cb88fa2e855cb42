package io.tributary.console.airflow;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * A pool: how many tasks that name it run at once, and how many do.
 *
 * @param slots −1 where there is no limit
 * @param includeDeferred whether a deferred task takes a slot
 */
@JsonNaming(SnakeCaseStrategy.class)
public record Pool(
    String name, int slots, int occupiedSlots, int queuedSlots, boolean includeDeferred) {}
