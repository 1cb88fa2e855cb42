package io.tributary.offline.internal.reference;

import io.tributary.definition.Feature;
import io.tributary.offline.explanation.Exclusion;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The point-in-time contract read word by word over the versions of a few events: which of them
 * have part in a feature's value at an instant, and which rule keeps out each other one. It shares
 * nothing with the engine's sweep, and is slow.
 *
 * <p>Values are plain: Boolean, Long (whole numbers, dates as days, timestamps as microseconds),
 * Double, BigDecimal, String, byte[], List (arrays and structs), Map, null.
 */
public final class ReferenceEvaluator implements Serializable {
  private static final long serialVersionUID = 1L;

  /**
   * A version of an event.
   *
   * @param row of those that are the same in all, the version with the least row counts
   * @param event what distinguishes events, equal for the versions of one
   * @param time its event time in microseconds; of a tombstone anything
   * @param known its known time in microseconds
   * @param asked whether it is a version of the entity that is explained
   * @param rank its sequence and tie-break columns, which decide between versions of its event of
   *     equal known time, tombstones too
   * @param values all its values, which decide last between those
   * @param order its values that decide between events of equal times, in their order
   * @param taken what the feature takes from it; computed where a rule needs it
   */
  public record Version<T extends Comparable<T>>(
      T row,
      Object event,
      long time,
      long known,
      boolean deleted,
      boolean asked,
      List<Object> rank,
      List<Object> values,
      List<Object> order,
      Supplier<Taken> taken) {}

  /**
   * What a feature takes from a version.
   *
   * @param ofView whether the view's filter is true
   * @param ofFeature whether the feature's own filter is true
   * @param value its argument; null where it has none
   * @param dimension what the feature is split by; null where it is not
   */
  public record Taken(boolean ofView, boolean ofFeature, Object value, Object dimension) {}

  /**
   * What became of a version.
   *
   * @param exclusion empty = it has part in the value
   * @param by the version that counts instead, where there is one
   */
  public record Outcome<T extends Comparable<T>>(
      Version<T> version, Optional<Exclusion> exclusion, Optional<Version<T>> by) {}

  private final boolean isLookup;
  private final boolean isSplit;
  private final boolean hasArgument;
  private final boolean knowledgeTime;
  private final boolean isBounded;
  private final long span;
  private final long at;

  /**
   * @param feature which decides with its kind, and with whether it has an argument and a dimension
   * @param knowledgeTime whether known time bounds what is visible
   * @param span the length of the window, or the TTL, in microseconds; empty = unbounded
   * @param at the instant, in microseconds
   */
  public ReferenceEvaluator(Feature feature, boolean knowledgeTime, Optional<Long> span, long at) {
    this.isLookup = feature instanceof Feature.Lookup;
    this.isSplit = feature instanceof Feature.Windowed w && w.by().isPresent();
    this.hasArgument = feature instanceof Feature.Windowed w && w.argument().isPresent();
    this.knowledgeTime = knowledgeTime;
    this.isBounded = span.isPresent();
    this.span = span.orElse(0L);
    this.at = at;
  }

  /**
   * What became of each live version of the entity that is explained, newest first.
   *
   * @param versions all versions of their events, tombstones too
   */
  public <T extends Comparable<T>> List<Outcome<T>> outcomes(List<Version<T>> versions) {
    Map<Object, List<Version<T>>> events = new LinkedHashMap<>();
    versions.forEach(v -> events.computeIfAbsent(v.event(), k -> new ArrayList<>()).add(v));
    List<Outcome<T>> outcomes = new ArrayList<>();
    events.values().forEach(event -> outcomes.addAll(ofEvent(event)));
    return ranked(outcomes);
  }

  /**
   * The same of one event, in any order, and of a look-up before the winner's rivals are ruled out.
   *
   * @param versions all versions of the event
   */
  public <T extends Comparable<T>> List<Outcome<T>> ofEvent(List<Version<T>> versions) {
    Optional<Version<T>> live = greatest(versions, false);
    Optional<Version<T>> tombstone = greatest(versions, true);
    List<Outcome<T>> outcomes = new ArrayList<>();
    for (Version<T> version : versions) {
      if (version.asked() && !version.deleted()) {
        outcomes.add(outcome(version, live, tombstone));
      }
    }
    return outcomes;
  }

  /** Newest first, and of a look-up with one winner. */
  public <T extends Comparable<T>> List<Outcome<T>> ranked(List<Outcome<T>> outcomes) {
    List<Outcome<T>> newestFirst = new ArrayList<>(outcomes);
    newestFirst.sort((a, b) -> compare(b.version(), a.version()));
    return isLookup ? withOneWinner(newestFirst) : newestFirst;
  }

  private <T extends Comparable<T>> Outcome<T> outcome(
      Version<T> version, Optional<Version<T>> live, Optional<Version<T>> tombstone) {
    if (!isKnown(version)) {
      return out(version, Exclusion.NOT_YET_KNOWN);
    }
    if (version.time() > at) {
      return out(version, Exclusion.NOT_YET_HAPPENED);
    }
    Optional<Version<T>> corrected = live.filter(v -> compareVersions(v, version) > 0);
    if (corrected.isPresent()) {
      return new Outcome<>(version, Optional.of(Exclusion.CORRECTED), corrected);
    }
    Optional<Version<T>> withdrawn = tombstone.filter(v -> compareVersions(v, version) > 0);
    if (withdrawn.isPresent()) {
      return new Outcome<>(version, Optional.of(Exclusion.WITHDRAWN), withdrawn);
    }
    Taken taken = version.taken().get();
    if (!taken.ofView()) {
      return out(version, Exclusion.LEFT_OUT_BY_VIEW);
    }
    if (!taken.ofFeature()) {
      return out(version, Exclusion.LEFT_OUT_BY_FEATURE);
    }
    if (isSkipped(taken)) {
      return out(version, Exclusion.NULL);
    }
    return isTooOld(version)
        ? out(version, Exclusion.TOO_OLD)
        : new Outcome<>(version, Optional.empty(), Optional.empty());
  }

