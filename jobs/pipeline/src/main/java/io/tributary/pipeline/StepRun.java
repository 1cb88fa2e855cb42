package io.tributary.pipeline;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.tributary.events.facts.MonitoringFacts;
import io.tributary.events.facts.MonitoringFacts.Breach;
import io.tributary.events.runs.RunRecord;
import java.util.List;

/**
 * One job that the flow ran.
 *
 * @param phase the part of the flow it belongs to: {@code load}, {@code history}, {@code train}, or
 *     the night's date
 */
record StepRun(String phase, RunRecord record) {
  /** What breached, in words; empty for any other job than a monitor's. */
  @JsonProperty
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  List<String> breached() {
    return record
        .facts(MonitoringFacts.class)
        .map(MonitoringFacts::breaches)
        .orElse(List.of())
        .stream()
        .map(Breach::words)
        .toList();
  }
}
