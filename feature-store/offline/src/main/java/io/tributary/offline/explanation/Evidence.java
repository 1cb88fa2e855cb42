package io.tributary.offline.explanation;

import java.util.List;

/**
 * The versions of an entity's events that features could be made of, where these take the same from
 * an event within the same window; and what became of them. All are counted, the newest are listed.
 *
 * @param features that they are the events of
 * @param looked which versions of the entity's events are candidates, in words
 * @param won how many versions the values are made of: of a look-up at most one, else all in the
 *     window
 * @param winners the newest of them, newest first
 * @param lost how many other candidates there are
 * @param lostBy what keeps these out, in the order of exclusions
 * @param ruledOut the newest of the other candidates, newest first
 */
public record Evidence(
    List<String> features,
    String looked,
    long won,
    List<Candidate> winners,
    long lost,
    List<Count> lostBy,
    List<Candidate> ruledOut) {
  /**
   * How many candidates an exclusion keeps out.
   *
   * @param rule its number in the point-in-time contract
   */
  public record Count(Exclusion exclusion, int rule, long candidates) {}

  public Evidence {
    features = List.copyOf(features);
    winners = List.copyOf(winners);
    lostBy = List.copyOf(lostBy);
    ruledOut = List.copyOf(ruledOut);
  }
}
