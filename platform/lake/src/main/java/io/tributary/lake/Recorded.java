package io.tributary.lake;

import io.tributary.core.Digest;
import io.tributary.core.Pin;
import io.tributary.core.RunId;
import io.tributary.core.TableVersion;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What the newest complete run of a job left, from which a later run decides that there is nothing
 * to do.
 *
 * @param at when it was complete
 * @param inputs what it read, as far as what it left says so
 * @param fingerprint of the definition and logical inputs that it had
 * @param outputs the table versions that it wrote, the commit point last; empty for a job that
 *     writes no table
 */
public record Recorded(
    RunId run,
    int attempt,
    Instant at,
    List<Pin> inputs,
    Digest fingerprint,
    List<TableVersion> outputs,
    Map<String, Object> facts) {
  public Recorded {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    facts = Map.copyOf(facts);
  }
}
