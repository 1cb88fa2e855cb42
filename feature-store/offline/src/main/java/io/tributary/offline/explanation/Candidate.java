package io.tributary.offline.explanation;

import java.time.Instant;
import java.util.Optional;

/**
 * A version of an event of the entity, and what became of it.
 *
 * @param event its event time; empty in reference data
 * @param known its known time; empty in reference data
 * @param value what the feature takes from it: its argument, in Java's types; empty where that is
 *     null, where the feature takes none, and where a rule excludes the version before its values
 *     are looked at
 * @param ruling empty = it has part in the value
 */
public record Candidate(
    Optional<Instant> event,
    Optional<Instant> known,
    Optional<Object> value,
    Place place,
    Optional<Ruling> ruling) {}
