package io.tributary.registry;

import io.tributary.core.Principal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A name for the version of a model in use for some purpose, such as {@code production}.
 *
 * @param number the version that it points to
 * @param at when it was moved there
 * @param principal who moved it
 * @param reason why
 * @param former the versions that it pointed to before, oldest first; a rollback selects the last
 */
public record Alias(
    String name, long number, Instant at, Principal principal, String reason, List<Long> former) {
  /** The alias of the version that counts, unless another one is named. */
  public static final String PRODUCTION = "production";

  public Alias {
    former = List.copyOf(former);
  }

  Alias moved(long to, Instant at, Principal principal, String reason) {
    List<Long> stack = new java.util.ArrayList<>(former);
    stack.add(number);
    return new Alias(name, to, at, principal, reason, stack);
  }

  Alias rolledBack(long to, Instant at, Principal principal, String reason) {
    int last = former.lastIndexOf(to);
    return new Alias(name, to, at, principal, reason, former.subList(0, Math.max(last, 0)));
  }

  /** The newest former version that {@code usable} accepts. */
  Optional<Long> formerThat(java.util.function.LongPredicate usable) {
    for (int i = former.size() - 1; i >= 0; i--) {
      if (usable.test(former.get(i)) && former.get(i) != number) {
        return Optional.of(former.get(i));
      }
    }
    return Optional.empty();
  }
}
