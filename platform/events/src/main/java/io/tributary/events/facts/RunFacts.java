package io.tributary.events.facts;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.util.List;

/**
 * What a run of one of the platform's own jobs did: counts, digests, metrics. In JSON an object
 * with its {@link #kind()} and {@link #version()}; a component that is absent there is empty.
 *
 * <p>A component may be added without a new version if readers of before can do without it; a
 * change of meaning is a new version. What a newer build wrote reads as {@link UnknownFacts}.
 */
@JsonDeserialize(using = RunFactsReader.class)
@JsonIgnoreProperties(
    value = {"kind", "version"},
    allowGetters = true)
public sealed interface RunFacts
    permits FitFacts,
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

  /** What a person should read of it, a line each; empty where its JSON says it as well. */
  default List<String> report() {
    return List.of();
  }

  /** The version of the kind's format, from 1. */
  @JsonProperty
  default int version() {
    return 1;
  }
}