  private static <T extends Comparable<T>> Outcome<T> out(Version<T> version, Exclusion exclusion) {
    return new Outcome<>(version, Optional.of(exclusion), Optional.empty());
  }

  /** Rule 3. */
  private boolean isKnown(Version<?> version) {
    return !knowledgeTime || version.known() <= at;
  }

  /** Rule 4: the greatest version, live or not, that is known. */
  private <T extends Comparable<T>> Optional<Version<T>> greatest(
      List<Version<T>> ofEvent, boolean deleted) {
    return ofEvent.stream()
        .filter(v -> v.deleted() == deleted && isKnown(v))
        .max(ReferenceEvaluator::compareVersions);
  }

  /**
   * Rule 4: known time, sequence, tie-break columns, a live row before a tombstone; of live ones
   * event time, values.
   */
  private static <T extends Comparable<T>> int compareVersions(Version<T> a, Version<T> b) {
    int c = Long.compare(a.known(), b.known());
    if (c == 0) {
      c = ReferenceAggregates.compare(a.rank(), b.rank());
    }
    if (c == 0) {
      c = Boolean.compare(b.deleted(), a.deleted());
    }
    if (c == 0 && !a.deleted()) {
      c = Long.compare(a.time(), b.time());
      c = c != 0 ? c : ReferenceAggregates.compare(a.values(), b.values());
    }
    return c != 0 ? c : b.row().compareTo(a.row());
  }

  /** Rule 5. */
  public static <T extends Comparable<T>> int compare(Version<T> a, Version<T> b) {
    int c = Long.compare(a.time(), b.time());
    if (c == 0) {
      c = Long.compare(a.known(), b.known());
    }
    if (c == 0) {
      c = ReferenceAggregates.compare(a.order(), b.order());
    }
    return c != 0 ? c : b.row().compareTo(a.row());
  }

  /** Rule 7; a look-up answers its winner's null, and a map has its event's dimension for key. */
  private boolean isSkipped(Taken taken) {
    return !isLookup
        && (isSplit ? taken.dimension() == null : hasArgument && taken.value() == null);
  }

  /** Rule 6: a window is open below; rule 5: a TTL is inclusive. */
  private boolean isTooOld(Version<?> version) {
    if (!isBounded) {
      return false;
    }
    long bound = at - span;
    return isLookup ? version.time() < bound : version.time() <= bound;
  }

  /** Rule 5: one whole row wins; outcomes are sorted, newest first. */
  private static <T extends Comparable<T>> List<Outcome<T>> withOneWinner(
      List<Outcome<T>> outcomes) {
    List<Outcome<T>> result = new ArrayList<>();
    Version<T> winner = null;
    for (Outcome<T> outcome : outcomes) {
      if (outcome.exclusion().isPresent()) {
        result.add(outcome);
      } else if (winner == null) {
        winner = outcome.version();
        result.add(outcome);
      } else {
        result.add(
            new Outcome<>(
                outcome.version(), Optional.of(Exclusion.OUTRANKED), Optional.of(winner)));
      }
    }
    return result;
  }

  /**
   * The value that winners make, before defaults; null = none. {@code time_since_last} in
   * microseconds.
   *
   * @param feature one of the kind, argument and dimension that these are the winners of
   * @param winners newest first
   */
  public <T extends Comparable<T>> Object value(Feature feature, List<Version<T>> winners) {
    if (!(feature instanceof Feature.Windowed windowed)) {
      return winners.isEmpty() ? null : winners.get(0).taken().get().value();
    }
    if (windowed.by().isEmpty()) {
      return over(windowed, winners);
    }
    Map<Object, List<Version<T>>> split = new TreeMap<>(ReferenceAggregates::compare);
    for (Version<T> winner : winners) {
      Object key = ReferenceAggregates.asOne(winner.taken().get().dimension());
      split.computeIfAbsent(key, k -> new ArrayList<>()).add(winner);
    }
    Map<Object, Object> values = new LinkedHashMap<>();
    split.forEach((key, of) -> values.put(key, over(windowed, of)));
    return values.isEmpty() ? null : values;
  }

  private <T extends Comparable<T>> Object over(
      Feature.Windowed windowed, List<Version<T>> winners) {
    if (windowed.argument().isEmpty()) {
      return switch (windowed.aggregate().function()) {
        case COUNT -> (long) winners.size();
        case TIME_SINCE_LAST -> winners.isEmpty() ? null : at - winners.get(0).time();
        default -> throw new IllegalStateException(windowed.toString());
      };
    }
    List<Object> oldestFirst = new ArrayList<>();
    for (int i = winners.size() - 1; i >= 0; i--) {
      Object value = winners.get(i).taken().get().value();
      if (value != null) {
        oldestFirst.add(value);
      }
    }
    return ReferenceAggregates.aggregate(windowed.aggregate(), oldestFirst);
  }
}
