package io.tributary.events.facts;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a monitor's run found.
 *
 * @param verdicts for each question that could be answered what breached, {@code []} if nothing did
 * @param judged how many verdicts there are
 * @param wanted what the monitor wants done about a breach; empty without one
 */
@JsonDeserialize
public record MonitoringFacts(
    Map<String, List<String>> verdicts, long judged, Optional<String> wanted) implements RunFacts {
  static final String KIND = "monitoring";

  public MonitoringFacts {
    verdicts = Collections.unmodifiableMap(new LinkedHashMap<>(verdicts));
  }

  /**
   * A sentence on the questions that could not be answered, for an interval without rows in force.
   */
  public Optional<String> unanswered() {
    return !verdicts.containsKey("bounds")
        ? Optional.of(
            "no row of it is in force, so that inputs, predictions and bounds are not judged")
        : Optional.empty();
  }

  @Override
  public String kind() {
    return KIND;
  }
}
