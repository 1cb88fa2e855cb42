package io.tributary.events.facts;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.tributary.core.Digest;
import java.util.Optional;

/**
 * What a scoring did.
 *
 * @param model the version that scored, {@code name@number}
 * @param artefact the digest of its bundle
 * @param rows that were scored
 * @param decided of them those with a positive decision; empty where the score set decides nothing
 * @param meanScore empty where there are no rows
 */
@JsonDeserialize
public record ScoringFacts(
    String model, Digest artefact, long rows, Optional<Long> decided, Optional<Double> meanScore)
    implements RunFacts {
  static final String KIND = "scoring";

  @Override
  public String kind() {
    return KIND;
  }
}
