package io.tributary.offline.internal.explain;

import io.tributary.offline.explanation.Exclusion;
import io.tributary.offline.explanation.Place;
import io.tributary.offline.internal.reference.ReferenceEvaluator;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What became of any number of versions, in bounded memory: how many each rule excludes, and the
 * newest of those that none does, and of those that one does. Tallies of parts merge to that of the
 * whole in any order.
 */
final class CandidateTally implements Serializable {
  private static final long serialVersionUID = 1L;

  private final int mostPassed;
  private final int mostExcluded;
  private final EnumMap<Exclusion, Long> excluded = new EnumMap<>(Exclusion.class);
  private long passed;
  private ArrayList<Kept> newestPassed = new ArrayList<>();
  private ArrayList<Kept> newestExcluded = new ArrayList<>();

  /**
   * @param mostPassed how many are kept of those that no rule excludes
   * @param mostExcluded how many of the others
   */
  CandidateTally(int mostPassed, int mostExcluded) {
    this.mostPassed = mostPassed;
    this.mostExcluded = mostExcluded;
  }

  /** What a version needs to be ranked and shown. */
  private record Kept(
      Place place,
      long time,
      long known,
      ArrayList<Object> order,
      Exclusion exclusion,
      Place by,
      boolean taken,
      Object value,
      Object dimension)
      implements Serializable {
    static Kept of(ReferenceEvaluator.Outcome<Place> outcome) {
      ReferenceEvaluator.Version<Place> version = outcome.version();
      boolean taken =
          outcome.exclusion().isEmpty() || outcome.exclusion().get() == Exclusion.TOO_OLD;
      Optional<ReferenceEvaluator.Taken> of =
          taken ? Optional.of(version.taken().get()) : Optional.empty();
      return new Kept(
          version.row(),
          version.time(),
          version.known(),
          new ArrayList<>(version.order()),
          outcome.exclusion().orElse(null),
          outcome.by().map(ReferenceEvaluator.Version::row).orElse(null),
          taken,
          of.map(ReferenceEvaluator.Taken::value).orElse(null),
          of.map(ReferenceEvaluator.Taken::dimension).orElse(null));
    }

    ReferenceEvaluator.Outcome<Place> outcome() {
      Supplier<ReferenceEvaluator.Taken> given =
          () -> new ReferenceEvaluator.Taken(true, true, value, dimension);
      return new ReferenceEvaluator.Outcome<>(
          version(place, given),
          Optional.ofNullable(exclusion),
          Optional.ofNullable(by).map(p -> version(p, given)));
    }

    private ReferenceEvaluator.Version<Place> version(
        Place row, Supplier<ReferenceEvaluator.Taken> given) {
      return new ReferenceEvaluator.Version<>(
          row, row, time, known, false, true, List.of(), List.of(), order, given);
    }

    static int newestFirst(Kept a, Kept b) {
      return ReferenceEvaluator.compare(
          b.version(b.place, () -> null), a.version(a.place, () -> null));
    }
  }

  void add(ReferenceEvaluator.Outcome<Place> outcome) {
    if (outcome.exclusion().isEmpty()) {
      passed++;
      newestPassed.add(Kept.of(outcome));
    } else {
      excluded.merge(outcome.exclusion().get(), 1L, Long::sum);
      newestExcluded.add(Kept.of(outcome));
    }
    trim();
  }

  CandidateTally merge(CandidateTally other) {
    passed += other.passed;
    other.excluded.forEach((exclusion, count) -> excluded.merge(exclusion, count, Long::sum));
    newestPassed.addAll(other.newestPassed);
    newestExcluded.addAll(other.newestExcluded);
    trim();
    return this;
  }

  /** Seldom enough that sorting costs little. */
  private void trim() {
    newestPassed = trimmed(newestPassed, 2L * mostPassed + 1_000, mostPassed);
    newestExcluded = trimmed(newestExcluded, 2L * mostExcluded + 1_000, mostExcluded);
  }

  private static ArrayList<Kept> trimmed(ArrayList<Kept> kept, long room, int most) {
    if (kept.size() <= room) {
      return kept;
    }
    kept.sort(Kept::newestFirst);
    return new ArrayList<>(kept.subList(0, Math.min(most, kept.size())));
  }

  /** How many versions no rule excludes; of a look-up the winner and those that it outranks. */
  long passed() {
    return passed;
  }

  /** How many versions each rule excludes, but for those that a look-up's winner outranks. */
  Map<Exclusion, Long> excluded() {
    return new EnumMap<>(excluded);
  }

  /** Of all versions the newest that no rule excludes, and the newest that one does. */
  List<ReferenceEvaluator.Outcome<Place>> newest() {
    List<ReferenceEvaluator.Outcome<Place>> newest = new ArrayList<>();
    trimmed(newestPassed, mostPassed, mostPassed).forEach(k -> newest.add(k.outcome()));
    trimmed(newestExcluded, mostExcluded, mostExcluded).forEach(k -> newest.add(k.outcome()));
    return newest;
  }
}
