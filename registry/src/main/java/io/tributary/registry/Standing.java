package io.tributary.registry;

import io.tributary.events.Event;
import io.tributary.registry.RegisteredVersion.Decision;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What people said and decided of a version after its registration, as its events have it.
 *
 * @param description empty where nobody described it
 */
record Standing(
    Optional<Decision> retirement,
    Optional<Decision> hold,
    Optional<String> description,
    Map<String, String> tags) {
  static final Standing NEW =
      new Standing(Optional.empty(), Optional.empty(), Optional.empty(), Map.of());

  Standing {
    tags = Collections.unmodifiableMap(new TreeMap<>(tags));
  }

  /** Whether an event changes it. */
  static boolean changes(Event event) {
    return switch (event.kind()) {
      case ModelEvents.RETIRED,
          ModelEvents.HELD,
          ModelEvents.RELEASED,
          ModelEvents.DESCRIBED,
          ModelEvents.TAGGED ->
          true;
      default -> false;
    };
  }

  /** As it stands after an event that changes it. */
  Standing after(Event event) {
    return switch (event.kind()) {
      case ModelEvents.RETIRED -> new Standing(decision(event), hold, description, tags);
      case ModelEvents.HELD -> new Standing(retirement, decision(event), description, tags);
      case ModelEvents.RELEASED -> new Standing(retirement, Optional.empty(), description, tags);
      case ModelEvents.DESCRIBED ->
          new Standing(
              retirement,
              hold,
              Optional.of(event.body(ModelEvents.Described.class).text()).filter(t -> !t.isEmpty()),
              tags);
      case ModelEvents.TAGGED -> {
        ModelEvents.Tagged tagged = event.body(ModelEvents.Tagged.class);
        Map<String, String> now = new TreeMap<>(tags);
        tagged.removed().forEach(now::remove);
        now.putAll(tagged.tags());
        yield new Standing(retirement, hold, description, now);
      }
      default -> this;
    };
  }

  private static Optional<Decision> decision(Event event) {
    return Optional.of(
        new Decision(
            event.at(), event.principal(), event.body(ModelEvents.Reasoned.class).reason()));
  }
}
