package io.tributary.events.facts;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.util.List;

/**
 * What a run of one of the platform's own jobs did: counts, digests, metrics. In JSON an object
 * with its {@link #kind()} and {@link #version()}; a component that is absent there is empty.
 *
 * <p>A component may be added without a new version if older readers can ignore it; a change of
 * meaning is a new version. Facts of a newer build are read as {@link UnknownFacts}.
 */
@JsonDeserialize(using = RunFactsReader.class)
@JsonIgnoreProperties(
    value = {"kind", "version"},
    allowGetters = true)
public sealed interface RunFacts
    permits CleaningFacts,
        ConsistencyFacts,
        FitFacts,
        IngestFacts,
        MonitoringFacts,
        PublicationFacts,
        ScoringFacts,
        SnapshotFacts,
        TrainingSetFacts,
        UnknownFacts {
  /** The kind of work, a noun in kebab-case. */
  @JsonProperty
  String kind();

  /** The lines to show a person; empty if the JSON suffices. */
  default List<String> report() {
    return List.of();
  }

  /** The version of the kind's format, from 1. */
  @JsonProperty
  default int version() {
    return 1;
  }
}
