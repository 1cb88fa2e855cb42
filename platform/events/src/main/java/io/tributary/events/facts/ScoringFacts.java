package io.tributary.events.facts;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.tributary.core.Digest;
import io.tributary.core.Interval;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a scoring did.
 *
 * @param model the version that scored, {@code name@number}
 * @param artefact the digest of its bundle
 * @param rows the number of rows scored
 * @param decided of them those with a positive decision; empty if the score set has no decision
 * @param meanScore empty if there are no rows
 * @param flagged rows with an input that was {@code missing}, {@code unseen} or {@code clamped}
 * @param number of the scoring among those of its interval, from 1
 * @param at when its rows came into force
 * @param kept rows in force before that are equal, and stay
 * @param superseded rows in force before that no longer are
 * @param nearestBefore for an interval without rows: the last instant before it that has some
 * @param nearestAfter the first after it
 * @param searched where these were searched; empty = everywhere
 */
@JsonDeserialize
public record ScoringFacts(
    String model,
    Digest artefact,
    long rows,
    Optional<Long> decided,
    Optional<Double> meanScore,
    Map<String, Long> flagged,
    long number,
    Optional<Instant> at,
    long kept,
    long superseded,
    Optional<Instant> nearestBefore,
    Optional<Instant> nearestAfter,
    Optional<Interval> searched)
    implements RunFacts {
  static final String KIND = "scoring";

  public ScoringFacts {
    flagged = Collections.unmodifiableMap(new TreeMap<>(flagged));
  }

  /** The facts of a scoring that has put nothing in force yet. */
  public static ScoringFacts of(
      String model,
      Digest artefact,
      long rows,
      Optional<Long> decided,
      Optional<Double> meanScore,
      Map<String, Long> flagged) {
    return new ScoringFacts(
        model,
        artefact,
        rows,
        decided,
        meanScore,
        flagged,
        0,
        Optional.empty(),
        0,
        0,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** The same for an interval without rows. */
  public ScoringFacts empty(
      Optional<Instant> before, Optional<Instant> after, Optional<Interval> searched) {
    return new ScoringFacts(
        model,
        artefact,
        rows,
        decided,
        meanScore,
        flagged,
        number,
        at,
        kept,
        superseded,
        before,
        after,
        searched);
  }

  /** The same once it is in force. */
  public ScoringFacts inForce(long number, Instant at, long kept, long superseded) {
    return new ScoringFacts(
        model,
        artefact,
        rows,
        decided,
        meanScore,
        flagged,
        number,
        Optional.of(at),
        kept,
        superseded,
        nearestBefore,
        nearestAfter,
        searched);
  }

  /** A sentence on the nearest rows, for an interval without rows. */
  public String nearest() {
    List<String> words = new ArrayList<>();
    nearestBefore.ifPresent(instant -> words.add("the nearest before it at " + instant));
    nearestAfter.ifPresent(instant -> words.add("the nearest after it at " + instant));
    return "no row has an as-of in it, "
        + (words.isEmpty()
            ? "nor at any other time" + searched.map(in -> " in " + in).orElse("")
            : String.join(", ", words));
  }

  @Override
  public String kind() {
    return KIND;
  }
}
