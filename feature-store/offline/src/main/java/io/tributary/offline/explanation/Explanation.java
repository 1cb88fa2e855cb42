package io.tributary.offline.explanation;

import io.tributary.core.Pin;
import io.tributary.definition.ViewId;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a feature came by its value: of an entity at an instant, or of a request. Values are Java's:
 * {@code Boolean}, {@code Long}, {@code Double}, {@code BigDecimal}, {@code String}, {@code
 * LocalDate}, {@code Instant}, {@code byte[]}, lists of them for arrays and structs, maps with keys
 * as text; null where they are null.
 *
 * @param key by entity column; empty for a view on demand
 * @param request by column of the request; empty for a view over a source
 * @param at empty for a view on demand
 * @param snapshot of a view at the accuracy of snapshots the instant of the one that is read at
 *     {@code at}; the events are explained as that snapshot saw them, of what it was taken from
 * @param value as a join gives it; null = none
 * @param isDefault whether the value is the feature's default, in place of a null
 * @param isComputedAgain whether the value was computed from the listed and counted events, and is
 *     the join's; one of a great many events is the join's alone
 * @param source the source whose validated table was read, under a query the one that it reads
 * @param read the pinned table
 * @param steps the feature, then each of the view's features that it is computed from, in the order
 *     of the file
 * @param events what features are made of; those that share the same events share one
 */
public record Explanation(
    ViewId view,
    String feature,
    Map<String, Object> key,
    Map<String, Object> request,
    Optional<Instant> at,
    Optional<Instant> snapshot,
    Object value,
    boolean isDefault,
    boolean isComputedAgain,
    Optional<String> source,
    Optional<Pin> read,
    List<Step> steps,
    List<Evidence> events) {
  /**
   * A feature on the way to the value.
   *
   * @param definition what it computes, in words; of a derived one its expression
   * @param value before defaults, which is what features see that are computed from it
   * @param from the features that it is computed from, or the columns of a request
   * @param events which of the explanation's events it is made of, from 0
   */
  public record Step(
      String feature,
      String definition,
      Object value,
      List<String> from,
      Optional<Integer> events) {
    public Step {
      from = List.copyOf(from);
    }
  }

  public Explanation {
    key = Collections.unmodifiableMap(new LinkedHashMap<>(key));
    request = Collections.unmodifiableMap(new LinkedHashMap<>(request));
    steps = List.copyOf(steps);
    events = List.copyOf(events);
  }

  /** The value as a later instant reads it from the snapshot that this one explains. */
  public Explanation asSnapshotReadAt(Instant instant) {
    return new Explanation(
        view,
        feature,
        key,
        request,
        Optional.of(instant),
        at,
        value,
        isDefault,
        isComputedAgain,
        source,
        read,
        steps,
        events);
  }
}
