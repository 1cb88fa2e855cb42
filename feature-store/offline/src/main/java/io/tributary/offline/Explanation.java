package io.tributary.offline;

import io.tributary.core.Pin;
import io.tributary.definition.ViewId;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a feature of an entity came by its value at an instant. Values are Java's: {@code Boolean},
 * {@code Long}, {@code Double}, {@code BigDecimal}, {@code String}, {@code LocalDate}, {@code
 * Instant}, {@code byte[]}, lists of them for arrays and structs, maps with keys as text; null
 * where they are null.
 *
 * @param definition what the feature computes, in words
 * @param key by entity column
 * @param snapshot of a view at the accuracy of snapshots the instant of the one that is read at
 *     {@code at}; the events are explained as that snapshot saw them, of what it was taken from
 * @param value as a join gives it; null = none
 * @param isDefault whether the value is the feature's default, in place of a null
 * @param source the source whose validated table was read, under a query the one that it reads
 * @param read the pinned table
 * @param looked which versions of the entity's events are candidates, in words
 * @param winners the versions that the value is made of: of a look-up at most one, else all in the
 *     window; newest first
 * @param ruledOut the other candidates, newest first
 */
public record Explanation(
    ViewId view,
    String feature,
    String definition,
    Map<String, Object> key,
    Instant at,
    Optional<Instant> snapshot,
    Object value,
    boolean isDefault,
    String source,
    Pin read,
    String looked,
    List<Candidate> winners,
    List<Candidate> ruledOut) {
  public Explanation {
    key = Collections.unmodifiableMap(new LinkedHashMap<>(key));
    winners = List.copyOf(winners);
    ruledOut = List.copyOf(ruledOut);
  }
}
