package io.tributary.pipeline;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.tributary.events.facts.MonitoringFacts;
import io.tributary.events.facts.MonitoringFacts.Breach;
import io.tributary.events.runs.RunRecord;
import java.util.ArrayList;
import java.util.List;

/**
 * One job that the flow ran.
 *
 * @param phase the part of the flow it belongs to: {@code load}, {@code history}, {@code train}, or
 *     the night's date
 * @param followed of the last step of a night, what followed from what monitors had found by then,
 *     a sentence each: promotions that are blocked, a model that is trained again, and what of it
 *     was not possible
 */
record StepRun(
    String phase,
    RunRecord record,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> followed) {
  StepRun {
    followed = List.copyOf(followed);
  }

  StepRun(String phase, RunRecord record) {
    this(phase, record, List.of());
  }

  /** The same with another sentence on what followed. */
  StepRun followedBy(String sentence) {
    List<String> all = new ArrayList<>(followed);
    all.add(sentence);
    return new StepRun(phase, record, all);
  }

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
