package io.tributary.registry;

import io.tributary.events.Event;
import io.tributary.events.History;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Changes of a model whose times don't tell when they were made, as the clocks of those who made
 * them disagree. A change is never dated before the last one, so that the order of times is that of
 * the log: where a clock is behind the last change, it is dated just behind that, and which of the
 * two clocks was wrong nobody knows. The first of the changes is the one that is ahead.
 *
 * @param changes the first of each decision, in the order of the log, in which they were made; one
 *     alone where it is dated later than the present
 * @param since when the change before them was made; empty where there is none
 * @param until when the next change was made that a clock dated; empty where there is none yet
 */
public record ClockSkew(
    List<ModelChange> changes, Optional<Instant> since, Optional<Instant> until) {
  public ClockSkew {
    changes = List.copyOf(changes);
  }

  /** Those of the decisions about a model. */
  static List<ClockSkew> of(History history, String slot, Instant now) {
    List<ClockSkew> skews = new ArrayList<>();
    List<Event> together = new ArrayList<>();
    Optional<Instant> since = Optional.empty();
    Optional<Instant> last = Optional.empty();
    for (long g = 1; g <= history.generation(slot); g++) {
      List<Event> decision = history.decision(slot, g);
      Instant at = decision.get(0).at();
      if (last.filter(before -> at.equals(before.plus(1, ChronoUnit.MICROS))).isEmpty()) {
        add(skews, together, since, Optional.of(at), now);
        since = last;
        together.clear();
      }
      // Whose clock dated a decision, dated all of its events.
      together.add(decision.get(0));
      last = Optional.of(decision.get(decision.size() - 1).at());
    }
    add(skews, together, since, Optional.empty(), now);
    return skews;
  }

  private static void add(
      List<ClockSkew> skews,
      List<Event> together,
      Optional<Instant> since,
      Optional<Instant> until,
      Instant now) {
    if (together.size() > 1 || !together.isEmpty() && together.get(0).at().isAfter(now)) {
      skews.add(
          new ClockSkew(
              together.stream().flatMap(e -> ModelEvents.change(e).stream()).toList(),
              since,
              until));
    }
  }

  /** Whether an answer as of an instant may be another than people had at that instant. */
  public boolean concerns(Instant instant) {
    return since.filter(instant::isBefore).isEmpty()
        && until.filter(next -> !instant.isBefore(next)).isEmpty();
  }

  /** In words, with what to do. */
  @Override
  public String toString() {
    ModelChange first = changes.get(0);
    return changes.size() == 1
        ? "\"%s\" is dated later than this machine's clock says it is: whoever keeps the clocks compares the two"
            .formatted(first)
        : "the clock of whoever made \"%s\" was behind that of whoever made \"%s\"%s: their order is certain, their times are not. Whoever keeps the clocks compares the two"
            .formatted(
                changes.get(1),
                first,
                changes.size() == 2 ? "" : ", and %d more after it".formatted(changes.size() - 2));
  }
}
