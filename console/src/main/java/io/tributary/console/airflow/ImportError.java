package io.tributary.console.airflow;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/** Why a file of DAGs could not be read. */
@JsonNaming(SnakeCaseStrategy.class)
public record ImportError(String filename, String stackTrace) {
  /** The last line, which says what went wrong. */
  public String reason() {
    return stackTrace
        .lines()
        .filter(line -> !line.isBlank())
        .reduce((first, second) -> second)
        .orElse("")
        .strip();
  }

  @Override
  public String toString() {
    return filename + ": " + reason();
  }
}
