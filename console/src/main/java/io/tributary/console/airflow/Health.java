package io.tributary.console.airflow;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** How the processes of an Airflow are. */
@JsonNaming(SnakeCaseStrategy.class)
public record Health(
    Part metadatabase, Part scheduler, Part triggerer, Optional<Part> dagProcessor) {
  /**
   * One of them.
   *
   * @param status {@code healthy}, {@code unhealthy}; empty where it was never started
   */
  @JsonNaming(SnakeCaseStrategy.class)
  public record Part(Optional<String> status) {
    @Override
    public String toString() {
      return status.orElse("none");
    }

    private boolean isHealthy() {
      return status.equals(Optional.of("healthy"));
    }
  }

  /** Their names and how they are. */
  public Map<String, String> parts() {
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("database", metadatabase.toString());
    parts.put("scheduler", scheduler.toString());
    parts.put("dag processor", dagProcessor.map(Part::toString).orElse("none"));
    parts.put("triggerer", triggerer.toString());
    return parts;
  }

  /**
   * Whether runs go on and files are read; nothing needs a triggerer but tasks that are deferred.
   */
  public boolean isWorking() {
    return metadatabase.isHealthy()
        && scheduler.isHealthy()
        && dagProcessor.stream().allMatch(Part::isHealthy)
        && !triggerer.status().equals(Optional.of("unhealthy"));
  }
}
