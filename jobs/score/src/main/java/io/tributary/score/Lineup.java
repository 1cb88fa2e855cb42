package io.tributary.score;

import io.tributary.core.PlatformException;
import io.tributary.events.facts.ScoringFacts.Unscored;
import io.tributary.registry.ModelVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The versions that score a set in one pass, the champion first, and the challengers and shadows
 * that can't.
 *
 * @param unmoved of the last those whose version is known: what they said before stays in force
 */
record Lineup(List<Scorer> scorers, List<Unscored> unscored, List<Contender> unmoved) {
  Lineup {
    scorers = List.copyOf(scorers);
    unscored = List.copyOf(unscored);
    unmoved = List.copyOf(unmoved);
  }

  /** A version that is to score, in a role. */
  record Contender(String role, String named, ModelVersion version) {}

  /** How a contender becomes a scorer. */
  interface Opening {
    /**
     * @throws PlatformException where it can't
     */
    Scorer open(Contender contender);
  }

  /**
   * Opens the bundles of all.
   *
   * @param contenders the champion first
   * @param unscored those without a version
   * @throws PlatformException where the champion can't be opened
   */
  static Lineup of(List<Contender> contenders, List<Unscored> unscored, Opening opening) {
    List<Scorer> scorers = new ArrayList<>();
    List<Unscored> others = new ArrayList<>(unscored);
    List<Contender> unmoved = new ArrayList<>();
    for (Contender contender : contenders) {
      try {
        scorers.add(opening.open(contender));
      } catch (PlatformException e) {
        if (scorers.isEmpty()) {
          throw e;
        }
        others.add(new Unscored(contender.role(), contender.named(), e.stored(), false));
        unmoved.add(contender);
      }
    }
    return new Lineup(scorers, others, unmoved);
  }

  /**
   * The same without a challenger or shadow.
   *
   * @param atRows whether it failed at a row
   */
  Lineup without(Scorer scorer, PlatformException why, boolean atRows) {
    return new Lineup(
        scorers.stream().filter(other -> !other.equals(scorer)).toList(),
        Stream.concat(
                unscored.stream(),
                Stream.of(new Unscored(scorer.role(), scorer.named(), why.stored(), atRows)))
            .toList(),
        Stream.concat(
                unmoved.stream(),
                Stream.of(new Contender(scorer.role(), scorer.named(), scorer.version())))
            .toList());
  }
}
