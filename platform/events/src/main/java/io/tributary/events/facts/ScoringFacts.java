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
 * @param model the version that scored as champion, {@code name@number}
 * @param artefact the digest of its bundle
 * @param rows the number of rows that it scored
 * @param decided of them those with a positive decision; empty if the score set has no decision
 * @param meanScore empty if there are no rows
 * @param flagged rows with an input that was {@code missing}, {@code unseen} or {@code clamped}
 * @param others what challengers and shadows said of the same rows
 * @param unscored challengers and shadows that did not score
 * @param number of the scoring among those of its interval, from 1
 * @param at when its rows came into force
 * @param kept rows in force before that are equal, and stay; of all roles
 * @param superseded rows in force before that no longer are; of all roles
 * @param nearestBefore for an interval without rows: the last instant before it that has some
 * @param nearestAfter the first after it
 * @param searched where these were searched; empty = everywhere
 * @param suspect what was used although somebody had marked it, a sentence each; empty = nothing
 */
@JsonDeserialize
public record ScoringFacts(
    String model,
    Digest artefact,
    long rows,
    Optional<Long> decided,
    Optional<Double> meanScore,
    Map<String, Long> flagged,
    List<Said> others,
    List<Unscored> unscored,
    long number,
    Optional<Instant> at,
    long kept,
    long superseded,
    Optional<Instant> nearestBefore,
    Optional<Instant> nearestAfter,
    Optional<Interval> searched,
    Optional<List<String>> suspect)
    implements RunFacts {
  static final String KIND = "scoring";

  public ScoringFacts {
    flagged = Collections.unmodifiableMap(new TreeMap<>(flagged));
    others = List.copyOf(others);
    unscored = List.copyOf(unscored);
    suspect = suspect.map(List::copyOf);
  }

  /**
   * What a version said of the rows, as {@link ScoringFacts} has it of the champion.
   *
   * @param role {@code challenger} or {@code shadow}, of the champion {@code champion}
   */
  public record Said(
      String role,
      String model,
      Digest artefact,
      long rows,
      Optional<Long> decided,
      Optional<Double> meanScore,
      Map<String, Long> flagged) {
    public Said {
      flagged = Collections.unmodifiableMap(new TreeMap<>(flagged));
    }
  }

  /**
   * A challenger or shadow that did not score.
   *
   * @param model as the score set names it, {@code name@alias} or {@code name@number}
   * @param atRows whether it failed at a row, as it would again at the same rows; else it could not
   *     be used at all, and can once what is wrong is mended
   */
  public record Unscored(String role, String model, String why, boolean atRows) {
    /** The same as a sentence. */
    public String text() {
      return role + " " + model + " did not score: " + why;
    }
  }

  /** The facts of a scoring by a champion, and others, that has put nothing in force yet. */
  public static ScoringFacts of(Said champion, List<Said> others, List<Unscored> unscored) {
    return new ScoringFacts(
        champion.model,
        champion.artefact,
        champion.rows,
        champion.decided,
        champion.meanScore,
        champion.flagged,
        others,
        unscored,
        0,
        Optional.empty(),
        0,
        0,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** The facts of a scoring by a champion alone. */
  public static ScoringFacts of(
      String model,
      Digest artefact,
      long rows,
      Optional<Long> decided,
      Optional<Double> meanScore,
      Map<String, Long> flagged) {
    return of(
        new Said("champion", model, artefact, rows, decided, meanScore, flagged),
        List.of(),
        List.of());
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
        others,
        unscored,
        number,
        at,
        kept,
        superseded,
        before,
        after,
        searched,
        suspect);
  }

  /** The same of one that used suspect things, in sentences. */
  public ScoringFacts using(List<String> suspect) {
    return new ScoringFacts(
        model,
        artefact,
        rows,
        decided,
        meanScore,
        flagged,
        others,
        unscored,
        number,
        at,
        kept,
        superseded,
        nearestBefore,
        nearestAfter,
        searched,
        Optional.of(suspect).filter(used -> !used.isEmpty()));
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
        others,
        unscored,
        number,
        Optional.of(at),
        kept,
        superseded,
        nearestBefore,
        nearestAfter,
        searched,
        suspect);
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
